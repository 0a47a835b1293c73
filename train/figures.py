"""What can be told of how a model names labelled clips: shares, confusions, speakers, sureness."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .calibration import calibration_error, fitted_temperature, tempered
from .intervals import wilson
from .labelled import Clip, counted_as, label_of
from .scoring import Posteriors


@dataclass(frozen=True, slots=True)
class Share:
    """How many of how many."""

    right: int
    total: int

    @property
    def value(self) -> float | None:
        """0..1; None for none of none."""
        return self.right / self.total if self.total else None

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval, within 0..1."""
        return wilson(self.right, self.total)


@dataclass(frozen=True, slots=True)
class Named:
    """What a model named each clip. said: the labels the clips should get; named: what they got,
    as it counts in their folder; right: bool (clips,)."""

    clips: tuple[Clip, ...]
    labels: tuple[str, ...]
    posteriors: Posteriors
    said: tuple[str, ...]
    named: tuple[str, ...]

    @property
    def right(self) -> NDArray[np.bool_]:
        """Whether each clip was named rightly: bool (clips,)."""
        pairs = zip(self.said, self.named, strict=True)
        return np.array([said == named for said, named in pairs], dtype=bool)

    @property
    def accuracy(self) -> Share:
        """Of all clips."""
        return Share(int(self.right.sum()), len(self.clips))

    def recalls(self) -> dict[str, Share]:
        """Of the clips of each label that should have been given, by name."""
        return _shares(self.said, self.right)

    def precisions(self) -> dict[str, Share]:
        """Of the clips that got each label, for the labels of `recalls`."""
        found = _shares(self.named, self.right)
        return {label: found.get(label, Share(0, 0)) for label in self.recalls()}

    def by_folder(self) -> dict[str, Share]:
        """Of the clips of each folder."""
        return _shares([clip.word for clip in self.clips], self.right)

    def confusion(self) -> dict[str, dict[str, int]]:
        """For each label that should have been given, how often which was, the most frequent
        first."""
        found: dict[str, dict[str, int]] = {label: {} for label in self.recalls()}
        for (said, named), count in Counter(zip(self.said, self.named, strict=True)).most_common():
            found[said][named] = count
        return found

    def confused(self) -> list[tuple[str, str, int]]:
        """What was taken for something else, as what, and how often; the most frequent first."""
        pairs = (
            (said, named, count)
            for said, row in self.confusion().items()
            for named, count in row.items()
            if said != named
        )
        return sorted(pairs, key=lambda pair: -pair[2])


@dataclass(frozen=True, slots=True)
class Speakers:
    """The shares of the speakers that are known by name, the lowest first."""

    shares: tuple[tuple[str, Share], ...]

    def percentile(self, percent: float) -> float:
        """The share that `percent` of the speakers do not reach or just reach, 0..1."""
        values = [share.right / share.total for _, share in self.shares]
        return float(np.percentile(values, percent))


@dataclass(frozen=True, slots=True)
class Calibration:
    """How far the scores of the named labels are from the share that is right, 0..1.

    fitted_on: validation clips the temperature was fitted on, those that have a label the model
    knows; temperature: None where these do not decide it; error_tempered: the error with it.
    """

    error: float
    fitted_on: int
    temperature: float | None
    error_tempered: float | None


def named(
    clips: Sequence[Clip], posteriors: Posteriors, labels: Sequence[str], folders: Collection[str]
) -> Named:
    """Name clips by the highest posterior of all labels, no threshold.

    posteriors: float32 (clips, labels); folders: names of all folders beside those of the clips.
    """
    best = posteriors.argmax(axis=1)
    return Named(
        tuple(clips),
        tuple(labels),
        posteriors,
        tuple(label_of(clip.word, labels) for clip in clips),
        tuple(counted_as(labels[place], folders) for place in best),
    )


def speakers(heard: Named) -> Speakers:
    """The spread over speakers; clips whose speaker is not known are left out."""
    names = [clip.speaker for clip in heard.clips]
    shares = _shares(names, heard.right)
    shares.pop("", None)
    # Of two equally bad speakers the one with more clips says more.
    order = sorted(
        shares.items(), key=lambda entry: (entry[1].right / entry[1].total, -entry[1].total)
    )
    return Speakers(tuple(order))


def calibration(heard: Named, validation: Named) -> Calibration:
    """How well the scores of clips fit, and at the temperature fitted on validation clips."""
    right = heard.right
    known = [place for place, said in enumerate(validation.said) if said in validation.labels]
    truth = np.array([validation.labels.index(validation.said[place]) for place in known], np.int64)
    temperature = fitted_temperature(validation.posteriors[known], truth)
    after = None
    if temperature is not None:
        after = calibration_error(tempered(heard.posteriors, temperature).max(axis=1), right)
    scores = heard.posteriors.max(axis=1).astype(np.float64)
    return Calibration(calibration_error(scores, right), len(known), temperature, after)


def _shares(names: Sequence[str], right: NDArray[np.bool_]) -> dict[str, Share]:
    totals = Counter(names)
    hits = Counter(name for name, hit in zip(names, right, strict=True) if hit)
    return {name: Share(hits[name], totals[name]) for name in sorted(totals)}
