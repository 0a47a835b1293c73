"""The recipe of the method kwspot grew from.

It is that of "Audio classification with torch" (Posit AI blog, 2022). Every value is
that of the method; to change one is to leave it.
"""

from dataclasses import dataclass
from typing import Literal

from kwspot.spotting.seed_network import POWERS, SeedConfig

from .checking import Comparable, check, check_run

PRECISIONS = ("float32", "bfloat16")
AUTO: Literal["auto"] = "auto"
"""The rate of a run that takes what its learning-rate finder suggests."""


@dataclass(frozen=True, slots=True)
class SeedRecipe(Comparable):
    """Everything a run of the seed is made of, but the recordings.

    words: what to tell apart, all folders in the method; power: what the network sees of the
    spectrogram: magnitude to that power, its logarithm, or `complex`; split_by: `random`, 60/20/20
    over clips, or `official`, by speaker; epochs: the most; patience: epochs in a row without a
    lower validation loss after which it stops; batch: clips of a batch; rate: the highest learning
    rate of the one cycle, or `auto`, the one the learning-rate finder suggests; finder_steps: its
    batches; seed: of everything drawn; precision: of the network's products while it learns,
    `float32`, or `bfloat16` where the processor is faster at that; channels, hidden: of the
    network. Raises OptionError for values that make no run.
    """

    words: tuple[str, ...]
    power: str = "complex"
    split_by: str = "random"
    epochs: int = 50
    patience: int = 3
    batch: int = 128
    rate: float | Literal["auto"] = 0.01
    finder_steps: int = 100
    seed: int = 0
    precision: str = "float32"
    channels: tuple[int, ...] = (32, 64, 128, 256, 512)
    hidden: int = 512

    def __post_init__(self) -> None:
        rate = 1.0 if self.rate == AUTO else self.rate
        check_run(self.words, self.split_by, self.batch, self.seed, rate)
        powers = ", ".join(POWERS)
        check(self.power in POWERS, f"power is one of {powers}, not {self.power}")
        precisions = ", ".join(PRECISIONS)
        known = self.precision in PRECISIONS
        check(known, f"precision is one of {precisions}, not {self.precision}")
        for name in ("epochs", "patience", "hidden"):
            value = getattr(self, name)
            check(value >= 1, f"{name} is {value}, it has to be at least 1")
        # The finder's suggestion wants more than a few rates.
        steps = self.finder_steps
        check(steps >= 10, f"finder_steps is {steps}, it has to be at least 10")
        widths = len(self.channels) == 5 and min(self.channels) >= 1
        check(widths, f"channels are five widths of at least 1, not {list(self.channels)}")

    def network(self) -> SeedConfig:
        """The network of this recipe."""
        return SeedConfig(
            labels=len(self.words), power=self.power, channels=self.channels, hidden=self.hidden
        )
