"""The last word, large enough to be read across a room."""

import time

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from kwspot.spotting.calibration import score_text
from kwspot.spotting.detection import Detection

from . import theme

_FRESH_S = 1.2
_HIGHEST = 0.75
"""Times its width."""


class LastWord(QWidget):
    """Shows the word that was heard last, its score, and how long ago that was."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._word = ""
        self._score = 0.0
        self._said_s = self._age_s = 0.0
        self._idle = ""
        self.still = False
        """Reduced motion: no fading."""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Last word"))

    @property
    def word(self) -> str:
        """What is shown; empty before the first word."""
        return self._word

    @property
    def age_s(self) -> float:
        """How long ago it says the word was."""
        return self._age_s

    def sizeHint(self) -> QSize:  # noqa: N802
        """Six lines of text high; what the words below leave makes it higher."""
        return QSize(240, round(QFontMetricsF(self.font()).height() * 6.2))

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """As high, and narrower."""
        return QSize(160, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """A word fills the width: more height would stay empty."""
        super().resizeEvent(event)
        self.setMaximumHeight(max(self.sizeHint().height(), round(_HIGHEST * self.width())))

    def show_word(self, found: Detection) -> None:
        """A word was heard just now."""
        self._word, self._score, self._age_s = found.label, found.score, 0.0
        self._said_s = time.monotonic()
        self.setAccessibleDescription(
            self.tr("{0}, score {1}").format(found.label, score_text(found.score))
        )
        self.update()

    def clear(self) -> None:
        """Nothing has been heard yet."""
        self._word = ""
        self.setAccessibleDescription("")
        self.update()

    def set_idle(self, text: str) -> None:
        """What to say before the first word."""
        if text != self._idle:
            self._idle = text
            self.update()

    def advance(self) -> None:
        """Time has gone on, and may have while nothing was shown."""
        before, self._age_s = self._age_s, time.monotonic() - self._said_s
        fading = before < _FRESH_S and not self.still
        if self._word and (fading or int(before) != int(self._age_s)):
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Draw the card."""
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        card = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QColor(colours.line))
        painter.setBrush(_between(colours.panel, colours.info_ground, self._freshness()))
        painter.drawRoundedRect(card, 10, 10)
        line = QFontMetricsF(self.font()).height()
        inner = card.adjusted(14, 8, -14, -8)
        painter.setPen(QColor(colours.faint))
        heading = self.tr("Last word") if self._word else self._idle
        if not self._word:
            flags = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap)
            painter.drawText(inner, flags, heading)
            return
        painter.drawText(inner, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft, heading)
        about = f"{score_text(self._score)}  ·  {self._ago()}"
        painter.drawText(inner, Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignHCenter, about)
        room = inner.adjusted(0, line * 0.9, 0, -line)
        painter.setFont(_fitting(self._word, self.font(), room))
        painter.setPen(_between(colours.text, colours.accent, self._freshness()))
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter, self._word)

    def _freshness(self) -> float:
        if not self._word:
            return 0.0
        if self.still:
            return float(self._age_s < _FRESH_S)
        return max(0.0, 1.0 - self._age_s / _FRESH_S)

    def _ago(self) -> str:
        if self._age_s < 1.5:
            return self.tr("now")
        if self._age_s < 60.0:
            return self.tr("{0} s ago").format(int(self._age_s))
        if self._age_s < 3600.0:
            return self.tr("{0} min ago").format(int(self._age_s // 60))
        return self.tr("over an hour ago")


def _fitting(text: str, base: QFont, room: QRectF) -> QFont:
    """The largest bold font in which a text fits."""
    font = QFont(base)
    font.setBold(True)
    font.setPixelSize(100)
    metrics = QFontMetricsF(font)
    scale = min(
        room.width() / max(1.0, metrics.horizontalAdvance(text)), room.height() / metrics.height()
    )
    font.setPixelSize(max(12, int(100 * min(scale, 2.4))))
    return font


def _between(first: str, second: str, part: float) -> QColor:
    one, two = QColor(first), QColor(second)
    return QColor(
        round(one.red() + part * (two.red() - one.red())),
        round(one.green() + part * (two.green() - one.green())),
        round(one.blue() + part * (two.blue() - one.blue())),
    )
