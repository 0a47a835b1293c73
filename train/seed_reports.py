"""What a run of the seed reports while it goes on, and keeps of each epoch."""

from dataclasses import dataclass
from typing import Any

from .evaluate import Score
from .facts import score_facts
from .reports import Losses
from .seed_fit import Measured


@dataclass(frozen=True, slots=True)
class SeedStep:
    """A batch is done. phase: what is under way; done, total: clips of it."""

    phase: str
    done: int
    total: int
    losses: Losses | None = None
    clips_per_second: float = 0.0


@dataclass(frozen=True, slots=True)
class SeedEpoch:
    """An epoch is done and kept: a line of metrics.jsonl.

    epoch: from 1; loss, accuracy: while training, with dropout; validation_loss, validation: of
    the validation split, cross-entropy and share named rightly; mean_word, worst: of the words in
    it; seconds: with validation; rate: the last learning rate.
    """

    epoch: int
    loss: float
    accuracy: float
    validation_loss: float
    validation: float
    mean_word: float
    worst: float
    worst_word: str
    seconds: float
    clips_per_second: float
    rate: float


def figures(measured: Measured) -> dict[str, Any]:
    """What a measurement says in a model's facts."""
    return {"loss": round(measured.loss, 5), **(score_facts(measured.score) or {})}


def epoch_line(
    epoch: int, losses: Losses, measured: Measured, seconds: float, clips_per_second: float
) -> SeedEpoch:
    """The figures of an epoch, rounded as they are kept."""
    score: Score = measured.score
    return SeedEpoch(
        epoch=epoch,
        loss=round(losses.loss, 5),
        accuracy=round(losses.accuracy, 5),
        # What is compared is what is written: a run that goes on decides as one that never stopped.
        validation_loss=round(measured.loss, 6),
        validation=round(score.accuracy, 5),
        mean_word=round(score.mean_word_accuracy, 5),
        worst=round(score.worst_word[0], 5),
        worst_word=score.worst_word[1],
        seconds=round(seconds, 2),
        clips_per_second=round(clips_per_second, 1),
        rate=float(f"{losses.rate:.4g}"),
    )
