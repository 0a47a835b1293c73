"""Laying sounds into the wave of an example, and saying which of its frames hold them."""

import numpy as np
from numpy.typing import NDArray

from kwspot.spotting.features import FeatureConfig

from .sounds import Samples

IGNORED = -100
"""The frame target of what has no clear answer, as torch's cross-entropy has it."""


def lay(wave: Samples, piece: Samples, start: int) -> None:
    """Add a piece to the wave at a place, what lies outside cut off."""
    first, last = max(start, 0), min(start + len(piece), len(wave))
    if first < last:
        wave[first:last] += piece[first - start : last - start]


def mark(
    frames: NDArray[np.int64], start: int, end: int, target: int, features: FeatureConfig
) -> None:
    """Set the target of the frames whose centre lies within [start, end) of the wave, samples.

    The wave begins context_samples before the centre of frame 0.
    """
    hop, context = features.hop_samples, features.context_samples
    first = max(0, -((context - start) // hop))
    frames[first : max(first, -((context - end) // hop))] = target


def mark_speech(
    frames: NDArray[np.int64], wave: Samples, target: int, features: FeatureConfig
) -> None:
    """Set the target of all frames of running speech but those in its pauses, which may be called
    either."""
    frames[:] = target
    loud = np.abs(wave[features.context_samples :: features.hop_samples])
    loud = np.convolve(loud, np.ones(9), "same")[: len(frames)]
    frames[loud < 0.1 * loud.max()] = IGNORED
