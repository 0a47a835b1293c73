"""The network that kwspot grew from: a plain convolutional one over the picture of a whole second.

From "Audio classification with torch" (Posit AI blog, 2022): five blocks of 3x3 convolutions and
two linear layers. It pads nothing, but pools in time: a window has to go through it as a whole,
and nothing that was computed for one window serves the next.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

POWER_FLOOR = 1e-8
"""Added to every power before the logarithm: -80 dB re full scale, as the other network has it."""
POWERS = ("2", "1", "0.5", "log", "complex")
"""What can be made of a complex spectrogram for the network to see."""
SMALLEST = 78
"""The fewest frames, and bins, of which the last convolution still has three left."""


@dataclass(frozen=True, slots=True)
class SeedConfig:
    """Sizes of the network.

    labels: classes; power: what it sees of each bin: the magnitude to that power, `log` for the
    logarithm of its square, `complex` for real and imaginary part as two channels; bins:
    frequencies of a frame; channels: of the five convolutions; hidden: width of the first linear
    layer; lookahead: frames of a window after the one that it says most about, its middle;
    conv_dropout, dropout: shares of channels and of hidden values dropped in training.
    Raises ValueError for sizes that make no network.
    """

    labels: int
    power: str = "complex"
    bins: int = 257
    channels: tuple[int, ...] = (32, 64, 128, 256, 512)
    hidden: int = 512
    lookahead: int = 50
    conv_dropout: float = 0.2
    dropout: float = 0.5

    def __post_init__(self) -> None:
        # A model file's header has lists only.
        object.__setattr__(self, "channels", tuple(self.channels))
        if self.power not in POWERS:
            raise ValueError(f"power is one of {', '.join(POWERS)}, not {self.power}")
        if len(self.channels) != 5:
            raise ValueError(f"there are five convolutions, not {len(self.channels)}")
        if min(self.labels, *self.channels, self.hidden) < 1:
            raise ValueError(f"every size of a network is at least 1: {self}")
        if self.bins < SMALLEST:
            raise ValueError(f"a frame has at least {SMALLEST} bins, not {self.bins}")
        if not SMALLEST // 2 < self.lookahead < SMALLEST:
            raise ValueError("the frame that a window says most about lies near its middle")

    @property
    def planes(self) -> int:
        """Channels of what the network sees."""
        return 2 if self.power == "complex" else 1

    @property
    def receptive_frames(self) -> int:
        """The fewest frames a window has."""
        return SMALLEST

    def evidence_frames(self, frames: int) -> int:
        """For how many frames a window of `frames` still holds what its evidence was about."""
        return frames - self.lookahead

    def sizes(self) -> dict[str, tuple[int, ...]]:
        """Shapes of the layers that decide about memory."""
        inputs = (self.planes, *self.channels)
        convolutions = {
            f"convolutions.{5 * place}.weight": (outputs, inputs[place], 3, 3)
            for place, outputs in enumerate(self.channels)
        }
        return {
            **convolutions,
            "classifier.0.weight": (self.hidden, self.channels[-1]),
            "classifier.4.weight": (self.labels, self.hidden),
        }

    def multiplies(self, frames: int) -> int:
        """Multiplications for one window of `frames` columns, by the shapes alone.

        Batch norms, which fold into the convolutions, and what makes the input are left out.
        """
        height, width, inputs, count = self.bins, frames, self.planes, 0
        for outputs in self.channels:
            height, width = height - 2, width - 2
            count += outputs * inputs * 9 * height * width
            height, width, inputs = height // 2, width // 2, outputs
        return count + self.channels[-1] * self.hidden + self.hidden * self.labels


class SeedNetwork(nn.Module):
    """A complex spectrogram of one window -> scores of its words."""

    def __init__(self, config: SeedConfig) -> None:
        super().__init__()
        self.config = config
        layers: list[nn.Module] = []
        inputs = config.planes
        for place, outputs in enumerate(config.channels):
            last = place == len(config.channels) - 1
            layers += [
                nn.Conv2d(inputs, outputs, 3),
                nn.BatchNorm2d(outputs),
                nn.ReLU(),
                nn.AdaptiveAvgPool2d(1) if last else nn.MaxPool2d(2),
                nn.Dropout2d(config.conv_dropout),
            ]
            inputs = outputs
        # On a CPU the convolutions are a third faster in this layout; the figures are the same.
        self.convolutions = nn.Sequential(*layers)
        self.convolutions.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.classifier = nn.Sequential(
            nn.Linear(inputs, config.hidden),
            nn.BatchNorm1d(config.hidden),
            nn.ReLU(),
            nn.Dropout(config.dropout),
            nn.Linear(config.hidden, config.labels),
        )

    def picture(self, columns: Tensor) -> Tensor:
        """What the network sees of columns: float32 (B, 2, F, T), real and imaginary part, ->
        (B, planes, F, T)."""
        power = self.config.power
        if power == "complex":
            return columns
        squared = columns.square().sum(dim=1, keepdim=True)
        match power:
            case "2":
                return squared
            case "log":
                return torch.log(squared + POWER_FLOOR)
            case _:
                return squared.pow(float(power) / 2.0)

    def forward(self, columns: Tensor) -> Tensor:
        """A window of columns (B, 2, F, T) -> scores (B, labels) before softmax."""
        features = self.convolutions(self.picture(columns))
        scores: Tensor = self.classifier(features.flatten(1))
        return scores
