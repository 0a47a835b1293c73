"""The live spectrogram: scrolls, looks back when dragged, tells what is under the mouse."""

from dataclasses import replace

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from kwspot.audio.source import SAMPLE_RATE_HZ
from kwspot.spotting.detector import Detection

from . import theme
from .axes import Plot, draw_frequencies, draw_grid, draw_scale, draw_times, draw_words
from .picture import Look, Picture
from .plotting import draw_chip, draw_focus, hertz_text, left_margin, right_margin, time_text
from .timeline import FRAME_SAMPLES, Timeline, decode_db
from .viewport import Viewport

_DRAG_PX = 4.0


class Spectrogram(QWidget):
    """Time to the right, frequency upwards, power as colour; the words heard in brackets."""

    detection_clicked = Signal(object)
    place_clicked = Signal(float, QPoint)
    """A position in samples of which a context menu was asked for, and where on the screen."""
    colours_moved = Signal(float)
    """Decibels by which the ends of the colour scale shall move."""

    def __init__(self, viewport: Viewport, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewport = viewport
        self._timeline = Timeline(257, (), 5)
        self._picture = Picture()
        self._look = Look()
        self._hover: QPointF | None = None
        self._pressed: QPointF | None = None
        self._dragged = False
        self._shown = (-1, False)
        self._hint = ""
        self.selected: Detection | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Spectrogram"))
        self.setAccessibleDescription(
            self.tr(
                "What the microphone hears. Left and Right look back and forth, plus and minus "
                "change how much time is shown, Space pauses, End returns to now."
            )
        )
        viewport.changed.connect(self.update)
        viewport.live_changed.connect(lambda _live: self.update())

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Small, but legible."""
        return QSize(320, 120)

    def sizeHint(self) -> QSize:  # noqa: N802
        """As wide as the window lets it."""
        return QSize(720, 320)

    def set_timeline(self, timeline: Timeline) -> None:
        """Show another timeline."""
        self._timeline = timeline
        self._picture.show(timeline)
        self.update()

    def set_look(self, *, logarithmic: bool, colours: str, low_db: float, high_db: float) -> None:
        """Draw with this axis and these colours."""
        self._look = replace(
            self._look, logarithmic=logarithmic, colours=colours, low_db=low_db, high_db=high_db
        )
        self.update()

    @property
    def look(self) -> Look:
        """Axis and colours."""
        return self._look

    def select(self, found: Detection | None) -> None:
        """Show which detection is looked at."""
        self.selected = found
        self.update()

    def set_hint(self, text: str) -> None:
        """What an empty picture says."""
        if text != self._hint:
            self._hint = text
            self.update()

    def advance(self) -> None:
        """Draw what is new, where anything is."""
        state = (self._right_px(), bool(self._timeline.detections))
        if state != self._shown:
            self._shown = state
            self.update(self._moving())

    @property
    def plot(self) -> QRectF:
        """Where the picture itself is."""
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
        return self._viewport.left + part * (self._viewport.right - self._viewport.left)

    def _moving(self) -> QRect:
        plot = self.plot.toRect()
        return QRect(0, plot.top(), plot.right() + 8, self.height() - plot.top())

    def _px_samples(self) -> float:
        return self._viewport.span_s * SAMPLE_RATE_HZ / self._width_px()

    def _width_px(self) -> int:
        return max(1, round(self.plot.width() * self.devicePixelRatioF()))

    def _right_px(self) -> int:
        return int(self._viewport.right // self._px_samples())

    def _x_of(self, position: float) -> float:
        behind = self._right_px() - position / self._px_samples()
        return self.plot.right() - behind / self.devicePixelRatioF()

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw the part that is asked for."""
        colours = theme.current()
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(colours.window))
        area = self.plot
        plot = Plot(area, self._x_of, self._look, colours)
        self._paint_picture(painter, area)
        painter.save()
        painter.setClipRect(area)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        draw_grid(painter, plot)
        draw_words(painter, plot, self._timeline.detections, self.selected)
        self._paint_hover(painter, area)
        painter.restore()
        if self._timeline.newest_frame < 0:
            self._paint_hint(painter, area)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        view = self._viewport
        draw_times(painter, plot, view.left / SAMPLE_RATE_HZ, view.right / SAMPLE_RATE_HZ)
        if event.rect().right() > area.right() + 10 or event.rect().left() < area.left() - 10:
            draw_frequencies(painter, plot)
            draw_scale(painter, plot, self._picture.scale_image())
        if self.hasFocus():
            draw_focus(painter, area.adjusted(-3, -3, 3, 3), colours)

    def _paint_picture(self, painter: QPainter, plot: QRectF) -> None:
        ratio = self.devicePixelRatioF()
        self._picture.set_look(
            replace(
                self._look,
                width=self._width_px(),
                height=max(1, round(plot.height() * ratio)),
                px_samples=self._px_samples(),
            )
        )
        height = self._picture.look.height
        painter.save()
        # One pixel of the image is one of the screen.
        painter.translate(plot.topLeft())
        painter.scale(1.0 / ratio, 1.0 / ratio)
        for x, image, first, count in self._picture.pieces(self._right_px()):
            painter.drawImage(QPointF(x, 0), image, QRectF(first, 0, count, height))
        painter.restore()

    def _paint_hover(self, painter: QPainter, plot: QRectF) -> None:
        if self._hover is None or not plot.contains(self._hover):
            return
        text = self.readout(self._hover)
        if not text:
            return
        painter.setPen(QPen(QColor(255, 255, 255, 120), 1.0, Qt.PenStyle.DotLine))
        x, y = self._hover.x(), self._hover.y()
        painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))
        painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
        metrics = QFontMetricsF(painter.font())
        width = metrics.horizontalAdvance(text) + 12
        left = x + 12 if x + 12 + width < plot.right() else x - 12 - width
        top = y + 14 if y + 18 + metrics.height() < plot.bottom() else y - 12 - metrics.height()
        draw_chip(painter, QPointF(left, top), text)

    def readout(self, place: QPointF) -> str:
        """Time, frequency and power at a place of the widget; empty outside what was heard."""
        plot = self.plot
        position = self.time_at(place.x())
        frame = round(position / FRAME_SAMPLES)
        part = (plot.bottom() - place.y()) / plot.height()
        frequency = self._look.frequency(min(max(part, 0.0), 1.0))
        if not 0 <= frame <= self._timeline.newest_frame:
            return ""
        bins = self._timeline.bins
        place_of_bin = round(frequency / (SAMPLE_RATE_HZ / 2) * (bins - 1))
        code = int(self._timeline.columns(frame, frame + 1)[0, place_of_bin])
        power = f"{decode_db(code):.0f} dB" if code else self.tr("no audio")
        seconds = time_text(position / SAMPLE_RATE_HZ, 2)
        return f"{seconds}  ·  {hertz_text(frequency)}  ·  {power}"

    def _paint_hint(self, painter: QPainter, plot: QRectF) -> None:
        painter.setPen(QColor(235, 235, 245, 210))
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(plot.adjusted(30, 20, -30, -20), int(flags), self._hint)

    # Mouse and keyboard

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
                self._pan(distance / self.plot.width() * self._viewport.span_s)
                return
        self._hover = event.position()
        self.update(self._moving())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """A click on a word chooses it."""
        pressed, self._pressed = self._pressed, None
        if pressed is None or self._dragged or event.button() != Qt.MouseButton.LeftButton:
            return
        position = self.time_at(event.position().x())
        slack = 0.1 * SAMPLE_RATE_HZ
        for found in reversed(self._timeline.detections):
            if found.start - slack <= position <= found.end + slack:
                self.detection_clicked.emit(found)
                return

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:  # noqa: N802
        """Back to now."""
        self._viewport.go_live()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802
        """Ask what may be done here; the keyboard asks in the middle."""
        place = event.pos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            place = self.plot.center().toPoint()
        position = self.time_at(place.x())
        if 0 <= position <= self._timeline.newest:
            self.place_clicked.emit(position, self.mapToGlobal(place))

    def leaveEvent(self, _event: object) -> None:  # noqa: N802
        """The mouse has gone."""
        self._hover = None
        self.update(self._moving())

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Turn through time; with Ctrl, more or less of it; over the scale, move the colours."""
        turn = event.angleDelta().y() or event.angleDelta().x()
        if event.position().x() > self.plot.right():
            self.colours_moved.emit(5.0 if turn > 0 else -5.0)
        elif event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._viewport.zoom(-1 if turn > 0 else 1)
        else:
            self._pan(turn / 120.0 * self._viewport.span_s / 10.0)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Everything the mouse can do."""
        step = self._viewport.span_s / 10.0
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
                self._viewport.go_live()
            case Qt.Key.Key_Space:
                if self._viewport.live:
                    self._viewport.hold()
                else:
                    self._viewport.go_live()
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal:
                self._viewport.zoom(-1)
            case Qt.Key.Key_Minus:
                self._viewport.zoom(1)
            case _:
                super().keyPressEvent(event)

    def _pan(self, seconds: float) -> None:
        self._viewport.pan(seconds, self._timeline.oldest, max(0, self._timeline.newest))

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Show where the keyboard is."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Show it no more."""
        super().focusOutEvent(event)
        self.update()
