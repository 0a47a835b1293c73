"""Widgets that are bound to preferences: what one of them changes all others follow."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QCheckBox, QFormLayout, QSpinBox, QWidget

from . import forms
from .widgets import Choice

if TYPE_CHECKING:
    from .main_window import MainWindow


class Bound(QObject):
    """Makes widgets for the preferences of a window."""

    def __init__(self, window: "MainWindow", parent: QWidget) -> None:
        super().__init__(parent)
        self._window = window
        self._followers: list[Callable[[], None]] = []
        window.preferences_changed.connect(self._follow)

    def change(self, **fields: object) -> None:
        """Change preferences; takes effect at once."""
        changed: dict[str, object] = fields
        self._window.apply(replace(self._window.preferences, **changed))  # type: ignore[arg-type]

    def choice(
        self, form: QFormLayout, title: str, field: str, titles: Mapping[Any, str]
    ) -> Choice:
        """A row that chooses one of several values of a preference."""
        box = Choice()
        box.setAccessibleName(title)
        # On Linux the name of a list is what is chosen in it.
        box.setAccessibleDescription(title)
        for value, text in titles.items():
            box.addItem(text, value)
        box.activated.connect(lambda place: self.change(**{field: box.itemData(place)}))
        self._bind(lambda: box.setCurrentIndex(max(0, box.findData(self._value(field)))))
        form.addRow(forms.RowName(title, box), box)
        return box

    def toggle(self, form: QFormLayout, title: str, about: str, field: str) -> None:
        """A box to tick."""
        box = QCheckBox(title)
        box.setToolTip(about)
        box.toggled.connect(lambda on: self.change(**{field: on}))
        self._bind(lambda: _quietly(box, lambda: box.setChecked(bool(self._value(field)))))
        form.addRow(box)

    def number(
        self, title: str, least: int, most: int, field: str, suffix: str,
        changed: Callable[[], None] | None = None,
    ) -> QSpinBox:  # fmt: skip
        """A whole number with its unit; changed: what is done instead of keeping it alone."""
        box = forms.spin(title, least, most, self._value(field), suffix)
        box.valueChanged.connect(
            lambda value: self.change(**{field: value}) if changed is None else changed()
        )
        self._bind(lambda: _quietly(box, lambda: box.setValue(round(self._value(field)))))
        return box

    def _value(self, field: str) -> Any:
        return getattr(self._window.preferences, field)

    def _bind(self, follow: Callable[[], None]) -> None:
        follow()
        self._followers.append(follow)

    def _follow(self) -> None:
        for follow in self._followers:
            follow()


def _quietly(box: QCheckBox | QSpinBox, act: Callable[[], None]) -> None:
    """Do something to a widget that is to tell nobody."""
    box.blockSignals(True)
    act()
    box.blockSignals(False)
