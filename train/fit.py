"""The training loop of one epoch: batches drawn by seed, one schedule, an average of weights."""

import math
import signal
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch.utils.data import DataLoader

from kwspot.errors import OptionError, TrainingError
from kwspot.spotting.features import FeatureConfig, as_channels, spectra
from kwspot.spotting.network import Network

from .batches import Batch, Batches, Second, Targets
from .draws import Draws, Dropout, coded, masked, warped
from .hard import nowhere
from .mixing import Mixer
from .parallel import World, share_norms
from .placing import IGNORED
from .recipe import MixRecipe, Recipe
from .state import NOTHING, Average, Tally
from .teachers import Teachers


def _leave_signals(_worker: int) -> None:
    """Ctrl-C reaches every process of a terminal, the end of a service every one of that: what it
    means is decided by the one that trains, and a loader ends when it is told or left alone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


class Fitter:
    """A network in training: `epoch(n)` runs one; equal calls give equal weights.

    mixers: one for each way in which the recipe's examples are drawn; world: where it trains, and
    with which other processes; teachers: what it learns from beside the labels. Raises
    OptionError where there are more processes than examples in a batch.
    """

    def __init__(
        self,
        recipe: Recipe,
        mixers: Mapping[MixRecipe, Mixer],
        network: Network,
        workers: int,
        world: World | None = None,
        teachers: Teachers | None = None,
    ) -> None:
        self._recipe, self._mixers, self._workers = recipe, mixers, workers
        self._world, self._teachers = world or World(), teachers
        self._rows = self._world.rows(recipe.batch)
        if self._world.size > recipe.batch:
            raise OptionError(
                f"{self._world.size} processes cannot share {recipe.batch} examples: "
                "raise --batch or start fewer processes"
            )
        self._features = FeatureConfig()
        self._dropout = network.dropout = Dropout(network.config.dropout)
        if self._world.size > 1:
            share_norms(network, self._world)
        self.network = network.to(self._world.device)
        self.hard = nowhere()
        self._world.copy(network.state_dict().values())
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

    def epoch(self, number: int, tally: Tally = NOTHING) -> Iterator[Tally]:
        """Run one epoch (from 0), yielding what it has come to after every batch.

        tally: what it came to before an interruption; the batches of that are not drawn again.
        """
        recipe = self._recipe
        mix = recipe.mix_of(number)
        self._mixers[mix].hard = self.hard.numpy()
        self.network.train()
        for place, batch in enumerate(self._loader(number, tally.batches), tally.batches):
            for group in self.optimiser.param_groups:
                group["lr"] = self.rate(number * recipe.batches + place)
            draws = Draws(recipe.seed, number, place, recipe.batch, self._rows)
            loss, right = self._step(batch, mix, draws)
            tally = Tally(place + 1, tally.loss + loss, tally.right + right, tally.seconds)
            yield tally

    def _loader(self, number: int, begin: int) -> DataLoader[Batch]:
        recipe = self._recipe
        left = range(begin, recipe.batches)
        workers = min(self._workers, len(left))
        return DataLoader(
            Batches(self._mixers[recipe.mix_of(number)], recipe, number, self._rows),
            batch_size=None,
            sampler=left,
            num_workers=workers,
            prefetch_factor=4 if workers else None,
            worker_init_fn=_leave_signals,
            pin_memory=self._world.device.type == "cuda",
        )

    def _step(self, batch: Batch, mix: MixRecipe, draws: Draws) -> tuple[float, int]:
        """One step; returns the mean loss of the whole batch and how many were named rightly."""
        recipe, world = self._recipe, self._world
        waves, targets, responses, second = self._placed(batch)
        self._dropout.draws = draws
        columns = warped(spectra(waves, self._features), mix.warped, mix.warp, draws)
        columns = as_channels(coded(columns * responses.unsqueeze(2), mix.coded, draws))
        bands = masked(self.network.bands(columns), mix.masked, draws)
        with self._precision():
            features = self.network.encode(bands)
            scores, evidence = self.network.head(features), self.network.evidence(features)
        scores, evidence = scores.float(), evidence.float()
        loss, frame_loss, frames = self._sums(scores, evidence, targets, second)
        if self._teachers:
            # They hear all of the example: what is masked is for the student to make up for.
            with self._precision():
                told = self._teachers(columns, mix)
            taught = functional.cross_entropy(scores, told, reduction="sum")
            loss = torch.lerp(loss, taught, recipe.teaching)
        # Means are over the whole batch, whichever process holds how much of it.
        loss = loss / recipe.batch
        frame_loss = frame_loss / world.add(frames).clamp(min=1.0)
        self.optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss + recipe.frame_weight * frame_loss)
        hits = (scores.argmax(dim=1) == targets.labels).sum()
        parameters = list(self.network.parameters())
        total, right = world.add_gradients(parameters, torch.stack((loss.detach(), hits))).tolist()
        if not math.isfinite(total):
            raise TrainingError("the loss is no longer a number; try a lower --rate")
        torch.nn.utils.clip_grad_norm_(parameters, 2.0)
        self.optimiser.step()
        self.average.update(self.network)
        return total, round(right)

    def _placed(self, batch: Batch) -> Batch:
        device = self._world.device
        if device.type == "cpu":
            return batch

        def placed(tensor: Tensor) -> Tensor:
            return tensor.to(device, non_blocking=True)

        second = batch.second
        if second is not None:
            second = Second(Targets(*map(placed, second.targets)), placed(second.share))
        targets = Targets(*map(placed, batch.targets))
        return Batch(placed(batch.waves), targets, placed(batch.responses), second)

    def _precision(self) -> Any:
        """Half precision for the network where that is faster; what is around it stays single."""
        if self._world.device.type == "cuda":
            return torch.autocast("cuda", torch.bfloat16)
        return nullcontext()

    def _sums(
        self, scores: Tensor, evidence: Tensor, targets: Targets, second: Second | None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Losses over windows and over frames, and how many frames these are: sums over rows."""
        if second is None:
            return self._weighed(scores, evidence, targets, None)
        first = self._weighed(scores, evidence, targets, 1.0 - second.share)
        other = self._weighed(scores, evidence, second.targets, second.share)
        return first[0] + other[0], first[1] + other[1], first[2] + other[2]

    def _weighed(
        self, scores: Tensor, evidence: Tensor, targets: Targets, weights: Tensor | None
    ) -> tuple[Tensor, Tensor, Tensor]:
        config = self.network.config
        first = config.receptive_frames - 1 - config.lookahead
        frames = targets.frames[:, first : first + evidence.shape[1]]
        loss = functional.cross_entropy(
            scores, targets.labels, label_smoothing=self._recipe.smoothing, reduction="none"
        )
        if self._recipe.focal:
            loss = loss * unsure(scores, targets.labels, self._recipe.focal)
        frame_loss = functional.cross_entropy(
            evidence.flatten(0, 1), frames.flatten(), ignore_index=IGNORED, reduction="none"
        ).view(frames.shape)
        clear = (frames != IGNORED).float()
        if weights is not None:
            loss, frame_loss = loss * weights, frame_loss * weights.unsqueeze(1)
            clear = clear * weights.unsqueeze(1)
        return loss.sum(), frame_loss.sum(), clear.sum()


def unsure(scores: Tensor, labels: Tensor, focal: float) -> Tensor:
    """How much each example counts: (1 - p)^focal, float32 (B,), p the posterior of its label.

    Focal loss, after Lin et al. 2017, but for their gradient through the weight.
    """
    right = scores.detach().softmax(dim=1).gather(1, labels.unsqueeze(1)).squeeze(1)
    return (1.0 - right) ** focal
