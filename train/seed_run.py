"""A run of the seed: a learning-rate finder, epochs until the validation loss rests, a test.

Beside what every run has in its folder (see `folder`):

lr_finder.json, .png  the sweep of the learning rate, what it suggests, and a plot of it
epochs/epoch-NN.safetensors  the model after every epoch
model.safetensors     that of the epoch with the lowest validation loss, so far
"""

import math
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

from kwspot.errors import ModelError, OptionError, TrainingError
from kwspot.spotting.checkpoint import Checkpoint, load, save
from kwspot.spotting.features import FeatureConfig
from kwspot.spotting.seed_network import SeedNetwork

from .catalog import Split
from .corpus import Corpus
from .folder import RunFolder
from .material import check_enough
from .pictures.learning import FINDER_FILE, finder_picture, read_finder
from .rate_finder import Sweep, sweep, write_sweep
from .reports import Losses
from .seed_facts import SEED_DETECTOR, seed_facts
from .seed_fit import CPU, Measured, SeedFitter
from .seed_plan import SeedPlan
from .seed_recipe import AUTO
from .seed_reports import SeedEpoch, SeedStep, epoch_line, figures
from .state import RECIPE_FILE, STATE_FILE, Average, Place, load_state, save_state


class SeedRun:
    """A run of the seed in its folder. Raises OptionError where a split lacks clips."""

    def __init__(
        self, folder: RunFolder, plan: SeedPlan, corpus: Corpus, device: torch.device = CPU
    ) -> None:
        self._folder, self._plan, self._corpus = folder, plan, corpus
        check_enough(corpus, plan.recipe.words)
        self.clips = {
            split: tuple(
                place for place, clip in enumerate(corpus.recordings) if clip.split is split
            )
            for split in Split
        }
        if not self.clips[Split.VALIDATION]:
            raise OptionError(
                "no clip is in the validation split, which decides when the seed recipe stops: "
                "give more recordings, or split them at random"
            )
        self._fit = SeedFitter(plan.recipe, corpus, self.clips[Split.TRAINING], device)
        self._features = FeatureConfig()
        # The method keeps no average of weights.
        self._average = Average(nn.Module(), 0.0)
        self._losses: list[float] = []
        self.rate: float | None = None
        """The highest learning rate, None until the finder has said it."""
        if plan.recipe.rate != AUTO:
            self._use_rate(plan.recipe.rate)

    @property
    def done(self) -> int:
        """Epochs that are done and kept."""
        return len(self._losses)

    @property
    def best(self) -> int:
        """The epoch with the lowest validation loss, from 1; 0 before there is any."""
        return self._losses.index(min(self._losses)) + 1 if self._losses else 0

    @property
    def ended(self) -> bool:
        """Whether all epochs are done, or the validation loss has not fallen for long enough."""
        recipe = self._plan.recipe
        return self.done >= recipe.epochs or (
            self.done > 0 and self.done - self.best >= recipe.patience
        )

    @property
    def batches(self) -> int:
        """Batches in an epoch."""
        return self._fit.batches

    @property
    def sought(self) -> bool:
        """Whether the learning-rate finder has run, or is no longer of use."""
        return self.rate is not None and (
            self.done > 0 or (self._folder.path / FINDER_FILE).exists()
        )

    def _use_rate(self, rate: float) -> None:
        self.rate = rate
        self._fit.use_rate(rate)

    def begin(self) -> None:
        """Make the run's folder; raises TrainingError where that fails."""
        self._folder.begin(self._plan, self._corpus)

    def resume(self) -> str | None:
        """Go on after the last whole epoch.

        Returns a warning where the newest state is damaged and the one before serves. Raises
        ModelError where neither can be used, OptionError where the recipe is another one.
        """
        self._folder.begin(self._plan, self._corpus)
        found = read_finder(self._folder.path)
        if self.rate is None and found is not None and found["used"] is not None:
            self._use_rate(found["used"])
        done, warning = 0, None
        if self._folder.has_epochs:
            loaded = load_state(
                self._folder.path, self._fit.network, self._average, self._fit.optimiser
            )
            self._plan.recipe.check_same(self._folder.path / RECIPE_FILE, loaded.place.recipe)
            done, warning = loaded.place.epoch, loaded.warning
        self._folder.forget_after(done)
        try:
            self._losses = [float(line["validation_loss"]) for line in self._folder.metrics()]
        except (KeyError, TypeError, ValueError) as error:
            raise self._apart(f"metrics.jsonl is damaged ({error})") from error
        if len(self._losses) != done or done > self._plan.recipe.epochs:
            raise self._apart(f"{STATE_FILE} has {done} epochs, metrics.jsonl {len(self._losses)}")
        return warning

    def _apart(self, why: str) -> ModelError:
        return ModelError(f"{self._folder.path} cannot be gone on with: {why}; begin a new run")

    def find_rate(self) -> Iterator[SeedStep | Sweep]:
        """Run the learning-rate finder and keep what it found; may be left after any step."""
        recipe = self._plan.recipe
        for report in sweep(self._fit, recipe.finder_steps):
            if isinstance(report, int):
                yield SeedStep("finding a rate", report, recipe.finder_steps)
                continue
            if self.rate is None:
                self._use_rate(report.suggestion)
            assert self.rate is not None, "it has just been said"
            with self._folder.whole("lr_finder.png") as path:
                path.write_bytes(finder_picture({**asdict(report), "used": self.rate}))
            with self._folder.whole(FINDER_FILE) as path:
                write_sweep(report, self.rate, path)
            yield report

    def steps(self) -> Iterator[SeedStep | SeedEpoch]:
        """Train until it has ended, a report at a time; may be left after any of them.

        Raises TrainingError where the loss is no longer a number or the folder is full; the last
        whole epoch stays.
        """
        while not self.ended:
            try:
                yield from self._epoch(self.done)
            except (TrainingError, ModelError) as error:
                kept = f"{self._folder.path} keeps epoch {self.done}"
                raise TrainingError(
                    f"epoch {self.done + 1}: {error}; {kept if self.done else 'nothing was kept'}"
                ) from error

    def _epoch(self, number: int) -> Iterator[SeedStep | SeedEpoch]:
        began = time.monotonic()
        losses: Losses | None = None
        total, batch = len(self.clips[Split.TRAINING]), self._plan.recipe.batch
        speed, phase = 0.0, f"epoch {number + 1}/{self._plan.recipe.epochs}"
        for losses in self._fit.epoch(number):
            done = min(total, losses.batches * batch)
            speed = done / (time.monotonic() - began)
            yield SeedStep(phase, done, total, losses, speed)
        assert losses is not None, "an epoch has at least one batch"
        validation = self.clips[Split.VALIDATION]
        for report in self._fit.measure(self._fit.network, validation):
            if isinstance(report, int):
                yield SeedStep(f"{phase}, validation", report, len(validation), losses, speed)
                continue
            if not math.isfinite(report.loss):
                raise TrainingError("the loss is no longer a number; try a lower --rate")
            line = epoch_line(number + 1, losses, report, time.monotonic() - began, speed)
            self._keep(line, report)
            yield line

    def _keep(self, line: SeedEpoch, validation: Measured) -> None:
        """Write the models, the metrics, then the state: where that lies, the epoch is whole."""
        network = self._fit.network
        facts = seed_facts(self._plan, self._corpus.recordings, network, line.epoch)
        facts["rate"] = self.rate
        facts["validation"] = figures(validation)
        weights = {name: value.cpu() for name, value in network.state_dict().items()}
        checkpoint = Checkpoint(
            self._plan.recipe.words, self._features, network.config, SEED_DETECTOR, facts, weights
        )
        path = self.epoch_model(line.epoch)
        try:
            path.parent.mkdir(exist_ok=True)
        except OSError as error:
            raise TrainingError(f"{path.parent} cannot be made: {error.strerror}") from error
        save(checkpoint, path)
        if not self._losses or line.validation_loss < min(self._losses):
            save(checkpoint, self._folder.model)
        self._folder.add_metrics(asdict(line))
        place = Place(line.epoch, recipe=self._plan.recipe.plain())
        save_state(self._folder.path, place, network, self._average, self._fit.optimiser)
        self._losses.append(line.validation_loss)

    def epoch_model(self, epoch: int) -> Path:
        """Where the model of an epoch, counted from 1, lies."""
        digits = max(2, len(str(self._plan.recipe.epochs)))
        return self._folder.path / "epochs" / f"epoch-{epoch:0{digits}}.safetensors"

    def test(self) -> Iterator[SeedStep | Measured]:
        """Measure the best epoch on the testing split, write that into the model and report it.

        Nothing is reported where the split holds no clip.
        """
        best = load(self.epoch_model(self.best))
        network, clips = best.build(), self.clips[Split.TESTING]
        assert isinstance(network, SeedNetwork), "a run of the seed keeps seed networks"
        network.to(self._fit.device)
        facts: dict[str, Any] = {**best.facts, "epochs_run": self.done, "testing": None}
        found = None
        for report in self._fit.measure(network, clips) if clips else ():
            if isinstance(report, int):
                yield SeedStep("testing", report, len(clips))
            else:
                found = report
                facts["testing"] = figures(report)
        save(replace(best, facts=facts), self._folder.model)
        if found is not None:
            yield found
