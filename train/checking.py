"""What every recipe has to hold, whichever network it trains."""

import math
from collections.abc import Sequence

from kwspot.errors import OptionError

SPLITS = ("official", "random")
"""How clips come into training, validation and testing: by speaker, or each for itself."""


def check(holds: bool, message: str) -> None:
    """Raise OptionError with a message where something does not hold."""
    if not holds:
        raise OptionError(message)


def check_run(words: Sequence[str], split_by: str, batch: int, seed: int, rate: float) -> None:
    """Raise OptionError for words, or values of a run, that make no run."""
    check(len(words) > 1, "a model tells words apart: name two or more")
    check(len(set(words)) == len(words), f"each word is named once, not {','.join(words)}")
    check(split_by in SPLITS, f"split_by is {' or '.join(SPLITS)}, not {split_by}")
    # Batch norm wants two clips.
    check(batch >= 2, f"batch is {batch}, it has to be at least 2")
    check(0 <= seed < 2**63, f"seed is {seed}, it has to lie within 0..2^63 - 1")
    check(0.0 < rate < math.inf, f"rate is {rate:g}, it has to be above 0")
