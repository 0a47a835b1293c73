"""Files, folders and patterns on the command line as a list of recordings."""

import glob
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from kwspot.audio.suffixes import SUFFIXES


def recordings(arguments: Iterable[str]) -> tuple[list[str], list[str]]:
    """What to scan, in order, and a line for each argument that stands for nothing.

    A folder stands for all recordings in and under it, a pattern (`*`, `?`, `[...]`, and `**` for
    any number of folders) for what it matches, both sorted, hidden files left out, none twice,
    links to folders followed.
    Anything else stands for itself, whether or not it is there.
    """
    listed: set[str] = set()
    ordered: list[str] = []
    problems: list[str] = []
    for argument in arguments:
        # Not Path's: what may not be looked at would end all, and is told of when it is scanned.
        if argument != "-" and os.path.isdir(argument):  # noqa: PTH112
            found = sorted(_within(argument, problems))
            if not found:
                problems.append(
                    f"{argument} is a folder without recordings; name one that has some"
                )
        elif glob.has_magic(argument) and not os.path.exists(argument):  # noqa: PTH110
            found = list(_matched(argument, problems))
            if not found:
                problems.append(f"no recording matches {argument}; check the pattern")
        else:
            # Named by itself, a file is scanned as often as it is named.
            listed.add(argument)
            ordered.append(argument)
            continue
        ordered += [name for name in found if name not in listed]
        listed.update(found)
    return ordered, problems


def _matched(pattern: str, problems: list[str]) -> Iterator[str]:
    # Who spells the ending out wants what has it, whatever it is.
    any_suffix = Path(pattern).suffix and not glob.has_magic(Path(pattern).suffix)
    for name in sorted(glob.glob(pattern, recursive=True)):  # noqa: PTH207 -- with its own spelling
        if os.path.isdir(name):  # noqa: PTH112
            # `**` matches the folders themselves, too: their files come by themselves.
            if "**" not in pattern:
                yield from sorted(_within(name, problems))
        elif any_suffix or Path(name).suffix.lower() in SUFFIXES:
            yield name


def _within(folder: str, problems: list[str]) -> Iterator[str]:
    def tell(error: OSError) -> None:
        problems.append(f"{error.filename} cannot be listed: {error.strerror or error}")

    seen = {os.path.realpath(folder)}
    for place, folders, files in os.walk(folder, onerror=tell, followlinks=True):
        folders[:] = [name for name in folders if not name.startswith(".")]
        # Links are followed, but in no circle, and no folder is heard twice.
        inner = {name: os.path.realpath(os.path.join(place, name)) for name in folders}  # noqa: PTH118
        folders[:] = [name for name in folders if inner[name] not in seen]
        seen.update(inner.values())
        for name in files:
            if Path(name).suffix.lower() in SUFFIXES and not name.startswith("."):
                yield os.path.join(place, name)  # noqa: PTH118 -- keeps a leading "./"
