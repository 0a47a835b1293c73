"""Folders of made "words", easy to tell apart, for training that takes seconds."""

from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from kwspot.train.catalog import Split, hash_split

RATE_HZ = 16_000
WORDS = ("fall", "hiss", "rise")
SMALL_RECIPE = """
batches = 25
batch = 16
channels = 24
features = 32
rate = 0.01
"""


def speakers(split: Split, count: int) -> list[str]:
    """Names of speakers that the published rule puts into a split."""
    names = (f"{number:08x}" for number in range(10_000))
    found = [name for name in names if hash_split(name) is split]
    return found[:count]


def sound(word: str, rng: np.random.Generator) -> NDArray[np.float32]:
    """0.4 s of a "word" at a random pitch."""
    time = np.arange(int(0.4 * RATE_HZ)) / RATE_HZ
    pitch = rng.uniform(0.95, 1.05)
    match word:
        case "rise":
            wave = np.sin(2 * np.pi * pitch * (400 * time + 900 * time**2))
        case "fall":
            wave = np.sin(2 * np.pi * pitch * (3200 * time - 1500 * time**2))
        case "hiss":
            wave = 0.5 * rng.standard_normal(len(time))
        case _:
            wave = np.sign(np.sin(2 * np.pi * pitch * 150 * time))
    return (0.5 * wave).astype(np.float32)


def clip(word: str, rng: np.random.Generator) -> NDArray[np.float32]:
    """A second with the "word" from 0.3 to 0.7 s, over faint noise."""
    samples = (1e-4 * rng.standard_normal(RATE_HZ)).astype(np.float32)
    samples[4800:11200] += sound(word, rng)
    return samples


def write_clip(path: Path, samples: NDArray[np.float32]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, samples, RATE_HZ)


def write_words(root: Path, training: int = 6, validation: int = 4) -> Path:
    """Word folders, and one of another word, with a speaker of their own for each clip."""
    rng = np.random.default_rng(5)
    for word in (*WORDS, "buzz"):
        names = speakers(Split.TRAINING, training) + speakers(Split.VALIDATION, validation)
        for name in names:
            write_clip(root / word / f"{name}_nohash_0.wav", clip(word, rng))
    return root


def write_background(root: Path) -> Path:
    """A minute's tenth of noise in `_background_noise_`."""
    noise = 0.05 * np.random.default_rng(6).standard_normal(6 * RATE_HZ)
    write_clip(root / "_background_noise_" / "wind.wav", noise.astype(np.float32))
    return root
