"""Recipes as small TOML files: read with every name and type checked, written as a run used them.

words = ["yes", "no"]
epochs = 85

[mix]
noise = 0.75

[data]
data = "speech_commands"
noise = ["esc50"]

`recipe = "seed"` on top makes it one of the seed, which has no mix and settings of its own.
"""

import difflib
import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from kwspot.errors import OptionError

from .recipe import FINISH, MixRecipe, Recipe
from .seed_recipe import AUTO, SeedRecipe
from .writing import is_text

MIXES = {"mix": MixRecipe(), "finish_mix": FINISH}
"""The tables of a recipe that say how examples are made, and what holds where they say nothing."""
RECIPES: dict[str, type] = {"default": Recipe, "seed": SeedRecipe}
"""The recipes by name: the first is the one of files that name none."""

SINGLE = ("data", "filter_model", "start")
"""The entries of [data] that are one path, not a list."""
MODELS = ("filter_model", "start", "teacher")
"""The entries of [data] that are model files, not folders."""


@dataclass(frozen=True, slots=True)
class Folders:
    """Where the recordings are: word folders, more of them for training only, running speech,
    noises, room responses; filter_model: the model that filters speech without transcripts, the
    bundled one where None; start: the model a run begins from, None for a new one; teacher: models
    it learns from as well. Absolute, so that a run can go on from anywhere.
    Raises OptionError for a name that cannot be written down."""

    data: Path
    extra: tuple[Path, ...] = ()
    speech: tuple[Path, ...] = ()
    noise: tuple[Path, ...] = ()
    rooms: tuple[Path, ...] = ()
    filter_model: Path | None = None
    start: Path | None = None
    teacher: tuple[Path, ...] = ()

    def __post_init__(self) -> None:
        for entry in fields(self):
            place = getattr(self, entry.name)
            if place is None:
                continue
            whole = (
                place.absolute() if isinstance(place, Path) else tuple(p.absolute() for p in place)
            )
            for path in (whole,) if isinstance(whole, Path) else whole:
                if not is_text(str(path)):
                    name = os.fsencode(path).decode(errors="backslashreplace")
                    raise OptionError(
                        f"{name} has a name that is not UTF-8, which recipes cannot hold: rename it"
                    )
            object.__setattr__(self, entry.name, whole)


@dataclass(frozen=True, slots=True)
class Settings:
    """What a recipe file, or a command line, says; all of it may be missing.

    values: fields of `Recipe`, or of the other class that RECIPES has for `recipe`; folders:
    fields of `Folders`.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    folders: Mapping[str, Any] = field(default_factory=dict)
    recipe: str = "default"

    def over(self, others: "Settings") -> "Settings":
        """These settings, and the others' where these say nothing; of the others' recipe."""
        values, folders = {**others.values, **self.values}, {**others.folders, **self.folders}
        return Settings(values, folders, others.recipe)


def read_recipe(path: Path) -> Settings:
    """The settings of a TOML file; folders in it are relative to where it lies.

    Raises OptionError where it cannot be read, or names or types are wrong.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise OptionError(f"{path} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise OptionError(f"{path} is not a recipe (TOML): {error}") from error
    recipe = table.pop("recipe", "default")
    if not isinstance(recipe, str) or recipe not in RECIPES:
        raise OptionError(f"{path}: recipe is {' or '.join(RECIPES)}, not {recipe!r}")
    mixes = MIXES if recipe == "default" else {}
    tables = {name: table.pop(name, {}) for name in (*mixes, "data")}
    if not all(isinstance(inner, dict) for inner in tables.values()):
        raise OptionError(f"{path}: {', '.join(tables)} are tables, [mix] say")
    values = _checked(RECIPES[recipe], table, path)
    for name, default in mixes.items():
        if tables[name]:
            values[name] = replace(default, **_checked(MixRecipe, tables[name], path))
    return Settings(values, _folders(tables["data"], path), recipe)


def _checked(kind: type, table: dict[str, Any], path: Path) -> dict[str, Any]:
    known = {entry.name: entry for entry in fields(kind)}
    checked = {}
    for key, value in table.items():
        _check_name(key, list(known), path)
        if kind is SeedRecipe and (key, value) == ("rate", AUTO):
            checked[key] = AUTO
            continue
        default = known[key].default
        example = ("word",) if default is MISSING else default
        checked[key] = _converted(key, value, example, path)
    return checked


def _check_name(key: str, known: list[str], path: Path) -> None:
    if key not in known:
        near = difflib.get_close_matches(key, known, 1, 0.0)[0]
        raise OptionError(f"{path}: there is no setting {key!r}; did you mean {near!r}?")


def _converted(key: str, value: Any, example: Any, path: Path) -> Any:
    """A value in the type of the example; raises OptionError for another type."""
    match example, value:
        case (float(), int() | float()) if not isinstance(value, bool):
            return float(value)
        case (int(), int()) | (str(), str()) if not isinstance(value, bool):
            return value
        case ((float(), float()), [int() | float() as low, int() | float() as high]):
            return float(low), float(high)
        case ((str(),), [*words]) if all(isinstance(word, str) for word in words):
            return tuple(words)
        case ((int(), *_), [*sizes]) if all(type(size) is int for size in sizes):
            return tuple(sizes)
    wanted = {float: "a number", int: "a whole number", str: "a text"}.get(type(example))
    if wanted is None:
        lists = {str: "a list of words", int: "a list of whole numbers"}
        wanted = lists.get(type(example[0]), "a pair of numbers")
    raise OptionError(f"{path}: {key} is {wanted}, not {value!r}")


def _folders(table: dict[str, Any], path: Path) -> dict[str, Any]:
    known = [entry.name for entry in fields(Folders)]
    found: dict[str, Any] = {}
    for key, value in table.items():
        _check_name(key, known, path)
        names = [value] if key in SINGLE else value
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            what = "model file" if key in MODELS else "folder"
            many = f"the name of a {what}" if key in SINGLE else f"a list of names of {what}s"
            raise OptionError(f"{path}: {key} takes {many}")
        places = tuple(path.parent / name for name in names)
        found[key] = places[0] if key in SINGLE else places
    return found


def write_recipe(path: Path, recipe: Recipe | SeedRecipe, folders: Folders) -> None:
    """Write what `read_recipe` gives back."""
    values = asdict(recipe)
    if isinstance(recipe, SeedRecipe):
        values = {"recipe": "seed", **values}
    mixes = {name: values.pop(name) for name in MIXES if name in values}
    places: dict[str, Any] = {"data": str(folders.data)}
    for name in ("extra", "speech", "noise", "rooms", "teacher"):
        places[name] = [str(place) for place in getattr(folders, name)]
    for name in ("filter_model", "start"):
        if getattr(folders, name) is not None:
            places[name] = str(getattr(folders, name))
    lines = _lines(values)
    for name, table in {**mixes, "data": places}.items():
        lines += ["", f"[{name}]", *_lines(table)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _lines(table: Mapping[str, Any]) -> list[str]:
    # Of strings, numbers and lists of them, JSON's notation is TOML's too, but for one character.
    return [
        f"{name} = {json.dumps(value, ensure_ascii=False)}".replace("\x7f", "\\u007f")
        for name, value in table.items()
    ]
