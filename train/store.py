"""Decoded audio on the disk, found by what the files held, whatever their names.

A set of files is a folder of the cache, named by their contents:

samples.int16   the samples, one sound after another; the same sound once
index.json      for each content where its sound lies, or why it cannot be used

A folder appears under its name when it is whole. A new set takes over what others hold already.
"""

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from kwspot.errors import AudioError

SAMPLES_FILE = "samples.int16"
INDEX_FILE = "index.json"
FORMAT = 2
STALE_S = 86_400.0
"""What was begun and neither finished nor removed for so long, nobody is writing any more."""

Place = tuple[int, int, int, int]
"""Offset and length in the file, and where the loudest sound begins and ends within, samples."""
Read = Callable[[Path], tuple[NDArray[np.int16], tuple[int, int]] | str]
"""Decodes a file: its samples and the bounds of its loudest sound, or why it cannot be used."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A set that is whole. places: by content; reasons: of those that cannot be used."""

    samples: Path
    places: Mapping[str, Place]
    reasons: Mapping[str, str]


def stored(files: Mapping[str, Path], cache: Path, read: Read, told: Callable[[], None]) -> Stored:
    """The sounds of files by their contents, decoded where they are not in the cache yet.

    files: one for each content; told: called after each that was not found as a whole set.
    An interruption leaves nothing that is taken for whole. Raises AudioError where the cache
    cannot be written.
    """
    key = hashlib.sha256("\n".join(sorted(files)).encode()).hexdigest()[:24]
    folder = cache / f"{FORMAT}-{key}"
    found = _found(folder)
    if found is not None:
        return found
    try:
        _make(files, folder, read, told)
    except OSError as error:
        raise AudioError(
            f"decoded audio cannot be kept in {cache}: {error.strerror}; "
            "make room, or name another folder with --cache"
        ) from error
    found = _found(folder)
    if found is None:
        raise AudioError(f"{folder} was changed while it was written; try again")
    return found


def _found(folder: Path) -> Stored | None:
    """A set that an earlier run has left, None where it is missing or damaged."""
    samples = folder / SAMPLES_FILE
    try:
        facts = json.loads((folder / INDEX_FILE).read_text(encoding="utf-8"))
        total = samples.stat().st_size / 2
        places = {content: _place(numbers, total) for content, numbers in facts["places"].items()}
        reasons = {content: str(reason) for content, reason in facts["reasons"].items()}
        whole = facts["samples"] == total
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return Stored(samples, places, reasons) if whole else None


def _place(numbers: Any, total: float) -> Place:
    offset, length, start, end = map(int, numbers)
    if not 0 <= offset <= offset + length <= total or not 0 <= start <= end <= length:
        raise ValueError("a sound lies outside the file")
    return offset, length, start, end


def _make(files: Mapping[str, Path], folder: Path, read: Read, told: Callable[[], None]) -> None:
    cache = folder.parent
    cache.mkdir(parents=True, exist_ok=True)
    _sweep(cache)
    partial = Path(tempfile.mkdtemp(suffix=".partial", dir=cache))
    try:
        with (partial / SAMPLES_FILE).open("wb") as out:
            facts = _fill(out, files, _Others(cache, files), read, told)
            out.flush()
            # The folder's new name may reach the disk before what is in it.
            os.fsync(out.fileno())
        (partial / INDEX_FILE).write_text(json.dumps(facts), encoding="utf-8")
        partial.chmod(0o755)
        _put(partial, folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _fill(
    out: BinaryIO,
    files: Mapping[str, Path],
    others: "_Others",
    read: Read,
    told: Callable[[], None],
) -> dict[str, Any]:
    """Write every sound once; returns the index."""
    places: dict[str, Place] = {}
    reasons: dict[str, str] = {}
    same: dict[bytes, Place] = {}
    total = 0
    for content, path in files.items():
        sound = others.get(content) or read(path)
        if isinstance(sound, str):
            reasons[content] = sound
        else:
            samples, bounds = sound
            data = samples.tobytes()
            # Another file format, another header: still the same sound.
            digest = hashlib.blake2b(data, digest_size=16).digest()
            if digest not in same:
                same[digest] = (total, len(samples), *bounds)
                out.write(data)
                total += len(samples)
            places[content] = same[digest]
        told()
    return {"samples": total, "places": places, "reasons": reasons}


class _Others:
    """Sounds that other sets of the cache hold already."""

    def __init__(self, cache: Path, wanted: Mapping[str, Path]) -> None:
        self._places: dict[str, tuple[Path, Place]] = {}
        for folder in _folders(cache, f"{FORMAT}-*"):
            held = _found(folder)
            if held is not None and held.places.keys() & wanted.keys():
                self._places |= {
                    content: (held.samples, place)
                    for content, place in held.places.items()
                    if content in wanted
                }

    def get(self, content: str) -> tuple[NDArray[np.int16], tuple[int, int]] | None:
        """A sound and the bounds of its loudest part, None where no set has it."""
        if content not in self._places:
            return None
        file, (offset, length, start, end) = self._places[content]
        try:
            samples = np.fromfile(file, dtype=np.int16, count=length, offset=2 * offset)
        except OSError:
            return None
        return (samples, (start, end)) if len(samples) == length else None


def _put(partial: Path, folder: Path) -> None:
    """Give a whole set its name, unless another process was quicker."""
    try:
        partial.rename(folder)
    except OSError:
        if _found(folder) is not None:
            return
        if not folder.exists():
            raise
        # What has the name is damaged. Who has it open keeps it.
        aside = partial / "damaged"
        folder.rename(aside)
        shutil.rmtree(aside, ignore_errors=True)
        partial.rename(folder)


def _sweep(cache: Path) -> None:
    """Remove what killed processes have left half made."""
    for folder in _folders(cache, "*.partial"):
        with suppress(OSError):
            newest = max(path.stat().st_mtime for path in (folder, *folder.iterdir()))
            if time.time() - newest > STALE_S:
                shutil.rmtree(folder, ignore_errors=True)


def _folders(cache: Path, pattern: str) -> Iterator[Path]:
    return (path for path in sorted(cache.glob(pattern)) if path.is_dir())
