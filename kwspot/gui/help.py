"""The list of keys, and what the app is."""

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QGridLayout, QLabel, QVBoxLayout, QWidget

_OTHERS = (
    ("Space", "Pause the picture (in the spectrogram)"),
    ("Left, Right", "Look back and forward (in the spectrogram)"),
    ("Page Up, Page Down", "Look back and forward by a whole picture"),
    ("+, -", "Show less or more time (in the spectrogram)"),
    ("End", "Back to now (in the spectrogram)"),
    ("Right click, Menu", "Mark a word that was missed (in the spectrogram)"),
    ("Click", "Why a word fired (on its bracket in the spectrogram)"),
    ("Tab, Shift+Tab", "To the next or last control"),
    ("Left, Right", "Move a threshold (on a word's bar)"),
    ("Up, Down", "Another entry (in the history)"),
)


def show_keys(parent: QWidget, shortcuts: list[tuple[str, str]]) -> None:
    """Show every key."""
    dialog = QDialog(parent)
    dialog.setWindowTitle(dialog.tr("Keys"))
    grid = QGridLayout()
    grid.setHorizontalSpacing(28)
    for row, (keys, title) in enumerate([*shortcuts, *_OTHERS]):
        name = QLabel(keys)
        name.setObjectName("heading")
        grid.addWidget(name, row, 0)
        grid.addWidget(QLabel(dialog.tr(title)), row, 1)
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    buttons.rejected.connect(dialog.reject)
    column = QVBoxLayout(dialog)
    column.addLayout(grid)
    column.addSpacing(8)
    column.addWidget(buttons)
    dialog.open()
