"""A detection close up: its spectrogram, and the scores of the windows around it."""

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from kwspot.audio.source import SAMPLE_RATE_HZ

from . import theme
from .moments import Moment
from .picture import Look, Picture
from .plotting import draw_bracket, time_text, time_ticks
from .tuner import spoken

_OTHERS = 2
"""Words beside the one that fired whose curves are drawn."""
_STYLES = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine)


class ClipPlot(QWidget):
    """Spectrogram above, curves below, on one axis of time."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._moment: Moment | None = None
        self._message = ""
        self._picture = Picture()
        self._look = Look()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Picture of the detection"))

    def sizeHint(self) -> QSize:  # noqa: N802
        """Wider than high."""
        return QSize(260, 170)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Still legible."""
        return QSize(85, 110)

    def set_look(self, look: Look) -> None:
        """Axis and colours as in the spectrogram."""
        self._look = look
        self.update()

    @property
    def message(self) -> str:
        """Why there is nothing to be seen, or ""."""
        return "" if self._moment is not None else self._message

    def show_moment(self, moment: Moment | None, message: str) -> None:
        """Draw a moment, or say why there is none."""
        self._moment, self._message = moment, message
        if moment is not None:
            self._picture.show(moment)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Draw it."""
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        moment = self._moment
        if moment is None:
            painter.setPen(QColor(colours.faint))
            flags = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap)
            painter.drawText(QRectF(self.rect()).adjusted(8, 8, -8, -8), flags, self._message)
            return
        metrics = QFontMetricsF(self.font())
        axis = metrics.height() + 4
        left = metrics.horizontalAdvance("0.0") + 8
        box = QRectF(left, 2, self.width() - left - 6, self.height() - axis - 4)
        upper = QRectF(box.left(), box.top(), box.width(), round(box.height() * 0.46))
        names = QRectF(box.left(), upper.bottom() + 2, box.width(), metrics.height())
        lower = QRectF(
            box.left(), names.bottom() + 2, box.width(), box.bottom() - names.bottom() - 2
        )
        self._paint_picture(painter, upper, moment)
        self._paint_curves(painter, lower, moment, colours)
        self._paint_legend(painter, names, moment, colours)
        painter.setPen(QColor(colours.faint))
        start_s, end_s = moment.start / SAMPLE_RATE_HZ, moment.end / SAMPLE_RATE_HZ
        room = metrics.horizontalAdvance("00:00.00") + 8
        for tick in time_ticks(start_s, end_s, box.width(), room):
            x = self._x(tick * SAMPLE_RATE_HZ, box, moment)
            if box.left() + room / 3 < x < box.right() - room / 3:
                spot = QRectF(x - room / 2, box.bottom() + 2, room, axis)
                painter.drawText(spot, Qt.AlignmentFlag.AlignCenter, time_text(tick, 1))

    def _x(self, position: float, box: QRectF, moment: Moment) -> float:
        part = (position - moment.start) / max(1, moment.end - moment.start)
        return box.left() + part * box.width()

    def _paint_picture(self, painter: QPainter, box: QRectF, moment: Moment) -> None:
        ratio = self.devicePixelRatioF()
        width, height = max(1, round(box.width() * ratio)), max(1, round(box.height() * ratio))
        px_samples = (moment.end - moment.start) / width
        self._picture.set_look(
            replace(self._look, width=width, height=height, px_samples=px_samples)
        )
        painter.save()
        painter.setClipRect(box)
        painter.translate(box.topLeft())
        painter.scale(1.0 / ratio, 1.0 / ratio)
        right_px = round(moment.start / px_samples) + width
        for x, image, first, count in self._picture.pieces(right_px):
            painter.drawImage(QPointF(x, 0), image, QRectF(first, 0, count, height))
        painter.restore()
        found = moment.detection
        draw_bracket(
            painter, self._x(found.start, box, moment), self._x(found.end, box, moment), box
        )

    def _paint_curves(
        self, painter: QPainter, box: QRectF, moment: Moment, colours: theme.Theme
    ) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.window))
        painter.drawRect(box)
        painter.save()
        painter.setClipRect(box.adjusted(0, -1, 0, 1))
        y = box.bottom() - moment.threshold * box.height()
        painter.setPen(QPen(QColor(colours.text), 1.0, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))
        decided = self._x(moment.detection.decided, box, moment)
        painter.setPen(QPen(QColor(colours.good), 1.4))
        painter.drawLine(QPointF(decided, box.top()), QPointF(decided, box.bottom()))
        names = self._drawn(moment)
        for number, place in reversed(list(enumerate(names))):
            main = number == 0
            colour = QColor(colours.accent if main else colours.faint)
            style = _STYLES[min(number, 2)]
            painter.setPen(QPen(colour, 2.2 if main else 1.2, style))
            points = [
                QPointF(self._x(float(end), box, moment), box.bottom() - score * box.height())
                for end, score in zip(moment.ends, moment.smoothed[:, place].tolist(), strict=True)
            ]
            painter.drawPolyline(points)
        painter.restore()
        painter.setPen(QColor(colours.faint))
        metrics = QFontMetricsF(self.font())
        flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for value in (0.0, 1.0):
            y = box.bottom() - value * box.height()
            top = min(
                max(y - metrics.height() / 2, box.top() - 4), box.bottom() - metrics.height() + 4
            )
            painter.drawText(
                QRectF(0, top, box.left() - 5, metrics.height()), flags, f"{value:.0f}"
            )

    def _paint_legend(
        self, painter: QPainter, box: QRectF, moment: Moment, colours: theme.Theme
    ) -> None:
        """Which curve is which, in one line, as many as fit."""
        metrics = QFontMetricsF(self.font())
        x, y = box.left() + 2, box.center().y()
        for number, place in enumerate(self._drawn(moment)):
            text = spoken(moment.labels[place])
            width = 22 + metrics.horizontalAdvance(text)
            if x + width > box.right():
                return
            colour = QColor(colours.accent if number == 0 else colours.faint)
            painter.setPen(QPen(colour, 2.2 if number == 0 else 1.2, _STYLES[min(number, 2)]))
            painter.drawLine(QPointF(x, y), QPointF(x + 16, y))
            painter.drawText(QPointF(x + 20, box.top() + metrics.ascent()), text)
            x += width + 12

    @staticmethod
    def _drawn(moment: Moment) -> list[int]:
        """Labels to draw: the word, the highest of the others."""
        word = moment.labels.index(moment.detection.label)
        if not len(moment.ends):
            return [word]
        highest = np.argsort(-moment.smoothed.max(axis=0))
        return [word, *[int(place) for place in highest if place != word][:_OTHERS]]
