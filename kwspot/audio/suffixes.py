"""How files that hold recordings end, and how their names are given to libsndfile."""

import os
from pathlib import Path

SUFFIXES = frozenset(
    {
        ".aif",
        ".aifc",
        ".aiff",
        ".au",
        ".caf",
        ".flac",
        ".mp3",
        ".oga",
        ".ogg",
        ".opus",
        ".rf64",
        ".snd",
        ".w64",
        ".wav",
        ".wave",
    }
)
"""Lower case; of what is found in a folder, nothing else is opened."""


def as_it_is(path: Path) -> str | bytes:
    """A path for soundfile, which would refuse a name that is not UTF-8, as on old disks."""
    return os.fsencode(path) if os.name == "posix" else str(path)
