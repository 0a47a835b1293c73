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
from .history_store import Entry
from .history_view import SHOWN, HistoryModel
from .ledger import Ledger
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
        # The errands' own, but for its path.
        self._ledger = Ledger(folder / "history.sqlite", days)
        self._told = ""
        self._errands = Errands("kwspot-history", self)
        self._errands.failed.connect(self._failed)
        self._labelled: dict[int, str] = {}  # theirs, too: the clips of what was marked, by key
        self._fresh_keys: dict[Detection, int] = {}
        self._errands.send(self._ledger.open, self._opened, self._not_stored)

    @property
    def path(self) -> Path:
        """Where the history is."""
        return self._ledger.path

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
        self._errands.send(lambda: self._ledger.add(key, entry), self._opened, self._not_stored)
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

    def look_at(self, key: int | None) -> None:
        """What is around this detection is kept for as long as it is looked at."""
        self._moments.viewed = key

    def mark(self, key: int, mark: str, truth: str, kept: Callable[[Path], None]) -> None:
        """Say that a detection was "right" or "wrong", and what was really said.

        Its sound becomes a labelled clip in the folder of `truth`, and is one nowhere else. kept:
        told where that is, once it is there; never where the sound is not known any more.
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

        self._amend(key, marked, clip, kept)

    def add_missed(self, samples: Floats, truth: str, kept: Callable[[Path], None]) -> None:
        """Keep samples as a clip of a word that was said and not heard; kept: told where."""
        self._errands.send(lambda: self.clips.label_samples(samples, truth, time.time()), kept)

    def revive(self, key: int, spotter: Spotter, failed: Callable[[Exception], None]) -> None:
        """Make the moment of an entry anew from the clip that was kept of it; failed: told why
        there is none."""
        entry = self.entry(key)
        if entry is None or not entry.clip:
            return

        def known(moment: Moment) -> None:
            self._moments.put(key, moment)
            self.moment_ready.emit(key)

        self._errands.send(lambda: revived(entry, spotter), known, failed)

    def export(self, path: Path) -> Path:
        """Write every entry to a file, whole or not at all: .csv, else JSON lines."""
        stored = self._ledger.entries()
        return write_entries(path, iter(self.model.entries) if stored is None else stored)

    def ask(self, work: Callable[[], _Result], done: Callable[[_Result], None]) -> None:
        """Do other work in the thread of the history."""
        self._errands.send(work, done)

    def prune(self, days: int) -> None:
        """Forget what is older in the file."""
        self._errands.send(lambda: self._ledger.prune(days))

    def clear(self) -> None:
        """Forget everything but labelled clips."""
        self.model.clear()
        self._moments.clear()

        def work() -> None:
            self._ledger.clear()
            self.clips.clear_kept()

        self._errands.send(work)

    def finish(self) -> None:
        """Write what is left and close."""
        self._errands.send(self._ledger.close)
        self._errands.finish(0.5)

    def _keep(self, key: int) -> None:
        entry, moment = self.entry(key), self.moment(key)
        if entry is not None and moment is not None:
            self._amend(key, entry, lambda: self.clips.keep(moment, entry.said_at))

    def _amend(
        self,
        key: int,
        entry: Entry,
        clip: Callable[[], Path | None],
        kept: Callable[[Path], None] | None = None,
    ) -> None:
        """Write another state of an entry, with the clip that `clip` makes in the thread."""

        made: list[Path] = []

        def work() -> Entry:
            path = clip()
            made.extend([] if path is None else [path])
            amended = entry if path is None else replace(entry, clip=str(path))
            # The errand that stored it came before this one.
            self._ledger.amend(key, amended)
            return amended

        def done(amended: Entry) -> None:
            self.model.replace(key, amended)
            self.changed.emit(key)
            if kept is not None and made:
                kept(made[0])

        self._errands.send(work, done)

    def _opened(self, entries: list[Entry] | None) -> None:
        if not self._ledger.behind:
            self._told = ""
        if entries is None:
            return
        self.model.fill(entries)
        if self._ledger.trouble:
            self.troubled.emit(self._ledger.trouble)

    def _not_stored(self, error: Exception) -> None:
        # Told once, not with every word.
        if str(error) != self._told:
            self._told = str(error)
            self._failed(error)

    def _failed(self, error: Exception) -> None:
        if isinstance(error, KwspotError):
            self.troubled.emit(str(error))
        else:
            self.troubled.emit(
                self.tr("The history cannot be written: {0}. Words are still shown.").format(error)
            )
