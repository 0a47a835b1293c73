"""A sentence across the window: what is wrong and what to do, or what was done."""

import re
import sys

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QWidget

from . import theme

PASSING_MS = 10_000
"""How long what was done is told."""
_HOST_APIS = (
    "ALSA|OSS|JACK Audio Connection Kit|PulseAudio|Core Audio|MME|Windows DirectSound"
    "|Windows WASAPI|Windows WDM-KS"
)


def sentence(message: str) -> str:
    """A message of the core as the window says it: what only terminals can do is left out."""
    text = re.sub(r" \([^()]*`kwspot scan`[^()]*\)", "", message)
    text = re.sub(r"[.;] `kwspot scan` works without it", "", text)
    if sys.platform != "darwin":
        text = re.sub(r" \(macOS: [^()]*\)", "", text)
    text = re.sub(rf"\b(?:microphone )?default@(?:{_HOST_APIS})\b", "the default microphone", text)
    text = re.sub(rf"@(?:{_HOST_APIS})\b", "", text)
    return text[:1].upper() + text[1:]


def about(message: str) -> str:
    """What a message is about: it may go on with a countdown, or count what is lost."""
    return re.sub(r"\d+", "", message.partition(" — ")[0])


class Banner(QFrame):
    """One sentence across the window; hidden while all is well.

    There are two things to say: a trouble, as long as it lasts, and what was told once. The newer
    one is shown. What the user closed stays closed; a trouble comes back when it is another one.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._told = self._trouble = ("", "warning")
        self._told_last = False
        self._closed = ""
        self._kind = "warning"
        self._sign = QLabel("!")
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        close = QToolButton()
        close.setText("✕")
        close.setToolTip(self.tr("Hide this message"))
        close.setAccessibleName(self.tr("Hide this message"))
        close.clicked.connect(self.dismiss)
        self._passing = QTimer(self)
        self._passing.setSingleShot(True)
        self._passing.timeout.connect(self._forget)
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

    @property
    def kind(self) -> str:
        """How it is meant: "warning", "error" or "info"."""
        return self._kind

    def tell(self, message: str, kind: str = "warning") -> None:
        """Say something once. kind: "warning", "error", or "info", which goes by itself."""
        self._told, self._told_last = (sentence(message), kind), True
        self._passing.stop()
        if kind == "info":
            self._passing.start(PASSING_MS)
        self._show()

    def show_trouble(self, message: str, kind: str = "warning") -> None:
        """Say what is wrong; an empty message: nothing is any more."""
        message = sentence(message)
        if about(message) != about(self._trouble[0]):
            self._told_last, self._closed = False, ""
        self._trouble = (message, kind)
        self._show()

    def dismiss(self) -> None:
        """The user has read what is shown."""
        if self._shows_told():
            self._told = ("", "warning")
        else:
            self._closed = about(self._trouble[0])
        self._show()

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
            f"QToolButton:focus {{ border: 2px solid {colours.accent}; padding: 0 4px; }}"
        )
        self._sign.setStyleSheet(f"color: {front}; font-weight: 700;")

    def _forget(self) -> None:
        self._told = ("", "warning")
        self._show()

    def _shows_told(self) -> bool:
        trouble = self._trouble[0]
        open_trouble = bool(trouble) and about(trouble) != self._closed
        return bool(self._told[0]) and (self._told_last or not open_trouble)

    def _show(self) -> None:
        message, kind = self._trouble
        if self._shows_told():
            message, kind = self._told
        elif about(message) == self._closed:
            message = ""
        if message:
            self._text.setText(message)
            self.setAccessibleName(message)
        if kind != self._kind:
            self._kind = kind
            self.restyle()
        self.setVisible(bool(message))
