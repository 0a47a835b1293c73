"""The menus: every command by name, with its key."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu

from .colour_maps import NAMES
from .model_menu import ModelMenu
from .theme import THEMES

if TYPE_CHECKING:
    from .main_window import MainWindow


_NATIVE = QKeySequence.SequenceFormat.NativeText


class Menus(QObject):
    """Makes the menu bar of a window; `shortcuts` lists every key."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        self.shortcuts: list[tuple[str, str]] = []
        self._ticked: list[tuple[QAction, Callable[[], bool]]] = []
        """Actions, and whether they are to be ticked."""
        self._file()
        self._listen()
        self._view()
        self._help()
        window.preferences_changed.connect(self._tick)
        self._tick()

    def _menu(self, title: str) -> QMenu:
        return self._window.menuBar().addMenu(title)

    def _add(self, menu: QMenu, title: str, act: Callable[[], object], *keys: str) -> QAction:
        action = QAction(title, self._window)
        action.triggered.connect(lambda _checked: act())
        if keys:
            action.setShortcuts([QKeySequence(key) for key in keys])
            names = ", ".join(QKeySequence(key).toString(_NATIVE) for key in keys)
            self.shortcuts.append((names, title.replace("&", "").rstrip("…")))
        menu.addAction(action)
        return action

    def _choices(
        self,
        menu: QMenu,
        names: Sequence[tuple[str, str]],
        field: str,
        choose: Callable[[str], None],
    ) -> None:
        group = QActionGroup(self)
        for name, title in names:
            action = QAction(title, self._window)
            action.setCheckable(True)
            self._ticked.append((action, partial(self._is, field, name)))
            action.triggered.connect(lambda _checked, name=name: choose(name))
            group.addAction(action)
            menu.addAction(action)

    def _toggle(self, menu: QMenu, title: str, field: str, *keys: str) -> None:
        window = self._window

        def change(on: bool) -> None:
            changed: dict[str, Any] = {field: on}
            window.apply(replace(window.preferences, **changed))

        action = self._add(menu, title, lambda: None, *keys)
        action.setCheckable(True)
        # Not `toggled`: that tells, too, what was changed elsewhere.
        action.triggered.connect(change)
        self._ticked.append((action, lambda: bool(getattr(window.preferences, field))))

    def _is(self, field: str, value: str) -> bool:
        return bool(getattr(self._window.preferences, field) == value)

    def _tick(self) -> None:
        """Have every tick as the preferences are, whoever changed them."""
        for action, met in self._ticked:
            action.setChecked(met())

    def _file(self) -> None:
        window = self._window
        menu = self._menu(self.tr("&File"))
        self._add(menu, self.tr("&Open recording…"), window.ask_for_recording, "Ctrl+O")
        self.models = ModelMenu(window)
        menu.addMenu(self.models)
        menu.addSeparator()
        self._add(menu, self.tr("&Export the history…"), window.history.export, "Ctrl+E")
        self._add(menu, self.tr("&Clear the history…"), window.history.clear)
        menu.addSeparator()
        self._add(menu, self.tr("&Settings…"), self._show_settings, "Ctrl+,")
        menu.addSeparator()
        self._add(menu, self.tr("&Quit"), window.close, "Ctrl+Q")

    def _listen(self) -> None:
        window = self._window
        menu = self._menu(self.tr("&Listen"))
        self._add(menu, self.tr("&Start or stop"), window.toggle_listening, "F5", "Ctrl+L")
        self._add(menu, self.tr("&Pause the picture"), window.display.toggle_pause, "Ctrl+P")
        self._add(menu, self.tr("Find &microphones"), window.devices.refresh, "Ctrl+R")
        menu.addSeparator()
        self._add(menu, self.tr("&Thresholds as the model has them"), window.tuner.reset)

    def _view(self) -> None:
        window = self._window
        menu = self._menu(self.tr("&View"))
        self._add(menu, self.tr("Back to &now"), window.display.viewport.go_live, "Ctrl+End")
        self._add(
            menu,
            self.tr("&Less time"),
            lambda: window.display.viewport.zoom(-1),
            "Ctrl++",
            "Ctrl+=",
        )
        self._add(menu, self.tr("&More time"), lambda: window.display.viewport.zoom(1), "Ctrl+-")
        menu.addSeparator()
        self._toggle(menu, self.tr("Lo&garithmic frequencies"), "logarithmic", "Ctrl+G")
        colours = menu.addMenu(self.tr("&Colours"))
        self._choices(
            colours,
            [(name, name.capitalize()) for name in NAMES],
            "colours",
            lambda name: window.apply(replace(window.preferences, colours=name)),
        )
        menu.addSeparator()
        themes = menu.addMenu(self.tr("&Theme"))
        titles = {
            "system": self.tr("As the system"),
            "light": self.tr("Light"),
            "dark": self.tr("Dark"),
        }
        self._choices(
            themes,
            [(name, titles[name]) for name in THEMES],
            "theme",
            lambda name: window.apply(replace(window.preferences, theme=name)),
        )
        self._toggle(menu, self.tr("Large te&xt"), "large_text", "Ctrl+T")
        self._toggle(menu, self.tr("&Reduced motion"), "reduced_motion")
        menu.addSeparator()
        for dock in window.docks:
            menu.addAction(dock.toggleViewAction())

    def _help(self) -> None:
        menu = self._menu(self.tr("&Help"))
        self._add(menu, self.tr("&Keys"), self._show_keys, "F1", "?")

    def _show_settings(self) -> None:
        from .settings_dialog import show_settings

        show_settings(self._window)

    def _show_keys(self) -> None:
        from .help import show_keys

        show_keys(self._window, self.shortcuts)
