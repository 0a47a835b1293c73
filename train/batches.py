"""The batches of an epoch, drawn by seed; now and then one example is laid over another."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from .mixing import Example, Mixer
from .recipe import Recipe


class Targets(NamedTuple):
    """What is to be named. labels: int64 (B,); frames: int64 (B, frames), IGNORED where unclear."""

    labels: Tensor
    frames: Tensor


class Second(NamedTuple):
    """What else is in the waves, as loud in each as `share` of its energy, float32 (B,)."""

    targets: Targets
    share: Tensor


class Batch(NamedTuple):
    """waves: float32 (B, samples); targets: of the loudest in each; responses: amplitude over
    frequency, float32 (B, bins); second: None where no example lies over another."""

    waves: Tensor
    targets: Targets
    responses: Tensor
    second: Second | None = None


@dataclass(frozen=True, slots=True)
class Overlaid:
    """A wave of two examples. share: of its energy that is the fainter one's, 0..0.5."""

    louder: Example
    fainter: Example
    wave: NDArray[np.float32]
    share: float


def overlaid(one: Example, other: Example) -> Overlaid:
    """Two examples heard at once. Mixup, after Zhang et al. 2018; shares by energy, as heard."""
    energies = [float(np.square(each.wave, dtype=np.float64).sum()) for each in (one, other)]
    if energies[1] > energies[0]:
        one, other = other, one
    share = min(energies) / max(sum(energies), 1e-12)
    wave = np.clip(one.wave + other.wave, -1.0, 1.0)
    return Overlaid(one, other, wave, share)


class Batches(Dataset[Batch]):
    """The batches of one epoch; each example is decided by seed, epoch and its place alone, so
    neither the number of workers nor an interruption changes what is drawn.

    rows: those of each batch that are wanted, all where None.
    """

    def __init__(self, mixer: Mixer, recipe: Recipe, epoch: int, rows: slice | None = None) -> None:
        self._mixer, self._recipe, self._epoch = mixer, recipe, epoch
        self._rows = range(recipe.batch)[rows or slice(None)]

    def __len__(self) -> int:
        """Batches in the epoch."""
        return self._recipe.batches

    def __getitem__(self, place: int) -> Batch:
        """The batch at a place of the epoch, from 0."""
        if not 0 <= place < len(self):
            raise IndexError(place)
        share = self._recipe.mix_of(self._epoch).mixup
        examples = {row: self._example(place, row) for row in self._rows}
        if not share:
            return _batch([*examples.values()])
        draw = np.random.default_rng(
            np.random.SeedSequence((self._recipe.seed, self._epoch, place), spawn_key=(2,))
        )
        chosen = draw.uniform(size=self._recipe.batch) < share
        away = draw.integers(1, self._recipe.batch, size=self._recipe.batch)
        pairs = []
        for row, example in examples.items():
            if not chosen[row]:
                pairs.append(Overlaid(example, example, example.wave, 0.0))
                continue
            # The other one may be in the rows of another process.
            other = (row + int(away[row])) % self._recipe.batch
            pairs.append(overlaid(example, examples.get(other) or self._example(place, other)))
        whole = _batch([pair.louder for pair in pairs])
        second = Second(
            _batch([pair.fainter for pair in pairs]).targets,
            torch.tensor([pair.share for pair in pairs], dtype=torch.float32),
        )
        waves = torch.from_numpy(np.stack([pair.wave for pair in pairs]))
        return whole._replace(waves=waves, second=second)

    def _example(self, place: int, row: int) -> Example:
        number = place * self._recipe.batch + row
        return self._mixer.example(np.random.default_rng((self._recipe.seed, self._epoch, number)))


def _batch(examples: list[Example]) -> Batch:
    return Batch(
        torch.from_numpy(np.stack([example.wave for example in examples])),
        Targets(
            torch.tensor([example.label for example in examples]),
            torch.from_numpy(np.stack([example.frames for example in examples])),
        ),
        torch.from_numpy(np.stack([example.response for example in examples])),
    )
