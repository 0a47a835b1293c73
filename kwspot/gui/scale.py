"""Where scores lie on a scale of log odds.

What is sure enough to be reported lies close to 1, where a plain scale has no room.
"""

import math

from kwspot.spotting.calibration import logit

LOWEST, HIGHEST = -4.0, 9.0
"""Log odds at the ends of the scale: scores of 0.018 and 0.9999."""


def place(score: float) -> float:
    """Where a score lies on the scale, 0..1."""
    share = (float(logit(score)) - LOWEST) / (HIGHEST - LOWEST)
    return min(max(share, 0.0), 1.0)


def score_at(share: float) -> float:
    """The score at a place on the scale, 0..1; the very end is 1."""
    if share >= 1.0:
        return 1.0
    return 1.0 / (1.0 + math.exp(-(LOWEST + share * (HIGHEST - LOWEST))))
