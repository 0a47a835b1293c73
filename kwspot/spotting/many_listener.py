"""Several sources listened to at once: a thread reads each, one analyses all, tick by tick."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from kwspot.audio.source import SAMPLE_RATE_HZ, Chunk, Frames, Notice, Notify, Source
from kwspot.errors import KwspotError

from .analysis import Analysis
from .feeder import Feeder
from .lane import Lane, Place, Tap, run_abreast
from .listener import EVENTS, UPDATES, Ended, Event
from .mailbox import Mailbox
from .spotter import Spotter
from .stretch import Update

TICK_S = 0.02
"""What comes within this time goes through the network together: the most a decision is delayed
for the company."""
TOGETHER_S = 3.0
"""How long those that are open wait for those that still open, so that what cannot be opened ends
the whole before anything is heard. Less than a microphone's buffer holds."""
LEAVE_S = 0.6


@dataclass(frozen=True, slots=True)
class Heard:
    """An event and the stream it is of: a source's name, with its channel where these are apart."""

    source: str
    event: Event


class ManyListener(Analysis):
    """Listens to several sources, each until it ends, all until the last has ended or `stop`.

    spotter: what to hear with, one detector for each stream; sources: each makes a source from
    where its notices go, delivering 16 kHz; one whose chunks are `Frames` is a stream for each
    channel; tap: makes what sees a stream's samples first; limit_samples: where each stream ends.
    What cannot be opened ends all. What fails later is told by a "failed" warning and ends alone;
    the last such error is that of `Ended`. `events`, `updates`: as those of a `Listener`.
    """

    def __init__(
        self,
        spotter: Spotter,
        sources: Sequence[Callable[[Notify], Source]],
        *,
        tap: Callable[[Place], Tap] | None = None,
        limit_samples: int | None = None,
    ) -> None:
        super().__init__()
        self.events: Mailbox[Heard] = Mailbox(EVENTS)
        self.updates: Mailbox[Update] = Mailbox(UPDATES)
        self._spotter, self._tap, self._limit = spotter, tap, limit_samples
        self._news = threading.Event()
        self._due_s = 0.0
        self._inputs = [self._input(number, make) for number, make in enumerate(sources, 1)]
        self._failure: KwspotError | None = None

    @property
    def source_name(self) -> str:
        """What the sources are called."""
        return ", ".join(item.feeder.source.name for item in self._inputs)

    @property
    def lost_seconds(self) -> float:
        """How much audio was lost so far, of all sources."""
        return sum(item.feeder.source.lost_samples for item in self._inputs) / SAMPLE_RATE_HZ

    def take_peak(self) -> float:
        """The largest amplitude of any stream since this was last asked, 0..1."""
        lanes = [lane for item in self._inputs for lane in item.lanes]
        return max((lane.take_peak() for lane in lanes), default=0.0)

    def _input(self, number: int, make: Callable[[Notify], Source]) -> "_Input":
        def notify(notice: Notice) -> None:
            self.events.put(Heard(source.name, notice))

        source = make(notify)
        return _Input(number, Feeder(source, notify, self._news))

    def _stop_sources(self) -> None:
        for item in self._inputs:
            item.feeder.stop()
        self._news.set()

    def _run(self) -> None:
        error: BaseException | None = None
        try:
            self._spotter.warm_up(len(self._inputs))
            for item in self._inputs:
                item.feeder.start()
            self._await_opening()
            while any(not item.over for item in self._inputs):
                self._await_news()
                self._tick()
        except BaseException as caught:  # a thread has nowhere to raise to: the reader decides
            error = caught
        self._leave()
        self.events.put(Heard(self.source_name, Ended(error or self._failure)))

    def _leave(self) -> None:
        for item in self._inputs:
            item.feeder.stop()
        until_s = time.monotonic() + LEAVE_S
        for item in self._inputs:
            item.feeder.leave(max(0.0, until_s - time.monotonic()))

    def _await_opening(self) -> None:
        """Until all are open, or one could not be: why comes with the first tick."""
        until_s = time.monotonic() + TOGETHER_S
        while not self._stopping.is_set() and time.monotonic() < until_s:
            self._news.wait(0.05)
            self._news.clear()
            feeders = [item.feeder for item in self._inputs]
            if all(feeder.opened for feeder in feeders) or any(one.refused for one in feeders):
                break
        self._news.set()

    def _await_news(self) -> None:
        """Until something came, a tick after the last one or later."""
        self._news.wait()
        if not any(item.feeder.full for item in self._inputs):
            self._stopping.wait(max(0.0, self._due_s - time.monotonic()))
        self._news.clear()
        self._due_s = time.monotonic() + TICK_S

    def _tick(self) -> None:
        """All that came, as one batch."""
        before = [item for item in self._inputs if not item.over]
        for item in before:
            self._take(item)
        lanes = [lane for item in before for lane in item.lanes]
        for lane, updates in run_abreast(self._spotter, lanes):
            for update in updates:
                self.updates.put(update)
                if update.detection is not None:
                    self.events.put(Heard(lane.label, update.detection))
        if (warning := self._spotter.classifier.take_recovered()) is not None:
            self.events.put(Heard(self.source_name, warning))
        self._tell_ended([item for item in before if item.over])

    def _take(self, item: "_Input") -> None:
        for piece in item.feeder.take():
            if isinstance(piece, Chunk):
                self._hear(item, piece)
            elif piece is None:
                item.end()
            elif item.feeder.opened and isinstance(piece, KwspotError):
                item.end()
                item.failure = self._failure = piece
            else:
                raise piece

    def _hear(self, item: "_Input", chunk: Chunk) -> None:
        """Give a chunk, up to the limit, to the streams it is of."""
        if item.over:
            return
        if self._limit is not None and chunk.end >= self._limit:
            kept = max(self._limit - chunk.start, 0)
            chunk = replace(chunk, samples=chunk.samples[:kept])
            item.feeder.stop()
        if not item.lanes:
            self._open_lanes(item, chunk)
        if len(chunk.samples):
            parts = chunk.apart() if isinstance(chunk, Frames) else [chunk]
            for lane, part in zip(item.lanes, parts, strict=True):
                lane.hear(part)
        if self._limit is not None and chunk.end >= self._limit:
            item.end()

    def _open_lanes(self, item: "_Input", chunk: Chunk) -> None:
        channels = chunk.channels if isinstance(chunk, Frames) else (None,)
        for channel in channels:
            place = Place(item.number, channel)
            tap = None if self._tap is None else self._tap(place)
            item.lanes.append(Lane(self._spotter, place.label(item.feeder.source.name), tap))

    def _tell_ended(self, ended: list["_Input"]) -> None:
        """Of sources that are over while others go on; what comes last, `Ended` tells."""
        last = all(item.over for item in self._inputs)
        for item in ended:
            name = item.feeder.source.name
            if item.failure is not None and not (last and item.failure is self._failure):
                warning = Notice("warning", "failed", str(item.failure))
                self.events.put(Heard(name, warning))
            elif not last and not self._stopping.is_set():
                notice = Notice("status", "ended", f"{name} has ended; the others go on")
                self.events.put(Heard(name, notice))


class _Input:
    """A source, and the streams it turned out to hold."""

    def __init__(self, number: int, feeder: Feeder) -> None:
        self.number, self.feeder = number, feeder
        self.lanes: list[Lane] = []
        self.over = False
        self.failure: KwspotError | None = None

    def end(self) -> None:
        """Nothing more will come of it."""
        self.over = True
        for lane in self.lanes:
            lane.end()
