"""What is going on and how well: the strip along the lower edge of the window."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from .vitals import Figures

_DOT = "  ·  "
_SPACE = 18


class HealthStrip(QWidget):
    """State on the left, figures on the right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._said = ("", "")
        self._parts: list[str] = []
        self._state = QLabel()
        self._figures = QLabel()
        self._figures.setToolTip(
            self.tr(
                "Latency: from a sound to the score that knows of it. Word: from the end of the "
                "last word to its report. Dropped: audio that was lost. CPU: of one core."
            )
        )
        self._privacy = QLabel(self.tr("Nothing leaves this machine"))
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 0, 6, 0)
        row.setSpacing(_SPACE)
        row.addWidget(self._state, 1)
        row.addWidget(self._figures)
        row.addWidget(self._privacy)

    @property
    def state(self) -> str:
        """What is said on the left, whole."""
        return "  ".join(self._said)

    def set_state(self, sign: str, text: str) -> None:
        """Say what is going on. sign: a character whose shape tells it, too."""
        if (sign, text) == self._said:
            return
        self._said = (sign, text)
        self._state.setAccessibleName(text)
        self.fit()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """The room has changed."""
        super().resizeEvent(event)
        self.fit()

    def fit(self) -> None:
        """Say as much of the state as there is room for."""
        sign, text = self._said
        room = self.width() * 3 // 5
        whole = f"{sign}  {text}"
        shown = self._state.fontMetrics().elidedText(whole, Qt.TextElideMode.ElideRight, room)
        self._state.setText(shown)
        self._state.setToolTip(text if shown != whole else "")
        self._fit_figures()

    def show_figures(self, figures: Figures, *, paced: bool) -> None:
        """Show the figures; paced: whether audio comes at a pace, so that there is a latency."""
        parts = []
        if paced and figures.lag_s is not None:
            parts.append(self.tr("latency {0} ms").format(round(1000 * figures.lag_s)))
        if paced and figures.word_s is not None:
            parts.append(self.tr("word {0} ms").format(round(1000 * figures.word_s)))
        parts.append(self.tr("dropped {0} s").format(f"{figures.dropped_s:.1f}"))
        parts.append(self.tr("{0} windows/s").format(round(figures.windows_per_s)))
        parts.append(self.tr("CPU {0} %").format(round(100 * figures.cpu)))
        self._parts = parts
        self._fit_figures()

    def _fit_figures(self) -> None:
        """As many of the figures as there is room for."""
        parts = self._parts
        shown = parts[:]
        while len(shown) > 2 and self._width(shown) > self._room():
            shown.pop(-2)  # the processor is the last, and of more use
        text = _DOT.join(shown)
        if text != self._figures.text():
            self._figures.setText(text)
            self._figures.setAccessibleName(_DOT.join(parts))

    def _width(self, parts: list[str]) -> int:
        return self._figures.fontMetrics().horizontalAdvance(_DOT.join(parts))

    def _room(self) -> int:
        """How wide the figures may be, beside what else is said."""
        others = self._state.sizeHint().width() + self._privacy.sizeHint().width()
        return self.width() - others - 12 - 2 * _SPACE
