"""The list of microphones to choose from, and which of them a name means."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal

from kwspot.audio.devices import matching

from .widgets import Choice

Items = Sequence[tuple[str, str | None]]
"""Texts, and what they stand for."""


class DeviceBox(Choice):
    """The microphones; looks again when it is opened."""

    opened = Signal()

    def showPopup(self) -> None:  # noqa: N802
        """Open the list."""
        self.opened.emit()
        super().showPopup()

    def items(self) -> list[tuple[str, str | None]]:
        """Text and data of each item."""
        return [(self.itemText(n), self.itemData(n)) for n in range(self.count())]

    def set_items(self, items: Items, chosen: int) -> None:
        """Have other items; in an open list what was under the cursor stays there."""
        view = self.view()
        marked = view.currentIndex().data(Qt.ItemDataRole.UserRole) if view.isVisible() else None
        self.clear()
        for text, data in items:
            self.addItem(text, data)
        self.setCurrentIndex(chosen)
        place = -1 if marked is None else self.findData(marked)
        if place >= 0:
            view.setCurrentIndex(self.model().index(place, 0))


def named(items: Items, wanted: str) -> str | None:
    """What is chosen among these: the one microphone that `wanted` names, as `find_device` has it;
    None where it names none or several."""
    labels = list(dict.fromkeys(data for _, data in items if data is not None))
    same = [label for label in labels if label.casefold() == wanted.casefold()]
    found = same or matching([label for label in labels if label], wanted)
    return found[0] if len(found) == 1 else None
