"""Several recordings at once, for tests that hear them through `kwspot listen`."""

from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from words import sample


def write_recordings(folder: Path) -> Path:
    """Recordings of several lengths, rates and channel counts; returns the folder."""
    whole = sample()
    other = np.roll(whole, len(whole) // 3)
    soundfile.write(folder / "whole.wav", whole, 16_000, subtype="PCM_16")
    soundfile.write(folder / "short.flac", whole[: len(whole) // 4], 16_000)
    soundfile.write(folder / "slow.wav", np.repeat(other, 3), 48_000, subtype="PCM_16")
    soundfile.write(folder / "both.wav", np.stack((whole, other), 1), 16_000, subtype="FLOAT")
    for name, samples in (("left", whole), ("right", other)):
        soundfile.write(folder / f"{name}.wav", samples, 16_000, subtype="FLOAT")
    return folder


def replaying(*paths: Path) -> list[str]:
    named = [part for path in paths for part in ("--replay", str(path))]
    return ["listen", "--replay-speed", "max", *named]


def found(lines: list[dict[str, Any]], source: Path | str) -> list[dict[str, Any]]:
    kept = ("label", "start", "end", "decided", "score")
    return [
        {name: line[name] for name in kept}
        for line in lines
        if line["type"] == "detection" and line["source"] == str(source)
    ]
