"""Teachers: models that are there already, whose posteriors a new one learns from as well."""

import hashlib
import math
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from kwspot.errors import OptionError
from kwspot.spotting.checkpoint import SILENCE, UNKNOWN, Checkpoint, load
from kwspot.spotting.features import FeatureConfig
from kwspot.spotting.network import Network, NetworkConfig

from .recipe import MixRecipe, Recipe


class Teachers:
    """The mean of what some models make of the examples, after Hinton et al. 2015 (distillation).

    Every teacher knows the words of the recipe; what else it names is other speech. How likely
    other speech and silence are to it before it hears anything becomes how often they are drawn
    for the student. Raises ModelError for a file that is no model, OptionError for one that cannot
    teach.
    """

    def __init__(self, paths: Sequence[Path], recipe: Recipe, device: torch.device) -> None:
        self._labels, self._device = recipe.labels, device
        self._models = [_able(path, recipe) for path in paths]
        built = [model.build().eval().requires_grad_(False).to(device) for model in self._models]
        self._networks = [network for network in built if isinstance(network, Network)]
        self._folds = [_fold(model.labels, recipe.labels).to(device) for model in self._models]
        self._shifts: dict[MixRecipe, list[Tensor]] = {}
        self.marks = tuple(map(_mark, self._models))
        """What tells whether they are the same when a run goes on."""

    def __bool__(self) -> bool:
        return bool(self._models)

    @torch.no_grad()
    def __call__(self, columns: Tensor, mix: MixRecipe) -> Tensor:
        """Real and imaginary columns (B, 2, F, T) of examples drawn by a mix -> posteriors, float32
        (B, labels)."""
        told = []
        for network, shift, fold in zip(
            self._networks, self._shifted(mix), self._folds, strict=True
        ):
            # What is around the network stays single, whatever precision it is asked in.
            with torch.autocast(self._device.type, enabled=False):
                bands = network.bands(columns)
            scores = network.head(network.encode(bands))
            with torch.autocast(self._device.type, enabled=False):
                told.append((scores.float() + shift).softmax(dim=1) @ fold)
        return torch.stack(told).mean(dim=0)

    def _shifted(self, mix: MixRecipe) -> list[Tensor]:
        """What is added to each teacher's scores for examples of a mix."""
        if mix not in self._shifts:
            self._shifts[mix] = [
                torch.tensor(_shift(model, mix, self._labels), device=self._device)
                for model in self._models
            ]
        return self._shifts[mix]


def _able(path: Path, recipe: Recipe) -> Checkpoint:
    """The model of a file, where it can teach what a recipe names."""
    model = load(path)
    if not isinstance(model.network, NetworkConfig):
        raise OptionError(
            f"--teacher {path} is a model of the seed recipe; name one of the default"
        )
    if model.features != FeatureConfig():
        raise OptionError(f"--teacher {path} hears other spectrograms than the recipe's network")
    missing = [word for word in recipe.words if word not in model.labels]
    if missing:
        raise OptionError(
            f"--teacher {path} does not know {', '.join(missing)}: "
            "a teacher has to know every word that is to be learned"
        )
    return model


def _mark(model: Checkpoint) -> str:
    """Of all that decides what a teacher tells; the same after the file was written anew."""
    found = hashlib.sha256(repr((model.labels, model.facts.get("owed"))).encode())
    for name in sorted(model.weights):
        # In double precision, which holds what any file may hold.
        found.update(model.weights[name].double().numpy().tobytes())
    return found.hexdigest()[:16]


def _fold(known: Sequence[str], wanted: Sequence[str]) -> Tensor:
    """Which wanted label each known one counts as: float32 (known, wanted), one 1 in each row."""
    fold = torch.zeros(len(known), len(wanted))
    for row, label in enumerate(known):
        fold[row, wanted.index(label if label in wanted else UNKNOWN)] = 1.0
    return fold


def _shift(model: Checkpoint, mix: MixRecipe, labels: Sequence[str]) -> list[float]:
    """What is added to a teacher's scores so that other speech, under whatever names, and silence
    are as likely for it before it hears anything as they are drawn for the student."""
    drawn = mix.excess(len(labels) - 2)
    # Words that are not to be learned came to the teacher as often as those that are.
    folded = sum(word not in labels for word in model.words)
    shifts = []
    for label in model.labels:
        meant = label if label in labels else UNKNOWN
        if meant not in (UNKNOWN, SILENCE):
            shifts.append(0.0)
        elif meant not in drawn:
            # For this student it is never the answer.
            shifts.append(-math.inf)
        else:
            shift = drawn[meant] - owed(model, label, drawn[meant]) if label == meant else 0.0
            if meant == UNKNOWN:
                shift -= math.log1p(folded * math.exp(-drawn[meant]))
            shifts.append(shift)
    return shifts


def owed(model: Checkpoint, label: str, usual: float) -> float:
    """What a label still owes to how often it was drawn (`Recipe.owed`), as the model's facts say;
    `usual` where they do not."""
    facts = model.facts.get("owed")
    value = facts.get(label) if isinstance(facts, dict) else None
    return value if isinstance(value, float) and math.isfinite(value) else usual
