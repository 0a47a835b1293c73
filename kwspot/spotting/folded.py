"""The weights of a network as it runs over streams: frames are rows, batch norms are folded in."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from .network import Network, ResidualPair


@dataclass(frozen=True, slots=True)
class Affine:
    """Rows (n, in) -> rows @ matrix (in, out) + bias (out,)."""

    matrix: Tensor
    bias: Tensor


@dataclass(frozen=True, slots=True)
class Layer:
    """A separable convolution: taps (kernel, channels) over time, then across channels."""

    taps: Tensor
    across: Affine


@dataclass(frozen=True, slots=True)
class Folded:
    """What `Network` computes, float32, batch norms and the sum over both parts of a bin included.

    bands: (2 bins, bands), real and imaginary parts side by side; stem: of `stem_rows` rows of
    bands one after another; layers: two for each residual pair; features: what is pooled; windows:
    of mean and maximum; frames: of a single feature; receptive: frames one feature sees.
    """

    bands: Tensor
    stem: Affine
    stem_rows: int
    layers: tuple[Layer, ...]
    features: Affine
    windows: Affine
    frames: Affine
    receptive: int

    @property
    def look_back(self) -> list[int]:
        """How many values each layer, the stem first, needs of the rows before the newest."""
        kernel, channels = self.layers[0].taps.shape
        stem = (self.stem_rows - 1) * self.bands.shape[1]
        return [stem, *([(kernel - 1) * channels] * len(self.layers))]


def fold(network: Network) -> Folded:
    """The weights of a network in use (not one in training)."""
    pairs = [pair for pair in network.blocks if isinstance(pair, ResidualPair)]
    with torch.no_grad():
        return Folded(
            bands=network.bands.weight.abs().T.repeat_interleave(2, dim=0).contiguous(),
            stem=_stem(network),
            stem_rows=network.config.stem_kernel,
            layers=tuple(
                Layer(
                    layer.depthwise.weight[:, 0, 0].T.contiguous(),
                    _pointwise(layer.pointwise, layer.norm),
                )
                for pair in pairs
                for layer in (pair.first, pair.second)
            ),
            features=_pointwise(network.expand[0], network.expand[1]),
            windows=_linear(network.window_scores),
            frames=_linear(network.frame_scores),
            receptive=network.config.receptive_frames,
        )


def _scaling(norm: nn.Module) -> tuple[Tensor, Tensor]:
    """What a batch norm in use multiplies each channel by, and what it adds."""
    assert isinstance(norm, nn.BatchNorm1d | nn.BatchNorm2d)
    assert norm.running_var is not None
    assert norm.running_mean is not None
    scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    return scale, norm.bias - norm.running_mean * scale


def _linear(layer: nn.Linear) -> Affine:
    return Affine(layer.weight.T.contiguous(), layer.bias.clone())


def _pointwise(convolution: nn.Module, norm: nn.Module) -> Affine:
    assert isinstance(convolution, nn.Conv2d)
    scale, shift = _scaling(norm)
    return Affine((convolution.weight[:, :, 0, 0].T * scale).contiguous(), shift)


def _stem(network: Network) -> Affine:
    """The first convolution with the norms before and after it."""
    convolution = network.stem[0]
    assert isinstance(convolution, nn.Conv2d)
    weight = convolution.weight[:, :, 0]
    before, offset = _scaling(network.bands.norm)
    scale, shift = _scaling(network.stem[1])
    matrix = (weight * before[:, None] * scale[:, None, None]).permute(2, 1, 0)
    bias = shift + scale * torch.einsum("oik,i->o", weight, offset)
    return Affine(matrix.reshape(-1, weight.shape[0]).contiguous(), bias)
