"""Sounds to look at: waveform, its Fourier transform, spectrograms over log frequency."""

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator
from numpy.typing import NDArray

from kwspot.spotting.features import FeatureConfig, clip_spectra, power_db

from .style import BLUE, drawing, grid, png

WINDOWS = (512, 256, 128)
"""Samples of the windows compared: 32, 16 and 8 ms, each moved by half of itself."""
LOWEST_HZ = 60.0
TICKS_HZ = (100, 200, 500, 1000, 2000, 4000, 8000)
RANGE_DB = 70.0
"""From the loudest point of a picture down to its darkest colour."""


def _hertz(value: float, _place: int | None = None) -> str:
    return f"{value / 1000:g} kHz" if value >= 1000 else f"{value:g} Hz"


def draw_spectrogram(
    axes: Axes, values: NDArray[np.float32], config: FeatureConfig, low: float, high: float
) -> None:
    """A spectrogram in viridis over seconds and log frequency.

    values: float32 (bins, frames), drawn from `low`, dark, to `high`. The constant part, bin 0,
    has no place on a logarithmic axis.
    """
    bins, frames = values.shape
    step_hz = config.sample_rate_hz / config.n_fft
    hop_s = config.hop_samples / config.sample_rate_hz
    axes.pcolormesh(
        (np.arange(frames + 1) - 0.5) * hop_s,
        (np.arange(1, bins + 1) - 0.5) * step_hz,
        values[1:],
        cmap="viridis",
        vmin=low,
        vmax=high,
        rasterized=True,
    )
    axes.set_yscale("log")
    axes.set_ylim(max(LOWEST_HZ, step_hz / 2), config.sample_rate_hz / 2)
    axes.yaxis.set_major_locator(FixedLocator(TICKS_HZ))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(_hertz))


def heard_picture(samples: NDArray[np.float32], config: FeatureConfig) -> bytes:
    """The features a model sees of a clip, as power in dB. samples: float32 (n,) at 16 kHz."""
    columns = power_db(clip_spectra(torch.from_numpy(samples), config)).numpy()
    loudest = float(columns[1:].max())
    with drawing(3.6, 2.4) as figure:
        # Placed by hand: there are many of these, and finding the place takes most of the time.
        figure.set_layout_engine("none")
        axes = figure.add_axes((0.165, 0.19, 0.80, 0.76))
        draw_spectrogram(axes, columns, config, loudest - RANGE_DB, loudest)
        axes.set_xlim(0.0, len(samples) / config.sample_rate_hz)
        axes.set_xlabel("seconds")
        return png(figure)


def clip_picture(samples: NDArray[np.float32], rate_hz: int, title: str, told: str) -> bytes:
    """Waveform, magnitude of its DFT, and spectrograms at three window sizes.

    samples: float32 (n,), n > 0; told: what stands beside the title. The spectrograms show
    magnitude to the power 0.5, which brings out what is quiet.
    """
    with drawing(8.0, 10.5) as figure:
        figure.suptitle(f"{title}  ({told})", fontsize=11, x=0.015, ha="left")
        wave, spectrum, *grams = figure.subplots(2 + len(WINDOWS), 1)
        _draw_wave(wave, samples, rate_hz)
        _draw_spectrum(spectrum, samples, rate_hz)
        for axes, window in zip(grams, WINDOWS, strict=True):
            _draw_at_window(axes, samples, rate_hz, window)
        grams[-1].set_xlabel("seconds")
        return png(figure)


def _draw_wave(axes: Axes, samples: NDArray[np.float32], rate_hz: int) -> None:
    axes.plot(np.arange(len(samples)) / rate_hz, samples, color=BLUE, linewidth=0.6)
    most = max(0.01, float(np.abs(samples).max())) * 1.05
    axes.set(xlim=(0.0, len(samples) / rate_hz), ylim=(-most, most), title="Waveform (amplitude)")
    grid(axes)


def _draw_spectrum(axes: Axes, samples: NDArray[np.float32], rate_hz: int) -> None:
    magnitude = np.abs(np.fft.rfft(samples))
    hertz = np.fft.rfftfreq(len(samples), 1.0 / rate_hz)
    axes.plot(hertz, magnitude, color=BLUE, linewidth=0.6)
    axes.set(xlim=(0.0, rate_hz / 2), ylim=(0.0, None))
    axes.set_title("Discrete Fourier transform (magnitude over frequency)")
    axes.xaxis.set_major_formatter(FuncFormatter(_hertz))
    grid(axes)


def _draw_at_window(axes: Axes, samples: NDArray[np.float32], rate_hz: int, window: int) -> None:
    config = FeatureConfig(
        sample_rate_hz=rate_hz, n_fft=window, window_samples=window, hop_samples=window // 2
    )
    values = clip_spectra(torch.from_numpy(samples), config).abs().pow(0.5).numpy()
    draw_spectrogram(axes, values, config, 0.0, float(values[1:].max()) or 1.0)
    axes.set_xlim(0.0, len(samples) / rate_hz)
    bins, frames = values.shape
    axes.set_title(
        f"Spectrogram, windows of {window} samples ({1000 * window / rate_hz:g} ms): "
        f"{bins} coefficients × {frames} windows"
    )
