"""Where audio comes from: what every source promises, and the pieces it delivers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Literal, Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from kwspot.errors import AudioError

SAMPLE_RATE_HZ = 16_000
"""The rate of everything inside the core, in samples per second."""
FEW_CHANNELS = 8
"""Up to so many, their mean is taken column by column: along rows that short numpy is slow, of two
ten times as slow."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A run of mono samples and its place in the stream.

    start: count of samples since the source opened, at the source's own rate, >= 0. Where it is
    not the end of the chunk before, the audio between was lost.
    samples: float32 (n,), nominally in [-1, 1].
    Raises ValueError for a negative start or samples of another shape or type.
    """

    start: int
    samples: NDArray[np.float32]

    def __post_init__(self) -> None:
        if self.start < 0:
            raise ValueError(f"a chunk starts at sample {self.start}, before its stream")
        if self.samples.ndim != 1 or self.samples.dtype != np.float32:
            raise ValueError(
                f"a chunk holds float32 (n,), not {self.samples.dtype} {self.samples.shape}"
            )

    @property
    def end(self) -> int:
        """The position one past the last sample."""
        return self.start + len(self.samples)


@dataclass(frozen=True, slots=True)
class Frames(Chunk):
    """The same, of channels that are kept apart.

    samples: float32 (n, k), a column for each channel; channels: what these are called, counted
    from 1. Raises ValueError for samples of another shape or type.
    """

    channels: tuple[int, ...]

    def __post_init__(self) -> None:
        if self.start < 0:
            raise ValueError(f"frames start at {self.start}, before their stream")
        if self.samples.dtype != np.float32 or self.samples.shape[1:] != (len(self.channels),):
            raise ValueError(
                f"{len(self.channels)} channels are float32 (n, {len(self.channels)}), not "
                f"{self.samples.dtype} {self.samples.shape}"
            )

    def apart(self) -> list[Chunk]:
        """Each channel by itself, in order."""
        return [Chunk(self.start, np.ascontiguousarray(column)) for column in self.samples.T]


Channels = Sequence[int] | None
"""Which channels a source keeps apart: these, counted from 1, all of them where there are none;
None: it gives the mean of all."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What a source has to say to the user while it runs.

    state: one word for machines ("listening", "lost", "reconnecting", "dropped", "silent", ...).
    message: one sentence for people.
    wait_s: "reconnecting" only, how long until it is tried.
    """

    level: Literal["status", "warning"]
    state: str
    message: str
    wait_s: float = 0.0


Notify = Callable[[Notice], None]
"""Called from the thread that reads the source, never from an audio callback."""


def ignore_notice(notice: Notice) -> None:
    """A `Notify` for those who do not want to know."""


def mean_of_channels(frames: NDArray[np.float32]) -> NDArray[np.float32]:
    """float32 (n, channels) -> float32 (n,); a single channel comes through bit for bit."""
    count = frames.shape[1]
    if count == 1:
        return frames[:, 0]
    if count > FEW_CHANNELS:
        mean: NDArray[np.float32] = frames.mean(axis=1, dtype=np.float32)
        return mean
    total = frames[:, 0] + frames[:, 1]
    for channel in range(2, count):
        total += frames[:, channel]
    total /= np.float32(count)
    return total


def as_chunk(start: int, frames: NDArray[np.float32], channels: Channels, name: str) -> Chunk:
    """float32 (n, channels) as a source hands them over: `Frames` where it keeps some apart.

    Raises AudioError where there is no such channel.
    """
    if channels is None:
        return Chunk(start, mean_of_channels(frames))
    count = frames.shape[1]
    numbers = tuple(channels) or tuple(range(1, count + 1))
    if max(numbers) > count:
        has = "one channel" if count == 1 else f"{count} channels"
        raise AudioError(f"{name} has {has}, no channel {max(numbers)}; choose one that is there")
    return Frames(start, frames[:, [number - 1 for number in numbers]], numbers)


class Source(Protocol):
    """A stream of audio: a microphone, a recording, an array.

    Its chunks are mono; where it was asked to keep channels apart, they are `Frames`.

    Constructors only store; entering the context acquires, leaving it releases.
    """

    @property
    def name(self) -> str:
        """What the user calls it: a path, a device."""

    @property
    def sample_rate_hz(self) -> int:
        """Samples per second of the chunks; known once the source is entered."""

    @property
    def lost_samples(self) -> int:
        """How many samples were lost so far, at the source's rate."""

    def __enter__(self) -> Self:
        """Acquire what the source reads from; raises AudioError where it cannot be had."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Release it, in under a second."""

    def read(self) -> Chunk | None:
        """The next chunk, waiting for it; None at the end of the audio or after `stop`."""

    def stop(self) -> None:
        """Make `read` return None soon; from any thread, as often as you like."""


@runtime_checkable
class Patient(Protocol):
    """A source paced by time that can wait for more than it has, to wake its reader less often."""

    def want(self, samples: int) -> None:
        """How many samples the reader cannot go on without, from the next `read` on, at the
        source's rate. It waits for so many; a chunk may still be shorter, or longer."""
