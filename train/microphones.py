"""What bad microphones and eager noise gates make of speech; float32, drawn from a generator."""

import numpy as np
from numpy.typing import NDArray

from kwspot.audio.source import SAMPLE_RATE_HZ

from .sounds import Samples, decibels

DEEPEST_DB = -70.0
"""Nothing is taken away further than this: a real recording never is silent in a band."""
GATE_HOP = 80
"""Samples between two decisions of a noise gate: 5 ms."""
KINDS = ("muffled", "limited", "boomy", "thin")
LIKELY = (0.45, 0.2, 0.2, 0.15)


def response_db(rng: np.random.Generator, hertz: NDArray[np.floating]) -> NDArray[np.floating]:
    """Gain in dB at frequencies (n,) of one of KINDS of bad microphones.

    Muffled: covered, in a pocket, far off its axis, 4 to 14 dB an octave less from 200 to 2,000 Hz
    on. Limited: an old codec or a toy, next to nothing above 1.8 to 4 kHz. Boomy: lips at the
    microphone, 6 to 24 dB more below 200 to 700 Hz. Thin: a laptop's, a small loudspeaker's, 12 dB
    an octave less below 300 to 1,000 Hz.
    """
    kind = str(rng.choice(KINDS, p=LIKELY))
    low, high = {
        "muffled": (200.0, 2000.0),
        "limited": (1800.0, 4000.0),
        "boomy": (200.0, 700.0),
        "thin": (300.0, 1000.0),
    }[kind]
    corner = float(np.exp(rng.uniform(np.log(low), np.log(high))))
    octaves = np.log2(np.maximum(hertz, 1.0) / corner)
    if kind == "muffled":
        gain = -rng.uniform(4.0, 14.0) * octaves.clip(min=0.0)
    elif kind == "limited":
        gain = -60.0 * octaves.clip(min=0.0)
    elif kind == "boomy":
        gain = rng.uniform(6.0, 24.0) * (-octaves).clip(0.0, 1.0)
    else:
        gain = -12.0 * (-octaves).clip(min=0.0)
    bounded: NDArray[np.floating] = np.maximum(gain, DEEPEST_DB)
    return bounded


def through_microphone(rng: np.random.Generator, samples: Samples) -> Samples:
    """A sound (n,) as a bad microphone takes it, as long as before and without delay."""
    hertz = np.fft.rfftfreq(len(samples), 1.0 / SAMPLE_RATE_HZ)
    spectrum = np.fft.rfft(samples) * 10.0 ** (response_db(rng, hertz) / 20.0)
    return np.fft.irfft(spectrum, len(samples)).astype(np.float32)


def noise_gated(rng: np.random.Generator, samples: Samples) -> Samples:
    """A sound (n,) through a noise gate: what is faint in it, the f of *off* say, is gone.

    The gate is open where the level, in steps of 5 ms, comes within 12 to 35 dB of the loudest, and
    10 to 80 ms after; shut, it leaves 30 to 90 dB less.
    """
    count = -(-len(samples) // GATE_HOP)
    padded = np.zeros(count * GATE_HOP, dtype=np.float32)
    padded[: len(samples)] = samples
    level = np.sqrt(np.square(padded.reshape(count, GATE_HOP)).mean(axis=1))
    heard = level > level.max() * decibels(-rng.uniform(12.0, 35.0))
    hold = int(rng.integers(2, 17))
    # Open where any of the last `hold` steps was heard.
    opened = np.convolve(heard, np.ones(hold + 1))[:count] > 0
    gain = np.where(opened, 1.0, decibels(-rng.uniform(30.0, 90.0)))
    middles = (np.arange(count) + 0.5) * GATE_HOP
    gains = np.interp(np.arange(len(samples)), middles, gain).astype(np.float32)
    gated: Samples = samples * gains
    return gated
