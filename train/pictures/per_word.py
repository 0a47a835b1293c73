"""Precision and recall of each word, with how sure they are."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kwspot.train.intervals import wilson

from .style import BLUE, ORANGE, drawing, grid, per_cent, png


@dataclass(frozen=True, slots=True)
class WordScore:
    """right: clips of the word that were named so; clips: of the word; named: given its name."""

    word: str
    right: int
    clips: int
    named: int

    @property
    def recall(self) -> float:
        """The share of the word's clips that were named so; 0 without any."""
        return self.right / max(1, self.clips)

    @property
    def precision(self) -> float:
        """The share of what was named so that was the word; 0 without any."""
        return self.right / max(1, self.named)


def word_scores(confusion: NDArray[np.int64], labels: Sequence[str]) -> list[WordScore]:
    """Every label with a clip or a name, the lowest recall first.

    confusion: int (labels, labels), rows what was said, columns what was named.
    """
    said, named = confusion.sum(axis=1), confusion.sum(axis=0)
    scores = [
        WordScore(labels[place], int(confusion[place, place]), int(said[place]), int(named[place]))
        for place in range(len(labels))
        if said[place]
    ]
    return sorted(scores, key=lambda score: (score.recall, score.precision, score.word))


def per_word_picture(scores: Sequence[WordScore]) -> bytes:
    """A row for each word, the highest recall on top; bars are 95 % Wilson intervals."""
    with drawing(7.2, max(2.6, 0.34 * len(scores) + 1.3)) as figure:
        axes = figure.subplots()
        lowest = 1.0
        for row, score in enumerate(scores):
            for value, total, colour, marker, shift in (
                (score.recall, score.clips, BLUE, "o", 0.15),
                (score.precision, score.named, ORANGE, "s", -0.15),
            ):
                if not total:
                    continue
                low, high = wilson(score.right, total)
                lowest = min(lowest, low)
                y = row + shift
                axes.plot([low, high], [y, y], color=colour, linewidth=1.6, alpha=0.45)
                axes.plot(value, y, marker, color=colour, markersize=5, clip_on=False)
        axes.plot([], [], color=BLUE, marker="o", label="recall: of the clips of a word")
        axes.plot([], [], color=ORANGE, marker="s", label="precision: of what was named so")
        axes.set_yticks(range(len(scores)), [f"{s.word}  {s.clips}" for s in scores])
        axes.set_ylim(-0.6, len(scores) - 0.4)
        axes.set_xlim(max(0.0, lowest - 0.02), 1.0)
        per_cent(axes.xaxis)
        axes.set_xlabel("share of the clips; bars are 95 % Wilson intervals")
        axes.tick_params(axis="y", length=0)
        grid(axes)
        figure.legend(loc="outside upper center", ncols=2)
        return png(figure)
