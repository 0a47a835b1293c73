"""Sounds made from nothing, and changes made to sounds; float32, 16 kHz, drawn from a generator."""

import numpy as np
import soxr
from numpy.typing import NDArray

from kwspot.audio.source import SAMPLE_RATE_HZ

Samples = NDArray[np.float32]


def decibels(db: float) -> float:
    """The amplitude ratio of a level difference in dB."""
    return float(10.0 ** (db / 20.0))


def rms(samples: Samples) -> float:
    """Root mean square of at least one sample, never 0."""
    return float(np.sqrt(np.square(samples, dtype=np.float64).mean() + 1e-12))


USUAL = 1000
"""The speed of a recording as it was made, where speeds are counted in thousandths."""


def at_speed(samples: Samples, speed: float) -> Samples:
    """The recording played `speed` times as fast, pitch and all: (n,) -> (n / speed,)."""
    return np.asarray(soxr.resample(samples, speed * SAMPLE_RATE_HZ, SAMPLE_RATE_HZ, "MQ"))


def faded(samples: Samples, length: int = 80) -> Samples:
    """A copy whose ends rise from and fall to zero over `length` samples, without clicks."""
    out = samples.copy()
    length = min(length, len(out) // 2)
    ramp = np.linspace(0.0, 1.0, length, dtype=np.float32)
    out[:length] *= ramp
    out[len(out) - length :] *= ramp[::-1]
    return out


def coloured_noise(rng: np.random.Generator, length: int) -> Samples:
    """Noise whose power falls with frequency^a, a between 0 (white) and 2 (brown), RMS 1."""
    spectrum = np.fft.rfft(rng.standard_normal(length))
    slope = np.arange(1, len(spectrum) + 1) ** (-rng.uniform(0.0, 2.0) / 2.0)
    noise = np.fft.irfft(spectrum * slope, length).astype(np.float32)
    levelled: Samples = noise / np.float32(rms(noise))
    return levelled


def tones(rng: np.random.Generator, length: int) -> Samples:
    """Mains hum, a whistle or a chord: one to five steady partials, RMS 1."""
    time = np.arange(length) / SAMPLE_RATE_HZ
    base = float(rng.choice([50.0, 60.0, float(np.exp(rng.uniform(np.log(80), np.log(6000))))]))
    partials = [
        rng.uniform(0.1, 1.0) * np.sin(2 * np.pi * (base * k * time + rng.uniform()))
        for k in range(1, int(rng.integers(2, 7)))
        if base * k < SAMPLE_RATE_HZ / 2
    ]
    mixed = np.sum(partials, axis=0).astype(np.float32)
    levelled: Samples = mixed / np.float32(rms(mixed))
    return levelled


def clicks(rng: np.random.Generator, length: int) -> Samples:
    """Taps, claps and keys: a few short decaying bursts, RMS 1."""
    out = np.zeros(length, dtype=np.float32)
    for _ in range(int(rng.integers(1, 6))):
        size = int(rng.integers(20, 2400))
        burst = rng.standard_normal(size) * np.exp(-np.arange(size) / (size / 5.0))
        start = int(rng.integers(0, length))
        piece = burst[: length - start].astype(np.float32)
        out[start : start + len(piece)] += piece * np.float32(rng.uniform(0.2, 1.0))
    return out / np.float32(rms(out))


def room_response(rng: np.random.Generator) -> Samples:
    """A small room: direct sound, then noise that dies away with an RT60 of 0.1 to 0.6 s."""
    decay_s = rng.uniform(0.1, 0.6)
    length = int(decay_s * SAMPLE_RATE_HZ)
    tail = rng.standard_normal(length) * 10.0 ** (-3.0 * np.arange(length) / length)
    tail *= rng.uniform(0.02, 0.3) / np.sqrt(np.square(tail).sum()) * 3.0
    tail[0] = 1.0
    return tail.astype(np.float32)


def convolved(samples: Samples, response: Samples) -> Samples:
    """What a room makes of a sound, as long as the sound, its energy kept."""
    size = len(samples) + len(response) - 1
    size = 1 << (size - 1).bit_length()
    product = np.fft.rfft(samples, size) * np.fft.rfft(response, size)
    wet = np.fft.irfft(product, size)[: len(samples)].astype(np.float32)
    return wet * np.float32(rms(samples) / rms(wet))


def frequency_response(rng: np.random.Generator, bins: int) -> Samples:
    """A microphone's colour, a telephone's limits: amplitude factors for `bins` frequencies."""
    db = rng.uniform(-8.0, 8.0) * np.linspace(-0.5, 0.5, bins)
    knots = np.linspace(0, bins - 1, 7)
    db += np.interp(np.arange(bins), knots, rng.normal(0.0, 3.0, 7))
    hertz = np.linspace(0.0, SAMPLE_RATE_HZ / 2, bins)
    if rng.uniform() < 0.3:
        db -= 30.0 * np.clip(np.log2(hertz / rng.uniform(3000.0, 7000.0) + 1e-9), 0.0, 2.0)
    if rng.uniform() < 0.3:
        db -= 12.0 * np.clip(np.log2(rng.uniform(80.0, 400.0) / (hertz + 1e-9)), 0.0, 3.0)
    return (10.0 ** (db / 20.0)).astype(np.float32)
