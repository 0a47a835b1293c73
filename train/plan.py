"""From settings to a plan: every value decided, every recording found, nothing decoded yet."""

from dataclasses import dataclass

from kwspot.errors import OptionError
from kwspot.spotting.checkpoint import load

from .catalog import Recording
from .material import chosen_clips, others
from .random_split import random_split
from .recipe import Recipe
from .recipe_file import Folders, Settings


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run will do. recordings: in the order in which they are drawn from."""

    recipe: Recipe
    folders: Folders
    recordings: tuple[Recording, ...]


def plan(settings: Settings) -> Plan:
    """Fill in what the settings leave open; raises KwspotError for what makes no run."""
    if "data" not in settings.folders:
        raise OptionError("--data DIR is missing: a folder with a folder of recordings per word")
    folders = Folders(**settings.folders)
    if folders.filter_model is not None:
        # Better to fail now than after everything is decoded.
        load(folders.filter_model)
    values = dict(settings.values)
    words, clips = chosen_clips(folders, values.pop("words", ()))
    recipe = Recipe(words=words, **values)
    if recipe.split_by == "random":
        clips = random_split(clips, recipe.seed)
    return Plan(recipe, folders, (*clips, *others(folders, words)))
