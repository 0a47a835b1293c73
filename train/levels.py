"""How loud, in which room and over which background a sound is heard."""

import numpy as np

from .catalog import Kind
from .microphones import noise_gated, through_microphone
from .pools import Pools
from .recipe import MixRecipe
from .sounds import (
    Samples,
    clicks,
    coloured_noise,
    convolved,
    decibels,
    rms,
    room_response,
    tones,
)

USUAL_SNR_DB = 20.0
"""The signal-to-noise ratio that is drawn most often."""


class Levels:
    """Puts sounds into surroundings, `length` samples each, drawn from generators."""

    def __init__(self, pools: Pools, recipe: MixRecipe, length: int) -> None:
        self._pools, self._recipe, self._length = pools, recipe, length

    def heard(self, rng: np.random.Generator, speech: Samples | None) -> Samples:
        """Speech in its room, by its microphone, at its level, over its background; where it is
        None, a background alone."""
        if speech is None or not speech.any():
            return self._silence(rng)
        recipe = self._recipe
        if rng.uniform() < recipe.room:
            speech = convolved(speech, self._room(rng))
        if rng.uniform() < recipe.muffled:
            speech = through_microphone(rng, speech)
        if rng.uniform() < recipe.noise_gate:
            speech = noise_gated(rng, speech)
        speech *= np.float32(decibels(float(rng.uniform(*recipe.peak_db))) / np.abs(speech).max())
        if rng.uniform() < recipe.noise:
            low, high = recipe.snr_db
            loudest = np.sort(np.abs(speech))[-self._length // 5 :]
            usual = min(max(USUAL_SNR_DB, low), high)
            ratio = rms(loudest) * decibels(-float(rng.triangular(low, usual, high)))
            speech = speech + self._background(rng) * np.float32(ratio)
        if rng.uniform() < 0.05:
            # Clipped by a microphone that is set too high.
            speech = speech * np.float32(rng.uniform(1.0, 4.0))
        heard: Samples = np.clip(speech, -1.0, 1.0)
        return heard

    def _silence(self, rng: np.random.Generator) -> Samples:
        level = decibels(float(rng.uniform(-75.0, -8.0)))
        if rng.uniform() < 0.1:
            return np.zeros(self._length, dtype=np.float32)
        silence: Samples = np.clip(self._background(rng) * np.float32(level), -1.0, 1.0)
        return silence

    def _background(self, rng: np.random.Generator) -> Samples:
        """Noise of RMS 1: recorded where there is some, else made."""
        draw = rng.uniform()
        if draw < 0.70 and self._pools.recordings(Kind.NOISE):
            noise = self._pools.running(rng, Kind.NOISE, self._length)
        elif draw < 0.88:
            return coloured_noise(rng, self._length)
        elif draw < 0.94:
            noise = tones(rng, self._length)
        else:
            noise = clicks(rng, self._length)
        levelled: Samples = noise / np.float32(max(rms(noise), 1e-4))
        return levelled

    def _room(self, rng: np.random.Generator) -> Samples:
        if self._pools.recordings(Kind.ROOM) and rng.uniform() < 0.3:
            return self._pools.room(rng)
        return room_response(rng)
