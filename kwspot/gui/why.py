"""Why it fired: one entry of the history, looked at closely."""

from html import escape

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from kwspot.spotting.calibration import score_text

from . import theme
from .clip_plot import ClipPlot
from .clips import NOT_A_WORD, NOTHING_SAID
from .history_store import Entry
from .history_view import MARKS, mark_text, when
from .moments import Moment
from .verdict_list import VerdictList
from .verdicts import verdicts


class WhyView(QWidget):
    """Shows an entry and its moment; asks to play, save and mark it."""

    play_asked = Signal()
    save_asked = Signal()
    marked = Signal(str, str)
    """The mark, and what was really said (a folder of labelled clips)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plot = ClipPlot()
        self._title = QLabel()
        self._title.setObjectName("heading")
        self._title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._heading = ("", "")
        """The title, and what may be left out of it: the history tells it, too."""
        self.conditions = VerdictList()
        self.play = QPushButton(self.tr("▶ Play"))
        self.play.setToolTip(self.tr("Play the sound of the word"))
        self.play.clicked.connect(self.play_asked)
        self.save = QPushButton(self.tr("Save…"))
        self.save.setToolTip(self.tr("Save the sound as a WAV"))
        self.save.clicked.connect(self.save_asked)
        self.right = QPushButton(self.tr("✓ Right"))
        self.right.setToolTip(self.tr("The word was said: keep the clip for training"))
        self.right.clicked.connect(self._mark_right)
        self.wrong = QPushButton(f"{self.tr('✗ Wrong')}  ▾")
        self.wrong.setAccessibleName(self.tr("✗ Wrong"))
        self.wrong.setToolTip(self.tr("Something else was said: keep the clip as that"))
        self._truths = QMenu(self.wrong)
        self.wrong.setMenu(self._truths)
        self._entry: Entry | None = None
        self._moment: Moment | None = None
        self._lay_out()
        self.show_entry(None, None)

    def _lay_out(self) -> None:
        buttons = QGridLayout()
        buttons.setSpacing(6)
        for place, button in enumerate((self.play, self.save, self.right, self.wrong)):
            buttons.addWidget(button, place // 2, place % 2)
            policy = button.sizePolicy()
            policy.setHorizontalPolicy(policy.Policy.Expanding)
            button.setSizePolicy(policy)
        side = QVBoxLayout()
        side.setSpacing(4)
        side.addWidget(self._title)
        side.addWidget(self.conditions, 1)
        side.addLayout(buttons)
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 0, 0, 6)
        row.setSpacing(10)
        row.addWidget(self.plot, 1)
        row.addLayout(side, 1)

    @property
    def reasons(self) -> str:
        """The conditions of the detection that is shown, as HTML."""
        return self.conditions.text

    def set_words(self, words: tuple[str, ...]) -> None:
        """What may really have been said."""
        self._truths.clear()
        for title, folder in (
            (self.tr("Another word, or a noise"), NOT_A_WORD),
            (self.tr("Nothing"), NOTHING_SAID),
            *((word, word) for word in words),
        ):
            action = QAction(title, self._truths)
            action.triggered.connect(
                lambda _checked, folder=folder: self.marked.emit("wrong", folder)
            )
            self._truths.addAction(action)
            if folder == NOTHING_SAID:
                self._truths.addSeparator()

    def show_entry(self, entry: Entry | None, moment: Moment | None, missing: str = "") -> None:
        """Show an entry; moment: None where it is not known (yet); missing: why that is so, that
        its sound was not kept where ""."""
        self._entry, self._moment = entry, moment
        for button in (self.play, self.save, self.right, self.wrong):
            button.setEnabled(moment is not None)
        if entry is None:
            self._set_title("", "")
            self.conditions.set_text("", table=False)
            self.plot.show_moment(None, self.tr("Choose a word in the history to see why it fired"))
            return
        mark = f"  {MARKS.get(entry.mark, '')} {mark_text(entry.mark)}" if entry.mark else ""
        title = self.tr("“{0}”  {1}  ·  {2}").format(
            entry.word, score_text(entry.score), when(entry.said_at)
        )
        self._set_title(title, mark)
        if moment is None:
            self.conditions.set_text(
                self.tr("Score {0}, threshold {1}").format(
                    score_text(entry.score), score_text(entry.threshold)
                ),
                table=False,
            )
            self.plot.show_moment(
                None,
                missing
                or self.tr(
                    "Its sound was not kept. File > Settings > History and privacy can keep it."
                ),
            )
            return
        self._show_conditions(moment)
        self.plot.show_moment(moment, "")

    def restyle(self) -> None:
        """Take over the colours of the theme."""
        if self._entry is not None and self._moment is not None:
            self._show_conditions(self._moment)

    def _show_conditions(self, moment: Moment) -> None:
        self.conditions.set_text(self._list(moment), table=True)
        self.conditions.explain(self._explained())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """The room has changed."""
        super().resizeEvent(event)
        QTimer.singleShot(0, self._fit_title)

    def _set_title(self, title: str, mark: str) -> None:
        self._heading = (title, mark)
        self._title.setToolTip(f"{title}{mark}")
        self._fit_title()

    def _fit_title(self) -> None:
        """As much of the title as there is room for: without the time where it is too long."""
        title, mark = self._heading
        metrics, room = self._title.fontMetrics(), self._title.width()
        for text in (f"{title}{mark}", f"{title.partition('  ·  ')[0]}{mark}"):
            if metrics.horizontalAdvance(text) <= room:
                break
        self._title.setText(metrics.elidedText(text, Qt.TextElideMode.ElideRight, room))

    def _list(self, moment: Moment) -> str:
        colours = theme.current()
        rows = []
        for verdict in verdicts(moment):
            sign, colour = ("✓", colours.good) if verdict.met else ("✗", colours.bad)
            rows.append(
                f'<tr><td style="color:{colour}; padding-right:5px"><b>{sign}</b></td>'
                f"<td>{escape(verdict.name)}</td>"
                f'<td align="right" style="padding:0 8px">{verdict.measured}</td>'
                f'<td style="color:{colours.faint}">{verdict.limit}</td></tr>'
            )
        return f'<table cellspacing="0" style="white-space:pre">{"".join(rows)}</table>'

    def _explained(self) -> str:
        return self.tr(
            "Next: the word with the second highest score. Over others: over other speech and "
            "silence. Ended since: from the end of the word to the decision, as far as that "
            "looked. Speech before: evidence of other speech that leads up to the word. In last "
            "word: the part that lies within the word reported before."
        )

    def _mark_right(self) -> None:
        if self._entry is not None:
            self.marked.emit("right", self._entry.word)
