"""A pace for sources that would not keep one."""

import math
import threading
import time
from dataclasses import replace

from kwspot.audio.source import Chunk, Source
from kwspot.audio.wrapped import Wrapped
from kwspot.errors import OptionError

LONGEST_SLEEP_S = 0.05
"""How late `stop` may be heard."""


class Paced(Wrapped):
    """A source handed over like a microphone's: in pieces of 20 ms, at `speed` times real time.

    A reader that is late gets all that is due at once. The clock starts at the first `read`.
    Raises OptionError for a speed that is not a finite number above 0.
    """

    def __init__(self, source: Source, speed: float = 1.0) -> None:
        if not (math.isfinite(speed) and speed > 0):
            raise OptionError(f"the replay speed must be a number above 0, not {speed:g}")
        super().__init__(source)
        self._speed = speed
        self._held: Chunk | None = None
        self._started_s: float | None = None
        self._stopped = threading.Event()

    def read(self) -> Chunk | None:
        """All that is due, waiting for at least one piece; None at the end or after `stop`."""
        held = self._held if self._held is not None else self._source.read()
        if held is None:
            return None
        if self._started_s is None:
            self._started_s = time.monotonic()
        piece = self.sample_rate_hz // 50
        samples_per_s = self.sample_rate_hz * self._speed
        # A piece has been heard when its last sample has.
        ready_s = self._started_s + min(held.start + piece, held.end) / samples_per_s
        while (early_s := ready_s - time.monotonic()) > 0.0:
            if self._stopped.is_set():
                return None
            # Waiting for the event would cost twice as much of the processor, 50 times a second.
            time.sleep(min(early_s, LONGEST_SLEEP_S))
        if self._stopped.is_set():
            return None
        due = int((time.monotonic() - self._started_s) * samples_per_s) - held.start
        count = min(max(due // piece, 1) * piece, len(held.samples))
        rest = replace(held, start=held.start + count, samples=held.samples[count:])
        self._held = rest if len(rest.samples) else None
        return replace(held, samples=held.samples[:count])

    def stop(self) -> None:
        """Make `read` return None soon; from any thread, as often as you like."""
        self._stopped.set()
        self._source.stop()
