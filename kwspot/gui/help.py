"""The list of keys, and what the app is."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QGridLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from .translation import translate


def _others() -> list[tuple[str, str]]:
    """Keys and clicks that no menu has."""
    return [
        (translate("Keys", "Space"), translate("Keys", "Pause the picture (in the spectrogram)")),
        (
            translate("Keys", "Left, Right"),
            translate("Keys", "Look back and forward (in the spectrogram)"),
        ),
        (
            translate("Keys", "Page Up, Page Down"),
            translate("Keys", "Look back and forward by a whole picture"),
        ),
        ("+, -", translate("Keys", "Show less or more time (in the spectrogram)")),
        (translate("Keys", "End"), translate("Keys", "Back to now (in the spectrogram)")),
        (
            translate("Keys", "Right click, Menu"),
            translate("Keys", "Mark a word that was missed (in the spectrogram)"),
        ),
        (
            translate("Keys", "Click"),
            translate("Keys", "Why a word fired (on its bracket in the spectrogram)"),
        ),
        (translate("Keys", "Tab, Shift+Tab"), translate("Keys", "To the next or last control")),
        (translate("Keys", "Left, Right"), translate("Keys", "Move a threshold (on a word's bar)")),
        (translate("Keys", "Up, Down"), translate("Keys", "Another entry (in the history)")),
    ]


def show_keys(parent: QWidget, shortcuts: list[tuple[str, str]]) -> None:
    """Show every key."""
    dialog = QDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(translate("Keys", "Keys"))
    grid = QGridLayout()
    grid.setHorizontalSpacing(28)
    for row, (keys, title) in enumerate([*shortcuts, *_others()]):
        name = QLabel(keys)
        name.setObjectName("heading")
        grid.addWidget(name, row, 0)
        grid.addWidget(QLabel(title), row, 1)
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    buttons.rejected.connect(dialog.reject)
    inner = QWidget()
    inner.setLayout(grid)
    room = QScrollArea()
    room.setWidget(inner)
    room.setWidgetResizable(True)
    room.setFrameShape(QFrame.Shape.NoFrame)
    room.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    room.setAccessibleName(translate("Keys", "Keys"))
    bar = room.verticalScrollBar().sizeHint().width()
    room.setMinimumWidth(inner.sizeHint().width() + bar)
    column = QVBoxLayout(dialog)
    column.addWidget(room)
    column.addWidget(buttons)
    # As high as it is, but for what lies around it no higher than the screen.
    wanted = inner.sizeHint().height() + dialog.sizeHint().height() - room.sizeHint().height()
    dialog.resize(
        dialog.sizeHint().width(),
        min(wanted, dialog.screen().availableGeometry().height() * 9 // 10),
    )
    buttons.button(QDialogButtonBox.StandardButton.Close).setFocus()
    dialog.open()
