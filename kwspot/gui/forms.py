"""What pages of settings are made of."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QLabel, QSizePolicy, QSpinBox, QWidget


def form(box: QWidget) -> QFormLayout:
    """Rows of a page of settings."""
    rows = QFormLayout(box)
    rows.setContentsMargins(14, 14, 14, 14)
    rows.setVerticalSpacing(10)
    rows.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    return rows


def label(title: str) -> QLabel:
    """The name of a row, at the height of what it names."""
    name = QLabel(title)
    name.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
    return name


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
    # The padding of a style sheet does not reach the text of a spin box.
    box.lineEdit().setTextMargins(9, 0, 9, 0)
    return box
