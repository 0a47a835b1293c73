"""Training and measuring the seed network: whole clips as they are, one cycle of the rate."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from kwspot.errors import TrainingError
from kwspot.spotting.features import FeatureConfig, as_channels, clip_spectra
from kwspot.spotting.seed_network import SeedNetwork

from .corpus import Corpus
from .evaluate import Score
from .reports import Losses
from .seed_recipe import SeedRecipe

TEST_BATCH = 64
CPU = torch.device("cpu")


@dataclass(frozen=True, slots=True)
class Cycle:
    """What the schedule asks of a step: the learning rate, and Adam's first beta against it."""

    rate: float
    beta: float


def one_cycle(rate: float, steps: int) -> list[Cycle]:
    """The one-cycle schedule as torch's OneCycleLR has it by default, for every step of a run.

    From rate / 25 up to `rate` over 30 % of the steps, then down to rate / 250,000, both along a
    cosine; beta goes from 0.95 to 0.85 and back. After Smith & Topin 2019.
    """
    optimiser = torch.optim.Adam([torch.zeros(1, requires_grad=True)], lr=rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, max_lr=rate, total_steps=steps)
    group = optimiser.param_groups[0]
    found = []
    for step in range(steps):
        found.append(Cycle(float(group["lr"]), float(group["betas"][0])))
        optimiser.step()
        if step + 1 < steps:
            schedule.step()
    return found


def fitted(samples: NDArray[np.float32], length: int) -> NDArray[np.float32]:
    """A clip of exactly `length` samples: zeros after a shorter one, a longer one cut."""
    return np.pad(samples[:length], (0, max(0, length - len(samples))))


@dataclass(frozen=True, slots=True)
class Measured:
    """The network on clips it does not learn from. loss: mean cross-entropy in nats."""

    loss: float
    score: Score


class SeedFitter:
    """The seed network in training; equal calls give equal weights.

    training: places of the clips that train. The spectrograms are those of listening: zeros lie
    around each clip, where the method mirrored it. That changes 4 frames of 101, and lets what
    was trained hear streams, in which no frame is a reflection.
    """

    def __init__(
        self,
        recipe: SeedRecipe,
        corpus: Corpus,
        training: Sequence[int],
        device: torch.device = CPU,
    ) -> None:
        self._recipe, self._corpus, self.device = recipe, corpus, device
        self._training = np.array(training)
        self._features = FeatureConfig()
        self._places = {word: place for place, word in enumerate(recipe.words)}
        self.network, self.optimiser = self.fresh()
        self.batches = len(self.order(0))
        self._cycle: list[Cycle] = []

    def use_rate(self, rate: float) -> None:
        """Say the highest learning rate of the run's cycle; before the first epoch."""
        self._cycle = one_cycle(rate, self._recipe.epochs * self.batches)

    def fresh(self) -> tuple[SeedNetwork, torch.optim.Adam]:
        """A network that has learnt nothing, the same for equal seeds, and its optimiser."""
        torch.manual_seed(self._recipe.seed)
        network = SeedNetwork(self._recipe.network()).to(self.device)
        # Every step says its own rate.
        return network, torch.optim.Adam(network.parameters())

    def order(self, epoch: int) -> list[NDArray[np.int64]]:
        """The clips of each batch of an epoch, counted from 0, shuffled by seed and epoch."""
        rng = np.random.default_rng((self._recipe.seed, epoch))
        shuffled = rng.permutation(self._training)
        edges = list(range(self._recipe.batch, len(shuffled), self._recipe.batch))
        if edges and len(shuffled) - edges[-1] == 1:
            # Batch norm has no use for a clip by itself: it joins the batch before.
            edges.pop()
        return np.split(shuffled, edges)

    def batch(self, indices: Sequence[int] | NDArray[np.int64]) -> tuple[Tensor, Tensor]:
        """Clips as columns (B, 2, F, T), real and imaginary part, and their labels (B,)."""
        length = self._features.span_samples
        waves = np.stack([fitted(self._corpus.audio(int(place)), length) for place in indices])
        words = [self._places[self._corpus.recordings[int(place)].word] for place in indices]
        columns = clip_spectra(torch.from_numpy(waves).to(self.device), self._features)
        return as_channels(columns), torch.tensor(words, device=self.device)

    def scores(self, network: SeedNetwork, columns: Tensor) -> Tensor:
        """What a network that learns says of columns (B, 2, F, T): float32 (B, labels)."""
        half = self._recipe.precision == "bfloat16"
        with torch.autocast(self.device.type, torch.bfloat16, enabled=half):
            scores: Tensor = network(columns)
        return scores.float()

    def epoch(self, number: int) -> Iterator[Losses]:
        """Run one epoch (from 0), yielding the running means after every batch.

        Raises TrainingError where the loss is no longer a number.
        """
        torch.manual_seed((self._recipe.seed * 100_003 + number) % 2**63)
        self.network.train()
        losses = right = seen = 0.0
        for place, indices in enumerate(self.order(number)):
            cycle = self._cycle[number * self.batches + place]
            for group in self.optimiser.param_groups:
                group["lr"], group["betas"] = cycle.rate, (cycle.beta, group["betas"][1])
            columns, labels = self.batch(indices)
            scores = self.scores(self.network, columns)
            loss = functional.cross_entropy(scores, labels)
            if not torch.isfinite(loss):
                raise TrainingError("the loss is no longer a number; try a lower --rate")
            self.optimiser.zero_grad(set_to_none=True)
            torch.autograd.backward(loss)
            self.optimiser.step()
            losses += float(loss.detach()) * len(indices)
            right += int((scores.argmax(dim=1) == labels).sum())
            seen += len(indices)
            yield Losses(place + 1, losses / seen, right / seen, cycle.rate)

    def measure(self, network: SeedNetwork, clips: Sequence[int]) -> Iterator[int | Measured]:
        """Measure a network on clips, one or more: how many are done after each batch, then the
        result."""
        network.eval()
        loss, named = 0.0, []
        for first in range(0, len(clips), TEST_BATCH):
            part = clips[first : first + TEST_BATCH]
            with torch.inference_mode():
                columns, labels = self.batch(part)
                scores = network(columns)
                loss += float(functional.cross_entropy(scores, labels, reduction="sum"))
                named += scores.argmax(dim=1).tolist()
            yield len(named)
        truth = [self._corpus.recordings[place].word for place in clips]
        yield Measured(loss / len(clips), _score(truth, [self._recipe.words[n] for n in named]))


def _score(truth: Sequence[str], named: Sequence[str]) -> Score:
    pairs, totals = Counter(zip(truth, named, strict=True)), Counter(truth)
    per_word = {word: (pairs[word, word], totals[word]) for word in sorted(totals)}
    confused = {pair: count for pair, count in pairs.most_common() if pair[0] != pair[1]}
    return Score(len(truth), sum(right for right, _ in per_word.values()), per_word, confused)
