"""A network over the newest frames of a stream, with numpy.

Live listening computes five rows at a time, twenty times a second, between which others use the
caches: what counts is how many steps there are and how much code and memory they touch. numpy takes
a third of the time torch takes for the same arithmetic, traced or not; with sixty rows, as much.
"""

import numpy as np
from numpy.typing import NDArray

from .folded import Affine, Folded
from .network import POWER_FLOOR

Floats = NDArray[np.float32]
SMALL = 2**18
"""Multiplications up to which BLAS leaves a matrix product to one thread. Larger products are cut
into such: with threads of its own, those that compute here would wait for each other."""


class FewRows:
    """The same as `ManyRows`, of one stream."""

    def __init__(self, folded: Folded, pooled: int, hop: int) -> None:
        self._pooled, self._hop = pooled, hop
        self._bands = folded.bands.numpy()
        self._floor = np.float32(POWER_FLOOR)
        self._stem, self._features = _arrays(folded.stem), _arrays(folded.features)
        self._windows, self._frames = _arrays(folded.windows), _arrays(folded.frames)
        self._taps = [layer.taps.numpy() for layer in folded.layers]
        self._across = [_arrays(layer.across) for layer in folded.layers]
        ends = np.cumsum(folded.look_back).tolist()
        self._parts = [slice(*part) for part in zip([0, *ends[:-1]], ends, strict=True)]

    def advance(
        self, context: Floats, features: Floats, columns: NDArray[np.complex64]
    ) -> tuple[Floats, Floats, Floats, Floats]:
        """Continue by complex64 (T, bins), T in whole hops; best with few.

        context: (n,); features: (pooled - 1, features). Returns posteriors (windows, labels),
        evidence (T, labels), and the new context and features.
        """
        count = len(columns)
        fresh, context = self._trunk(context, columns)
        known = np.concatenate((features, fresh))
        pooled = []
        for first in range(self._hop - 1, count, self._hop):
            window = known[first : first + self._pooled]
            mean = np.add.reduce(window) / np.float32(self._pooled)
            pooled.append(np.concatenate((mean, np.maximum.reduce(window))))
        posteriors = _softmax(_affine(self._windows, np.stack(pooled)))
        return posteriors, _softmax(_affine(self._frames, fresh)), context, known[count:]

    def _trunk(self, context: Floats, columns: NDArray[np.complex64]) -> tuple[Floats, Floats]:
        count = len(columns)
        before = [context[part] for part in self._parts]
        parts = columns.view(np.float32)
        banded = _product(parts * parts, self._bands)
        banded += self._floor
        np.log(banded, out=banded)
        rows = np.concatenate((before[0].reshape(-1, banded.shape[1]), banded))
        after = [rows[count:]]
        x = _relu(_affine(self._stem, _looking_back(rows, count).reshape(count, -1)))
        for first in range(0, len(self._taps), 2):
            rows = np.concatenate((before[1 + first].reshape(-1, x.shape[1]), x))
            y = _relu(self._layer(first, rows, count))
            between = np.concatenate((before[2 + first].reshape(-1, x.shape[1]), y))
            x = self._layer(first + 1, between, count)
            x += rows[:count]
            _relu(x)
            after += [rows[count:], between[count:]]
        return _relu(_affine(self._features, x)), np.concatenate([part.ravel() for part in after])

    def _layer(self, layer: int, rows: Floats, count: int) -> Floats:
        looked = _looking_back(rows, count) * self._taps[layer]
        return _affine(self._across[layer], np.add.reduce(looked, axis=1))


def _arrays(affine: Affine) -> tuple[Floats, Floats]:
    return affine.matrix.numpy(), affine.bias.numpy()


def _affine(affine: tuple[Floats, Floats], rows: Floats) -> Floats:
    matrix, bias = affine
    out = _product(rows, matrix)
    out += bias
    return out


def _product(rows: Floats, matrix: Floats) -> Floats:
    most = max(1, SMALL // matrix.size)
    out: Floats
    if len(rows) <= most:
        out = np.dot(rows, matrix)
        return out
    out = np.empty((len(rows), matrix.shape[1]), np.float32)
    for first in range(0, len(rows), most):
        np.dot(rows[first : first + most], matrix, out=out[first : first + most])
    return out


def _relu(rows: Floats) -> Floats:
    """In place."""
    return np.maximum(rows, np.float32(0), out=rows)


def _softmax(scores: Floats) -> Floats:
    """Over the last axis, in place."""
    scores -= np.maximum.reduce(scores, axis=-1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= np.add.reduce(scores, axis=-1, keepdims=True)
    return scores


def _looking_back(rows: Floats, count: int) -> Floats:
    """(count + k - 1, C) as (count, k, C): each row with those before it; a view."""
    step, within = rows.strides
    shape = (count, len(rows) - count + 1, rows.shape[1])
    return np.ndarray(shape, np.float32, rows, 0, (step, step, within))
