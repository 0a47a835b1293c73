"""The live spectrogram: scrolls, looks back when dragged, tells what is under the mouse."""

from dataclasses import replace

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QKeySequence, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from kwspot.audio.source import SAMPLE_RATE_HZ
from kwspot.spotting.detection import Detection

from . import theme
from .axes import Plot, draw_frequencies, draw_grid, draw_scale, draw_times, draw_words
from .picture import Look, Picture
from .plotting import draw_chip, draw_focus, hertz_text, time_text
from .time_view import TimeView
from .timeline import FRAME_SAMPLES, Timeline, decode_db
from .viewport import Viewport


class Spectrogram(TimeView):
    """Time to the right, frequency upwards, power as colour; the words heard in brackets."""

    def __init__(self, viewport: Viewport, parent: QWidget | None = None) -> None:
        super().__init__(viewport, parent)
        self._picture = Picture()
        self._look = Look()
        self._shown: object = None
        self._hint = ""
        self.selected: Detection | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName(self.tr("Spectrogram"))
        self.setAccessibleDescription(
            self.tr(
                "What the microphone hears. Left and Right look back and forth, plus and minus "
                "change how much time is shown, Space pauses, End returns to now."
            )
        )

    def set_timeline(self, timeline: Timeline) -> None:
        """Show another timeline."""
        self.timeline = timeline
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
        words = self.timeline.detections
        state = (self.right_px(), words[-1] if words else None)
        if state != self._shown:
            self._shown = state
            self.update(self.moving())

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw the part that is asked for."""
        colours = theme.current()
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(colours.window))
        area = self.plot
        plot = Plot(area, self.places(), self._look, colours)
        self._paint_picture(painter, area)
        painter.save()
        painter.setClipRect(area)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        draw_grid(painter, plot)
        draw_words(painter, plot, self.timeline.detections, self.selected)
        self._paint_hover(painter, area)
        painter.restore()
        if self.timeline.newest_frame < 0:
            self._paint_hint(painter, area)
        elif not self.viewport.live:
            text = self.tr("Held  ·  {0} goes on").format(
                QKeySequence("Ctrl+P").toString(QKeySequence.SequenceFormat.NativeText)
            )
            width = QFontMetricsF(painter.font()).horizontalAdvance(text) + 18
            height = QFontMetricsF(painter.font()).height() + 10
            draw_chip(painter, QPointF(area.right() - width, area.bottom() - height), text)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        view = self.viewport
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
                width=self.width_px(),
                height=max(1, round(plot.height() * ratio)),
                px_samples=self.px_samples(),
            )
        )
        height = self._picture.look.height
        painter.save()
        # One pixel of the image is one of the screen.
        painter.translate(plot.topLeft())
        painter.scale(1.0 / ratio, 1.0 / ratio)
        for x, image, first, count in self._picture.pieces(self.right_px()):
            painter.drawImage(QPointF(x, 0), image, QRectF(first, 0, count, height))
        painter.restore()

    def _paint_hover(self, painter: QPainter, plot: QRectF) -> None:
        if self.hover is None or not plot.contains(self.hover):
            return
        text = self.readout(self.hover)
        if not text:
            return
        painter.setPen(QPen(QColor(255, 255, 255, 120), 1.0, Qt.PenStyle.DotLine))
        x, y = self.hover.x(), self.hover.y()
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
        if not 0 <= frame <= self.timeline.newest_frame:
            return ""
        bins = self.timeline.bins
        place_of_bin = round(frequency / (SAMPLE_RATE_HZ / 2) * (bins - 1))
        code = int(self.timeline.columns(frame, frame + 1)[0, place_of_bin])
        power = f"{decode_db(code):.0f} dB" if code else self.tr("no audio")
        seconds = time_text(position / SAMPLE_RATE_HZ, 2)
        return f"{seconds}  ·  {hertz_text(frequency)}  ·  {power}"

    def _paint_hint(self, painter: QPainter, plot: QRectF) -> None:
        painter.setPen(QColor(235, 235, 245, 210))
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(plot.adjusted(30, 20, -30, -20), int(flags), self._hint)
