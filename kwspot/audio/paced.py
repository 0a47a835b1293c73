"""A pace for sources that would not keep one."""

import math
import threading
import time
from dataclasses import replace

from kwspot.audio.source import Chunk, Source
from kwspot.audio.wrapped import Wrapped
from kwspot.errors import OptionError

LONGEST_SLEEP_S = 0.1
"""How late `stop` may be heard."""


class Paced(Wrapped):
    """A source handed over like a microphone's: in pieces of 20 ms, at `speed` times real time.

    A reader that needs several pieces gets them together, when the last has come; one that is late
    gets all that is due at once. The clock starts at the first `read`.
    Raises OptionError for a speed that is not a finite number above 0.
    """

    def __init__(self, source: Source, speed: float = 1.0) -> None:
        if not (math.isfinite(speed) and speed > 0):
            raise OptionError(f"the replay speed must be a number above 0, not {speed:g}")
        super().__init__(source)
        self._speed = speed
        self._wanted = 1
        self._held: Chunk | None = None
        self._started_s: float | None = None
        self._stopped = threading.Event()

    def want(self, samples: int) -> None:
        """How many samples `read` waits for, in whole pieces."""
        self._wanted = samples

    def read(self) -> Chunk | None:
        """All that is due, waiting for what is wanted or the end of the source's chunk; None at the
        end or after `stop`."""
        held = self._held if self._held is not None else self._source.read()
        if held is None:
            return None
        if self._started_s is None:
            self._started_s = time.monotonic()
        piece = self.sample_rate_hz // 50
        pieces = max(1, math.ceil(self._wanted / piece))
        samples_per_s = self.sample_rate_hz * self._speed
        # A piece has been heard when its last sample has.
        ready_s = self._started_s + min(held.start + pieces * piece, held.end) / samples_per_s
        while (early_s := ready_s - time.monotonic()) > 0.0:
            if self._stopped.is_set():
                return None
            # Waiting for the event would cost twice as much of the processor, time and again.
            time.sleep(min(early_s, LONGEST_SLEEP_S))
        if self._stopped.is_set():
            return None
        due = int((time.monotonic() - self._started_s) * samples_per_s) - held.start
        count = min(max(due // piece, pieces) * piece, len(held.samples))
        rest = replace(held, start=held.start + count, samples=held.samples[count:])
        self._held = rest if len(rest.samples) else None
        return replace(held, samples=held.samples[:count])

    def stop(self) -> None:
        """Make `read` return None soon; from any thread, as often as you like."""
        self._stopped.set()
        self._source.stop()
