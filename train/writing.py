"""Files that are written whole or not at all, and names that can be written."""

import os
from pathlib import Path

from kwspot.errors import TrainingError


def is_text(name: str) -> bool:
    """Whether a name can be written down: Linux allows names that are no UTF-8."""
    return not any("\ud800" <= letter <= "\udfff" for letter in name)


def write_whole(path: Path, data: bytes) -> None:
    """Write a file under a temporary name, then rename it, its folder made where it is missing.

    Raises TrainingError where that fails; what was there before then stays.
    """
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(data)
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise TrainingError(
            f"{path} cannot be written: {error.strerror}; make room or name another folder"
        ) from error
