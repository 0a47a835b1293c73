"""How scores are shown: on a scale of log odds, and with the digits that tell them from 1.

What is sure enough to be reported lies close to 1, where a plain scale has no room.
"""

import math

from kwspot.spotting.calibration import logit

LOWEST, HIGHEST = -4.0, 9.0
"""Log odds at the ends of the scale: scores of 0.018 and 0.9999."""
MOST_DIGITS = 4
WIDEST = "0.9999"
"""A score with as many digits as there may be."""


def place(score: float) -> float:
    """Where a score lies on the scale, 0..1."""
    share = (float(logit(score)) - LOWEST) / (HIGHEST - LOWEST)
    return min(max(share, 0.0), 1.0)


def score_at(share: float) -> float:
    """The score at a place on the scale, 0..1; the very end is 1."""
    if share >= 1.0:
        return 1.0
    return 1.0 / (1.0 + math.exp(-(LOWEST + share * (HIGHEST - LOWEST))))


def score_text(score: float) -> str:
    """Two digits, and more where these would say 1.00 of what is not."""
    away = max(1.0 - score, 0.5 * 10.0**-MOST_DIGITS)
    digits = min(max(2, math.ceil(-math.log10(away))), MOST_DIGITS)
    text = f"{score:.{digits}f}"
    return text if float(text) < 1.0 else "1.00"
