"""A run: epoch after epoch, each measured and kept, so that it can stop at any moment and go on.

What a batch does is decided by the recipe, the epoch's number and the batch's place in it alone. A
run that was stopped goes on behind its last batch, one that was killed behind its last whole epoch,
and both end at the very same weights.
"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace

import torch
from torch import Tensor

from kwspot.errors import ModelError, TrainingError
from kwspot.spotting.checkpoint import Checkpoint, save
from kwspot.spotting.detector_config import DetectorConfig
from kwspot.spotting.features import FeatureConfig
from kwspot.spotting.network import Network

from .catalog import Kind, Split
from .corpus import Corpus
from .evaluate import Score, score_clips
from .facts import COMPLETE, data_facts, model_facts, score_facts
from .finals import Finals
from .fit import Fitter
from .folder import RunFolder
from .hard import mined, nowhere, shared
from .material import check_enough
from .mixing import Mixer
from .parallel import World
from .plan import Plan
from .reports import Epoch, Losses, Step, epoch_line
from .start import begin_from, check_same
from .state import NOTHING, Place, load_state, place_of, save_state
from .teachers import Teachers
from .tuning import tuned, with_less_prior

__all__ = ["Epoch", "Losses", "Run", "Step"]


class Run:
    """A training run in its folder. workers: loader processes; they change nothing but speed;
    world: where it trains, and with which other processes.

    Raises OptionError where the corpus does not hold enough of every word.
    """

    def __init__(
        self, folder: RunFolder, plan: Plan, corpus: Corpus, workers: int,
        world: World | None = None,
    ) -> None:  # fmt: skip
        check_enough(corpus, plan.recipe.words)
        self.world = world or World()
        self._folder, self._plan, self._corpus = folder, plan, corpus
        self._features = FeatureConfig()
        torch.manual_seed(plan.recipe.seed)
        network = Network(plan.recipe.network(self._features))
        if plan.folders.start is not None and not folder.has_epochs:
            begin_from(plan.folders.start, network, plan.recipe)
        mixers = {
            mix: Mixer(corpus, plan.recipe.words, mix, self._features)
            for mix in (plan.recipe.mix, plan.recipe.finish_mix)
        }
        self._measured = Network(network.config)
        kept = place_of(folder.path)
        # Where only thresholds are left to choose, nobody has to be there to teach.
        taught = kept is None or kept.epoch < plan.recipe.epochs
        teachers = plan.folders.teacher if taught else ()
        self._teachers = Teachers(teachers, plan.recipe, self.world.device)
        self._fit = Fitter(plan.recipe, mixers, network, workers, self.world, self._teachers)
        self._data = data_facts(plan, corpus.recordings)
        self._finals = Finals(folder.best, plan.recipe.epochs, corpus)
        self._material = corpus.digest()
        self.other_material = False
        """Whether the recordings are not those the run was begun with."""
        self._to_mine = False
        self._tally = NOTHING
        self.validation = tuple(
            index
            for index, clip in enumerate(corpus.recordings)
            if clip.kind is Kind.WORD
            and clip.split is Split.VALIDATION
            and clip.word in plan.recipe.words
        )
        self.done = 0
        """Epochs that are done and kept."""

    @property
    def batches(self) -> int:
        """Batches that are done of the epoch after those."""
        return self._tally.batches

    def begin(self) -> None:
        """Make the run's folder; raises TrainingError where that fails."""
        if self.world.first:
            self._folder.begin(self._plan, self._corpus)

    def resume(self) -> str | None:
        """Go on behind the last batch that was kept.

        Returns a warning where the newest state is damaged and the one before serves. Raises
        ModelError where no state can be used, OptionError where the recipe is another one.
        """
        warning = None
        self.begin()
        if self._folder.has_epochs:
            fit = self._fit
            loaded = load_state(self._folder.path, fit.network, fit.average, fit.optimiser)
            check_same(self._folder.path, loaded.place, self._plan.recipe, self._teachers.marks)
            self.done, self._tally = loaded.place.epoch, loaded.place.tally
            self.other_material = loaded.place.material not in ("", self._material)
            # Hard places count recordings: among others these are other places.
            fit.hard = nowhere() if loaded.hard is None or self.other_material else loaded.hard
            self._to_mine = self.other_material
            warning = loaded.warning
        if not self.world.agree((self.done, self.batches)):
            raise TrainingError(
                f"the processes do not see the same {self._folder.path}: resuming needs a disk "
                "that all machines share"
            )
        if self.world.first:
            self._folder.forget_after(self.done)
        return warning

    def steps(self) -> Iterator[Step | Epoch]:
        """Train to the end, a report at a time; may be left after any of them, then `pause`.

        Raises TrainingError where the loss is no longer a number or the folder is full; what was
        kept before stays.
        """
        recipe = self._plan.recipe
        for number in range(self.done, recipe.epochs):
            began = time.monotonic()
            self._mine(number)
            ready, before = time.monotonic(), self._tally
            try:
                for tally in self._fit.epoch(number, before):
                    seconds = time.monotonic() - ready
                    self._tally = replace(tally, seconds=before.seconds + seconds)
                    speed = (tally.batches - before.batches) * recipe.batch / seconds
                    yield Step(number + 1, self._losses(), speed)
                self._check_finite()
            except TrainingError as error:
                raise TrainingError(f"epoch {number + 1}: {error}; {self._kept()}") from error
            speed = recipe.batches * recipe.batch / self._tally.seconds
            score = self._score(self._fit.average.values)
            missed = self._judged(number + 1)
            seconds = before.seconds + time.monotonic() - began
            line = epoch_line(number + 1, self._losses(), score, seconds, speed, missed)
            self._keep(line, score)
            yield line

    def _mine(self, number: int) -> None:
        """Look for hard places where an epoch that begins has to."""
        every = self._plan.recipe.mine_every
        if self.batches or not every or (number % every and not self._to_mine):
            return
        if number == 0 and self._plan.folders.start is None:
            return
        places = None
        if self.world.first:
            model = self._checkpoint(self._averages(), None, number)
            places = mined(model, self._corpus, (self._plan.recipe.seed, number))
        self._fit.hard, self._to_mine = shared(places, self.world), False

    def pause(self) -> None:
        """Keep the place inside the epoch; raises TrainingError where that fails."""
        if self.batches and self.world.first:
            try:
                self._check_finite()
            except TrainingError as error:
                raise TrainingError(f"epoch {self.done + 1}: {error}; {self._kept()}") from error
            self._save()

    def tune(self) -> None:
        """Finish the best model: its thresholds, and what these cost."""
        if self.world.first:
            model = self._finals.best(self.done) or self._finished(self.done)
            model = tuned(replace(model, facts={**model.facts, COMPLETE: True}), self._corpus)
            save(model, self._folder.model)

    def _judged(self, epoch: int) -> float | None:
        """What the model of an epoch misses in streams, where it is judged."""
        if not self.world.first or not self._finals.wants(epoch):
            return None
        try:
            return self._finals.judge(self._finished(epoch))
        except ModelError as error:
            raise TrainingError(f"epoch {epoch}: {error}; {self._kept()}") from error

    def _finished(self, epochs: int) -> Checkpoint:
        """The model of the present weights, its priors mended."""
        weights = with_less_prior(self._averages(), self._plan.recipe)
        model = self._checkpoint(weights, self._score(weights), epochs, finished=True)
        return replace(model, detector=DetectorConfig(caution=self._plan.recipe.caution))

    def _losses(self) -> Losses:
        """What the epoch has come to."""
        tally, recipe = self._tally, self._plan.recipe
        return Losses(
            tally.batches,
            tally.loss / tally.batches,
            tally.right / (tally.batches * recipe.batch),
            self._fit.rate(self.done * recipe.batches + tally.batches - 1),
        )

    def _averages(self) -> dict[str, Tensor]:
        return {name: value.cpu() for name, value in self._fit.average.values.items()}

    def _kept(self) -> str:
        return f"{self._folder.path} keeps epoch {self.done}" if self.done else "nothing was kept"

    def _check_finite(self) -> None:
        # The loss of the last step says nothing about the weights it has left.
        if not all(bool(value.isfinite().all()) for value in self._fit.average.values.values()):
            raise TrainingError("the weights are no longer numbers; try a lower --rate")

    def _score(self, weights: Mapping[str, Tensor]) -> Score | None:
        self._measured.load_state_dict(dict(weights))
        if not self.validation or not self.world.first:
            return None
        labels = self._plan.recipe.labels
        return score_clips(self._measured, self._corpus, self.validation, labels, self._features)

    def _checkpoint(
        self, weights: Mapping[str, Tensor], score: Score | None, epochs: int, *,
        finished: bool = False,
    ) -> Checkpoint:  # fmt: skip
        network = self._fit.network.config
        facts = model_facts(self._plan, self._data, network, weights, self._features.frames, epochs)
        facts["owed"] = self._plan.recipe.owed(epochs, finished=finished)
        facts["validation"] = score_facts(score)
        labels = self._plan.recipe.labels
        return Checkpoint(labels, self._features, network, DetectorConfig(), facts, weights)

    def _keep(self, line: Epoch, score: Score | None) -> None:
        """Write the model, the metrics, then the state: where that lies, the epoch is whole."""
        if self.world.first:
            try:
                save(self._checkpoint(self._averages(), score, line.epoch), self._folder.model)
            except ModelError as error:
                raise TrainingError(f"epoch {line.epoch}: {error}; {self._kept()}") from error
            self._folder.add_metrics(asdict(line))
        self.done, self._tally = line.epoch, NOTHING
        if self.world.first:
            self._save()

    def _save(self) -> None:
        recipe, marks = self._plan.recipe.plain(), self._teachers.marks
        place = Place(self.done, self._tally, recipe, marks, self._material)
        fit = self._fit
        save_state(self._folder.path, place, fit.network, fit.average, fit.optimiser, fit.hard)
