"""From settings to the plan of a run of the seed: its recipe, and the clips of its words alone."""

from dataclasses import dataclass

from kwspot.errors import OptionError

from .catalog import Kind, Recording
from .material import gather
from .random_split import random_split
from .recipe_file import Folders, Settings
from .seed_recipe import SeedRecipe


@dataclass(frozen=True, slots=True)
class SeedPlan:
    """What a run will do. recordings: clips of the words, each in its split."""

    recipe: SeedRecipe
    folders: Folders
    recordings: tuple[Recording, ...]


def seed_plan(settings: Settings) -> SeedPlan:
    """Fill in what the settings leave open; raises KwspotError for what makes no run."""
    if "data" not in settings.folders:
        raise OptionError("--data DIR is missing: a folder with a folder of recordings per word")
    others = [name for name in settings.folders if name != "data" and settings.folders[name]]
    if others:
        raise OptionError(
            f"the seed recipe hears the clips of its words alone: leave {others[0]} away"
        )
    folders = Folders(**settings.folders)
    values = dict(settings.values)
    material = gather(folders, values.pop("words", ()))
    recipe = SeedRecipe(words=material.words, **values)
    clips = tuple(
        clip for clip in material.recordings if clip.kind is Kind.WORD and clip.word in recipe.words
    )
    if recipe.split_by == "random":
        clips = random_split(clips, recipe.seed)
    return SeedPlan(recipe, folders, clips)
