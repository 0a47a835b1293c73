"""What each threshold finds and invents: words in streams, and sound without any."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kwspot.audio.source import SAMPLE_RATE_HZ
from kwspot.spotting.calibration import Calibration, logit
from kwspot.spotting.classifier import Scores
from kwspot.spotting.detection import Detection
from kwspot.spotting.detector_config import DetectorConfig
from kwspot.spotting.ladder import Ladder
from kwspot.spotting.spotter import STRETCH_SAMPLES, Spotter

from .rates import smoothed_rates
from .streams import Matched, Said, debounced, matched

Samples = NDArray[np.float32]
BLOCK = 80
"""Windows that are decided at once."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What the network says of a stream, before anything is decided: posteriors, float32 (windows,
    labels), evidence, float32 (frames, labels), of so many samples."""

    posteriors: NDArray[np.float32]
    evidence: NDArray[np.float32]
    samples: int


def heard(spotter: Spotter, samples: NDArray[np.float32]) -> Heard:
    """Run the network over a stream once; deciding can then be repeated at no cost."""
    return heard_all(spotter, [samples])


def heard_all(spotter: Spotter, pieces: Iterable[NDArray[np.float32]]) -> Heard:
    """The same for a stream that comes in pieces."""
    stretch = spotter.stretch(0)
    scores, count = [], 0

    def cut() -> Iterator[NDArray[np.float32]]:
        for samples in pieces:
            for first in range(0, len(samples), STRETCH_SAMPLES):
                yield samples[first : first + STRETCH_SAMPLES]

    for piece in cut():
        count += len(piece)
        columns = stretch.take(piece)
        # A piece may be too short to complete a hop.
        if columns.shape[1]:
            scores += spotter.classifier.advance([(stretch.state, columns)])
    scores += spotter.classifier.advance([(stretch.state, stretch.flush())])
    return Heard(
        np.concatenate([score.posteriors for score in scores]),
        np.concatenate([score.evidence for score in scores]),
        count,
    )


def decided(
    spotter: Spotter, sound: Heard, configs: Sequence[DetectorConfig]
) -> tuple[tuple[Detection, ...], ...]:
    """What each of some ways to decide makes of a stream."""
    ladder = Ladder(spotter, configs)
    hop = spotter.hop_frames
    for first in range(0, len(sound.posteriors), BLOCK):
        last = first + BLOCK
        ladder.decide(
            Scores(sound.posteriors[first:last], sound.evidence[first * hop : last * hop])
        )
    return tuple(tuple(hits) for hits in ladder.found)


@dataclass(frozen=True, slots=True)
class Swept:
    """What a stream's detections are at each of `thresholds`. said: its words, none where it is to
    hold none; samples: how long it is."""

    thresholds: tuple[float, ...]
    said: tuple[Said, ...]
    found: tuple[tuple[Detection, ...], ...]
    samples: int

    @property
    def hours(self) -> float:
        """How long it is."""
        return self.samples / SAMPLE_RATE_HZ / 3600

    def matched(self) -> list[Matched]:
        """Words and detections paired, at each threshold."""
        return [matched(self.said, found) for found in self.found]

    def false(self, words: Iterable[str]) -> dict[str, list[int]]:
        """Detections of each word at each threshold, debounced: false where nothing is said."""
        counts = [Counter(hit.label for hit in debounced(found)) for found in self.found]
        return {word: [count[word] for count in counts] for word in words}


def calibrated(
    words: Sequence[str],
    spoken: Sequence[Swept],
    without: Swept,
    hours: float | None = None,
    *,
    counted: bool = False,
) -> Calibration:
    """The curves of a model. spoken: streams with words, which count alike; without: one that
    holds none of them; hours: how much of that is no copy, all of it where None; counted: false
    alarms are what was heard and no more, where otherwise rare ones are expected beyond it."""
    said: Counter[str] = Counter()
    missed: dict[str, NDArray[np.int64]] = {
        word: np.zeros(len(without.thresholds), dtype=np.int64) for word in words
    }
    for stream in spoken:
        said.update(utterance.word for utterance in stream.said)
        for place, part in enumerate(stream.matched()):
            for utterance in part.missed:
                missed[utterance.word][place] += 1
    curves = {
        # The detector is no monotone function of its threshold: a later firing may hide a word.
        word: np.maximum.accumulate(missed[word] / max(1, said[word]))
        for word in words
    }
    counts = without.false(words)
    for word, row in counts.items():
        counts[word] = np.minimum.accumulate(row).tolist()
    rates = (
        {word: tuple(count / without.hours for count in row) for word, row in counts.items()}
        if counted
        else smoothed_rates(counts, logit(without.thresholds), without.hours)
    )
    return Calibration(
        thresholds=without.thresholds,
        false_per_hour={word: tuple(_rounded(rate) for rate in rates[word]) for word in words},
        missed={word: tuple(_rounded(share) for share in curves[word]) for word in words},
        hours=round(without.hours if hours is None else hours, 4),
        said=sum(said.values()),
    )


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")


def at(swept: Swept, thresholds: Mapping[str, float]) -> tuple[Detection, ...]:
    """What a stream's detections are with a threshold for each word: those of the lowest of the
    ladder's that is as high."""
    ladder = np.asarray(swept.thresholds)
    hits: list[Detection] = []
    for word, threshold in thresholds.items():
        place = min(int(np.searchsorted(ladder, threshold - 1e-9)), len(ladder) - 1)
        hits += [hit for hit in swept.found[place] if hit.label == word]
    return tuple(sorted(hits, key=lambda hit: hit.decided))
