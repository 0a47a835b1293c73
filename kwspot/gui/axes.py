"""What is drawn around and over the spectrogram: axes, grid, the scale of colours, the words."""

from collections.abc import Callable, Reversible
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPen

from kwspot.audio.source import SAMPLE_RATE_HZ
from kwspot.spotting.calibration import score_text
from kwspot.spotting.detection import Detection

from .picture import Look
from .plotting import MARGIN, draw_bracket, draw_chip, hertz_text, time_text, time_ticks
from .theme import Theme

_LINEAR_HZ = (0, 1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000)
_NAME_PX = 120
"""The name of a word may reach as far beyond its end."""
_LOGARITHMIC_HZ = (100, 250, 500, 1000, 2000, 4000, 8000)


@dataclass(frozen=True, slots=True)
class Plot:
    """Where the picture is and how it maps: area, in the widget; x_of: a position in samples to
    a place in the widget; look: the frequency axis and the scale of colours."""

    area: QRectF
    x_of: Callable[[float], float]
    look: Look
    colours: Theme

    @property
    def frequencies(self) -> tuple[int, ...]:
        """The hertz that are named."""
        return _LOGARITHMIC_HZ if self.look.logarithmic else _LINEAR_HZ

    def y_of(self, frequency_hz: float) -> float:
        """Where a frequency is in the widget."""
        return self.area.bottom() - self.look.place(frequency_hz) * self.area.height()


def draw_grid(painter: QPainter, plot: Plot) -> None:
    """A faint line at every frequency that is named."""
    painter.setPen(QPen(QColor(255, 255, 255, 26), 1.0))
    for frequency in plot.frequencies:
        y = round(plot.y_of(frequency)) + 0.5
        painter.drawLine(QPointF(plot.area.left(), y), QPointF(plot.area.right(), y))


def draw_words(
    painter: QPainter, plot: Plot, words: Reversible[Detection], selected: Detection | None
) -> None:
    """Brackets around every word in view, then their names, so that none is drawn over."""
    area = plot.area
    seen: list[tuple[Detection, float, float]] = []
    for found in reversed(words):
        left, right = plot.x_of(found.start), plot.x_of(found.end)
        if right < area.left() - _NAME_PX:
            break  # the others are older: days of them
        if left < area.right():
            seen.insert(0, (found, left, right))
    for found, left, right in seen:
        if found == selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(255, 255, 255, 45))
            painter.drawRect(QRectF(QPointF(left, area.top()), QPointF(right, area.bottom())))
        draw_bracket(painter, left, right, area)
    plain, bold = painter.font(), painter.font()
    bold.setBold(True)
    painter.setFont(bold)
    metrics = QFontMetricsF(bold)
    taken: list[QRectF] = []
    for found, left, right in seen:
        text = f"{found.label}  {score_text(found.score)}"
        width = metrics.horizontalAdvance(text) + 12
        # A word at either edge can be read: at once, and until it has gone.
        place = min(left, area.right() - width)
        if right > area.left():
            place = max(place, area.left() + 2)
        spot = QRectF(place, 0, width, 1)
        spot.moveTop(area.top() + 5)
        while any(spot.intersects(other) for other in taken) and spot.top() < area.bottom():
            spot.translate(0, metrics.height() + 7)
        taken.append(draw_chip(painter, spot.topLeft(), text))
    painter.setFont(plain)


def draw_times(painter: QPainter, plot: Plot, left_s: float, right_s: float) -> None:
    """The axis of seconds below."""
    area = plot.area
    metrics = QFontMetricsF(painter.font())
    room = metrics.horizontalAdvance("00:00.0") + 18
    ticks = time_ticks(left_s, right_s, area.width(), room)
    decimals = 1 if len(ticks) > 1 and ticks[1] - ticks[0] < 1.0 else 0
    painter.setPen(QColor(plot.colours.faint))
    for tick in ticks:
        x = plot.x_of(tick * SAMPLE_RATE_HZ)
        if area.left() - 1 <= x <= area.right() + 1:
            painter.drawLine(QPointF(x, area.bottom() + 1), QPointF(x, area.bottom() + 5))
            text = time_text(tick, decimals)
            if x + metrics.horizontalAdvance(text) / 2 > area.right() + MARGIN:
                continue  # not yet: what moves is drawn anew as far as that only
            box = QRectF(x - room / 2, area.bottom() + 5, room, metrics.height() + 2)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def draw_frequencies(painter: QPainter, plot: Plot) -> None:
    """The axis of hertz on the left; names that would touch are left out."""
    area = plot.area
    metrics = QFontMetricsF(painter.font())
    painter.setPen(QColor(plot.colours.faint))
    last = area.bottom() + metrics.height() * 2
    for frequency in plot.frequencies:
        y = plot.y_of(frequency)
        if last - y < metrics.height() * 1.15:
            continue
        last = y
        painter.drawLine(QPointF(area.left() - 5, y), QPointF(area.left() - 1, y))
        box = QRectF(0, y - metrics.height() / 2, area.left() - 8, metrics.height())
        flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(box, flags, hertz_text(frequency))


def draw_scale(painter: QPainter, plot: Plot, scale: QImage) -> None:
    """The colours and their decibels on the right."""
    area = plot.area
    metrics = QFontMetricsF(painter.font())
    bar = QRectF(area.right() + 14, area.top(), 10, area.height())
    painter.drawImage(bar, scale)
    painter.setPen(QColor(plot.colours.faint))
    low, high = plot.look.low_db, plot.look.high_db
    step = 10.0 if area.height() > metrics.height() * 1.6 * (high - low) / 10 else 20.0
    value = step * -(-low // step)
    while value <= high + 1e-9:
        y = area.bottom() - (value - low) / (high - low) * area.height()
        box = QRectF(bar.right() + 5, y - metrics.height() / 2, 80, metrics.height())
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, f"{value:.0f} dB")
        value += step
