"""Where things are in the window, and remembering where the user put them."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow, QVBoxLayout, QWidget

from .translation import translate

if TYPE_CHECKING:
    from .main_window import MainWindow
    from .settings import Settings

SIZE = (1180, 760)
LEAST = (760, 520)


def arrange(window: "MainWindow") -> list[QDockWidget]:
    """Put the views into a window; returns its docks: words, history, why it fired."""
    window.setWindowTitle("kwspot")
    window.setAcceptDrops(True)
    window.resize(*SIZE)
    window.setMinimumSize(*LEAST)
    window.setDockOptions(
        QMainWindow.DockOption.AnimatedDocks | QMainWindow.DockOption.AllowTabbedDocks
    )
    window.setCorner(Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea)
    window.setCentralWidget(window.display.picture)
    bar = window.addToolBar(translate("MainWindow", "Controls"))
    bar.setObjectName("controls")
    bar.setMovable(False)
    bar.toggleViewAction().setVisible(False)
    bar.addWidget(window.display.controls)
    bar.setStyleSheet("QToolBar { padding: 0; }")
    right = Qt.DockWidgetArea.RightDockWidgetArea
    below = Qt.DockWidgetArea.BottomDockWidgetArea
    docks = [
        _dock(window, "words", translate("MainWindow", "Words"), window.display.side, right),
        _dock(
            window,
            "history",
            translate("MainWindow", "History"),
            _inset(window.history.table),
            below,
        ),
        _dock(window, "why", translate("MainWindow", "Why it fired"), window.history.why, below),
    ]
    window.splitDockWidget(docks[1], docks[2], Qt.Orientation.Horizontal)
    window.resizeDocks(docks[:1], [290], Qt.Orientation.Horizontal)
    window.resizeDocks(docks[1:], [300, 480], Qt.Orientation.Horizontal)
    window.resizeDocks(docks[1:2], [240], Qt.Orientation.Vertical)
    window.statusBar().setSizeGripEnabled(False)
    window.statusBar().addWidget(window.display.health, 1)
    return docks


def save(window: QMainWindow, settings: "Settings") -> None:
    """Remember where the window and its docks are."""
    settings.save_layout("window", window.saveGeometry())
    settings.save_layout("docks", window.saveState())


def restore(window: QMainWindow, settings: "Settings") -> None:
    """Put the window and its docks where they were."""
    for name, place in (("window", window.restoreGeometry), ("docks", window.restoreState)):
        state = settings.layout(name)
        if isinstance(state, QByteArray):
            place(state)


def _dock(
    window: QMainWindow, name: str, title: str, inner: QWidget, area: Qt.DockWidgetArea
) -> QDockWidget:
    dock = QDockWidget(title, window)
    dock.setObjectName(name)
    dock.setWidget(inner)
    window.addDockWidget(area, dock)
    return dock


def _inset(inner: QWidget) -> QWidget:
    """A widget with some room to its left and below."""
    outer = QWidget()
    column = QVBoxLayout(outer)
    column.setContentsMargins(8, 0, 0, 6)
    column.addWidget(inner)
    return outer
