"""How often something happens, from few events: intervals, and curves over thresholds."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch.special import gammainc

Floats = NDArray[np.float64]
FEWEST = 20
"""Events of all words together from which their mean is taken as it is."""
PRIOR = 0.5
"""How many events the words' common rate weighs as much as."""


def poisson_interval(events: int, hours: float, level: float = 0.95) -> tuple[float, float]:
    """The exact interval of a rate an hour, after Garwood 1936: the rates at which so many events,
    or more, and so many, or fewer, are just likely enough."""
    out = (1.0 - level) / 2.0
    low = _mean_with(events, out) if events else 0.0
    return low / hours, _mean_with(events + 1, 1.0 - out) / hours


def _mean_with(events: int, chance: float) -> float:
    """The mean of a Poisson count that is `events` or more with a chance, by halving."""
    low, high = 0.0, 2.0 * events + 20.0
    for _ in range(80):
        middle = (low + high) / 2.0
        # P(count >= n) of a mean x is the regularised lower incomplete gamma function of n and x.
        likely = gammainc(
            torch.tensor(float(events), dtype=torch.float64),
            torch.tensor(middle, dtype=torch.float64),
        )
        low, high = (middle, high) if float(likely) < chance else (low, middle)
    return (low + high) / 2.0


def smoothed_rates(
    counts: Mapping[str, Sequence[int]], odds: Sequence[float] | Floats, hours: float
) -> dict[str, tuple[float, ...]]:
    """Rates an hour of each word at each threshold, falling, from counts of events.

    counts: (n,) for each word at rising thresholds; odds: of these, the log odds. Where few events
    are left, a word's count says little: it is drawn towards the mean of all words, as a gamma
    prior of PRIOR events does, and that mean, where it comes from fewer than FEWEST, is taken to
    fall exponentially with the odds, as fast as it did over the last FEWEST (the peaks over a
    level; Pickands 1975 with shape 0), but never under what was counted.
    """
    words = list(counts)
    table = np.array([counts[word] for word in words], dtype=np.float64)
    mean = _tail(table.sum(axis=0), np.asarray(odds, dtype=np.float64)) / len(words)
    rates = (table + PRIOR) / (mean + PRIOR) * mean / hours
    rates = np.minimum.accumulate(rates, axis=1)
    return {word: tuple(map(float, row)) for word, row in zip(words, rates, strict=True)}


def _tail(total: Floats, odds: Floats) -> Floats:
    """Counts that fall, continued where they are few, and nowhere less than was counted."""
    enough = np.flatnonzero(total >= FEWEST)
    last = int(enough[-1]) if len(enough) else 0
    events = float(total[last])
    # How far the events over that level exceed it, all together, in log odds.
    between = (total[last:-1] + total[last + 1 :]) / 2.0
    excess = float((between * np.diff(odds[last:])).sum())
    # Of an exponential distribution the unbiased rate; one event does not tell how fast it falls.
    fall = min(max(events - 1.0, 0.5) / max(excess, 0.25), 4.0)
    continued = max(events, 0.5) * np.exp(-fall * (odds - odds[last]))
    return np.where(np.arange(len(odds)) < last, total, np.maximum(continued, total))
