"""What a threshold costs: false alarms an hour on one side, missed words on the other.

A model file holds, for each word, both as measured on validation streams over a range of
thresholds; a calibration of a room replaces the former.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

USUAL_FALSE_PER_HOUR = 0.5
"""False alarms an hour, of all words together, that are put up with unless somebody says else."""
MOST_DIGITS = 5
WIDEST = "0.99999"
"""A score as a text, with as many digits as there may be."""
LEAST_RATE = 1e-6
"""False alarms an hour below which rates are not told apart."""


def logit(scores: ArrayLike) -> NDArray[np.float64]:
    """The log odds of scores in 0..1, on which thresholds are evenly spread."""
    values = np.clip(np.asarray(scores, dtype=np.float64), 1e-6, 1.0 - 1e-6)
    return np.log(values) - np.log1p(-values)


_ODDS = np.arange(-5.0, 10.01, 0.25)
LADDER = tuple(round(float(1.0 / (1.0 + np.exp(-odds))), MOST_DIGITS) for odds in _ODDS)
"""The thresholds that are tried: 0.007 to 0.99995, in even steps of log odds."""


def score_text(score: float) -> str:
    """Two digits, and more where these would say 1.00 of what is not."""
    away = max(1.0 - score, 0.5 * 10.0**-MOST_DIGITS)
    digits = min(max(2, math.ceil(-math.log10(away))), MOST_DIGITS)
    text = f"{score:.{digits}f}"
    return text if float(text) < 1.0 else "1.00"


@dataclass(frozen=True, slots=True)
class Calibration:
    """What each threshold costs each word.

    thresholds: (n,) rising, 0..1; false_per_hour: of each word (n,), false alarms an hour, falling;
    missed: of each word (n,), the share of its utterances, 0..1, rising; hours: of sound without
    the words that the former was measured on; said: utterances the latter was measured on.
    Raises ValueError where these do not fit together.
    """

    thresholds: tuple[float, ...]
    false_per_hour: Mapping[str, tuple[float, ...]]
    missed: Mapping[str, tuple[float, ...]]
    hours: float
    said: int

    def __post_init__(self) -> None:
        count = len(self.thresholds)
        if count < 2 or list(self.thresholds) != sorted(set(self.thresholds)):
            raise ValueError("a calibration has thresholds that rise")
        if not all(0.0 <= value <= 1.0 for value in self.thresholds):
            raise ValueError("thresholds lie within 0..1")
        for curves in (self.false_per_hour, self.missed):
            for word, curve in curves.items():
                if len(curve) != count or not all(np.isfinite(curve)) or min(curve) < 0.0:
                    raise ValueError(f"the calibration of {word} is not {count} numbers from 0 up")
        if set(self.false_per_hour) != set(self.missed):
            raise ValueError("a calibration says both of every word")
        if not (np.isfinite(self.hours) and self.hours >= 0.0 and self.said >= 0):
            raise ValueError("a calibration was measured for 0 hours or more")

    @classmethod
    def of_plain(cls, values: Mapping[str, object]) -> "Calibration":
        """From JSON's types; raises ValueError, TypeError or KeyError for what is none."""

        def curves(name: str) -> dict[str, tuple[float, ...]]:
            given = values[name]
            if not isinstance(given, Mapping):
                raise TypeError(f"{name} are lists of numbers by word")
            return {str(word): tuple(map(float, curve)) for word, curve in given.items()}

        thresholds, hours, said = (values[name] for name in ("thresholds", "hours", "said"))
        if not isinstance(thresholds, Sequence) or not isinstance(hours, int | float):
            raise TypeError("thresholds are numbers, and hours are one")
        if not isinstance(said, int):
            raise TypeError("said is a whole number")
        return cls(
            tuple(map(float, thresholds)),
            curves("false_per_hour"),
            curves("missed"),
            float(hours),
            said,
        )

    def plain(self) -> dict[str, object]:
        """In JSON's types."""
        return {
            "thresholds": list(self.thresholds),
            "false_per_hour": {word: list(curve) for word, curve in self.false_per_hour.items()},
            "missed": {word: list(curve) for word, curve in self.missed.items()},
            "hours": self.hours,
            "said": self.said,
        }

    def threshold_for(self, word: str, false_per_hour: float) -> float:
        """The lowest threshold at which a word is expected to be false so often, or less so.

        Between the thresholds that were tried, the log of the rate is taken to fall evenly over
        the log odds of the threshold. The highest one where none is enough.
        """
        rates = np.log(np.maximum(self.false_per_hour[word], LEAST_RATE))
        odds = logit(self.thresholds)
        wanted = np.log(max(false_per_hour, LEAST_RATE))
        enough = np.flatnonzero(rates <= wanted)
        if not len(enough):
            return self.thresholds[-1]
        first = int(enough[0])
        if first == 0:
            return self.thresholds[0]
        fall = rates[first - 1] - rates[first]
        share = (rates[first - 1] - wanted) / fall if fall > 0.0 else 1.0
        between = odds[first - 1] + share * (odds[first] - odds[first - 1])
        return round(float(1.0 / (1.0 + np.exp(-between))), MOST_DIGITS)

    def thresholds_for(self, words: Sequence[str], false_per_hour: float) -> dict[str, float]:
        """Thresholds at which the words, each with an equal share, are together false so often."""
        known = [word for word in words if word in self.false_per_hour]
        share = false_per_hour / max(1, len(known))
        return {word: self.threshold_for(word, share) for word in known}

    def expected(self, word: str, threshold: float) -> tuple[float, float]:
        """False alarms of a word an hour, and the share of its utterances that is missed."""
        odds, at = logit(self.thresholds), float(logit(threshold))
        rates = np.log(np.maximum(self.false_per_hour[word], LEAST_RATE))
        rate = float(np.exp(np.interp(at, odds, rates)))
        return rate, float(np.interp(at, odds, self.missed[word]))
