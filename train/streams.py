"""Streams to choose and to measure with: words at known times, and sound without any of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kwspot.audio.source import SAMPLE_RATE_HZ
from kwspot.spotting.detector import Detection

from .catalog import Kind, Split
from .corpus import Corpus, scaled
from .pools import NOISE_USED
from .sounds import Samples, decibels, rms

LONG = 10 * SAMPLE_RATE_HZ
"""Samples of a noise whose end tells something that its beginning does not."""
LATE_S = 0.75
"""How long after a word's end its detection may be decided."""


@dataclass(frozen=True, slots=True)
class Said:
    """A word in a stream: where its sound begins and ends, samples."""

    word: str
    start: int
    end: int


def noise_unseen(corpus: Corpus) -> list[Samples]:
    """What training does not see: whole noises, and the end of the others that are long."""
    pieces = []
    for recording, span in zip(corpus.recordings, corpus.spans, strict=True):
        if recording.kind is Kind.NOISE:
            first = span.offset
            if recording.split is Split.TRAINING:
                if span.length < LONG:
                    continue
                first += int(span.length * NOISE_USED)
            pieces.append(scaled(corpus.samples[first : span.offset + span.length]))
    return pieces


def word_stream(
    corpus: Corpus,
    clips: Sequence[int],
    gap_s: tuple[float, float],
    snr_db: float | None,
    rng: np.random.Generator,
) -> tuple[Samples, list[Said]]:
    """Whole clips one after another, gap_s of nothing between, over noise training did not see.

    snr_db: level of the words together over the noise, None for no noise.
    """
    parts, said = [np.zeros(SAMPLE_RATE_HZ, dtype=np.float32)], []
    position = SAMPLE_RATE_HZ
    for index in clips:
        samples, span = corpus.clip(index)
        start, end = position + span.sound_start, position + span.sound_end
        said.append(Said(corpus.recordings[index].word, start, end))
        gap = int(rng.uniform(*gap_s) * SAMPLE_RATE_HZ)
        parts += [samples, np.zeros(gap, dtype=np.float32)]
        position += len(samples) + gap
    stream: Samples = np.concatenate(parts)
    noises = noise_unseen(corpus)
    if snr_db is not None and noises:
        active = np.concatenate([stream[word.start : word.end] for word in said])
        order = rng.permutation(len(noises))
        level = [noises[place] / np.float32(max(rms(noises[place]), 1e-4)) for place in order]
        noise = np.resize(np.concatenate(level), len(stream))
        stream += np.asarray(noise * np.float32(rms(active) * decibels(-snr_db)), dtype=np.float32)
    return np.clip(stream, -1.0, 1.0), said


def empty_stream(corpus: Corpus) -> Samples:
    """Running speech without the words, by speakers training did not see, and unseen noise."""
    pause = np.zeros(SAMPLE_RATE_HZ // 2, dtype=np.float32)
    parts = [pause]
    for index, recording in enumerate(corpus.recordings):
        if recording.kind is Kind.SPEECH and recording.split is Split.VALIDATION:
            parts += [corpus.audio(index), pause]
    for noise in noise_unseen(corpus):
        parts += [noise, pause]
    return np.concatenate(parts)


@dataclass(frozen=True, slots=True)
class Matched:
    """Which words were found, by which detection, and which detections belong to none."""

    found: tuple[tuple[Said, Detection], ...]
    missed: tuple[Said, ...]
    false: tuple[Detection, ...]


def matched(said: Sequence[Said], detections: Sequence[Detection]) -> Matched:
    """Pair words with detections of them, one to one, earliest first.

    A detection belongs to a word when it is decided between the word's start and LATE_S after
    its end.
    """
    late = round(LATE_S * SAMPLE_RATE_HZ)
    left = sorted(detections, key=lambda found: found.decided)
    pairs, missed = [], []
    for word in said:
        hit = next(
            (
                found
                for found in left
                if found.label == word.word and word.start <= found.decided <= word.end + late
            ),
            None,
        )
        if hit is None:
            missed.append(word)
        else:
            left.remove(hit)
            pairs.append((word, hit))
    return Matched(tuple(pairs), tuple(missed), tuple(left))


def shares_within(
    pairs: Sequence[tuple[Said, Detection]], tolerance_s: float
) -> tuple[float, float]:
    """The shares of starts and of ends that lie within a tolerance of where the word lies."""
    tolerance = tolerance_s * SAMPLE_RATE_HZ
    errors: NDArray[np.int64] = np.array(
        [(found.start - word.start, found.end - word.end) for word, found in pairs], dtype=np.int64
    ).reshape(-1, 2)
    near = (np.abs(errors) <= tolerance).mean(axis=0) if len(errors) else np.zeros(2)
    return float(near[0]), float(near[1])
