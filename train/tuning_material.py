"""What a run judges its models by: streams of validation clips, and sound without words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kwspot.audio.source import SAMPLE_RATE_HZ
from kwspot.spotting.spotter import Spotter

from .catalog import Kind, Split
from .corpus import Corpus
from .sounds import at_speed
from .streams import Said, negatives, varied_gaps, word_stream
from .sweep import Heard, heard, heard_all

CLIPS = 60
"""The most clips of a word in a stream."""
GAP_S = (0.3, 5.0)
SNRS_DB = (None, 20.0, 10.0)
SPEEDS = (1.0, 0.85, 0.92, 1.08, 1.16)
"""At which the sound without words is heard: its own, and some at which its voices are others. In
the few hours there are, one or two sounds decide a rate all by themselves; over several voices it
is steadier, though these are no more hours of speech."""


@dataclass(frozen=True, slots=True)
class Material:
    """What the network says of streams with words, one for each of SNRS_DB, and of one without, at
    all SPEEDS; hours: how long that is at its own, with which it begins."""

    spoken: tuple[tuple[Heard, list[Said]], ...]
    without: Heard
    hours: float


def clips_of(corpus: Corpus, words: Sequence[str], most: int = CLIPS) -> list[int]:
    """Validation clips of each word, no more than `most`: places in the corpus."""
    rng, clips = np.random.default_rng(0), []
    for word in words:
        own = [
            index
            for index, clip in enumerate(corpus.recordings)
            if clip.kind is Kind.WORD and clip.split is Split.VALIDATION and clip.word == word
        ]
        clips += rng.permutation(own)[:most].tolist()
    return clips


def material_of(
    spotter: Spotter,
    corpus: Corpus,
    clips: list[int],
    snrs_db: Sequence[float | None] = SNRS_DB,
) -> Material:
    """What the network makes of the clips in a stream for each SNR, and of what has no words."""
    rng = np.random.default_rng(1)
    spoken = []
    for snr_db in snrs_db:
        order = rng.permutation(clips).tolist()
        gaps = varied_gaps(rng, len(order), GAP_S)
        samples, said = word_stream(corpus, order, gaps, snr_db, rng)
        spoken.append((heard(spotter, samples), said))
    without = heard_all(spotter, _without(corpus))
    return Material(tuple(spoken), without, hours_without(corpus))


def _without(corpus: Corpus) -> Iterator[NDArray[np.float32]]:
    """Sound without words at all SPEEDS, its own first."""
    for speed in SPEEDS:
        for piece in negatives(corpus):
            yield piece if speed == 1.0 else at_speed(piece, speed)


def hours_without(corpus: Corpus) -> float:
    """Of sound without words that training does not see."""
    return sum(map(len, negatives(corpus))) / SAMPLE_RATE_HZ / 3600
