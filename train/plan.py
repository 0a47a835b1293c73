"""From settings to a plan: every value decided, every recording found, nothing decoded yet."""

from dataclasses import dataclass

from kwspot.errors import OptionError

from .catalog import Recording
from .material import gather
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
    values = dict(settings.values)
    material = gather(folders, values.pop("words", ()))
    return Plan(Recipe(words=material.words, **values), folders, material.recordings)
