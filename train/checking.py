"""What every recipe has to hold, whichever network it trains."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

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


class Comparable:
    """A recipe, a dataclass, that can be told from the one a run was begun with."""

    __slots__ = ()

    def plain(self) -> dict[str, Any]:
        """Every value by its name, in JSON's types."""
        values: dict[str, Any] = json.loads(json.dumps(asdict(cast("Any", self))))
        return values

    def differs(self, values: Mapping[str, Any]) -> str | None:
        """The first of some plain values, all or a few, that is another one here."""
        mine = self.plain()
        return next((name for name in mine if values.get(name, mine[name]) != mine[name]), None)

    def check_same(self, file: Path, values: Mapping[str, Any]) -> None:
        """Raise OptionError where it differs from the values a run was begun with; file: its."""
        other = self.differs(values)
        if other:
            raise OptionError(
                f"{file} is not what the run was begun with ({other} differs): undo that, or begin "
                "a new run with it by --recipe"
            )
