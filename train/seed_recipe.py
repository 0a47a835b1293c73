"""The recipe of the method kwspot grew from.

It is that of "Audio classification with torch" (Posit AI blog, 2022). Every value is
that of the method; to change one is to leave it.
"""

from dataclasses import dataclass

from kwspot.errors import OptionError
from kwspot.spotting.seed_network import POWERS, SeedConfig

SPLITS = ("random", "official")


def _check(holds: bool, message: str) -> None:
    if not holds:
        raise OptionError(message)


@dataclass(frozen=True, slots=True)
class SeedRecipe:
    """Everything a run of the seed is made of, but the recordings.

    words: what to tell apart, all folders in the method; power: what the network sees of the
    spectrogram: magnitude to that power, its logarithm, or `complex`; split_by: `random`, 60/20/20
    over clips, or `official`, by speaker; epochs: the most; patience: epochs in a row without a
    lower validation loss after which it stops; batch: clips of a batch; rate: the highest learning
    rate of the one cycle; finder_steps: batches of the learning-rate finder; seed: of everything
    drawn; channels, hidden: of the network. Raises OptionError for values that make no run.
    """

    words: tuple[str, ...]
    power: str = "complex"
    split_by: str = "random"
    epochs: int = 50
    patience: int = 3
    batch: int = 128
    rate: float = 0.01
    finder_steps: int = 100
    seed: int = 0
    channels: tuple[int, ...] = (32, 64, 128, 256, 512)
    hidden: int = 512

    def __post_init__(self) -> None:
        different = len(set(self.words)) == len(self.words)
        _check(len(self.words) > 1, "a model tells words apart: name two or more")
        _check(different, f"each word is named once, not {','.join(self.words)}")
        powers = ", ".join(POWERS)
        _check(self.power in POWERS, f"power is one of {powers}, not {self.power}")
        _check(self.split_by in SPLITS, f"split_by is {' or '.join(SPLITS)}, not {self.split_by}")
        for name in ("epochs", "patience", "hidden"):
            value = getattr(self, name)
            _check(value >= 1, f"{name} is {value}, it has to be at least 1")
        # Batch norm wants two clips; the finder's suggestion more than a few rates.
        _check(self.batch >= 2, f"batch is {self.batch}, it has to be at least 2")
        steps = self.finder_steps
        _check(steps >= 10, f"finder_steps is {steps}, it has to be at least 10")
        _check(self.seed >= 0, f"seed is {self.seed}, it has to be 0 or more")
        _check(self.rate > 0.0, f"rate is {self.rate:g}, it has to be above 0")
        widths = len(self.channels) == 5 and min(self.channels) >= 1
        _check(widths, f"channels are five widths of at least 1, not {list(self.channels)}")

    def network(self) -> SeedConfig:
        """The network of this recipe."""
        return SeedConfig(
            labels=len(self.words), power=self.power, channels=self.channels, hidden=self.hidden
        )
