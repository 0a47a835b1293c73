"""What a run tells of while it goes on: batches and epochs."""

from dataclasses import dataclass

from .evaluate import Score


@dataclass(frozen=True, slots=True)
class Losses:
    """Means over the batches of an epoch so far: loss in nats, share of training examples named
    rightly; rate: the learning rate of the last batch."""

    batches: int
    loss: float
    accuracy: float
    rate: float


@dataclass(frozen=True, slots=True)
class Step:
    """A batch is done. epoch: from 1; losses: of the epoch so far."""

    epoch: int
    losses: Losses
    clips_per_second: float


@dataclass(frozen=True, slots=True)
class Epoch:
    """An epoch is done and kept: a line of metrics.jsonl.

    epoch: from 1; loss, accuracy: while training, on disguised clips; validation, mean_word,
    worst: of the averaged weights on the validation split, None where it holds no clip; seconds:
    with validation; rate: the last learning rate; missed: the share of words in streams that is
    missed at the usual rate of false alarms, None where that was not measured.
    """

    epoch: int
    loss: float
    accuracy: float
    validation: float | None
    mean_word: float | None
    worst: float | None
    worst_word: str | None
    seconds: float
    clips_per_second: float
    rate: float
    missed: float | None = None


def epoch_line(
    epoch: int,
    losses: Losses,
    score: Score | None,
    seconds: float,
    clips_per_second: float,
    missed: float | None = None,
) -> Epoch:
    """What there is to say of an epoch, rounded; epoch: from 1; seconds: with validation."""
    worst = score.worst_word if score else None
    return Epoch(
        epoch=epoch,
        loss=round(losses.loss, 5),
        accuracy=round(losses.accuracy, 5),
        validation=round(score.accuracy, 5) if score else None,
        mean_word=round(score.mean_word_accuracy, 5) if score else None,
        worst=round(worst[0], 5) if worst else None,
        worst_word=worst[1] if worst else None,
        seconds=round(seconds, 2),
        clips_per_second=round(clips_per_second, 1),
        rate=float(f"{losses.rate:.4g}"),
        missed=None if missed is None else round(missed, 5),
    )
