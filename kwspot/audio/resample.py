"""Any source at another sample rate, without a seam between its chunks."""

import math
from dataclasses import replace

import numpy as np
import soxr
from numpy.typing import NDArray

from kwspot.audio.source import SAMPLE_RATE_HZ, Chunk, Source
from kwspot.audio.wrapped import Wrapped


def at_16k(source: Source) -> "Resampled":
    """The source at the core's rate; one that has it already comes through untouched."""
    return Resampled(source)


class Resampled(Wrapped):
    """A source at `sample_rate_hz`, band-limited (soxr, high quality), independent of chunking.

    Sample p of the source becomes sample round(p * sample_rate_hz / its rate), so that a run of
    n samples from the start yields round(n * ratio). Every gap ends one run and begins the next,
    and stays visible as a jump. A source that has the rate already is passed through as it is.
    """

    def __init__(self, source: Source, sample_rate_hz: int = SAMPLE_RATE_HZ) -> None:
        super().__init__(source)
        self._rate_hz = sample_rate_hz
        self._run: _Run | None = None
        self._pending: Chunk | None = None

    @property
    def sample_rate_hz(self) -> int:
        """The new one."""
        return self._rate_hz

    @property
    def lost_samples(self) -> int:
        """What the source lost, at the new rate."""
        lost = self._source.lost_samples
        # The rate is not known before the source is entered, nor is anything lost.
        return self._place(lost) if lost else 0

    def read(self) -> Chunk | None:
        """The next samples that are final, reading as many chunks as that takes."""
        if self._source.sample_rate_hz == self.sample_rate_hz:
            return self._source.read()
        while True:
            chunk = self._pending if self._pending is not None else self._source.read()
            self._pending = None
            if chunk is None or (self._run is not None and chunk.start != self._run.end):
                self._pending = chunk
                out = self._finish_run(chunk)
            else:
                out = self._continue_run(chunk)
            if len(out.samples):
                return out
            if chunk is None:
                return None

    def want(self, samples: int) -> None:
        """Let the source wait, where it can."""
        super().want(math.ceil(samples * self._source.sample_rate_hz / self.sample_rate_hz))

    def stop(self) -> None:
        """Stop the source; what it has delivered still comes out."""
        self._source.stop()

    def _place(self, position: int) -> int:
        return round(position * self.sample_rate_hz / self._source.sample_rate_hz)

    def _continue_run(self, chunk: Chunk) -> Chunk:
        if self._run is None:
            start = self._place(chunk.start)
            self._run = _Run(chunk, start, self._source.sample_rate_hz, self.sample_rate_hz)
        return self._run.push(chunk.samples)

    def _finish_run(self, following: Chunk | None) -> Chunk:
        run, self._run = self._run, None
        if run is None:
            return Chunk(0, np.zeros(0, np.float32))
        end = self._place(run.end)
        if following is not None:
            # A gap shorter than one new sample must still be a gap.
            end = min(end, self._place(following.start) - 1)
        return run.finish(end)


class _Run:
    """Resampling of samples that follow each other; positions old (`end`) and new."""

    def __init__(self, first: Chunk, new_start: int, old_rate_hz: int, new_rate_hz: int) -> None:
        self.end = first.start
        self._done = new_start
        self._none = replace(first, samples=first.samples[:0])
        channels = first.samples.shape[1] if first.samples.ndim == 2 else 1
        self._stream = soxr.ResampleStream(old_rate_hz, new_rate_hz, channels, dtype="float32")

    def push(self, samples: NDArray[np.float32]) -> Chunk:
        self.end += len(samples)
        return self._take(self._stream.resample_chunk(samples))

    def finish(self, new_end: int) -> Chunk:
        """What the filter still holds, cut or filled up to `new_end`."""
        tail = self._stream.resample_chunk(self._none.samples, last=True)
        length = max(new_end - self._done, 0)
        zeros = np.zeros((max(length - len(tail), 0), *tail.shape[1:]), np.float32)
        return self._take(np.concatenate((tail[:length], zeros)))

    def _take(self, samples: NDArray[np.float32]) -> Chunk:
        start = self._done
        self._done += len(samples)
        return replace(self._none, start=start, samples=samples)
