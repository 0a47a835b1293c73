"""What pages of settings are made of."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QLabel, QSpinBox, QWidget


def form(box: QWidget) -> QFormLayout:
    """Rows of a page of settings."""
    rows = QFormLayout(box)
    rows.setContentsMargins(14, 14, 14, 14)
    rows.setVerticalSpacing(10)
    rows.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    return rows


class RowName(QLabel):
    """The name of a row, as high as what it names, beside which it would stand too high."""

    def __init__(self, title: str, field: QWidget) -> None:
        super().__init__(title)
        self.setBuddy(field)

    def sizeHint(self) -> QSize:  # noqa: N802
        """As high as the field."""
        return super().sizeHint().expandedTo(QSize(0, self.buddy().sizeHint().height()))

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """The same."""
        return self.sizeHint()


def row() -> QHBoxLayout:
    """Widgets beside each other."""
    widgets = QHBoxLayout()
    widgets.setSpacing(8)
    return widgets


def spin(title: str, least: int, most: int, value: float, suffix: str) -> QSpinBox:
    """A whole number with its unit; title: what it is, for screen readers and the mouse."""
    box = QSpinBox()
    box.setAccessibleName(title)
    box.setToolTip(title)
    box.setRange(least, most)
    box.setValue(round(value))
    box.setSuffix(suffix)
    # 500 is typed by way of 5 and 50.
    box.setKeyboardTracking(False)
    # The padding of a style sheet does not reach the text of a spin box.
    box.lineEdit().setTextMargins(9, 0, 9, 0)
    return box
