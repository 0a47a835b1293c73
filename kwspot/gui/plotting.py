"""What the pictures of time have in common: margins, ticks, and how times and hertz are written."""

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QWidget

from .theme import Theme

CHIP_GROUND = QColor(10, 14, 22, 215)
CHIP_TEXT = QColor(255, 255, 255)
MARGIN = 7
"""What moves reaches as far beyond the right edge of a picture."""
_STEPS_S = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0)


def left_margin(widget: QWidget) -> float:
    """Room for the numbers of the frequency axis."""
    return QFontMetricsF(widget.font()).horizontalAdvance("0.25 kHz") + 12.0


def right_margin(widget: QWidget) -> float:
    """Room for the scale of colours."""
    return QFontMetricsF(widget.font()).horizontalAdvance("-100 dB") + 32.0


def time_ticks(left_s: float, right_s: float, width: float, label_width: float) -> list[float]:
    """Round seconds within a stretch, no closer than their labels need."""
    span_s = max(right_s - left_s, 1e-6)
    wanted_s = span_s * label_width / max(width, 1.0)
    step_s = next((step for step in _STEPS_S if step >= wanted_s), _STEPS_S[-1])
    first = math.ceil(left_s / step_s - 1e-9)
    last = math.floor(right_s / step_s + 1e-9)
    return [number * step_s for number in range(max(first, 0), last + 1)]


def time_text(seconds: float, decimals: int = 0) -> str:
    """`12 s` or `3:07`, with decimals where asked for."""
    if seconds < 60.0:
        return f"{seconds:.{decimals}f} s"
    minutes = int(seconds // 60)
    width = 3 + decimals if decimals else 2
    return f"{minutes}:{seconds - 60 * minutes:0{width}.{decimals}f}"


def hertz_text(frequency_hz: float) -> str:
    """`250 Hz` or `2.5 kHz`."""
    if frequency_hz < 1000.0:
        return f"{frequency_hz:.0f} Hz"
    return f"{frequency_hz / 1000.0:.3g} kHz"


def draw_focus(painter: QPainter, rect: QRectF, theme: Theme) -> None:
    """The ring that shows where the keyboard is."""
    painter.setPen(QPen(QColor(theme.accent), 2.0))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), 4, 4)


def draw_chip(painter: QPainter, left_top: QPointF, text: str) -> QRectF:
    """White words on a dark ground that can be read over any picture; returns where they are."""
    metrics = QFontMetricsF(painter.font())
    size = metrics.size(0, text)
    rect = QRectF(left_top.x(), left_top.y(), size.width() + 12.0, metrics.height() + 4.0)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(CHIP_GROUND)
    painter.drawRoundedRect(rect, 4.0, 4.0)
    painter.setPen(CHIP_TEXT)
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)
    return rect


def draw_bracket(painter: QPainter, left: float, right: float, area: QRectF) -> None:
    """Brackets around a stretch of time.

    Filled rectangles: a software renderer takes 20 times as long over lines with soft edges.
    """
    arm = min(7.0, max(2.0, (right - left) / 3))
    top, height = area.top() + 2.0, area.height() - 4.0
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    for colour, width in ((QColor(0, 0, 0, 150), 4.0), (QColor(255, 255, 255, 225), 2.0)):
        half = width / 2
        for edge, sign in ((left, 1.0), (right, -1.0)):
            inner = edge + sign * half
            start = min(inner, edge + sign * arm)
            painter.fillRect(QRectF(edge - half, top - half, width, height + width), colour)
            for y in (top, top + height):
                painter.fillRect(QRectF(start, y - half, arm - half, width), colour)
    painter.restore()
