"""Labelled folders of words cut from the bundled sample, and `kwspot evaluate` on them."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from kwspot.cli import main
from words import said, sample

RATE_HZ = 16_000


def cut(word: str, seconds: float = 1.0) -> NDArray[np.float32]:
    """A word of the sample in the middle of a clip, with what is around it there."""
    found = next(entry for entry in said() if entry.word == word)
    begin = round((found.start_s + found.end_s - seconds) / 2 * RATE_HZ)
    return sample()[begin : begin + round(seconds * RATE_HZ)]


def tight(word: str) -> NDArray[np.float32]:
    """A word of the sample without what is around it."""
    found = next(entry for entry in said() if entry.word == word)
    return sample()[round(found.start_s * RATE_HZ) : round(found.end_s * RATE_HZ)]


def put(
    root: Path, folder: str, samples: NDArray[np.float32], name: str = "a_nohash_0.wav"
) -> Path:
    """Write a clip into a folder of labelled clips."""
    path = root / folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, samples, RATE_HZ)
    return path


def evaluated(
    capsys: pytest.CaptureFixture[str], data: Path, *arguments: str | Path
) -> dict[str, Any]:
    """What `kwspot evaluate --json` prints, which has to be one object, warnings aside."""
    code = main(["evaluate", "--json", "--data", str(data), *map(str, arguments)])
    printed = capsys.readouterr()
    assert code == 0, printed.err
    facts = json.loads(printed.out)
    assert isinstance(facts, dict)
    return {**facts, "warnings": printed.err.splitlines()}
