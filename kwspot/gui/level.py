"""How loud it is: a strip of the last seconds, and a meter of this moment."""

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from kwspot.audio.source import SAMPLE_RATE_HZ

from . import theme
from .plotting import left_margin, right_margin
from .timeline import FRAME_SAMPLES, Timeline
from .viewport import Viewport

QUIETEST_DB = -60.0
CLIPPED = 0.995
"""From this amplitude on, the sound is at the end of what the microphone can say."""
_FALL_DB_PER_S = 26.0
_HOLD_S = 1.5
_CLIP_S = 2.0


def decibels(amplitude: float) -> float:
    """An amplitude of 0..1 in dB re full scale, down to `QUIETEST_DB`."""
    return max(QUIETEST_DB, 20.0 * math.log10(max(amplitude, 1e-9)))


class LevelStrip(QWidget):
    """The loudness of the time the spectrogram shows, in decibels, clipped places in red."""

    def __init__(self, viewport: Viewport, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewport = viewport
        self._timeline = Timeline(257, (), 5)
        self._shown = -1
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Level of the last seconds"))
        viewport.changed.connect(self.update)

    def sizeHint(self) -> QSize:  # noqa: N802
        """A few lines of text high."""
        return QSize(720, round(QFontMetricsF(self.font()).height() * 2.6))

    def set_timeline(self, timeline: Timeline) -> None:
        """Show another timeline."""
        self._timeline = timeline
        self.update()

    def advance(self) -> None:
        """Draw what is new, where anything is."""
        right = int(self._viewport.right // FRAME_SAMPLES)
        if right != self._shown:
            self._shown = right
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Draw the strip."""
        colours = theme.current()
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(colours.window))
        left, right = round(left_margin(self)), round(right_margin(self))
        area = QRectF(left, 2, max(10, self.width() - left - right), self.height() - 4)
        ratio = self.devicePixelRatioF()
        width, height = max(1, round(area.width() * ratio)), max(1, round(area.height() * ratio))
        pixels = self._pixels(width, height, colours)
        image = QImage(pixels.data.cast("B"), width, height, 4 * width, QImage.Format.Format_RGB32)
        painter.save()
        painter.translate(area.topLeft())
        painter.scale(1.0 / ratio, 1.0 / ratio)
        painter.drawImage(QPointF(0, 0), image)
        painter.restore()
        painter.setPen(QColor(colours.faint))
        flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(0, area.top(), left - 8, area.height()), flags, self.tr("Level"))

    def _pixels(self, width: int, height: int, colours: theme.Theme) -> NDArray[np.uint32]:
        span = self._viewport.span_s * SAMPLE_RATE_HZ
        edges = self._viewport.right - span + np.arange(width + 1) * span / width
        frames = np.floor(edges / FRAME_SAMPLES).astype(np.int64)
        peaks = self._timeline.peaks(int(frames[0]), int(frames[-1]) + 1)
        starts = frames[:-1] - frames[0]
        highest = np.maximum.reduceat(peaks, starts)
        level = 20.0 * np.log10(np.maximum(highest, 1e-6))
        part = np.clip(1.0 - level / QUIETEST_DB, 0.0, 1.0)
        distance = np.abs(np.arange(height) - (height - 1) / 2)[:, None] / (height / 2)
        inside = distance <= np.maximum(part, 1.2 / height)[None, :]
        bar = np.where(highest >= CLIPPED, _rgb(colours.bad), _rgb(colours.bar)).astype(np.uint32)
        return np.ascontiguousarray(np.where(inside, bar[None, :], _rgb(colours.panel)))


def _rgb(colour: str) -> np.uint32:
    return np.uint32(0xFF000000 | int(colour[1:], 16))


class LevelMeter(QWidget):
    """The loudness of this moment, its highest of late, and a warning where it is too much."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._level_db = self._held_db = QUIETEST_DB
        self._held_s = self._clip_s = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Input level"))
        self.setToolTip(
            self.tr("Input level in decibels below full scale. Red: too loud, clipped.")
        )

    @property
    def clipped(self) -> bool:
        """Whether the input was too loud within the last seconds."""
        return self._clip_s > 0.0

    def sizeHint(self) -> QSize:  # noqa: N802
        """A line of text high."""
        metrics = QFontMetricsF(self.font())
        return QSize(round(metrics.horizontalAdvance("0") * 22), round(metrics.height() + 8))

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Half as wide."""
        return QSize(self.sizeHint().width() * 2 // 3, self.sizeHint().height())

    def advance(self, peak: float, elapsed_s: float) -> None:
        """Take the largest amplitude of the time since the last call."""
        level = decibels(peak)
        before = (round(self._level_db), round(self._held_db), self.clipped)
        self._level_db = max(level, self._level_db - _FALL_DB_PER_S * elapsed_s)
        self._held_s -= elapsed_s
        self._clip_s = _CLIP_S if peak >= CLIPPED else max(0.0, self._clip_s - elapsed_s)
        if level >= self._held_db or self._held_s <= 0.0:
            self._held_db, self._held_s = level, _HOLD_S
        after = (round(self._level_db), round(self._held_db), self.clipped)
        if after != before:
            self.setAccessibleDescription(
                self.tr("too loud, clipped") if self.clipped else f"{self._level_db:.0f} dB"
            )
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Draw the meter."""
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics = QFontMetricsF(self.font())
        room = metrics.horizontalAdvance("-60 dB") + 10
        height = 8.0
        bar = QRectF(2, (self.height() - height) / 2, max(20.0, self.width() - room - 4), height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.line))
        painter.drawRoundedRect(bar, 4, 4)
        part = 1.0 - self._level_db / QUIETEST_DB
        if part > 0.0:
            colour = colours.bad if self.clipped else colours.bar
            if not self.clipped and self._level_db > -6.0:
                colour = colours.warn
            painter.setBrush(QColor(colour))
            painter.drawRoundedRect(QRectF(bar.left(), bar.top(), bar.width() * part, height), 4, 4)
        held = 1.0 - self._held_db / QUIETEST_DB
        if held > 0.0:
            painter.setBrush(QColor(colours.text))
            x = bar.left() + min(held, 1.0) * (bar.width() - 2)
            painter.drawRect(QRectF(x, bar.top() - 2, 2, height + 4))
        text = self.tr("CLIP") if self.clipped else f"{self._level_db:.0f} dB"
        if self._level_db <= QUIETEST_DB and not self.clipped:
            text = self.tr("quiet")
        painter.setPen(QColor(colours.bad if self.clipped else colours.faint))
        flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(bar.right(), 0, room, self.height()), flags, text)
