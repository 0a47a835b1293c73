"""Beginning a run from a model that is there, instead of from nothing, and going on with one."""

from collections.abc import Sequence
from pathlib import Path

import torch

from kwspot.errors import ModelError, OptionError
from kwspot.spotting.checkpoint import Checkpoint, load
from kwspot.spotting.features import FeatureConfig
from kwspot.spotting.network import Network, NetworkConfig

from .plan import Plan
from .recipe import Recipe
from .state import RECIPE_FILE, Place
from .teachers import Teachers, owed
from .tuning import BIAS

HEADS = ("window_scores", "frame_scores")
"""The layers that have a row for each label."""


def check_models(plan: Plan) -> None:
    """Raise ModelError or OptionError where a run cannot begin from the model, or learn from the
    teachers, that it names: better now than after everything is decoded."""
    if plan.folders.start is not None:
        _fitting(plan.folders.start, plan.recipe.network(FeatureConfig()))
    Teachers(plan.folders.teacher, plan.recipe, torch.device("cpu"))


def begin_from(path: Path, network: Network, recipe: Recipe) -> None:
    """Give a network the weights of a model file; a label that both have keeps what is known of it,
    and unknown and silence get again what was taken back from their scores (`Recipe.prior`).

    Raises ModelError for a file that is no model, OptionError for one of another shape.
    """
    labels = recipe.labels
    checkpoint = _fitting(path, network.config)
    given = dict(checkpoint.build().state_dict())
    own = network.state_dict()
    shared = [label for label in labels if label in checkpoint.labels]
    to = torch.tensor([labels.index(label) for label in shared], dtype=torch.long)
    source = torch.tensor([checkpoint.labels.index(label) for label in shared], dtype=torch.long)
    for head in HEADS:
        for part in ("weight", "bias"):
            row = own[f"{head}.{part}"].clone()
            row[to] = given[f"{head}.{part}"][source]
            given[f"{head}.{part}"] = row
    for label, drawn in recipe.owed(1).items():
        if label in shared:
            # Scores that fit other examples than it gets would cost it the first steps.
            given[BIAS][labels.index(label)] += drawn - owed(checkpoint, label, drawn)
    network.load_state_dict(given)


def _fitting(path: Path, mine: NetworkConfig) -> Checkpoint:
    """The model of a file, where it has the shape of a network."""
    checkpoint = load(path)
    known = checkpoint.network
    if not isinstance(known, NetworkConfig):
        raise OptionError(f"--from {path} is a model of the seed recipe; name one of the default")
    for name in ("bins", "bands", "channels", "features", "pairs", "kernel", "stem_kernel"):
        here, there = getattr(mine, name), getattr(known, name)
        if here != there:
            raise OptionError(
                f"--from {path} has {there} {name} and the recipe {here}: "
                f"set {name} = {there} in the recipe"
            )
    return checkpoint


def check_same(folder: Path, place: Place, recipe: Recipe, teachers: Sequence[str]) -> None:
    """Raise OptionError where a run's recipe or teachers are not those it was begun with,
    ModelError for a place that is in no such run."""
    recipe.check_same(folder / RECIPE_FILE, place.recipe)
    if place.epoch < recipe.epochs and tuple(place.teachers) != tuple(teachers):
        raise OptionError(
            f"the teachers that {folder / RECIPE_FILE} names are not those the run was begun "
            "with: put them back, or begin a new run with it by --recipe"
        )
    if not (0 <= place.epoch <= recipe.epochs and 0 <= place.tally.batches <= recipe.batches):
        raise ModelError(
            f"{folder} has kept {place.epoch} epochs and {place.tally.batches} batches, its recipe "
            f"has {recipe.epochs} of {recipe.batches}: they do not belong together"
        )
