"""A run: epoch after epoch, each measured and kept, so that it can stop at any moment and go on.

What an epoch does is decided by the recipe and the epoch's number alone. A run that was stopped
draws its unfinished epoch anew from its beginning, and ends at the very same weights.
"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace

import torch
from torch import Tensor

from kwspot.errors import ModelError, TrainingError
from kwspot.spotting.checkpoint import Checkpoint, DetectorConfig, load, save
from kwspot.spotting.features import FeatureConfig
from kwspot.spotting.network import Network, NetworkConfig

from .catalog import Kind, Split
from .corpus import Corpus
from .evaluate import Score, score_clips
from .facts import data_facts, model_facts, score_facts
from .fit import Fitter, Losses
from .folder import RunFolder
from .material import check_enough
from .mixing import Mixer
from .plan import Plan
from .state import STATE_FILE, load_state, save_state
from .tuning import tuned, with_less_prior


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
    with validation; rate: the last learning rate.
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


def network_config(plan: Plan, features: FeatureConfig) -> NetworkConfig:
    """The network of a recipe."""
    recipe = plan.recipe
    return NetworkConfig(
        labels=len(recipe.labels),
        bins=features.bins,
        sample_rate_hz=features.sample_rate_hz,
        bands=recipe.bands,
        channels=recipe.channels,
        features=recipe.features,
        dropout=recipe.dropout,
    )


class Run:
    """A training run in its folder. workers: loader processes; they change nothing but speed.

    Raises OptionError where the corpus does not hold enough of every word.
    """

    def __init__(self, folder: RunFolder, plan: Plan, corpus: Corpus, workers: int) -> None:
        check_enough(corpus, plan.recipe.words)
        self._folder, self._plan, self._corpus = folder, plan, corpus
        self._features = FeatureConfig()
        torch.manual_seed(plan.recipe.seed)
        network = Network(network_config(plan, self._features))
        mixers = {
            mix: Mixer(corpus, plan.recipe.words, mix, self._features)
            for mix in (plan.recipe.mix, plan.recipe.finish_mix)
        }
        self._fit = Fitter(plan.recipe, mixers, network, workers)
        self._measured = Network(network.config)
        self._data = data_facts(plan, corpus.recordings)
        self.validation = tuple(
            index
            for index, clip in enumerate(corpus.recordings)
            if clip.kind is Kind.WORD
            and clip.split is Split.VALIDATION
            and clip.word in plan.recipe.words
        )
        self.done = 0
        """Epochs that are done and kept."""

    def begin(self) -> None:
        """Make the run's folder; raises TrainingError where that fails."""
        self._folder.begin(self._plan, self._corpus)

    def resume(self) -> None:
        """Go on after the last whole epoch; raises ModelError where its state cannot be used."""
        self._folder.begin(self._plan, self._corpus)
        if self._folder.has_epochs:
            fit = self._fit
            self.done = load_state(self._folder.path, fit.network, fit.average, fit.optimiser)
            if not 0 <= self.done <= self._plan.recipe.epochs:
                raise ModelError(
                    f"{self._folder.path / STATE_FILE} has {self.done} epochs, its recipe "
                    f"{self._plan.recipe.epochs}: they do not belong together"
                )
        self._folder.forget_after(self.done)

    def steps(self) -> Iterator[Step | Epoch]:
        """Train to the end, a report at a time; may be left after any of them.

        Raises TrainingError where the loss is no longer a number or the folder is full; the
        last whole epoch stays.
        """
        recipe = self._plan.recipe
        for number in range(self.done, recipe.epochs):
            began = time.monotonic()
            losses: Losses | None = None
            speed = 0.0
            try:
                for losses in self._fit.epoch(number):
                    speed = losses.batches * recipe.batch / (time.monotonic() - began)
                    yield Step(number + 1, losses, speed)
                self._check_finite()
            except TrainingError as error:
                raise TrainingError(f"epoch {number + 1}: {error}; {self._kept()}") from error
            assert losses is not None, "an epoch has at least one batch"
            score = self._score(self._fit.average.values)
            line = _line(number + 1, losses, score, time.monotonic() - began, speed)
            self._keep(line, score)
            yield line

    def tune(self) -> None:
        """Finish the model of the last epoch: its priors, then its thresholds."""
        finished = load(self._folder.model)
        weights = with_less_prior(self._fit.average.values, self._plan.recipe)
        facts = {**finished.facts, "validation": score_facts(self._score(weights))}
        finished = replace(finished, weights=weights, facts=facts, detector=DetectorConfig())
        save(tuned(finished, self._corpus), self._folder.model)

    def _kept(self) -> str:
        return f"{self._folder.path} keeps epoch {self.done}" if self.done else "nothing was kept"

    def _check_finite(self) -> None:
        # The loss of the last step says nothing about the weights it has left.
        if not all(bool(value.isfinite().all()) for value in self._fit.average.values.values()):
            raise TrainingError("the weights are no longer numbers; try a lower --rate")

    def _score(self, weights: Mapping[str, Tensor]) -> Score | None:
        self._measured.load_state_dict(dict(weights))
        if not self.validation:
            return None
        labels = self._plan.recipe.labels
        return score_clips(self._measured, self._corpus, self.validation, labels, self._features)

    def _keep(self, line: Epoch, score: Score | None) -> None:
        """Write the model, the metrics, then the state: where that lies, the epoch is whole."""
        fit, network = self._fit, self._fit.network
        weights = fit.average.values
        facts = model_facts(
            self._plan, self._data, network.config, weights, self._features.frames, line.epoch
        )
        facts["validation"] = score_facts(score)
        checkpoint = Checkpoint(
            self._plan.recipe.labels,
            self._features,
            network.config,
            DetectorConfig(),
            facts,
            weights,
        )
        save(checkpoint, self._folder.model)
        self._folder.add_metrics(asdict(line))
        save_state(self._folder.path, line.epoch, network, fit.average, fit.optimiser)
        self.done = line.epoch


def _line(
    epoch: int, losses: Losses, score: Score | None, seconds: float, clips_per_second: float
) -> Epoch:
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
    )
