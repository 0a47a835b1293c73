"""The training loop of one epoch: batches drawn by seed, one schedule, an average of weights."""

import math
import signal
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset

from kwspot.errors import TrainingError
from kwspot.spotting.features import FeatureConfig, as_channels, spectra
from kwspot.spotting.network import Network

from .mixing import Mixer
from .placing import IGNORED
from .recipe import MixRecipe, Recipe
from .state import Average

Batch = tuple[Tensor, Tensor, Tensor, Tensor]


def _leave_signals(_worker: int) -> None:
    """Ctrl-C reaches every process of a terminal, the end of a service every one of that: what it
    means is decided by the one that trains, and a loader ends when it is told or left alone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


class Batches(Dataset[Batch]):
    """The batches of one epoch; each example is decided by seed, epoch and its place alone, so
    neither the number of workers nor an interruption changes what is drawn."""

    def __init__(self, mixer: Mixer, recipe: Recipe, epoch: int) -> None:
        self._mixer, self._recipe, self._epoch = mixer, recipe, epoch

    def __len__(self) -> int:
        """Batches in the epoch."""
        return self._recipe.batches

    def __getitem__(self, place: int) -> Batch:
        """Waves (B, samples), labels (B,), frame targets (B, frames), responses (B, bins)."""
        if not 0 <= place < len(self):
            raise IndexError(place)
        first = place * self._recipe.batch
        examples = [
            self._mixer.example(np.random.default_rng((self._recipe.seed, self._epoch, number)))
            for number in range(first, first + self._recipe.batch)
        ]
        return (
            torch.from_numpy(np.stack([example.wave for example in examples])),
            torch.tensor([example.label for example in examples]),
            torch.from_numpy(np.stack([example.frames for example in examples])),
            torch.from_numpy(np.stack([example.response for example in examples])),
        )


def masked(bands: Tensor, share: float, generator: torch.Generator) -> Tensor:
    """SpecAugment: up to two stretches of bands and of time put to the mean of their clip.

    bands: float32 (B, bands, T), a `share` of the clips changed. After Park et al. 2019.
    """
    batch, height, width = bands.shape
    keep = torch.ones(batch, height, width, dtype=torch.bool)
    for axis, most in ((1, 10), (2, 12), (1, 10), (2, 12)):
        size = bands.shape[axis]
        length = torch.randint(0, most + 1, (batch, 1), generator=generator)
        start = torch.randint(0, size - most, (batch, 1), generator=generator)
        places = torch.arange(size)
        hit = (places >= start) & (places < start + length)
        keep &= ~(hit.unsqueeze(2) if axis == 1 else hit.unsqueeze(1))
    keep |= torch.rand(batch, 1, 1, generator=generator) >= share
    mean = bands.detach().mean(dim=(1, 2), keepdim=True)
    return torch.where(keep.to(bands.device), bands, mean)


def coded(columns: Tensor, share: float, generator: torch.Generator) -> Tensor:
    """What a lossy codec drops: bins that lie far under the loudest of those around them.

    columns: complex64 (B, F, T), changed for a `share` of the clips: what is 6 to 26 dB under the
    peak of 9 bins loses 20 dB. So that no class is known by the codec its recordings went through.
    """
    chosen = torch.nonzero(torch.rand(len(columns), generator=generator) < share)[:, 0]
    depth_db = torch.rand(len(chosen), 1, 1, generator=generator) * 20.0 + 6.0
    if not len(chosen):
        return columns
    picked = columns[chosen]
    level = torch.abs(picked)
    peak = functional.max_pool2d(level.unsqueeze(1), (9, 1), 1, (4, 0)).squeeze(1)
    dropped = level < peak * 10.0 ** (-depth_db.to(level.device) / 20.0)
    out = columns.clone()
    out[chosen] = torch.where(dropped, picked * 0.1, picked)
    return out


@dataclass(frozen=True, slots=True)
class Losses:
    """Means over the batches of an epoch so far: loss in nats, share of training examples named
    rightly; rate: the learning rate of the last batch."""

    batches: int
    loss: float
    accuracy: float
    rate: float


class Fitter:
    """A network in training: `epoch(n)` runs one; equal calls give equal weights.

    mixers: one for each way in which the recipe's examples are drawn.
    """

    def __init__(
        self, recipe: Recipe, mixers: Mapping[MixRecipe, Mixer], network: Network, workers: int
    ) -> None:
        self._recipe, self._mixers, self._workers = recipe, mixers, workers
        self._features = FeatureConfig()
        self.network = network
        self.average = Average(network, recipe.ema)
        groups: list[dict[str, Any]] = [
            {
                "params": [p for p in network.parameters() if p.ndim > 1],
                "weight_decay": recipe.decay,
            },
            {"params": [p for p in network.parameters() if p.ndim <= 1]},
        ]
        self.optimiser = torch.optim.AdamW(groups, lr=recipe.rate, weight_decay=0.0)

    def rate(self, step: int) -> float:
        """Learning rate of a step: a linear rise, then half a cosine down to zero."""
        total = self._recipe.epochs * self._recipe.batches
        rise = max(1, round(total * self._recipe.warm_up))
        if step < rise:
            return self._recipe.rate * (step + 1) / rise
        return self._recipe.rate * 0.5 * (1 + math.cos(math.pi * (step - rise) / (total - rise)))

    def epoch(self, number: int) -> Iterator[Losses]:
        """Run one epoch (from 0), yielding the running means after every batch."""
        recipe = self._recipe
        torch.manual_seed(recipe.seed * 100_003 + number)
        generator = torch.Generator().manual_seed(recipe.seed * 100_003 + number)
        self.network.train()
        mix = recipe.mix_of(number)
        loader = DataLoader(
            Batches(self._mixers[mix], recipe, number),
            batch_size=None,
            num_workers=self._workers,
            prefetch_factor=4 if self._workers else None,
            worker_init_fn=_leave_signals,
        )
        losses = right = seen = 0.0
        for place, batch in enumerate(loader):
            rate = self.rate(number * recipe.batches + place)
            for group in self.optimiser.param_groups:
                group["lr"] = rate
            loss, hits = self._step(batch, mix, generator)
            losses, right, seen = losses + loss, right + hits, seen + len(batch[1])
            yield Losses(place + 1, losses / (place + 1), right / seen, rate)

    def _step(self, batch: Batch, mix: MixRecipe, generator: torch.Generator) -> tuple[float, int]:
        waves, labels, targets, responses = batch
        columns = spectra(waves, self._features) * responses.unsqueeze(2)
        columns = coded(columns, mix.coded, generator)
        bands = self.network.bands(as_channels(columns))
        bands = masked(bands, mix.masked, generator)
        features = self.network.encode(bands)
        scores = self.network.head(features)
        config = self.network.config
        first = config.receptive_frames - 1 - config.lookahead
        evidence = self.network.evidence(features)
        loss = functional.cross_entropy(scores, labels, label_smoothing=self._recipe.smoothing)
        frame_loss = functional.cross_entropy(
            evidence.flatten(0, 1),
            targets[:, first : first + evidence.shape[1]].flatten(),
            ignore_index=IGNORED,
        )
        if not torch.isfinite(loss):
            raise TrainingError("the loss is no longer a number; try a lower --rate")
        self.optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss + self._recipe.frame_weight * frame_loss)
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 2.0)
        self.optimiser.step()
        self.average.update(self.network)
        return float(loss.detach()), int((scores.argmax(dim=1) == labels).sum())
