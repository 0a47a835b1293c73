"""Whether one of two models is better than the other on the same clips, or was only luckier."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Paired:
    """Clips by which of two models name them rightly; p: that a difference as large as that
    between `only_first` and `only_second` comes about by chance, 0..1."""

    both: int
    only_first: int
    only_second: int
    neither: int

    @property
    def p(self) -> float:
        """Two-sided, exact."""
        return mcnemar(self.only_first, self.only_second)


def paired(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> Paired:
    """Compare what two models name rightly, both bool (clips,), the same clips in one order."""
    return Paired(
        both=int((first & second).sum()),
        only_first=int((first & ~second).sum()),
        only_second=int((~first & second).sum()),
        neither=int((~first & ~second).sum()),
    )


def mcnemar(one: int, other: int) -> float:
    """The exact two-sided p of McNemar's test (1947), by the binomial distribution.

    one, other: clips that only one of the two models names rightly. Were the models equally
    good, each of these clips would be a toss of a coin. 1 where there is no such clip.
    """
    tosses = one + other
    ways, total = 1, 0
    for heads in range(min(one, other) + 1):
        total += ways
        ways = ways * (tosses - heads) // (heads + 1)
    # Whole numbers of any size, so that nothing is rounded before the end.
    return min(1.0, 2 * total / (1 << tosses))
