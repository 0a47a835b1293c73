"""All labels as bars, with the score from which each word is reported as a mark to drag."""

import math
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QFontMetricsF,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPolygonF,
)
from PySide6.QtWidgets import (
    QAbstractSlider,
    QCheckBox,
    QFrame,
    QGridLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QWidget,
)

from kwspot.spotting.calibration import WIDEST, score_text
from kwspot.spotting.checkpoint import SILENCE, UNKNOWN

from . import theme
from .plotting import draw_focus
from .scale import place, score_at
from .translation import translate
from .tuner import LEAST, Tuner, spoken

_SMOOTHING_S = 0.06
STEPS = 130
"""Of a threshold from end to end of the scale: a tenth in log odds each."""


class ScoreBar(QAbstractSlider):
    """A score as a bar; where it has a threshold, that is the slider's value, in steps of the
    scale."""

    def __init__(self, *, movable: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._movable = movable
        self._score = 0.0
        self._leads = False
        self.setOrientation(Qt.Orientation.Horizontal)
        self.setRange(math.ceil(STEPS * place(LEAST)), STEPS)
        self.setSingleStep(1)
        self.setPageStep(10)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        if movable:
            self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            self.setCursor(Qt.CursorShape.SplitHCursor)
        self.valueChanged.connect(lambda _value: self.update())

    def sizeHint(self) -> QSize:  # noqa: N802
        """A line of text high."""
        return QSize(90, round(QFontMetricsF(self.font()).height()))

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Still to be seen."""
        return QSize(40, self.sizeHint().height())

    def show_score(self, score: float, *, leads: bool) -> None:
        """Draw another score, 0..1."""
        score = place(score)
        if abs(score - self._score) > 0.004 or leads != self._leads:
            self._score, self._leads = score, leads
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Draw the bar."""
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        thickness = min(10.0, self.height() - 5.0)
        track = QRectF(4, (self.height() - thickness) / 2, self.width() - 8, thickness)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.line))
        painter.drawRoundedRect(track, 3, 3)
        if self._score > 0.005:
            painter.setBrush(QColor(colours.accent if self._leads else colours.bar_idle))
            filled = QRectF(track)
            filled.setWidth(max(3.0, track.width() * self._score))
            painter.drawRoundedRect(filled, 3, 3)
        if self._movable and self.isEnabled():
            x = track.left() + track.width() * self.value() / STEPS
            painter.setBrush(QColor(colours.text))
            painter.drawRect(QRectF(x - 1, track.top() - 2, 2, track.height() + 4))
            top = track.top() - 2
            painter.drawPolygon(
                QPolygonF([QPointF(x - 4, top - 2), QPointF(x + 4, top - 2), QPointF(x, top + 3)])
            )
        if self.hasFocus():
            draw_focus(painter, QRectF(self.rect()), colours)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Move the mark here."""
        if self._movable and event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self._move(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Drag the mark."""
        if self.isSliderDown():
            self._move(event.position().x())

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:  # noqa: N802
        """Leave the mark."""
        self.setSliderDown(False)

    def _move(self, x: float) -> None:
        self.setValue(round(STEPS * (x - 4) / max(1.0, self.width() - 8.0)))


class _Row:
    def __init__(self, label: str, owner: "WordBars") -> None:
        self.label, self.score = label, 0.0
        self.movable = label not in (UNKNOWN, SILENCE)
        self.name: QCheckBox | QLabel
        title = spoken(label)
        if self.movable:
            box = QCheckBox(title)
            box.setToolTip(translate("WordBars", "Report “{0}”").format(title))
            self.name = box
        else:
            self.name = QLabel(title)
            self.name.setObjectName("faint")
            # As far in as the names that have a box to tick.
            self.name.setIndent(round(0.95 * owner.fontMetrics().height()) + 7)
        self.bar = ScoreBar(movable=self.movable)
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
            if not row.movable:
                continue
            on = row.label not in self._tuner.disabled
            row.bar.blockSignals(True)
            # Rounded down: the very end is for words that are to be silent.
            threshold = self._tuner.threshold(row.label)
            row.bar.setValue(
                STEPS if threshold >= 1.0 else min(int(STEPS * place(threshold)), STEPS - 1)
            )
            row.bar.blockSignals(False)
            row.bar.setEnabled(on)
            row.bar.setToolTip(
                self.tr("“{0}” is reported from a score of {1} on; drag the mark").format(
                    row.label, score_text(threshold)
                )
            )
            row.bar.update()
            assert isinstance(row.name, QCheckBox)
            row.name.blockSignals(True)
            row.name.setChecked(on)
            row.name.blockSignals(False)

    def _build(self) -> None:
        inner = QWidget()
        grid = QGridLayout(inner)
        grid.setContentsMargins(10, 6, 10, 6)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(0)
        grid.setColumnStretch(1, 1)
        self._rows = [_Row(label, self) for label in self._tuner.labels]
        for number, row in enumerate(self._rows):
            grid.addWidget(row.name, number, 0)
            grid.addWidget(row.bar, number, 1)
            grid.addWidget(row.number, number, 2)
            what = self.tr("Threshold of {0}") if row.movable else self.tr("Score of {0}")
            row.bar.setAccessibleName(what.format(spoken(row.label)))
            if row.movable:
                self._connect(row)
            else:
                row.bar.setToolTip(self.tr("Never reported, so without a threshold"))
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
        assert isinstance(row.name, QCheckBox)
        row.bar.valueChanged.connect(
            lambda value: self._tuner.set_threshold(row.label, score_at(value / STEPS))
        )
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
