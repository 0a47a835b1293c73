"""The network: a trunk over frames, unpadded in time, and a head over the features of a window.

Nothing before the pooling looks along the whole window, pads or strides in time: the features
of a window are an exact slice of the features of the whole stream.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torchaudio.functional import melscale_fbanks

POWER_FLOOR = 1e-8
"""Added to every band's power before the logarithm: -80 dB re full scale, well over the rounding
of 16-bit samples, so that digital silence and a quiet room look alike."""


@dataclass(frozen=True, slots=True)
class NetworkConfig:
    """Sizes of the network.

    bins: frequencies of a frame; bands: learned filters; channels: width of the trunk; pairs:
    residual pairs of separable convolutions of `kernel` frames; features: channels that are
    pooled; labels: classes; lookahead: frames that the evidence about a frame sees after it, the
    rest of the receptive field lies before it: so the end of a word is known that much after it.
    Raises ValueError for sizes under 1, an even kernel or more lookahead than there is.
    """

    labels: int
    bins: int = 257
    sample_rate_hz: int = 16_000
    bands: int = 64
    channels: int = 128
    stem_kernel: int = 3
    kernel: int = 7
    pairs: int = 4
    features: int = 192
    lookahead: int = 13
    dropout: float = 0.1

    def __post_init__(self) -> None:
        sizes = (self.labels, self.bins, self.bands, self.channels, self.pairs, self.features)
        if min(sizes) < 1:
            raise ValueError(f"every size of a network is at least 1: {self}")
        if self.kernel % 2 == 0 or self.stem_kernel % 2 == 0:
            raise ValueError("kernels are odd: a feature is centred on a frame")
        if not 0 <= self.lookahead < self.receptive_frames:
            raise ValueError("evidence sees no more than the receptive field")

    @property
    def receptive_frames(self) -> int:
        """Frames one feature sees; its centre is the middle one."""
        return self.stem_kernel + 2 * self.pairs * (self.kernel - 1)

    def evidence_frames(self, frames: int) -> int:
        """For how many frames a window of `frames` has evidence: the features that are pooled."""
        return frames - self.receptive_frames + 1

    def sizes(self) -> dict[str, tuple[int, ...]]:
        """Shapes of the layers that decide about memory."""
        last = self.pairs - 1
        return {
            "bands.weight": (self.bands, self.bins),
            "stem.0.weight": (self.channels, self.bands, 1, self.stem_kernel),
            f"blocks.{last}.second.depthwise.weight": (self.channels, 1, 1, self.kernel),
            "expand.0.weight": (self.features, self.channels, 1, 1),
            "window_scores.weight": (self.labels, 2 * self.features),
        }


class Bands(nn.Module):
    """Learned filters over frequency, log-compressed.

    They begin as mel triangles and stay within them: the gradient of |w| is 0 where w is 0.
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        mel = melscale_fbanks(
            config.bins,
            f_min=60.0,
            f_max=config.sample_rate_hz / 2 - 200.0,
            n_mels=config.bands,
            sample_rate=config.sample_rate_hz,
        )
        # Below 1 kHz the triangles are narrower than a bin: each keeps at least its centre bin.
        empty = mel.sum(dim=0) == 0
        centres = torch.linspace(0, 1, config.bands).mul(config.bins / 8).long() + 2
        mel[centres[empty], empty] = 1.0
        self.weight = nn.Parameter((mel / mel.sum(dim=0)).T.contiguous())
        self.norm = nn.BatchNorm1d(config.bands)

    def forward(self, columns: Tensor) -> Tensor:
        """float32 (B, 2, F, T), real and imaginary part -> float32 (B, bands, T)."""
        power = columns.square().sum(dim=1)
        banded = torch.matmul(self.weight.abs(), power)
        normed: Tensor = self.norm(torch.log(banded + POWER_FLOOR))
        return normed


class SeparableConv(nn.Module):
    """Depthwise convolution over time, unpadded, then a pointwise one and batch norm."""

    def __init__(self, channels: int, kernel: int) -> None:
        super().__init__()
        # Two-dimensional with a height of 1: in channels-last layout that runs at nearly twice
        # the speed of the one-dimensional form on a CPU.
        self.depthwise = nn.Conv2d(channels, channels, (1, kernel), groups=channels, bias=False)
        self.pointwise = nn.Conv2d(channels, channels, 1, bias=False)
        self.norm = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, 1, T) -> (B, C, 1, T - kernel + 1)."""
        normed: Tensor = self.norm(self.pointwise(self.depthwise(x)))
        return normed


class ResidualPair(nn.Module):
    """Two separable convolutions around which the middle of the input is added."""

    def __init__(self, channels: int, kernel: int) -> None:
        super().__init__()
        self.first = SeparableConv(channels, kernel)
        self.second = SeparableConv(channels, kernel)
        self.crop = kernel - 1

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, 1, T) -> (B, C, 1, T - 2 (kernel - 1))."""
        y = self.second(torch.relu(self.first(x)))
        return torch.relu(y + x[..., self.crop : -self.crop])


class Network(nn.Module):
    """Complex spectrogram columns -> per-frame features -> scores of windows and of frames."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.config = config
        self.bands = Bands(config)
        self.stem = nn.Sequential(
            nn.Conv2d(config.bands, config.channels, (1, config.stem_kernel), bias=False),
            nn.BatchNorm2d(config.channels),
            nn.ReLU(),
        )
        self.blocks = nn.Sequential(
            *(ResidualPair(config.channels, config.kernel) for _ in range(config.pairs))
        )
        self.expand = nn.Sequential(
            nn.Conv2d(config.channels, config.features, 1, bias=False),
            nn.BatchNorm2d(config.features),
            nn.ReLU(),
        )
        self.dropout = nn.Dropout(config.dropout)
        self.window_scores = nn.Linear(2 * config.features, config.labels)
        self.frame_scores = nn.Linear(config.features, config.labels)

    def encode(self, bands: Tensor) -> Tensor:
        """Banded frames (B, bands, T) -> features (B, features, T - receptive_frames + 1)."""
        x = bands.unsqueeze(2).contiguous(memory_format=torch.channels_last)
        features: Tensor = self.expand(self.blocks(self.stem(x)))
        return features.squeeze(2)

    def trunk(self, columns: Tensor) -> Tensor:
        """Real and imaginary columns (B, 2, F, T) -> features (B, features, T - receptive + 1)."""
        return self.encode(self.bands(columns))

    def head(self, features: Tensor) -> Tensor:
        """Features of one window each, (B, features, t) -> scores (B, labels) before softmax."""
        pooled = torch.cat((features.mean(dim=2), features.amax(dim=2)), dim=1)
        scores: Tensor = self.window_scores(self.dropout(pooled))
        return scores

    def evidence(self, features: Tensor) -> Tensor:
        """Scores of single frames, before pooling: (B, features, t) -> (B, t, labels).

        They are about the frame `lookahead` before the last that the feature sees.
        """
        scores: Tensor = self.frame_scores(features.transpose(1, 2))
        return scores

    def forward(self, columns: Tensor) -> Tensor:
        """A window of columns (B, 2, F, T) -> scores (B, labels) before softmax."""
        return self.head(self.trunk(columns))
