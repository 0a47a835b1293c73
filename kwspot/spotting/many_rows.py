"""A network over long pieces of streams, with torch, on any processor."""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import conv2d

from .folded import Folded
from .network import POWER_FLOOR
from .products import Product

GROUPS = (0.0, 3 / 7, 5 / 7, 1.0)
"""Where the bands are cut, as a share of them: the quickest of some on a CPU."""


class Advanced(NamedTuple):
    """What streams yield and what they go on from; the first axis is the stream.

    posteriors: (B, windows, labels); evidence: (B, T, labels); contexts: (B, what all layers look
    back at); features: (B, pooled - 1, features), the newest.
    """

    posteriors: Tensor
    evidence: Tensor
    contexts: Tensor
    features: Tensor


class Bands(NamedTuple):
    """Bands next to each other, the parts of the spectrum that any of them sees, and how."""

    bands: slice
    parts: slice
    matrix: Tensor


class ManyRows:
    """Equal to `Network` to rounding: every layer once for each frame, each window pooled anew.

    pooled: features in a window; hop: frames from window to window; device: where to run.
    """

    def __init__(self, folded: Folded, pooled: int, hop: int, device: torch.device) -> None:
        self._pooled, self._hop = pooled, hop
        self._sizes = folded.look_back
        self._widths = [folded.bands.shape[1], *([len(folded.stem.bias)] * len(folded.layers))]
        self._stem_rows = folded.stem_rows
        self._parts = folded.bands.shape[0]
        self._bands = [
            Bands(bands, parts, folded.bands[parts, bands].contiguous().to(device))
            for bands, parts in _groups(folded.bands)
        ]
        self._device = device
        self._stem, self._features, self._windows, self._frames, *self._across = (
            Product(part, device)
            for part in (
                folded.stem,
                folded.features,
                folded.windows,
                folded.frames,
                *(layer.across for layer in folded.layers),
            )
        )
        # Two-dimensional with a height of 1, in channels-last layout: the fastest on a CPU.
        self._taps = [
            layer.taps.T[:, None, None].contiguous(memory_format=torch.channels_last).to(device)
            for layer in folded.layers
        ]
        self._receptive = folded.receptive

    def silence(self) -> tuple[Tensor, Tensor]:
        """Context and features, of one stream, after endless zeros."""
        bins, device = self._parts // 2, self._device
        zeros = torch.zeros(1, self._receptive, bins, dtype=torch.complex64, device=device)
        features, contexts = self._trunk(torch.zeros(1, sum(self._sizes), device=device), zeros)
        return contexts[0], features[0, -1:].expand(self._pooled - 1, -1)

    def advance(self, contexts: Tensor, features: Tensor, columns: Tensor) -> Advanced:
        """Continue streams, as `Advanced` left them, by complex64 (B, T, bins), T in whole hops."""
        fresh, contexts = self._trunk(contexts, columns)
        known = torch.cat((features, fresh), dim=1)
        posteriors = self._windows.of(self._pool(known)).softmax(dim=2)
        evidence = self._frames.of(fresh).softmax(dim=2)
        return Advanced(posteriors, evidence, contexts, known[:, columns.shape[1] :])

    def _pool(self, known: Tensor) -> Tensor:
        """Mean and maximum of each window, which end on the last column of each hop.

        (B, pooled - 1 + T, features) -> (B, windows, 2 features). Hops first, which windows share,
        then what is left; each window is summed anew: a running sum would drift.
        """
        hop = self._hop
        rows = known[:, hop - 1 :]
        if hop > self._pooled:
            # Windows that share nothing: clips, each in one of its own.
            windows = rows.unfold(1, self._pooled, hop)
            return torch.cat((windows.mean(dim=3), windows.amax(dim=3)), dim=2)
        whole = self._pooled // hop
        rest = self._pooled - whole * hop
        hops = rows[:, : (rows.shape[1] - rest) // hop * hop]
        hops = hops.view(len(known), -1, hop, known.shape[2])
        sums = hops.sum(dim=2).unfold(1, whole, 1).sum(dim=3)
        highest = hops.amax(dim=2).unfold(1, whole, 1).amax(dim=3)
        if rest:
            last = rows[:, whole * hop :].unfold(1, rest, hop)
            sums += last.sum(dim=3)
            highest = torch.maximum(highest, last.amax(dim=3))
        return torch.cat((sums.div_(self._pooled), highest), dim=2)

    def _trunk(self, contexts: Tensor, columns: Tensor) -> tuple[Tensor, Tensor]:
        """Features (B, T, features) and new contexts."""
        streams, count, _ = columns.shape
        before = [
            part.view(streams, -1, channels)
            for part, channels in zip(
                torch.split(contexts, self._sizes, 1), self._widths, strict=True
            )
        ]
        power = torch.view_as_real(columns).flatten(2).square()
        rows, banded = _after(before[0], count)
        for group in self._bands:
            _multiply(power[:, :, group.parts], group.matrix, banded[:, :, group.bands])
        banded.add_(POWER_FLOOR).log_()
        after = [rows[:, count:]]
        looked = rows.unfold(1, self._stem_rows, 1).transpose(2, 3).flatten(2)
        rows, x = _after(before[1], count)
        self._stem.into(looked, x, relu=True)
        for first in range(0, len(self._taps), 2):
            between, y = _after(before[2 + first], count)
            self._layer(first, rows, y, relu=True)
            last = first + 2 == len(self._taps)
            following, x = (x, torch.empty_like(y)) if last else _after(before[3 + first], count)
            # The middle of what a pair sees lies half its kernel back: the first of these rows.
            self._layer(first + 1, between, x, relu=False).add_(rows[:, :count]).relu_()
            after += [rows[:, count:], between[:, count:]]
            rows = following
        features = x.new_empty(streams, count, self._features.bias.shape[0])
        self._features.into(x, features, relu=True)
        return features, torch.cat([part.flatten(1) for part in after], dim=1)

    def _layer(self, layer: int, rows: Tensor, out: Tensor, *, relu: bool) -> Tensor:
        """Rows (B, T + kernel - 1, C) -> out (B, T, C), with the non-linearity or before it."""
        image = rows.unsqueeze(1).permute(0, 3, 1, 2)
        along = conv2d(image, self._taps[layer], groups=rows.shape[2])
        return self._across[layer].into(along.permute(0, 2, 3, 1).squeeze(1), out, relu=relu)


def _groups(bands: Tensor) -> Iterator[tuple[slice, slice]]:
    """Bands (parts, n) in groups, the more the narrower they are, and the parts each group sees:
    the rest of the matrix is zeros, and need not be multiplied."""
    count = bands.shape[1]
    edges = [round(share * count) for share in GROUPS]
    for first, last in pairwise(edges):
        seen = bands[:, first:last].abs().sum(dim=1).nonzero().flatten().tolist() or [0]
        yield slice(first, last), slice(seen[0], seen[-1] + 1)


def _after(before: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """The rows a layer remembers, (B, n, C), with room for `count` new ones; and that room."""
    streams, known, channels = before.shape
    rows = before.new_empty(streams, known + count, channels)
    rows[:, :known] = before
    return rows, rows[:, known:]


def _multiply(rows: Tensor, matrix: Tensor, out: Tensor) -> Tensor:
    """Rows (B, T, in) @ matrix (in, out), written where they are needed."""
    return torch.bmm(rows, matrix.expand(len(rows), -1, -1), out=out)
