"""The conditions of a detection as a list that is always to be seen in its whole width."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QWidget

_SCALES = (1.0, 0.92, 0.85, 0.78, 0.72)
"""Of the text: the largest at which a row fits is used."""


class VerdictList(QScrollArea):
    """Scrolls up and down; where there is too little room sideways, its text is smaller."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._label = QLabel()
        self._label.setTextFormat(Qt.TextFormat.RichText)
        self._label.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.setWidget(self._label)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(self.tr("Conditions of the detection"))
        self.setAccessibleDescription(self.tr("What was measured, beside what was asked for"))

    @property
    def text(self) -> str:
        """What is shown, as HTML."""
        return self._label.text()

    def set_text(self, text: str, *, table: bool) -> None:
        """Show HTML; table: its rows must not be broken."""
        self._label.setText(text)
        self._label.setWordWrap(not table)
        self._label.setToolTip("")
        self.fit()

    def explain(self, text: str) -> None:
        """What the mouse is told."""
        self._label.setToolTip(text)

    def fit(self) -> None:
        """Make the text as large as there is room for."""
        if self._label.wordWrap():
            self._scale(1.0)
            self.setMinimumWidth(0)
            return
        bar = self.verticalScrollBar().sizeHint().width()
        self._scale(_SCALES[-1])
        self.setMinimumWidth(self._label.sizeHint().width() + bar)
        for scale in _SCALES:
            self._scale(scale)
            if self._label.sizeHint().width() + bar <= self.width():
                return

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """The room has changed."""
        super().resizeEvent(event)
        self.fit()

    def _scale(self, scale: float) -> None:
        points = self.font().pointSizeF() * scale
        style = "" if scale == 1.0 else f"font-size: {points:.2f}pt"
        if style != self._label.styleSheet():
            self._label.setStyleSheet(style)
            self._label.ensurePolished()
