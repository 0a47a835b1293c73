"""Many recordings at once, each in a thread, results in the order of the input.

Decoding and computing both leave the interpreter to others, so threads overlap them on as many
cores as there are; memory is a block of samples and the layers' rows for each.
"""

import os
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from queue import Empty, SimpleQueue

from kwspot.audio.ahead import Ahead
from kwspot.audio.files import FileSource
from kwspot.audio.gathered import gathered
from kwspot.audio.resample import at_16k
from kwspot.audio.source import Notice, Source

from .detection import Detection
from .spotter import Spotter

AHEAD = 64
"""How many recordings may be scanned before the first of them has been read to its end."""
MOST_JOBS = 16
GPU_JOBS = 48
"""For a GPU: three batches of long recordings, so that two are made ready while one is computed."""
PATIENCE_S = 0.5
"""How long threads may take to end what they are at."""


@dataclass(frozen=True, slots=True)
class Finished:
    """The last event of a recording. samples: how long it was, at 16 kHz; error: what ended it."""

    samples: int
    error: BaseException | None = None


Event = Detection | Notice | Finished


class Scanning:
    """A recording that is scanned now or soon: events to be read as they come."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.position = 0
        """How far it has come, in samples at 16 kHz."""
        self.total: int | None = None
        self._events: SimpleQueue[Event] = SimpleQueue()

    def next_event(self, timeout_s: float) -> Event | None:
        """The next event; None where there is none by then."""
        try:
            return self._events.get(timeout=timeout_s)
        except Empty:
            return None

    def put(self, event: Event) -> None:
        """Add an event."""
        self._events.put(event)


def default_jobs(spotter: Spotter) -> int:
    """As many as there are cores for this process, up to a bound; for a GPU several times more,
    as each waits while the others' next pieces are made ready."""
    if spotter.classifier.transforms:
        return GPU_JOBS
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min(usable or 1, MOST_JOBS)


class Batch:
    """Scans recordings with `jobs` threads.

    names: paths, or "-" for standard input. With fewer recordings than jobs, one is decoded by a
    thread of its own while what came before is computed. Read `results` in one thread.
    """

    def __init__(self, spotter: Spotter, names: Sequence[str], jobs: int) -> None:
        self._spotter = spotter
        self._items = [Scanning(name) for name in names]
        self._waiting = deque(self._items)
        self._room = threading.Semaphore(AHEAD)
        self._stopped = threading.Event()
        self._open: set[Source] = set()
        self._decode_beside = jobs > len(names)
        count = max(1, min(jobs, len(names)))
        self._threads = [
            # Daemons: one that waits for a pipe must not keep the program from ending.
            threading.Thread(target=self._work, name=f"kwspot-scan-{place}", daemon=True)
            for place in range(count)
        ]

    def stop(self) -> None:
        """End all that is under way soon, without further events."""
        self._stopped.set()
        self._room.release(len(self._threads))
        for source in list(self._open):
            source.stop()

    def results(self) -> Iterator[Scanning]:
        """Start, and give each recording in order; read its events up to `Finished`."""
        for thread in self._threads:
            thread.start()
        try:
            while self._items:
                yield self._items.pop(0)
                self._room.release()
        finally:
            self.stop()
            until_s = time.monotonic() + PATIENCE_S
            for thread in self._threads:
                thread.join(max(0.0, until_s - time.monotonic()))

    def _work(self) -> None:
        while self._room.acquire() and not self._stopped.is_set():
            try:
                item = self._waiting.popleft()
            except IndexError:
                return
            error: BaseException | None = None
            try:
                self._scan(item)
            except BaseException as caught:  # whoever reads decides what ends the batch
                error = caught
            if not self._stopped.is_set():
                item.put(Finished(item.position, error))

    def _scan(self, item: Scanning) -> None:
        stream = self._spotter.detections()
        with self._opened(item) as source:
            # What has no length, a pipe say, is to be heard as it comes.
            most = self._spotter.stretch_samples if item.total is not None else 0
            for chunk in gathered(source, most):
                if self._stopped.is_set():
                    break
                for found in stream.push(chunk):
                    item.put(found)
                item.position = chunk.end
                if (warning := self._spotter.classifier.take_recovered()) is not None:
                    item.put(warning)
        for found in stream.finish():
            item.put(found)

    @contextmanager
    def _opened(self, item: Scanning) -> Iterator[Source]:
        file = FileSource(item.name, item.put)
        with at_16k(file) as source:
            if file.total_samples is not None:
                rate = source.sample_rate_hz / file.sample_rate_hz
                item.total = round(file.total_samples * rate)
            self._open.add(source)
            try:
                # What comes through a pipe is to be heard at once, not a few chunks later.
                if self._decode_beside and item.name != "-":
                    with Ahead(source) as ahead:
                        yield ahead
                else:
                    yield source
            finally:
                self._open.discard(source)
