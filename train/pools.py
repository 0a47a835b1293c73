"""The training part of a corpus, sorted by what it serves for."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from .catalog import Kind, Split
from .corpus import Corpus, Span, scaled
from .sounds import Samples

NOISE_USED = 0.8
"""Share of each noise, from its beginning, that trains; the rest is for validation."""


class Pools:
    """Clips by class, running speech, noise and rooms; each draw takes a generator.

    Classes are places in `words`; `unknown`, one past them, is every other word. balance: how far
    words are drawn alike, see `MixRecipe`.
    """

    def __init__(self, corpus: Corpus, words: Sequence[str], balance: float) -> None:
        self._corpus = corpus
        self._words = self.unknown = len(words)
        self._clips: dict[int, list[int]] = defaultdict(list)
        self._pools: dict[Kind, list[int]] = defaultdict(list)
        places = {word: place for place, word in enumerate(words)}
        for index, recording in enumerate(corpus.recordings):
            if recording.split is not Split.TRAINING:
                continue
            if recording.kind is Kind.WORD:
                self._clips[places.get(recording.word, self.unknown)].append(index)
            else:
                self._pools[recording.kind].append(index)
        counts = np.array([self.clips(place) for place in range(self._words)], dtype=float)
        # A word without clips is never drawn, whatever the balance.
        weights = np.where(counts > 0, np.maximum(counts, 1.0) ** (1.0 - balance), 0.0)
        self._weights = weights / weights.sum()

    def clips(self, place: int) -> int:
        """How many clips a class has."""
        return len(self._clips[place])

    def recordings(self, kind: Kind) -> int:
        """How many recordings of a kind other than words there are."""
        return len(self._pools[kind])

    def word(self, rng: np.random.Generator) -> int:
        """The class of a word."""
        return int(rng.choice(self._words, p=self._weights))

    def clip(self, rng: np.random.Generator, place: int) -> tuple[Samples, Span]:
        """A clip of a class that has some."""
        return self._corpus.clip(self._drawn(rng, self._clips[place]))

    def running(self, rng: np.random.Generator, kind: Kind, length: int) -> Samples:
        """A stretch of running speech or noise, zeros behind it where the recording is short."""
        span = self._corpus.spans[self._drawn(rng, self._pools[kind])]
        usable = int(span.length * NOISE_USED) if kind is Kind.NOISE else span.length
        begin = span.offset + int(rng.integers(max(1, usable - length)))
        piece = scaled(self._corpus.samples[begin : min(begin + length, span.offset + usable)])
        return np.pad(piece, (0, length - len(piece)))

    def at(self, place: int, begin: int, length: int) -> Samples:
        """A stretch of a recording from a sample on, zeros where it lies outside."""
        span = self._corpus.spans[place]
        used = int(span.length * NOISE_USED) if not self.is_speech(place) else span.length
        first, last = max(begin, 0), min(begin + length, used)
        if first >= last:
            return np.zeros(length, dtype=np.float32)
        piece = scaled(self._corpus.samples[span.offset + first : span.offset + last])
        return np.pad(piece, (first - begin, begin + length - last))

    def is_speech(self, place: int) -> bool:
        """Whether a recording is speech, not noise."""
        return self._corpus.recordings[place].kind is not Kind.NOISE

    def room(self, rng: np.random.Generator) -> Samples:
        """A recorded room response, from its direct sound on, at most 0.75 s."""
        response = self._corpus.audio(self._drawn(rng, self._pools[Kind.ROOM]))
        return response[int(np.abs(response).argmax()) :][:12000]

    def _drawn(self, rng: np.random.Generator, pool: Sequence[int]) -> int:
        return pool[int(rng.integers(len(pool)))]
