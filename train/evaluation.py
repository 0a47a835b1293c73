"""One or two models on the same labelled clips."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kwspot.errors import AudioError

from .catalog import Split
from .figures import Named, named
from .labelled import SPLIT_FILE, Clip, Labelled, SplitTable
from .scoring import ClipScorer, Heard, Posteriors, Progress, hear


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What models named the clips of a split, and those of the validation split, which may be
    none. against: the same clips of `scored`, named by the second model."""

    scored: Named
    validation: Named
    against: Named | None
    skipped: tuple[str, ...]
    damaged: tuple[str, ...]


def evaluate(
    scorers: Sequence[ClipScorer], data: Labelled, split: Split | None, progress: Progress
) -> Evaluation:
    """Name the clips of a split by one or two models; None for all clips.

    progress: called with how many of how many files are done. Raises OptionError where the split
    holds no clips, AudioError where none of them can be read.
    """
    wanted = set(data.of_split(split))
    clips = [clip for clip in data.clips if clip in wanted or clip.split is Split.VALIDATION]
    heard = hear(scorers, clips, progress)
    chosen = np.array([clip in wanted for clip in heard.clips])
    if not chosen.any():
        raise AudioError(f"none of the clips can be read; the first: {heard.skipped[0]}")
    validating = np.array([clip.split is Split.VALIDATION for clip in heard.clips])
    first, *second = scorers
    return Evaluation(
        scored=_part(heard, heard.posteriors[0], chosen, first, data),
        validation=_part(heard, heard.posteriors[0], validating, first, data),
        against=_part(heard, heard.posteriors[1], chosen, second[0], data) if second else None,
        skipped=heard.skipped,
        damaged=heard.damaged,
    )


def trained_on(model: Path, clips: Sequence[Clip]) -> int:
    """How many of the clips a model has learnt from, by the table of splits in its folder."""
    path = model.with_name(SPLIT_FILE)
    if not path.is_file():
        return 0
    table = SplitTable.read(path)
    return sum(table.split(clip.word, clip.path) is Split.TRAINING for clip in clips)


def _part(
    heard: Heard,
    posteriors: Posteriors,
    chosen: NDArray[np.bool_],
    scorer: ClipScorer,
    data: Labelled,
) -> Named:
    clips = [clip for clip, wanted in zip(heard.clips, chosen, strict=True) if wanted]
    return named(clips, posteriors[chosen], scorer.labels, data.folders)
