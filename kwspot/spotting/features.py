"""Complex spectrogram frames: pure functions, and the stream that computes each frame once.

Frame t is centred on sample 160 t and sees the samples [160 t - 240, 160 t + 240): true context,
never a reflection. Outside a stream are zeros. So a frame does not depend on the window that
holds it, and one computation serves every window, the file and the microphone.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from kwspot.audio.source import SAMPLE_RATE_HZ

FEW_FRAMES = 32
"""Up to so many frames, numpy transforms faster than torch."""


@dataclass(frozen=True, slots=True)
class FeatureConfig:
    """The short-time Fourier transform and the window of frames one decision looks at.

    sample_rate_hz, n_fft (DFT points), window_samples (Hann, <= n_fft), hop_samples (between
    frames), frames (of one window). Raises ValueError for values that do not fit together.
    """

    sample_rate_hz: int = SAMPLE_RATE_HZ
    n_fft: int = 512
    window_samples: int = 480
    hop_samples: int = 160
    frames: int = 101

    def __post_init__(self) -> None:
        sizes = (self.sample_rate_hz, self.hop_samples, self.frames)
        if not all(isinstance(size, int) for size in (*sizes, self.n_fft, self.window_samples)):
            raise ValueError(f"sizes are whole numbers: {self}")
        if min(sizes) < 1 or not 0 < self.window_samples <= self.n_fft:
            raise ValueError(f"these sizes make no spectrogram: {self}")
        if self.window_samples % 2 or self.n_fft % 2:
            raise ValueError("window_samples and n_fft are even: a frame has a centre sample")

    @property
    def bins(self) -> int:
        """Frequencies of a frame: 0 to half the sample rate."""
        return self.n_fft // 2 + 1

    @property
    def span_samples(self) -> int:
        """From the centre of a window's first frame to that of its last."""
        return (self.frames - 1) * self.hop_samples

    @property
    def context_samples(self) -> int:
        """What a frame sees on either side of its centre."""
        return self.window_samples // 2


def spectra(samples: Tensor, config: FeatureConfig) -> Tensor:
    """Complex STFT of a stretch that carries its own context.

    samples: float32 (..., n), beginning `context_samples` before the first frame's centre.
    Returns complex64 (..., bins, t) with t = (n - window_samples) // hop_samples + 1 frames,
    scaled by 1 / sqrt(sum(window^2)), so that white noise of variance v has power v in a bin.
    The same as torchaudio's `Spectrogram(power=None, normalized=True, center=False)`.
    Raises ValueError for a stretch shorter than one frame.
    """
    if samples.shape[-1] < config.window_samples:
        raise ValueError(f"{samples.shape[-1]} samples are less than one frame")
    side = _side(config)
    return framed_spectra(functional.pad(samples, (side, side)), config)


def _side(config: FeatureConfig) -> int:
    """Samples on either side of a window, which the DFT sees and the window makes zeros of.

    The window sits in the middle of the DFT, as torch.stft places it: only the phase depends.
    """
    return (config.n_fft - config.window_samples) // 2


def framed_spectra(around: Tensor, config: FeatureConfig) -> Tensor:
    """`spectra` of a stretch that has any finite samples on its sides, as many as a frame's `n_fft`
    needs: float32 (..., n) -> complex64 (..., bins, (n - n_fft) // hop_samples + 1)."""
    window = _window(config, around.device)
    columns: Tensor = torch.fft.rfft(around.unfold(-1, config.n_fft, config.hop_samples) * window)
    return columns.transpose(-1, -2)


def _few_spectra(
    around: NDArray[np.float32], config: FeatureConfig, window: NDArray[np.float32]
) -> Tensor:
    """The same of a short stretch (n,), at half the cost: torch plans every DFT anew."""
    count = (len(around) - config.n_fft) // config.hop_samples + 1
    strides = (config.hop_samples * around.itemsize, around.itemsize)
    frames = np.ndarray((count, config.n_fft), np.float32, around, 0, strides)
    return torch.from_numpy(np.fft.rfft(frames * window).astype(np.complex64, copy=False)).T


@cache
def _window(config: FeatureConfig, device: torch.device) -> Tensor:
    """The scaled Hann window in the middle of a DFT, float32 (n_fft,)."""
    side = _side(config)
    # Whoever asks first may be in inference mode, and another may want gradients.
    with torch.inference_mode(mode=False):
        window = torch.hann_window(config.window_samples, device=device)
        return functional.pad(window / window.square().sum().sqrt(), (side, side))


def clip_spectra(samples: Tensor, config: FeatureConfig) -> Tensor:
    """Complex STFT of whole clips, zeros outside them.

    samples: float32 (..., n) -> complex64 (..., bins, n // hop_samples + 1): for one second the
    (257, 101) of a window.
    """
    side = config.context_samples
    return spectra(functional.pad(samples, (side, side)), config)


def as_channels(columns: Tensor) -> Tensor:
    """Real and imaginary part as two channels: complex (B, F, T) -> float32 (B, 2, F, T)."""
    return torch.view_as_real(columns).permute(0, 3, 1, 2)


def power_db(columns: Tensor, floor_db: float = -120.0) -> Tensor:
    """Power in dB re 1.0, nothing under `floor_db`. complex64 (..., F, T) -> float32, the same."""
    power = columns.real.square() + columns.imag.square()
    return 10.0 * power.clamp(min=10.0 ** (floor_db / 10.0)).log10()


class FrameStream:
    """Turns a stream of samples into columns, each computed once, in groups of `group` frames.

    Memory: the samples the next group still needs, under one group and a frame of them. The stream
    begins with `lead_frames` frames centred before its first sample, so that the first window may
    hold nothing but the zeros before the stream and the stream's first hop.
    """

    def __init__(self, config: FeatureConfig, lead_frames: int, group: int = 1) -> None:
        self._config, self._group = config, group
        self._length = lead_frames * config.hop_samples + config.context_samples
        room = (group + 1) * config.hop_samples + config.window_samples
        self._pending = np.zeros(max(self._length, room), np.float32)
        self._side = np.zeros(_side(config), np.float32)
        self._window = _window(config, torch.device("cpu")).numpy()
        self._none = torch.zeros(config.bins, 0, dtype=torch.complex64)

    @property
    def wanted(self) -> int:
        """How many samples are missing to the next group, 1 or more."""
        config = self._config
        needed = config.window_samples + (self._group - 1) * config.hop_samples
        return max(1, needed - self._length)

    def push(self, samples: Tensor) -> Tensor:
        """`push_array` for a tensor in memory."""
        return self.push_array(samples.numpy())

    def push_array(self, samples: NDArray[np.float32]) -> Tensor:
        """Take float32 (n,), continue the stream; returns complex64 (bins, k), k >= 0.

        A column lies in one piece in memory: the tensor is a matrix of frames, transposed.
        """
        around = self.push_samples(samples)
        if not len(around):
            return self._none
        if (len(around) - self._config.n_fft) // self._config.hop_samples < FEW_FRAMES:
            return _few_spectra(around, self._config, self._window)
        return framed_spectra(torch.from_numpy(around), self._config)

    def push_samples(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """The same, but for the transform: returns the samples of which `framed_spectra` makes
        the columns, float32 (m,), none where there are no columns yet."""
        config = self._config
        total = self._length + len(samples)
        frames = (total - config.window_samples) // config.hop_samples + 1
        frames = max(frames, 0) // self._group * self._group
        if not frames:
            # Pieces are often shorter than a hop: they only wait.
            self._pending[self._length : total] = samples
            self._length = total
            return samples[:0]
        side = len(self._side)
        around = np.concatenate((self._side, self._pending[: self._length], samples, self._side))
        done = frames * config.hop_samples
        self._length = total - done
        self._pending[: self._length] = around[side + done : side + total]
        return around[: done - config.hop_samples + config.n_fft]
