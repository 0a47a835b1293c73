"""All labels as bars with marks to drag: the score from which each word is reported, and the one of
other speech or silence above which none is."""

import math
from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QFontMetricsF
from PySide6.QtWidgets import QCheckBox, QFrame, QGridLayout, QLabel, QScrollArea, QWidget

from kwspot.spotting.calibration import WIDEST, score_text
from kwspot.spotting.checkpoint import SILENCE, UNKNOWN

from .scale import place, score_at
from .score_bar import STEPS, ScoreBar
from .translation import translate
from .tuner import Tuner, spoken

_SMOOTHING_S = 0.06
_HAIR = 1e-3
"""Of a step."""


class _Row:
    def __init__(self, label: str) -> None:
        self.label, self.score = label, 0.0
        self.is_word = label not in (UNKNOWN, SILENCE)
        self.name: QCheckBox | QLabel
        title = spoken(label)
        if self.is_word:
            box = QCheckBox(title)
            box.setToolTip(translate("WordBars", "Report “{0}”").format(title))
            self.name = box
        else:
            self.name = QLabel(title)
            self.name.setObjectName("faint")
            # Not as far in as the names that have a box to tick: the bars need the room.
        self.bar = ScoreBar(ceiling=not self.is_word)
        self.number = QLabel("0.00")
        self.number.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.number.setObjectName("faint")
        self.leads = False

    def show(self, *, leads: bool) -> None:
        self.bar.show_score(self.score, leads=leads)
        text = score_text(self.score)
        if text != self.number.text():
            self.number.setText(text)
        if leads != self.leads:
            self.leads = leads
            font = self.name.font()
            font.setBold(leads)
            self.name.setFont(font)


class WordBars(QScrollArea):
    """A row for each label: whether it is reported, its score, and its threshold."""

    chosen = Signal()

    def __init__(self, tuner: Tuner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tuner = tuner
        self._rows: list[_Row] = []
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(self.tr("Scores of all words"))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        tuner.changed.connect(self._take_over)

    @property
    def rows(self) -> Sequence[_Row]:
        """The rows, in the order of the model's labels."""
        return self._rows

    def _take_over(self) -> None:
        if tuple(row.label for row in self._rows) != self._tuner.labels:
            self._build()
        for row in self._rows:
            threshold = self._tuner.threshold(row.label)
            row.bar.blockSignals(True)
            # Rounded down: the very end is for words that are to be silent, or for none to be. A
            # mark that was set here comes back a hair lower, by way of its threshold's log odds.
            step = math.floor(STEPS * place(threshold) + _HAIR)
            row.bar.setValue(STEPS if threshold >= 1.0 else min(step, STEPS - 1))
            row.bar.blockSignals(False)
            row.bar.setToolTip(self._explained(row, threshold))
            if isinstance(row.name, QCheckBox):
                on = row.label not in self._tuner.disabled
                row.bar.setEnabled(on)
                row.name.blockSignals(True)
                row.name.setChecked(on)
                row.name.blockSignals(False)
            row.bar.update()

    def _explained(self, row: _Row, threshold: float) -> str:
        """What a mark stands for, where it is."""
        if row.is_word:
            text = self.tr("“{0}” is reported from a score of {1} on; drag the mark")
        elif threshold < 1.0:
            text = self.tr("No word is reported while “{0}” scores above {1}; drag the mark")
        else:
            text = self.tr("Drag the mark, and no word is reported while “{0}” scores above it")
        return text.format(spoken(row.label), score_text(threshold))

    def _build(self) -> None:
        inner = QWidget()
        grid = QGridLayout(inner)
        grid.setContentsMargins(10, 6, 10, 6)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(0)
        grid.setColumnStretch(1, 1)
        self._rows = [_Row(label) for label in self._tuner.labels]
        for number, row in enumerate(self._rows):
            grid.addWidget(row.name, number, 0)
            grid.addWidget(row.bar, number, 1)
            grid.addWidget(row.number, number, 2)
            what = self.tr("Threshold of {0}") if row.is_word else self.tr("Ceiling of {0}")
            row.bar.setAccessibleName(what.format(spoken(row.label)))
            self._connect(row)
        for number in range(len(self._rows)):
            grid.setRowStretch(number, 1)
        self.setWidget(inner)
        self.tighten()

    def tighten(self) -> None:
        """Rows as high as the text needs, and not much higher."""
        inner = self.widget()
        grid = inner.layout() if inner is not None else None
        if inner is None or not isinstance(grid, QGridLayout):
            return
        line = round(QFontMetricsF(self.font()).height())
        for number in range(len(self._rows)):
            grid.setRowMinimumHeight(number, line + 3)
        # So that the bars keep their length when a score gets more digits.
        widest = self.fontMetrics().horizontalAdvance(WIDEST)
        bold = QFont(self.font())
        bold.setBold(True)
        for row in self._rows:
            row.number.setMinimumWidth(widest)
            # The one that leads is bold, and no narrower for it.
            name, text = row.name, row.name.text()
            wider = QFontMetrics(bold).horizontalAdvance(text)
            wider -= name.fontMetrics().horizontalAdvance(text)
            name.setMinimumWidth(name.sizeHint().width() + wider)
        inner.setMaximumHeight(round(line * 1.75 * len(self._rows)) + 12)
        self.setMaximumHeight(inner.maximumHeight())
        bar = self.verticalScrollBar().sizeHint().width()
        self.setMinimumWidth(inner.minimumSizeHint().width() + bar)

    def _connect(self, row: _Row) -> None:
        row.bar.valueChanged.connect(
            lambda value: self._tuner.set_threshold(row.label, score_at(value / STEPS))
        )
        if isinstance(row.name, QCheckBox):
            row.name.toggled.connect(lambda on: self._tuner.set_enabled(row.label, on))

    def advance(self, scores: Sequence[float] | None, elapsed_s: float) -> None:
        """Move towards these scores, one for each label; None: nothing is heard."""
        if not self._rows:
            return
        part = min(1.0, elapsed_s / _SMOOTHING_S)
        for number, row in enumerate(self._rows):
            target = 0.0 if scores is None or len(scores) <= number else float(scores[number])
            row.score += part * (target - row.score)
        best = max(self._rows, key=lambda row: row.score)
        for row in self._rows:
            row.show(leads=row is best and row.score > 0.3)
