"""Training examples: words, other speech and noise laid into windows, drawn from seeded generators.

The wave of an example carries the context its frames see: window_samples / 2 on either side.
Where there is no running speech, other words stand in for it, and parts of words for those.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kwspot.spotting.features import FeatureConfig

from .catalog import Kind
from .corpus import Corpus
from .levels import Levels
from .placing import lay, mark, mark_speech
from .pools import Pools
from .recipe import MixRecipe
from .sounds import USUAL, Samples, at_speed, decibels, faded, frequency_response, rms

ENOUGH = 1000
"""Hard places from which on they get the share that the recipe asks for."""


@dataclass(frozen=True, slots=True)
class Example:
    """One window. wave: float32 (span + window,); label: class; frames: class of each frame,
    int64 (frames,), IGNORED where unclear; response: amplitude over frequency, float32 (bins,)."""

    wave: Samples
    label: int
    frames: NDArray[np.int64]
    response: Samples


class Mixer:
    """Draws examples from the training part of a corpus."""

    def __init__(
        self, corpus: Corpus, words: Sequence[str], recipe: MixRecipe, features: FeatureConfig
    ) -> None:
        self._recipe, self._features = recipe, features
        self.unknown, self.silence = len(words), len(words) + 1
        self._length = features.span_samples + features.window_samples
        self.hard: NDArray[np.int64] = np.zeros((0, 3), dtype=np.int64)
        """Where the model has taken something else for a word: see `hard.mined`."""
        self._pools = Pools(corpus, words, recipe.balance)
        self._levels = Levels(self._pools, recipe, self._length)

    def example(self, rng: np.random.Generator) -> Example:
        """One example, decided by the generator alone."""
        draw = rng.uniform()
        frames = np.full(self._features.frames, self.silence, dtype=np.int64)
        speech: Samples | None
        if draw < self._recipe.silence:
            label, speech = self.silence, None
        elif draw < self._recipe.silence + self._recipe.unknown:
            label, speech = self._no_word(rng, frames)
        else:
            label, speech = self._word(rng, frames)
        wave = self._levels.heard(rng, speech)
        response = np.ones(self._features.bins, dtype=np.float32)
        if rng.uniform() < self._recipe.filtered:
            response = frequency_response(rng, self._features.bins)
        return Example(wave, label, frames, response)

    def _clip(self, rng: np.random.Generator, place: int) -> tuple[Samples, int, int]:
        """A clip of a class at some speed, and where its sound starts and ends."""
        samples, span = self._pools.clip(rng, place)
        speed = 1.0
        if rng.uniform() < self._recipe.sped:
            speed = float(rng.uniform(*self._recipe.speed))
            samples = at_speed(samples, speed)
        return samples, int(span.sound_start / speed), int(span.sound_end / speed)

    def _word(self, rng: np.random.Generator, frames: NDArray[np.int64]) -> tuple[int, Samples]:
        """A word, anywhere its window may have it, perhaps beside other speech."""
        place = self._pools.word(rng)
        clip, start, end = self._clip(rng, place)
        if rng.uniform() < self._recipe.gated:
            margin = int(rng.integers(80, 1000))
            first = max(start - margin, 0)
            clip, end = clip[first : end + margin], end - first
            start -= first
        clip = faded(clip)
        context, span = self._features.context_samples, self._features.span_samples
        if rng.uniform() < self._recipe.as_recorded:
            origin = context + (span - len(clip)) // 2 + int(rng.integers(-1600, 1601))
        else:
            earliest = max(int(0.4 * span), min(int(0.9 * (end - start)), span))
            origin = context + int(rng.integers(earliest, span + 1)) - end
        wave = np.zeros(self._length, dtype=np.float32)
        lay(wave, clip, origin)
        mark(frames, origin + start, origin + end, place, self._features)
        if rng.uniform() < self._recipe.neighbour:
            self._add_neighbour(rng, wave, frames, (origin + start, origin + end))
        return place, wave

    def _add_neighbour(
        self,
        rng: np.random.Generator,
        wave: Samples,
        frames: NDArray[np.int64],
        word: tuple[int, int],
    ) -> None:
        """Lay other speech, or one more word, before or after a word, as loud as it give or take
        8 dB; close ones more often."""
        target, other = self._beside(rng)
        gap = int(6400 * rng.uniform() ** 2)
        after = rng.uniform() < 0.5
        start = word[1] + gap if after else word[0] - gap - len(other)
        window_end = self._features.context_samples + self._features.span_samples
        if after and target != self.unknown and start + 0.6 * len(other) < window_end:
            # Of two words that a window holds it names the later one.
            start = word[0] - gap - len(other)
        heard = wave[max(word[0], 0) : max(word[1], 0)]
        if not len(heard) or not len(other):
            return
        loudness = rms(heard) / rms(other)
        lay(wave, faded(other * np.float32(loudness * decibels(rng.uniform(-8, 8)))), start)
        mark(frames, start, start + len(other), target, self._features)

    def _beside(self, rng: np.random.Generator) -> tuple[int, Samples]:
        """What lies beside a word, and its class."""
        if rng.uniform() >= self._recipe.paired:
            return self.unknown, self._other(rng)
        place = self._pools.word(rng)
        clip, first, last = self._clip(rng, place)
        return place, clip[first:last]

    def _other(self, rng: np.random.Generator) -> Samples:
        """A bit of running speech, or another word without what lies around it."""
        running = self._pools.recordings(Kind.SPEECH) > 0
        if rng.uniform() < 0.5 and running:
            return self._pools.running(rng, Kind.SPEECH, int(rng.integers(3200, 12000)))
        if not self._pools.clips(self.unknown):
            return self._part(rng)
        clip, first, last = self._clip(rng, self.unknown)
        return clip[first:last]

    def _no_word(
        self, rng: np.random.Generator, frames: NDArray[np.int64]
    ) -> tuple[int, Samples | None]:
        """What is none of the words: other speech, or a noise that was taken for a word."""
        # The same few places over and over would be learnt by heart.
        share = self._recipe.hard * min(1.0, len(self.hard) / ENOUGH)
        if rng.uniform() >= share:
            return self.unknown, self._unknown(rng, frames)
        place, begin, thousandths = self.hard[int(rng.integers(len(self.hard)))].tolist()
        found = speed = thousandths / USUAL
        if rng.uniform() < self._recipe.sped:
            # Half as far off as elsewhere: at another speed the place need not be hard.
            speed = (found + float(rng.uniform(*self._recipe.speed))) / 2
        # The middle of the window stays where it was, give or take as far as one hop.
        begin += round((found - speed) * self._length / 2) + int(rng.integers(-400, 401))
        piece = self._pools.at(place, begin, round(self._length * speed))
        wave = np.zeros(self._length, dtype=np.float32)
        lay(wave, piece if speed == 1.0 else at_speed(piece, speed), 0)
        if not self._pools.is_speech(place):
            return self.silence, wave
        mark_speech(frames, wave, self.unknown, self._features)
        return self.unknown, wave

    def _unknown(self, rng: np.random.Generator, frames: NDArray[np.int64]) -> Samples:
        """Running speech, another word, or parts of words."""
        recipe = self._recipe
        wave = np.zeros(self._length, dtype=np.float32)
        draw = rng.uniform()
        if draw < recipe.running and self._pools.recordings(Kind.SPEECH):
            speed = 1.0
            if rng.uniform() < recipe.sped:
                speed = float(rng.uniform(*recipe.speed))
            if rng.uniform() < recipe.fragments:
                return self._fragment(rng, frames, speed)
            piece = self._pools.running(rng, Kind.SPEECH, round(self._length * speed))
            lay(wave, piece if speed == 1.0 else at_speed(piece, speed), 0)
            mark_speech(frames, wave, self.unknown, self._features)
            return wave
        if draw < recipe.running + recipe.others and self._pools.clips(self.unknown):
            clip, start, end = self._clip(rng, self.unknown)
            piece = clip if rng.uniform() < 0.5 else clip[start:end]
        else:
            piece = self._part(rng)
            if draw > 1.0 - recipe.joined:
                piece = np.concatenate((faded(piece), faded(self._part(rng))))
        piece = faded(piece)
        start = int(rng.integers(-len(piece) // 4, max(1, self._length - 3 * len(piece) // 4)))
        lay(wave, piece, start)
        mark(frames, start, start + len(piece), self.unknown, self._features)
        return wave

    def _fragment(
        self, rng: np.random.Generator, frames: NDArray[np.int64], speed: float
    ) -> Samples:
        """A bit of running speech, as long as a word, by itself: no context gives it away.

        Or two bits of an utterance joined: sounds in an order that nobody said.
        """
        wave = np.zeros(self._length, dtype=np.float32)
        length = int(rng.integers(3200, 11200) * speed)
        if rng.uniform() < self._recipe.spliced:
            utterance = self._pools.running(rng, Kind.SPEECH, 4 * length)
            share = int(rng.uniform(0.25, 0.75) * length)
            first = int(rng.integers(2 * length))
            second = int(rng.integers(2 * length, 3 * length))
            parts = utterance[first : first + share], utterance[second : second + length - share]
            # Of a short utterance the second may lie behind its end: then it is one bit and a rest.
            piece = np.concatenate([faded(part) for part in parts])
        else:
            piece = self._pools.running(rng, Kind.SPEECH, length)
        piece = faded(piece if speed == 1.0 else at_speed(piece, speed), 160)
        start = int(rng.integers(self._features.context_samples, self._length - len(piece) // 2))
        lay(wave, piece, start)
        mark(frames, start, start + len(piece), self.unknown, self._features)
        return wave

    def _part(self, rng: np.random.Generator) -> Samples:
        """The beginning or the end of a word: not that word."""
        clip, start, end = self._clip(rng, self._pools.word(rng))
        length = int((end - start) * rng.uniform(*self._recipe.part))
        return clip[start : start + length] if rng.uniform() < 0.6 else clip[end - length : end]
