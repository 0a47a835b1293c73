"""The models used lately, to be chosen again."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QFileDialog, QMenu

if TYPE_CHECKING:
    from .main_window import MainWindow


class ModelMenu(QMenu):
    """The bundled model and the ones used lately; files that have gone cannot be chosen."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        self.setTitle(self.tr("&Model"))
        self.setToolTipsVisible(True)
        self.aboutToShow.connect(self.fill)
        self.fill()

    def fill(self) -> None:
        """List them anew: files come and go."""
        self.clear()
        group = QActionGroup(self)
        chosen = self._window.preferences
        self._offer(group, self.tr("The &bundled model"), "")
        for number, path in enumerate(chosen.recent_models, 1):
            there = Path(path).is_file()
            name = Path(path).name.replace("&", "&&")
            title = name if there else self.tr("{0} (not there)").format(name)
            self._offer(group, f"&{number} {title}", path).setEnabled(there)
        self.addSeparator()
        self.addAction(self.tr("&Open a model…")).triggered.connect(self.ask)

    def _offer(self, group: QActionGroup, title: str, path: str) -> QAction:
        action = self.addAction(title)
        action.setCheckable(True)
        action.setChecked(path == self._window.preferences.model)
        action.setToolTip(path)
        action.triggered.connect(lambda _checked: self.choose(path))
        group.addAction(action)
        return action

    def choose(self, path: str) -> None:
        """Use a model; "" for the bundled one."""
        self._window.choose_model(path)

    def ask(self) -> None:
        """Let the user choose a file."""
        kinds = self.tr("Models (*.safetensors);;All files (*)")
        path, _ = QFileDialog.getOpenFileName(self._window, self.tr("Open a model"), "", kinds)
        if path:
            self.choose(path)
