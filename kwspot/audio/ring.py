"""A bounded buffer between the audio callback and the one thread that reads it."""

import contextlib
import threading
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_MARKS = 1024  # remembered places of loss; more than the blocks of 10 ms that 8 s hold


@dataclass(frozen=True, slots=True)
class Block:
    """What the ring held: float32 (n, channels), and the stream position of its first frame."""

    start: int
    frames: NDArray[np.float32]


class Ring:
    """Frames float32 (capacity, channels); one thread writes, one reads, neither waits.

    When the reader is late the oldest frames are dropped; these, and the ones the writer reports
    as lost, show as a jump in `Block.start` and are counted in `lost_frames`.

    The writer claims a region, fills it, then publishes it. The reader copies, then looks at the
    claim again and throws away what may have been overwritten meanwhile.
    Raises ValueError for a capacity or channel count below 1.
    """

    def __init__(self, capacity: int, channels: int) -> None:
        if capacity < 1 or channels < 1:
            raise ValueError(f"a ring of {capacity} frames by {channels} channels holds nothing")
        self._buffer = np.zeros((capacity, channels), np.float32)
        self._capacity = capacity
        # The writer's. A mark says: from this frame on, position = index + shift.
        self._claimed = self._stored = self._shift = 0
        self._marks = np.zeros((_MARKS, 2), np.int64)
        self._marks_claimed = self._marks_stored = 0
        # The reader's.
        self._next = self._next_shift = self._next_mark = self._expected = 0
        self._lost = 0
        self._wanted, self._woken = 1, False
        self._bell = threading.Lock()
        self._bell.acquire()

    @property
    def lost_frames(self) -> int:
        """How many frames the reader has found missing so far."""
        return self._lost

    @property
    def end(self) -> int:
        """The position one past the newest frame written."""
        return self._stored + self._shift

    def write(self, block: NDArray[np.float32], lost: int = 0) -> None:
        """Append float32 (n, channels), `lost` frames having gone missing just before it."""
        if lost:
            self._mark(lost)
        count, capacity = len(block), self._capacity
        end = self._stored + count
        self._claimed = end
        kept = block[-capacity:]
        at = (end - len(kept)) % capacity
        head = min(len(kept), capacity - at)
        self._buffer[at : at + head] = kept[:head]
        self._buffer[: len(kept) - head] = kept[head:]
        self._stored = end
        # A reader that cannot go on yet is left asleep: waking it costs more than the writing.
        if end - self._next >= self._wanted:
            self._ring()

    def read(self) -> Block | None:
        """All that is there up to the next loss, oldest first; None when nothing is."""
        while True:
            stored = self._stored  # before the claim, so that no more than the ring is copied
            self._next = max(self._next, self._claimed - self._capacity)
            limit = self._limit(stored)
            first = self._next
            if first >= limit:
                return None
            frames = self._copy(first, limit)
            overwritten = self._claimed - self._capacity - first
            if overwritten >= len(frames):
                continue
            self._next = limit
            skipped = max(overwritten, 0)
            start = first + skipped + self._next_shift
            self._lost += start - self._expected
            self._expected = start + len(frames) - skipped
            return Block(start, frames[skipped:])

    def wait(self, timeout_s: float, wanted: int = 1) -> bool:
        """Sleep until `wanted` frames may be there to read; False when the time ran out first."""
        self._wanted = wanted
        while self._stored - self._next < wanted and not self._woken:
            # A bell from before is out of date, and is heard once.
            if not self._bell.acquire(timeout=timeout_s):
                return False
        self._woken = False
        return True

    def wake(self) -> None:
        """End a `wait`, this one or the next; from any thread, never blocks."""
        self._woken = True
        self._ring()

    def _ring(self) -> None:
        # Releasing a lock takes none: unlike an Event, the reader can never hold up the callback.
        with contextlib.suppress(RuntimeError):
            self._bell.release()

    def _mark(self, lost: int) -> None:
        self._shift += lost
        number = self._marks_stored
        self._marks_claimed = number + 1
        self._marks[number % _MARKS] = self._stored, self._shift
        self._marks_stored = number + 1

    def _limit(self, stored: int) -> int:
        """Pass the marks up to the next frame; where the run of frames that begins there ends."""
        while self._next_mark < self._marks_stored:
            number = max(self._next_mark, self._marks_claimed - _MARKS)
            index, shift = (int(value) for value in self._marks[number % _MARKS])
            if number < self._marks_claimed - _MARKS:
                continue  # overwritten while it was read
            if number > self._next_mark:
                # Marks were dropped, so nothing before this one can be placed: drop that too.
                self._next = max(self._next, index)
            elif index > self._next:
                return min(index, stored)
            self._next_shift = shift
            self._next_mark = number + 1
        return stored

    def _copy(self, first: int, limit: int) -> NDArray[np.float32]:
        at, count = first % self._capacity, limit - first
        head = min(count, self._capacity - at)
        return np.concatenate((self._buffer[at : at + head], self._buffer[: count - head]))
