"""The file of the history, by the keys of a session: what cannot be stored yet is stored later."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from .history_store import Entry, HistoryStore
from .history_view import SHOWN

_AGAIN_S = 10.0
"""After which a file that could not be opened is tried again, with the next word."""


class Ledger:
    """Entries of a session in a file; for one thread, that of the errands.

    path: of the file; days: how long entries are kept.
    """

    def __init__(self, path: Path, days: int) -> None:
        self._store = HistoryStore(path)
        self._days, self._next_try_s = days, 0.0
        self._usable = False
        self._numbers: dict[int, int] = {}
        """In the file, by key."""
        self._waiting: dict[int, Entry] = {}
        """What could not be stored yet, by key."""

    @property
    def path(self) -> Path:
        """Of the file."""
        return self._store.path

    @property
    def trouble(self) -> str:
        """What was wrong with the file, or ""."""
        return self._store.trouble

    @property
    def behind(self) -> bool:
        """Whether something could not be stored yet."""
        return bool(self._waiting)

    def open(self) -> list[Entry]:
        """Open the file; returns its newest entries. Raises KwspotError."""
        self._next_try_s = time.monotonic() + _AGAIN_S
        self._store.__enter__()
        self._usable = True
        self._store.prune(self._days)
        return list(self._store.entries(newest=SHOWN))

    def add(self, key: int, entry: Entry) -> list[Entry] | None:
        """Store an entry, and what could not be before.

        Returns what was in the file where that had to be opened for it, else None. Raises
        KwspotError or SQLite's errors; the entry is then stored with a later one.
        """
        self._waiting[key] = entry
        while len(self._waiting) > SHOWN:
            self._waiting.pop(next(iter(self._waiting)))
        found = None
        if not self._usable:
            if time.monotonic() < self._next_try_s:
                return None
            found = self.open()
        self._store_all()
        return found

    def amend(self, key: int, entry: Entry) -> None:
        """Remember another mark or clip of an entry."""
        number = entry.id or self._numbers.get(key, 0)
        if key in self._waiting:
            self._waiting[key] = entry
        elif self._usable and number:
            self._store.update(replace(entry, id=number))

    def prune(self, days: int) -> None:
        """Forget what is older than so many days."""
        self._days = days
        if self._usable:
            self._store.prune(days)

    def clear(self) -> None:
        """Forget everything."""
        self._waiting.clear()
        if self._usable:
            self._store.clear()

    def entries(self) -> Iterator[Entry] | None:
        """Every entry in the file, oldest first; None where it cannot be used."""
        return self._store.entries() if self._usable else None

    def close(self) -> None:
        """Store what is left, and close the file."""
        try:
            self._store_all()
        finally:
            self._usable = False
            self._store.__exit__(None, None, None)

    def _store_all(self) -> None:
        if not self._usable:
            return
        for key, entry in list(self._waiting.items()):
            self._numbers[key] = self._store.add(entry).id
            del self._waiting[key]
        while len(self._numbers) > SHOWN:
            self._numbers.pop(next(iter(self._numbers)))
