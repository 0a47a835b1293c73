"""Near the end of a run models are judged by what they miss in streams, and the best is kept."""

from dataclasses import replace
from pathlib import Path

from kwspot.errors import ModelError
from kwspot.spotting.checkpoint import Checkpoint, load, save

from .corpus import Corpus
from .tuning import missed_at_budget

BEFORE_LAST = 4
"""How many models are judged before the last one."""
MISSED = "missed_at_budget"


class Finals:
    """Keeps the best of the last models in a file. path: where; epochs: of the whole run."""

    def __init__(self, path: Path, epochs: int, corpus: Corpus) -> None:
        self._path, self._epochs, self._corpus = path, epochs, corpus

    def wants(self, epoch: int) -> bool:
        """Whether the model after an epoch, from 1, is judged."""
        every = max(1, self._epochs // 40)
        left = self._epochs - epoch
        return left <= BEFORE_LAST * every and left % every == 0

    def judge(self, model: Checkpoint) -> float | None:
        """The share of words a model misses in streams, None where the data do not say; kept where
        none of those before it misses fewer. Raises ModelError where it cannot be written."""
        missed = missed_at_budget(model, self._corpus)
        if missed is None:
            return None
        best = self.best(model.facts["epochs"])
        if best is None or missed <= best.facts[MISSED]:
            save(replace(model, facts={**model.facts, MISSED: missed}), self._path)
        return missed

    def best(self, epoch: int) -> Checkpoint | None:
        """The best model up to an epoch; one of later epochs, which a run that goes on from an
        earlier state will run again, is none."""
        try:
            best = load(self._path)
        except ModelError:
            return None
        return best if best.facts["epochs"] <= epoch else None
