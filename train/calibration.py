"""Whether a model is right as often as its scores say, and what would make them say so."""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

BINS = 15
COOLEST, HOTTEST = 0.05, 20.0
"""Temperatures between which the best one is looked for."""
_LEAST = 1e-30
_GOLDEN = (math.sqrt(5.0) - 1.0) / 2.0


def calibration_error(scores: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """The expected calibration error, 0..1 (Guo et al. 2017, 15 bins of equal width).

    scores: of the label that was named, 0..1, (clips,); right: whether it was the right one. In
    each bin the mean score is compared with the share that is right; the mean over the clips.
    Raises ValueError for no clips.
    """
    if not len(scores):
        raise ValueError("no clips say nothing about calibration")
    bins = np.clip(np.ceil(scores * BINS).astype(np.int64) - 1, 0, BINS - 1)
    surplus = np.bincount(bins, weights=scores - right, minlength=BINS)
    return float(np.abs(surplus).sum() / len(scores))


def tempered(posteriors: NDArray[np.float32], temperature: float) -> NDArray[np.float64]:
    """Posteriors as they would be with all scores before softmax divided by the temperature.

    (clips, labels) -> the same, rows sum to 1. Over 1 it makes a model less sure, under 1 surer;
    the order of the labels stays.
    """
    logarithms = np.log(np.maximum(posteriors.astype(np.float64), _LEAST)) / temperature
    powers = np.exp(logarithms - logarithms.max(axis=1, keepdims=True))
    shares: NDArray[np.float64] = powers / powers.sum(axis=1, keepdims=True)
    return shares


def fitted_temperature(posteriors: NDArray[np.float32], truth: NDArray[np.int64]) -> float | None:
    """The temperature at which the true labels are likeliest (Guo et al. 2017).

    posteriors: (clips, labels), truth: places of the true labels (clips,). The likelihood has one
    maximum, found by golden sections of the logarithm. None where nothing bounds it within
    0.05..20: no clips, say, or none that is named wrongly.
    """
    if not len(truth):
        return None
    rows = np.arange(len(truth))

    def surprise(logarithm: float) -> float:
        likelihoods = tempered(posteriors, math.exp(logarithm))[rows, truth]
        return float(-np.log(np.maximum(likelihoods, 1e-300)).mean())

    low, high = math.log(COOLEST), math.log(HOTTEST)
    found = math.exp(_lowest(surprise, low, high))
    return found if COOLEST * 1.01 < found < HOTTEST / 1.01 else None


def _lowest(function: Callable[[float], float], low: float, high: float) -> float:
    """Where a function that first falls and then rises is lowest between two places, to 1e-6."""
    left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
    at_left, at_right = function(left), function(right)
    while high - low > 1e-6:
        if at_left <= at_right:
            high, right, at_right = right, left, at_left
            left = high - _GOLDEN * (high - low)
            at_left = function(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + _GOLDEN * (high - low)
            at_right = function(right)
    return (low + high) / 2.0
