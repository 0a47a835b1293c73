"""A widget that shows a stretch of time: dragged, turned and keyed through alike."""

from collections.abc import Callable

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QFont,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from kwspot.audio.source import SAMPLE_RATE_HZ

from .plotting import MARGIN, left_margin, right_margin
from .timeline import Timeline
from .viewport import Viewport

_DRAG_PX = 4.0
_NOTCH = 120
"""Eighths of a degree."""


class TimeView(QWidget):
    """Knows where the plot is and which time is where in it; moves the viewport it shows."""

    detection_clicked = Signal(object)
    place_clicked = Signal(float, QPoint)
    """A position in samples of which a context menu was asked for, and where on the screen."""
    colours_moved = Signal(float)
    """Decibels by which the ends of the colour scale shall move."""

    def __init__(self, viewport: Viewport, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.viewport = viewport
        self.timeline = Timeline(257, (), 5)
        self.hover: QPointF | None = None
        self._pressed: QPointF | None = None
        self._dragged = False
        self._turned = 0
        self._measured: tuple[tuple[QSize, QFont], QRectF] | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        viewport.changed.connect(self.update)
        viewport.live_changed.connect(lambda _live: self.update())

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Small, but legible."""
        return QSize(320, 120)

    def sizeHint(self) -> QSize:  # noqa: N802
        """As wide as the window lets it."""
        return QSize(720, 320)

    @property
    def plot(self) -> QRectF:
        """Where the picture itself is."""
        shape = (self.size(), self.font())
        if self._measured is None or self._measured[0] != shape:
            self._measured = (shape, self._measure())
        return self._measured[1]

    def _measure(self) -> QRectF:
        metrics = QFontMetricsF(self.font())
        box = QRectF(self.rect())
        return QRectF(
            round(left_margin(self)),
            round(metrics.height() / 2 + 2),
            max(10, round(box.width() - left_margin(self) - right_margin(self))),
            max(10, round(box.height() - metrics.height() * 1.5 - 10)),
        )

    def time_at(self, x: float) -> float:
        """The position in samples at a place from the left of the widget."""
        plot = self.plot
        part = (x - plot.left()) / plot.width()
        return self.viewport.left + part * (self.viewport.right - self.viewport.left)

    def moving(self) -> QRect:
        """The part of the widget that changes while time goes on."""
        plot = self.plot.toRect()
        return QRect(0, plot.top(), plot.right() + 1 + MARGIN, self.height() - plot.top())

    def px_samples(self) -> float:
        """Samples in one pixel of the screen."""
        return self.viewport.span_s * SAMPLE_RATE_HZ / self.width_px()

    def width_px(self) -> int:
        """Pixels of the screen across the plot."""
        return max(1, round(self.plot.width() * self.devicePixelRatioF()))

    def right_px(self) -> int:
        """The pixel of time at the right edge."""
        return int(self.viewport.right // self.px_samples())

    def places(self) -> Callable[[float], float]:
        """Where positions in samples are in the widget, for as long as it shows the same."""
        right, right_px, px_samples = self.plot.right(), self.right_px(), self.px_samples()
        ratio = self.devicePixelRatioF()
        return lambda position: right - (right_px - position / px_samples) / ratio

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Begin to drag."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed, self._dragged = event.position(), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Drag through time, or tell what is here."""
        if self._pressed is not None:
            distance = event.position().x() - self._pressed.x()
            if self._dragged or abs(distance) > _DRAG_PX:
                self._dragged = True
                self._pressed = event.position()
                self._pan(distance / self.plot.width() * self.viewport.span_s)
                return
        self.hover = event.position()
        self.update(self.moving())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """A click on a word chooses it."""
        pressed, self._pressed = self._pressed, None
        if pressed is None or self._dragged or event.button() != Qt.MouseButton.LeftButton:
            return
        position = self.time_at(event.position().x())
        slack = 0.1 * SAMPLE_RATE_HZ
        for found in reversed(self.timeline.detections):
            if found.start - slack <= position <= found.end + slack:
                self.detection_clicked.emit(found)
                return

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:  # noqa: N802
        """Back to now."""
        self.viewport.go_live()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802
        """Ask what may be done here; the keyboard asks in the middle."""
        place = event.pos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            place = self.plot.center().toPoint()
        position = self.time_at(place.x())
        if 0 <= position <= self.timeline.newest:
            self.place_clicked.emit(position, self.mapToGlobal(place))

    def leaveEvent(self, _event: object) -> None:  # noqa: N802
        """The mouse has gone."""
        self.hover = None
        self.update(self.moving())

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Turn through time; with Ctrl, more or less of it; over the scale, move the colours."""
        event.accept()
        turn = event.angleDelta().y() or event.angleDelta().x()
        if event.position().x() > self.plot.right():
            if notches := self._notches(turn):
                self.colours_moved.emit(5.0 * notches)
        elif event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            if notches := self._notches(turn):
                self.viewport.zoom(-notches)
        elif turn:
            # A touchpad says that it is let go by a turn of nothing.
            self._pan(turn / _NOTCH * self.viewport.span_s / 10.0)

    def _notches(self, turn: int) -> int:
        """Whole notches of a wheel; touchpads turn by parts of one, which add up."""
        self._turned = turn + (self._turned if turn * self._turned > 0 else 0)
        notches = int(self._turned / _NOTCH)
        self._turned -= notches * _NOTCH
        return notches

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Everything the mouse can do."""
        step = self.viewport.span_s / 10.0
        match event.key():
            case Qt.Key.Key_Left:
                self._pan(step)
            case Qt.Key.Key_Right:
                self._pan(-step)
            case Qt.Key.Key_PageUp:
                self._pan(10 * step)
            case Qt.Key.Key_PageDown:
                self._pan(-10 * step)
            case Qt.Key.Key_End:
                self.viewport.go_live()
            case Qt.Key.Key_Space:
                if self.viewport.live:
                    self.viewport.hold()
                else:
                    self.viewport.go_live()
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal:
                self.viewport.zoom(-1)
            case Qt.Key.Key_Minus:
                self.viewport.zoom(1)
            case _:
                super().keyPressEvent(event)

    def _pan(self, seconds: float) -> None:
        self.viewport.pan(seconds, self.timeline.oldest, max(0, self.timeline.newest))

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Show where the keyboard is."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Show it no more."""
        super().focusOutEvent(event)
        self.update()
