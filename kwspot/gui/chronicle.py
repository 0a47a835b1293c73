"""What was heard, from its detection to the file: rows, moments, marks and clips."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QObject, Signal

from kwspot.errors import KwspotError
from kwspot.spotting.calibration import MOST_DIGITS
from kwspot.spotting.detection import Detection
from kwspot.spotting.detector_config import DetectorConfig
from kwspot.spotting.spotter import Spotter

from .clips import Clips
from .errands import Errands
from .history_export import write_entries
from .history_store import Entry, HistoryStore
from .history_view import SHOWN, HistoryModel
from .moments import Moment, Moments, revived
from .timeline import Floats, Timeline

_Result = TypeVar("_Result")


class Chronicle(QObject):
    """Keeps the history. folder: of the user's data; every access to it is an errand."""

    troubled = Signal(str)
    moment_ready = Signal(int)
    changed = Signal(int)
    """An entry has another mark or clip now."""

    def __init__(self, folder: Path, days: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.model = HistoryModel()
        self.clips = Clips(folder)
        self.keep_clips = False
        self._moments = Moments()
        self._store = HistoryStore(folder / "history.sqlite")
        self._usable = False
        self._errands = Errands("kwspot-history", self)
        self._errands.failed.connect(self._failed)
        self._stored: dict[int, int] = {}  # the errands' own: numbers in the file, by key
        self._labelled: dict[int, str] = {}  # theirs, too: the clips of what was marked, by key
        self._fresh_keys: dict[Detection, int] = {}
        self._errands.send(lambda: self._open(days), self._opened)

    @property
    def path(self) -> Path:
        """Where the history is."""
        return self._store.path

    def poll(self, timeline: Timeline, *, ended: bool) -> None:
        """Called often: collects moments, and tells of errands that have ended."""
        for key in self._moments.collect(timeline, ended=ended):
            if self.keep_clips:
                self._keep(key)
            self.moment_ready.emit(key)
        self._errands.poll()

    def add(
        self,
        found: Detection,
        timeline: Timeline,
        threshold: float,
        config: DetectorConfig,
        *,
        model: str,
        source: str,
        rate_hz: int = 16_000,
    ) -> int:
        """A word was heard just now; returns its key."""
        entry = Entry(
            said_at=time.time(),
            word=found.label,
            score=round(found.score, 6),
            start_s=found.start / rate_hz,
            end_s=found.end / rate_hz,
            threshold=round(threshold, MOST_DIGITS),
            model=model,
            source=source,
        )
        key = self.model.add(entry)
        self._moments.expect(key, timeline, found, threshold, config)
        self._fresh_keys[found] = key
        while len(self._fresh_keys) > SHOWN:
            self._fresh_keys.pop(next(iter(self._fresh_keys)))
        self._errands.send(lambda: self._write(key, entry))
        return key

    def key_of(self, found: Detection) -> int | None:
        """The key of a detection of this session."""
        return self._fresh_keys.get(found)

    def entry(self, key: int) -> Entry | None:
        """The entry of a key; None where it has gone."""
        row = self.model.row_of(key)
        return None if row is None else self.model.entry_at(row)[1]

    def moment(self, key: int) -> Moment | None:
        """What was around a detection; None where it is not kept."""
        return self._moments.get(key)

    def mark(self, key: int, mark: str, truth: str) -> None:
        """Say that a detection was "right" or "wrong", and what was really said.

        Its sound becomes a labelled clip in the folder of `truth`, and is one nowhere else.
        """
        entry, moment = self.entry(key), self.moment(key)
        if entry is None:
            return
        marked = replace(entry, mark=mark)
        self.model.replace(key, marked)

        def clip() -> Path | None:
            if moment is None:
                return None
            before = self._labelled.pop(key, entry.clip)
            path = self.clips.label(moment, truth, entry.said_at, before)
            self._labelled[key] = str(path)
            while len(self._labelled) > SHOWN:
                self._labelled.pop(next(iter(self._labelled)))
            return path

        self._amend(key, marked, clip)

    def add_missed(self, samples: Floats, truth: str) -> None:
        """Keep samples as a clip of a word that was said and not heard."""
        self._errands.send(lambda: self.clips.label_samples(samples, truth, time.time()))

    def revive(self, key: int, spotter: Spotter) -> None:
        """Make the moment of an entry anew from the clip that was kept of it."""
        entry = self.entry(key)
        if entry is None or not entry.clip:
            return

        def known(moment: Moment) -> None:
            self._moments.put(key, moment)
            self.moment_ready.emit(key)

        self._errands.send(lambda: revived(entry, spotter), known, lambda _error: None)

    def export(self, path: Path) -> Path:
        """Write every entry to a file, whole or not at all: .csv, else JSON lines."""
        entries = self._store.entries() if self._usable else iter(self.model.entries)
        return write_entries(path, entries)

    def ask(self, work: Callable[[], _Result], done: Callable[[_Result], None]) -> None:
        """Do other work in the thread of the history."""
        self._errands.send(work, done)

    def prune(self, days: int) -> None:
        """Forget what is older in the file."""
        self._errands.send(lambda: self._store.prune(days) if self._usable else 0)

    def clear(self) -> None:
        """Forget everything but labelled clips."""
        self.model.clear()
        self._moments.clear()

        def work() -> None:
            if self._usable:
                self._store.clear()
            self.clips.clear_kept()

        self._errands.send(work)

    def finish(self) -> None:
        """Write what is left and close."""
        self._errands.send(lambda: self._store.__exit__(None, None, None))
        self._errands.finish(0.5)

    def _keep(self, key: int) -> None:
        entry, moment = self.entry(key), self.moment(key)
        if entry is not None and moment is not None:
            self._amend(key, entry, lambda: self.clips.keep(moment, entry.said_at))

    def _amend(self, key: int, entry: Entry, clip: Callable[[], Path | None]) -> None:
        """Write another state of an entry, with the clip that `clip` makes in the thread."""

        def work() -> Entry:
            path = clip()
            amended = entry if path is None else replace(entry, clip=str(path))
            # The errand that stored it came before this one.
            number = entry.id or self._stored.get(key, 0)
            if self._usable and number:
                self._store.update(replace(amended, id=number))
            return amended

        def done(amended: Entry) -> None:
            self.model.replace(key, amended)
            self.changed.emit(key)

        self._errands.send(work, done)

    def _open(self, days: int) -> list[Entry]:
        self._store.__enter__()
        self._usable = True
        self._store.prune(days)
        return list(self._store.entries(newest=SHOWN))

    def _opened(self, entries: list[Entry]) -> None:
        self.model.fill(entries)
        if self._store.trouble:
            self.troubled.emit(self._store.trouble)

    def _write(self, key: int, entry: Entry) -> None:
        if not self._usable:
            return
        self._stored[key] = self._store.add(entry).id
        while len(self._stored) > SHOWN:
            self._stored.pop(next(iter(self._stored)))

    def _failed(self, error: Exception) -> None:
        if isinstance(error, KwspotError):
            self.troubled.emit(str(error))
        else:
            self.troubled.emit(
                self.tr("The history cannot be written: {0}. Words are still shown.").format(error)
            )
