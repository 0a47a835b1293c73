"""What is going on and how well: a banner for trouble, and a strip of figures."""

import re

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QWidget

from . import theme
from .vitals import Figures

_DOT = "  ·  "
_SPACE = 18


def sentence(message: str) -> str:
    """A message of the core as the window says it: what only terminals can do is left out."""
    text = re.sub(r" \([^()]*`kwspot scan`[^()]*\)", "", message)
    text = re.sub(r"[.;] `kwspot scan` works without it", "", text)
    return text[:1].upper() + text[1:]


class Banner(QFrame):
    """One sentence across the window, with what to do; hidden while all is well."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kind = "warning"
        self._sign = QLabel("!")
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        close = QToolButton()
        close.setText("✕")
        close.setToolTip(self.tr("Hide this message"))
        close.setAccessibleName(self.tr("Hide this message"))
        close.clicked.connect(self.hide)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 6, 8, 6)
        row.addWidget(self._sign)
        row.addSpacing(6)
        row.addWidget(self._text, 1)
        row.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        self.setObjectName("banner")
        self.hide()

    @property
    def text(self) -> str:
        """What is said; empty while nothing is."""
        return "" if self.isHidden() else self._text.text()

    def tell(self, message: str, kind: str = "warning") -> None:
        """Show a sentence; nothing for an empty one. kind: "warning", "error" or "info"."""
        self._kind = kind
        message = sentence(message)
        self._text.setText(message)
        self.setAccessibleName(message)
        self.restyle()
        self.setVisible(bool(message))

    def restyle(self) -> None:
        """Take over the colours of the theme."""
        colours = theme.current()
        ground, front, sign = {
            "error": (colours.bad_ground, colours.bad, "✖"),
            "info": (colours.info_ground, colours.accent, "i"),
        }.get(self._kind, (colours.warn_ground, colours.warn, "⚠"))
        self._sign.setText(sign)
        self.setStyleSheet(
            f"QFrame#banner {{ background: {ground}; border-radius: 8px; }}"
            f"QLabel {{ color: {colours.text}; }} QToolButton {{ border: 0; padding: 2px 6px; "
            "background: transparent; }"
        )
        self._sign.setStyleSheet(f"color: {front}; font-weight: 700;")


class HealthStrip(QWidget):
    """State on the left, figures on the right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
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
        """What is said on the left."""
        return self._state.text()

    def set_state(self, sign: str, text: str) -> None:
        """Say what is going on. sign: a character whose shape tells it, too."""
        self._state.setText(f"{sign}  {text}")
        self._state.setAccessibleName(text)

    def show_figures(self, figures: Figures, *, paced: bool) -> None:
        """Show the figures; no latency where audio does not come at a pace."""
        parts = []
        if paced and figures.lag_s is not None:
            parts.append(self.tr("latency {0} ms").format(round(1000 * figures.lag_s)))
        if paced and figures.word_s is not None:
            parts.append(self.tr("word {0} ms").format(round(1000 * figures.word_s)))
        parts.append(self.tr("dropped {0} s").format(f"{figures.dropped_s:.1f}"))
        parts.append(self.tr("{0} windows/s").format(round(figures.windows_per_s)))
        parts.append(self.tr("CPU {0} %").format(round(100 * figures.cpu)))
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
