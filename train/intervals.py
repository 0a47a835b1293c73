"""How sure a share is, given how few clips it was counted on."""

import math

NORMAL_95 = 1.959964
"""Standard deviations on either side of the mean that hold 95 % of a normal distribution."""


def wilson(right: int, total: int) -> tuple[float, float]:
    """The 95 % interval of a share of `right` in `total`, within 0..1; (0, 1) for none of none.

    Wilson's score interval (1927), which holds for few clips and for shares near 0 and 1.
    """
    if total == 0:
        return 0.0, 1.0
    share = right / total
    square = NORMAL_95**2 / total
    centre = share + square / 2.0
    half = math.sqrt(square * (share * (1.0 - share) + square / 4.0))
    low, high = (centre - half) / (1.0 + square), (centre + half) / (1.0 + square)
    # At the ends the formula gives 0 and 1 but for rounding.
    return (0.0 if right == 0 else low), (1.0 if right == total else high)
