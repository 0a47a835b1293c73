"""Streams to choose and to measure with: words at known times, and sound without any of them."""

from bisect import bisect_right
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kwspot.audio.source import SAMPLE_RATE_HZ
from kwspot.spotting.detection import Detection

from .catalog import Kind, Split
from .corpus import Corpus, Span, scaled
from .pools import NOISE_USED
from .sounds import Samples, decibels, faded, rms

LONG = 10 * SAMPLE_RATE_HZ
"""Samples of a noise whose end tells something that its beginning does not."""
LEVEL = 0.05
"""RMS of every word of a noisy stream, of full scale: -26 dB."""
LATE_S = 0.75
"""How long after a word's end its detection may be decided."""


@dataclass(frozen=True, slots=True)
class Said:
    """A word in a stream: where its sound begins and ends, samples."""

    word: str
    start: int
    end: int


def noise_unseen(corpus: Corpus) -> list[Samples]:
    """What training does not see, and no test wants: whole noises, and the end of those of the
    training part that are long."""
    pieces = []
    for recording, span in zip(corpus.recordings, corpus.spans, strict=True):
        if recording.kind is Kind.NOISE and recording.split is not Split.TESTING:
            first = span.offset
            if recording.split is Split.TRAINING:
                if span.length < LONG:
                    continue
                first += int(span.length * NOISE_USED)
            pieces.append(scaled(corpus.samples[first : span.offset + span.length]))
    return pieces


def laid(
    corpus: Corpus,
    clips: Sequence[int],
    gaps_s: Sequence[float] | NDArray[np.float64],
    gain: Callable[[Samples, Span], float] | None = None,
) -> tuple[Samples, list[Said]]:
    """Whole clips one after another, a second before and after them; sums may exceed 1.

    gaps_s: from the end of a word's sound to the start of the next, one for each clip; where the
    clips themselves reach further, they overlap. gain: of a clip and where its sound lies, what
    it is multiplied by.
    """
    said, position = [], SAMPLE_RATE_HZ
    placed: list[tuple[int, Samples]] = []
    for index, gap_s in zip(clips, gaps_s, strict=True):
        samples, span = corpus.clip(index)
        length = span.sound_end - span.sound_start
        if gain is not None:
            samples = samples * np.float32(gain(samples, span))
        placed.append((position - span.sound_start, faded(samples)))
        said.append(Said(corpus.recordings[index].word, position, position + length))
        position += length + round(gap_s * SAMPLE_RATE_HZ)
    ends = [start + len(samples) for start, samples in placed]
    stream: Samples = np.zeros(max([position, *ends]) + SAMPLE_RATE_HZ, dtype=np.float32)
    for start, samples in placed:
        first = max(start, 0)
        stream[first : start + len(samples)] += samples[first - start :]
    return stream, said


def _loudness(samples: Samples, span: Span) -> float:
    """The gain that makes a word as loud as every other."""
    return LEVEL / max(rms(samples[span.sound_start : span.sound_end]), 1e-4)


def word_stream(
    corpus: Corpus,
    clips: Sequence[int],
    gaps_s: Sequence[float] | NDArray[np.float64],
    snr_db: float | None,
    rng: np.random.Generator,
    noises: Sequence[Samples] | None = None,
) -> tuple[Samples, list[Said]]:
    """Whole clips one after another, each with its own background, over noise.

    gaps_s: as `laid` has them. snr_db: level of each word over the noise, for which all words are
    made equally loud; None for no noise, and words as loud as they were. noises: what training
    did not see, where None.
    """
    stream, said = laid(corpus, clips, gaps_s, None if snr_db is None else _loudness)
    noises = noise_unseen(corpus) if noises is None else noises
    if snr_db is not None and noises and said:
        order = rng.permutation(len(noises))
        level = [noises[place] / np.float32(max(rms(noises[place]), 1e-4)) for place in order]
        noise = np.resize(np.concatenate(level), len(stream))
        stream += np.asarray(noise * np.float32(LEVEL * decibels(-snr_db)), dtype=np.float32)
    return np.clip(stream, -1.0, 1.0), said


def varied_gaps(
    rng: np.random.Generator, count: int, gap_s: tuple[float, float], together: float = 0.1
) -> NDArray[np.float64]:
    """Gaps in seconds, short ones as often as long ones (even in their logarithm); a share
    `together` of the words follows the one before without any."""
    low, high = gap_s
    gaps = np.exp(rng.uniform(np.log(max(low, 0.01)), np.log(max(high, 0.01)), size=count))
    return np.where(rng.uniform(size=count) < together, rng.uniform(0.0, 0.05, size=count), gaps)


def negatives(corpus: Corpus) -> Iterator[Samples]:
    """Running speech without the words, by speakers training did not see, and unseen noise.

    Speech that has no transcript is left out: it may hold the words.
    """
    pause = np.zeros(SAMPLE_RATE_HZ // 2, dtype=np.float32)
    yield pause
    for index, recording in enumerate(corpus.recordings):
        speech = recording.kind is Kind.SPEECH and recording.transcribed
        if speech and recording.split is Split.VALIDATION:
            yield corpus.audio(index)
            yield pause
    for noise in noise_unseen(corpus):
        yield noise
        yield pause


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
    waiting: dict[str, deque[Detection]] = defaultdict(deque)
    false: list[Detection] = []
    for found in sorted(detections, key=lambda found: found.decided):
        waiting[found.label].append(found)
    pairs, missed = [], []
    for word in said:
        own = waiting[word.word]
        while own and own[0].decided < word.start:
            false.append(own.popleft())
        if own and own[0].decided <= word.end + late:
            pairs.append((word, own.popleft()))
        else:
            missed.append(word)
    false += [found for own in waiting.values() for found in own]
    false.sort(key=lambda found: found.decided)
    return Matched(tuple(pairs), tuple(missed), tuple(false))


@dataclass(frozen=True, slots=True)
class Invented:
    """What detections that belong to no word are: repeated: the word they fired for had been found
    already; wrong: another word was said then; stray: nothing of the kind."""

    repeated: tuple[Detection, ...]
    wrong: tuple[tuple[Said, Detection], ...]
    stray: tuple[Detection, ...]


def invented(said: Sequence[Said], false: Sequence[Detection]) -> Invented:
    """Sort the detections that `matched` has left over; said: in the order of their starts."""
    late = round(LATE_S * SAMPLE_RATE_HZ)
    starts = [word.start for word in said]
    repeated, wrong, stray = [], [], []
    for found in false:
        last = bisect_right(starts, found.decided)
        near = [word for word in said[max(last - 4, 0) : last] if found.decided <= word.end + late]
        if any(word.word == found.label for word in near):
            repeated.append(found)
        elif near:
            wrong.append((near[-1], found))
        else:
            stray.append(found)
    return Invented(tuple(repeated), tuple(wrong), tuple(stray))


def debounced(detections: Sequence[Detection], apart_s: float = 1.0) -> list[Detection]:
    """Detections without those that follow one of the same word within so long."""
    kept: list[Detection] = []
    last: dict[str, int] = {}
    for found in sorted(detections, key=lambda found: found.decided):
        before = last.get(found.label)
        if before is None or found.decided - before >= apart_s * SAMPLE_RATE_HZ:
            kept.append(found)
            last[found.label] = found.decided
    return kept


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
