"""From a listener's mailboxes to the timeline that the views draw."""

import time
from contextlib import suppress

from kwspot.audio.source import Chunk
from kwspot.spotting.listener import Event, Listener
from kwspot.spotting.mailbox import Mailbox
from kwspot.spotting.spotter import Spotter

from .origins import Origin
from .timeline import SECONDS, Timeline
from .vitals import Figures, Vitals

_CHUNKS = 16_384


class Feed:
    """Takes what a listener leaves; everything here is quick and waits for nothing.

    `timeline` stays that of the source before until the first sound of the next is there.
    """

    def __init__(self) -> None:
        self.timeline = Timeline(257, (), 5)
        self._spotter: Spotter | None = None
        self._chunks: Mailbox[tuple[float, Chunk]] = Mailbox(_CHUNKS)
        self._fresh = True
        self._vitals = Vitals()
        self._lost_s = 0.0
        self._peak = 0.0

    def listener(self, spotter: Spotter, origin: Origin) -> Listener:
        """A listener, not yet started, whose results come here."""
        chunks: Mailbox[tuple[float, Chunk]] = Mailbox(_CHUNKS)
        self._chunks, self._spotter = chunks, spotter
        self._fresh = False
        self._lost_s = 0.0
        self._vitals.restart()
        return Listener(
            spotter,
            origin.opener(),
            tap=lambda chunk: chunks.put((time.monotonic(), chunk)),
            # As many as the timeline holds: what is dropped would not be seen anyway.
            updates_kept=SECONDS * 100 // spotter.hop_frames,
        )

    def drain(self, listener: Listener) -> tuple[list[Event], bool]:
        """Take all there is; returns the events, and whether another timeline has begun."""
        # A detection comes after its update: with events taken first, no update is missing.
        events = listener.events.drain()
        chunks = self._chunks.drain()
        updates = listener.updates.drain()
        begun = bool(chunks) and not self._fresh
        if begun and self._spotter is not None:
            self._fresh = True
            bins = self._spotter.checkpoint.features.bins
            self.timeline = Timeline(bins, self._spotter.labels, self._spotter.hop_frames)
        for at_s, chunk in chunks:
            self._vitals.arrived(chunk.end, at_s)
            self.timeline.push_chunk(chunk)
        if updates and self._fresh:
            self.timeline.push_updates(updates)
            self._vitals.updated(updates[-1].end, len(updates))
        self._peak = max(self._peak, listener.take_peak())
        with suppress(RuntimeError):  # a source that is being opened may not know its rate yet
            self._lost_s = listener.lost_seconds
        return events, begun

    def detected(self, word_end: int) -> None:
        """A word that ended at a position is being reported."""
        self._vitals.detected(word_end)

    def figures(self) -> Figures:
        """For the health strip."""
        return self._vitals.figures(self._lost_s)

    def take_peak(self) -> float:
        """The largest amplitude since this was last asked, 0..1."""
        peak, self._peak = self._peak, 0.0
        return peak
