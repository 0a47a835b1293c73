"""The one thread kwspot starts: it reads a source, spots, and leaves the results in mailboxes."""

from collections.abc import Callable
from dataclasses import dataclass

from kwspot.audio.source import SAMPLE_RATE_HZ, Chunk, Notice, Notify, Patient, Source

from .analysis import Analysis
from .detection import Detection
from .lane import Lane, Tap, run_abreast
from .mailbox import Mailbox
from .spotter import Spotter
from .stretch import Update

EVENTS = 4096
"""Detections and notices kept for a reader that is away: hours of talk."""
MOST_WANTED = SAMPLE_RATE_HZ // 20
"""Samples waited for at most, however long the hop: a level meter is to move."""
UPDATES = 256
"""Updates kept for a reader that draws them: some ten seconds."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The last event: the audio ended, `stop` was called, or `error` put an end to it."""

    error: BaseException | None = None


Event = Detection | Notice | Ended


class Listener(Analysis):
    """Listens to a source until it ends or is stopped.

    spotter: what to hear with; open_source: makes the source from where its notices go, not yet
    entered, delivering 16 kHz (see `at_16k`); tap: sees the samples first; limit_samples: where
    to end; updates_kept: bound of `updates`. `events` and `updates` hold the
    results; read them from any one thread. Entering starts the thread, which opens the source;
    leaving stops it.
    """

    def __init__(
        self,
        spotter: Spotter,
        open_source: Callable[[Notify], Source],
        *,
        tap: Tap | None = None,
        limit_samples: int | None = None,
        updates_kept: int = UPDATES,
    ) -> None:
        super().__init__()
        self.events: Mailbox[Event] = Mailbox(EVENTS)
        self.updates: Mailbox[Update] = Mailbox(updates_kept)
        self._spotter = spotter
        self._source = open_source(self.events.put)
        self._lane = Lane(spotter, self._source.name, tap)
        self._limit = limit_samples

    @property
    def heard_samples(self) -> int:
        """The position in the stream up to which audio has come in."""
        return self._lane.heard_samples

    @property
    def source_name(self) -> str:
        """What the source is called."""
        return self._source.name

    @property
    def lost_seconds(self) -> float:
        """How much audio was lost so far."""
        return self._source.lost_samples / SAMPLE_RATE_HZ

    def take_peak(self) -> float:
        """The largest amplitude since this was last asked, 0..1."""
        return self._lane.take_peak()

    def _stop_sources(self) -> None:
        self._source.stop()

    def _run(self) -> None:
        error: BaseException | None = None
        try:
            self._spotter.warm_up()
            with self._source as source:
                if not self._stopping.is_set():
                    message = f"listening to {source.name}; Ctrl-C ends"
                    self.events.put(Notice("status", "listening", message))
                self._listen(source)
        except BaseException as caught:  # a thread has nowhere to raise to: the reader decides
            error = caught
        self.events.put(Ended(error))

    def _listen(self, source: Source) -> None:
        patient = source if isinstance(source, Patient) else None
        while (chunk := self._cut(source.read())) is not None:
            self._lane.hear(chunk)
            self._deliver()
            if patient is not None:
                # To wake up for less is a fifth of what listening costs.
                patient.want(min(self._lane.wanted, MOST_WANTED))
        self._lane.end()
        self._deliver()

    def _cut(self, chunk: Chunk | None) -> Chunk | None:
        """A chunk up to the limit; None where it lies beyond."""
        if chunk is None or self._limit is None or chunk.end <= self._limit:
            return chunk
        if chunk.start >= self._limit:
            return None
        return Chunk(chunk.start, chunk.samples[: self._limit - chunk.start])

    def _deliver(self) -> None:
        for _, updates in run_abreast(self._spotter, [self._lane]):
            for update in updates:
                self.updates.put(update)
                if update.detection is not None:
                    self.events.put(update.detection)
        if (warning := self._spotter.classifier.take_recovered()) is not None:
            self.events.put(warning)
