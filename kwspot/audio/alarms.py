"""What about a stream of samples deserves a warning, decided from the samples alone."""

import numpy as np
from numpy.typing import NDArray


class SilenceAlarm:
    """Notices digital silence: nothing but zeros for `limit_samples` in a row."""

    def __init__(self, limit_samples: int) -> None:
        self._limit = limit_samples
        self._zeros = 0

    @property
    def raised(self) -> bool:
        """Whether the stream is silent now."""
        return self._zeros >= self._limit

    def hear(self, samples: NDArray[np.float32]) -> bool:
        """Take float32 (n,) or (n, channels); True where that changed `raised`."""
        before = self.raised
        heard = np.flatnonzero(samples if samples.ndim == 1 else samples.any(axis=1))
        if len(heard):
            self._zeros = len(samples) - 1 - int(heard[-1])
        else:
            self._zeros += len(samples)
        return self.raised != before


class DropAlarm:
    """Adds up lost samples, and says when to speak: at most once in `pause_samples`."""

    def __init__(self, pause_samples: int) -> None:
        self.total = 0
        self._pause = pause_samples
        self._told = 0
        self._quiet_until: int | None = None

    def lose(self, count: int, position: int) -> bool:
        """Count losses up to a stream position; True where it is time to tell of `total`."""
        self.total += count
        if self.total == self._told:
            return False
        if self._quiet_until is not None and position < self._quiet_until:
            return False
        self._told = self.total
        self._quiet_until = position + self._pause
        return True
