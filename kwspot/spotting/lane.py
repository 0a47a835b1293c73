"""One stream among several: a source, or one of its channels."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kwspot.audio.source import Chunk

from .spotter import Job, Spotter
from .stretch import Update

KEPT = 50
"""Chunks whose level is still to be told: seconds of a microphone."""
Tap = Callable[[Chunk], None]
"""Sees every 16 kHz chunk before it is analysed: a recorder, say."""


@dataclass(frozen=True, slots=True)
class Place:
    """Which of the streams: its source and, where channels are apart, its channel; from 1."""

    source: int
    channel: int | None = None

    def label(self, name: str) -> str:
        """What the stream is called, with its source's name."""
        return name if self.channel is None else f"{name} channel {self.channel}"


class Lane:
    """The pipeline of one stream. label: what it is called; tap: sees the samples first."""

    def __init__(self, spotter: Spotter, label: str, tap: Tap | None) -> None:
        self.label = label
        self.heard_samples = 0
        """The position in the stream up to which audio has come in."""
        self._stream = spotter.stream()
        self._tap = tap
        # Only measured where somebody asks: next to nothing, but time and again.
        self._unmeasured: deque[NDArray[np.float32]] = deque(maxlen=KEPT)
        self._over = False
        self._chunks: list[Chunk] = []

    @property
    def wanted(self) -> int:
        """How many samples the next window waits for, as far as is known; 1 or more."""
        return self._stream.wanted

    def hear(self, chunk: Chunk) -> None:
        """Take the next mono chunk; the work it makes is in `jobs`."""
        if self._tap is not None:
            self._tap(chunk)
        self.heard_samples = chunk.end
        if len(chunk.samples):
            self._unmeasured.append(chunk.samples)
        self._chunks.append(chunk)

    def end(self) -> None:
        """Nothing more will come."""
        self._over = True

    def jobs(self) -> Iterator[Job]:
        """What is to be run now, piece by piece, each before the next is asked for."""
        chunks, self._chunks = self._chunks, []
        for chunk in chunks:
            yield from self._stream.jobs(chunk)
        if self._over:
            yield from self._stream.last_jobs()

    def take_peak(self) -> float:
        """The largest amplitude since this was last asked, of the last KEPT chunks, 0..1; from any
        thread."""
        peak = 0.0
        while True:
            try:
                samples = self._unmeasured.popleft()
            except IndexError:
                return peak
            peak = max(peak, float(np.abs(samples).max()))


def run_abreast(spotter: Spotter, lanes: list[Lane]) -> Iterator[tuple[Lane, list[Update]]]:
    """Run the work of all lanes: what each has next as one batch, until none has any left."""
    waiting = [(lane, lane.jobs()) for lane in lanes]
    while True:
        ready = [(lane, job) for lane, jobs in waiting if (job := next(jobs, None)) is not None]
        if not ready:
            return
        results = spotter.advance([job for _, job in ready])
        yield from zip((lane for lane, _ in ready), results, strict=True)
