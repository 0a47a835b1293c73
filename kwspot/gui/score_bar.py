"""A score as a bar with a mark to drag: the score from which a word is reported, say."""

import math

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPolygonF,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractSlider, QSizePolicy, QWidget

from . import theme
from .plotting import draw_focus
from .scale import place
from .tuner import LEAST

STEPS = 130
"""Of a threshold from end to end of the scale: a tenth in log odds each."""


class ScoreBar(QAbstractSlider):
    """A score as a bar, and the slider's value as a mark on it, in steps of the scale.

    ceiling: the score is to stay below the mark, which then stands under the bar, not on it.
    """

    def __init__(self, *, ceiling: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ceiling = ceiling
        self._score = 0.0
        self._leads = False
        self.setOrientation(Qt.Orientation.Horizontal)
        self.setRange(math.ceil(STEPS * place(LEAST)), STEPS)
        self.setSingleStep(1)
        self.setPageStep(10)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.SplitHCursor)
        self.valueChanged.connect(lambda _value: self.update())

    def sizeHint(self) -> QSize:  # noqa: N802
        """A line of text high."""
        return QSize(90, round(QFontMetricsF(self.font()).height()))

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Still to be seen."""
        return QSize(60, self.sizeHint().height())

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
        if self.isEnabled():
            self._draw_mark(painter, track, QColor(colours.text))
        if self.hasFocus():
            draw_focus(painter, QRectF(self.rect()), colours)

    def _draw_mark(self, painter: QPainter, track: QRectF, colour: QColor) -> None:
        """A line across the bar with an arrow's head on it, or under it."""
        x = track.left() + track.width() * self.value() / STEPS
        painter.setBrush(colour)
        painter.drawRect(QRectF(x - 1, track.top() - 2, 2, track.height() + 4))
        edge, out = (track.bottom() + 2, 1) if self._ceiling else (track.top() - 2, -1)
        corners = [(x - 4, edge + 2 * out), (x + 4, edge + 2 * out), (x, edge - 3 * out)]
        painter.drawPolygon(QPolygonF([QPointF(*corner) for corner in corners]))

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Move the mark here."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self._move(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Drag the mark."""
        if self.isSliderDown():
            self._move(event.position().x())

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:  # noqa: N802
        """Leave the mark."""
        self.setSliderDown(False)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Left to the list, which scrolls: nobody is to change a threshold by that."""
        event.ignore()

    def _move(self, x: float) -> None:
        self.setValue(round(STEPS * (x - 4) / max(1.0, self.width() - 8.0)))
