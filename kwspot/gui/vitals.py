"""How the listening itself is doing: the figures of the health strip."""

import time
from collections import deque
from dataclasses import dataclass

from kwspot.audio.source import SAMPLE_RATE_HZ

_WINDOW_S = 2.0
_BATCHES = 1000
"""More than come in `_WINDOW_S`."""


@dataclass(frozen=True, slots=True)
class Figures:
    """lag_s: from a sound to the window that holds it, word_s: from the end of the last word to
    its detection (None before there is one), dropped_s: audio lost, windows_per_s, cpu: share of
    one core this program uses, 1 is all of it."""

    lag_s: float | None
    word_s: float | None
    dropped_s: float
    windows_per_s: float
    cpu: float


class Vitals:
    """Counts what the feed sees. Times of arrival are the clock's, `time.monotonic`."""

    def __init__(self) -> None:
        self._arrivals: deque[tuple[int, float]] = deque(maxlen=2000)
        # Nobody asks for figures while the window is hidden, perhaps for days.
        self._windows: deque[tuple[float, int]] = deque(maxlen=_BATCHES)
        self._lag_s: float | None = None
        self._word_s: float | None = None
        self._cpu_at = (time.monotonic(), time.process_time())
        self._cpu = 0.0

    def restart(self) -> None:
        """Another source begins."""
        self._arrivals.clear()
        self._windows.clear()
        self._lag_s = self._word_s = None

    def arrived(self, end: int, at_s: float) -> None:
        """Audio up to position `end` came in."""
        self._arrivals.append((end, at_s))

    def updated(self, end: int, count: int) -> None:
        """`count` windows were seen, the newest ends at position `end`."""
        now_s = time.monotonic()
        self._windows.append((now_s, count))
        heard_s = self._heard(end)
        if heard_s is not None:
            lag_s = now_s - heard_s
            self._lag_s = lag_s if self._lag_s is None else 0.9 * self._lag_s + 0.1 * lag_s

    def detected(self, word_end: int) -> None:
        """A word that ended at a position was reported just now."""
        heard_s = self._heard(word_end)
        self._word_s = None if heard_s is None else time.monotonic() - heard_s

    def figures(self, lost_s: float) -> Figures:
        """The state of things."""
        now_s, used_s = time.monotonic(), time.process_time()
        if now_s - self._cpu_at[0] >= 1.0:
            self._cpu = (used_s - self._cpu_at[1]) / (now_s - self._cpu_at[0])
            self._cpu_at = (now_s, used_s)
        while self._windows and self._windows[0][0] < now_s - _WINDOW_S:
            self._windows.popleft()
        windows = sum(count for _, count in self._windows) / _WINDOW_S
        return Figures(self._lag_s, self._word_s, lost_s, windows, self._cpu)

    def _heard(self, position: int) -> float | None:
        """When the sample at a position came in; None where that is not known."""
        found = None
        for end, at_s in reversed(self._arrivals):
            if end <= position:
                return found
            # Within a chunk sound came in evenly.
            found = at_s - (end - position) / SAMPLE_RATE_HZ
        return None
