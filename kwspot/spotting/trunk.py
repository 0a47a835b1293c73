"""The trunk of a network as it runs over streams: every layer once for every frame.

Equal to `Network.trunk` to rounding, and several times faster: batch norms are folded into the
weights, a frame is a row of a matrix, and each layer remembers the rows it looks back at, so that
a hop of five frames costs five rows, not the fifty-five of the receptive field.
"""

import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d

from .network import POWER_FLOOR, Network

FEW_ROWS = 48
"""Up to so many rows, products and a sum are faster than a convolution and what goes with it."""

Scaling = tuple[Tensor, Tensor]
"""A batch norm in use: what each channel is multiplied by, and what is added to it."""


class StreamTrunk:
    """Features of any number of streams, each continued from its own context.

    A context, float32 (context_size,), packs the rows every layer still needs. device: where the
    weights are to be.
    """

    def __init__(self, network: Network, device: torch.device) -> None:
        config = network.config
        self._channels, self._kernel = config.channels, config.kernel
        self._stem_rows = config.stem_kernel - 1
        self._receptive = config.receptive_frames
        self._bins = config.bins
        look_back = (config.kernel - 1) * config.channels
        self._sizes = [self._stem_rows * config.bands] + [look_back] * (2 * config.pairs)
        # Real and imaginary part of a bin lie side by side, and weigh the same.
        bands = network.bands.weight.abs().T.repeat_interleave(2, dim=0)
        self._bands = bands.contiguous().to(device)
        self._stem, self._stem_bias = (part.to(device) for part in _stem(network))
        separable = [layer for pair in network.blocks for layer in (pair.first, pair.second)]
        self._taps, self._depthwise, self._pointwise, self._biases = [], [], [], []
        for layer in separable:
            depthwise = layer.depthwise.weight.detach()
            self._taps.append(depthwise[:, 0, 0].T.contiguous().to(device))
            by_channel = depthwise.contiguous(memory_format=torch.channels_last)
            self._depthwise.append(by_channel.to(device))
            weight, bias = _pointwise(layer.pointwise, layer.norm)
            self._pointwise.append(weight.to(device))
            self._biases.append(bias.to(device))
        weight, bias = _pointwise(network.expand[0], network.expand[1])
        self._expand, self._expand_bias = weight.to(device), bias.to(device)

    @property
    def context_size(self) -> int:
        """Values of a context."""
        return sum(self._sizes)

    def silence(self) -> tuple[Tensor, Tensor]:
        """The context after endless zeros, and the feature (features,) they have."""
        device = self._bands.device
        zeros = torch.zeros(
            1, self._receptive, self._bins, dtype=torch.complex64, device=device
        )
        features, context = self(torch.zeros(1, self.context_size, device=device), zeros)
        return context[0], features[0, -1]

    def __call__(self, contexts: Tensor, columns: Tensor) -> tuple[Tensor, Tensor]:
        """Continue streams by complex64 (B, T, bins); returns (B, T, features) and contexts.

        contexts: float32 (B, context_size). The feature of a row is that of the receptive field
        which ends with its column.
        """
        streams, count, _ = columns.shape
        before = contexts.split(self._sizes, dim=1)
        power = torch.view_as_real(columns).reshape(streams * count, -1).square()
        banded = torch.mm(power, self._bands).add_(POWER_FLOOR).log_()
        rows = _joined(before[0], banded, count)
        after = [rows[:, count:]]
        looked = rows.unfold(1, self._stem_rows + 1, 1).transpose(2, 3)
        x = torch.addmm(self._stem_bias, looked.reshape(streams * count, -1), self._stem).relu_()
        for first in range(0, len(self._pointwise), 2):
            rows = _joined(before[1 + first], x, count)
            y = self._separable(first, rows, count).relu_()
            between = _joined(before[2 + first], y, count)
            x = self._separable(first + 1, between, count)
            # The middle of what a pair sees lies half its kernel back: the first of these rows.
            x = x.view(streams, count, -1).add_(rows[:, :count]).relu_().view(streams * count, -1)
            after += [rows[:, count:], between[:, count:]]
        features = torch.addmm(self._expand_bias, x, self._expand).relu_()
        contexts = torch.cat([part.flatten(1) for part in after], dim=1)
        return features.view(streams, count, -1), contexts

    def _separable(self, layer: int, rows: Tensor, count: int) -> Tensor:
        """Rows (B, count + kernel - 1, C) -> (B count, C), before the non-linearity."""
        if len(rows) * count <= FEW_ROWS:
            looked = rows.unfold(1, self._kernel, 1).transpose(2, 3)
            depth = (looked * self._taps[layer]).sum(dim=2)
        else:
            image = rows.unsqueeze(1).permute(0, 3, 1, 2)
            depth = conv2d(image, self._depthwise[layer], groups=self._channels)
            depth = depth.permute(0, 2, 3, 1)
        rows = depth.reshape(-1, self._channels)
        return torch.addmm(self._biases[layer], rows, self._pointwise[layer])


def _joined(before: Tensor, rows: Tensor, count: int) -> Tensor:
    """The rows a layer remembers, (B, n C), and after them the new ones, (B count, C)."""
    streams, channels = len(before), rows.shape[1]
    return torch.cat((before.view(streams, -1, channels), rows.view(streams, count, -1)), dim=1)


def _scaling(norm: nn.Module) -> Scaling:
    assert isinstance(norm, nn.BatchNorm1d | nn.BatchNorm2d)
    assert norm.running_var is not None
    assert norm.running_mean is not None
    scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    return scale.detach(), (norm.bias - norm.running_mean * scale).detach()


def _pointwise(convolution: nn.Module, norm: nn.Module) -> tuple[Tensor, Tensor]:
    """A 1 x 1 convolution and its norm as a matrix (in, out) and a bias."""
    assert isinstance(convolution, nn.Conv2d)
    scale, shift = _scaling(norm)
    matrix = convolution.weight.detach()[:, :, 0, 0].T * scale
    return matrix.contiguous(), shift


def _stem(network: Network) -> tuple[Tensor, Tensor]:
    """The first convolution with the norms before and after it: (kernel bands, out) and a bias."""
    convolution = network.stem[0]
    assert isinstance(convolution, nn.Conv2d)
    weight = convolution.weight.detach()[:, :, 0]
    before, offset = _scaling(network.bands.norm)
    scale, shift = _scaling(network.stem[1])
    bias = shift + scale * torch.einsum("oik,i->o", weight, offset)
    matrix = (weight * before[:, None] * scale[:, None, None]).permute(2, 1, 0)
    return matrix.reshape(-1, weight.shape[0]).contiguous(), bias
