"""A model in streams: what it misses and invents, at its own thresholds and at all others."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from kwspot.audio.source import SAMPLE_RATE_HZ
from kwspot.spotting.calibration import LADDER, Calibration
from kwspot.spotting.detection import Detection
from kwspot.spotting.ladder import Ladder
from kwspot.spotting.spotter import Spotter

from .rates import poisson_interval
from .streams import Invented, Matched, Said, debounced, invented, matched
from .sweep import Swept, at, calibrated

BUDGETS = (0.2, 0.5, 1.0, 2.0)
"""False alarms an hour, of all words together."""
Samples = NDArray[np.float32]
Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream to be heard. said: its words, none where it holds none; pieces: its samples,
    float32 at 16 kHz, made as they are asked for; counted: whether its hours, where it holds no
    words, are among those that false alarms are counted in."""

    name: str
    said: tuple[Said, ...]
    pieces: Callable[[], Iterable[Samples]]
    counted: bool = True


@dataclass(frozen=True, slots=True)
class Outcome:
    """A stream that was heard: by the model's own thresholds, and by every other."""

    name: str
    own: tuple[Detection, ...]
    swept: Swept
    counted: bool = True

    @property
    def said(self) -> tuple[Said, ...]:
        """The words of the stream."""
        return self.swept.said

    def at_own(self) -> Matched:
        """Words and detections paired, at the model's own thresholds."""
        return matched(self.said, self.own)

    def at(self, thresholds: dict[str, float]) -> Matched:
        """The same at other thresholds."""
        return matched(self.said, at(self.swept, thresholds))

    def invented(self) -> Invented:
        """What the detections are, at the model's own thresholds, that belong to no word."""
        return invented(self.said, self.at_own().false)

    def latencies_s(self) -> list[float]:
        """From the end of each word that was found to its decision."""
        pairs = self.at_own().found
        return [(hit.decided - word.end) / SAMPLE_RATE_HZ for word, hit in pairs]


@dataclass(frozen=True, slots=True)
class FalseAlarms:
    """False alarms on sound without the words: how many, in how many hours, debounced."""

    events: int
    hours: float
    by_word: Counter[str] = field(default_factory=Counter)

    @property
    def rate(self) -> float:
        """An hour."""
        return self.events / self.hours

    @property
    def interval(self) -> tuple[float, float]:
        """Of the rate, exact, 95 %."""
        return poisson_interval(self.events, self.hours)


@dataclass(frozen=True, slots=True)
class StreamEvaluation:
    """Streams with words and without; words: what was listened for; seconds: how long it took."""

    words: tuple[str, ...]
    spoken: tuple[Outcome, ...]
    without: tuple[Outcome, ...]
    seconds: float

    @property
    def counted(self) -> tuple[Outcome, ...]:
        """Those without words in whose hours false alarms are counted."""
        return tuple(outcome for outcome in self.without if outcome.counted)

    def curves(self, *, counted: bool = False) -> Calibration | None:
        """What each threshold costs here; None without sound that holds none of the words.

        counted: by the false alarms that were heard alone, see `calibrated`."""
        if not self.counted:
            return None
        spoken = [outcome.swept for outcome in self.spoken]
        return calibrated(self.words, spoken, joined(self.counted), counted=counted)

    def false_at(self, outcome: Outcome, thresholds: dict[str, float] | None) -> FalseAlarms:
        """False alarms of a stream without words, at the model's own thresholds where None."""
        hits = outcome.own if thresholds is None else at(outcome.swept, thresholds)
        kept = debounced(hits)
        return FalseAlarms(len(kept), outcome.swept.hours, Counter(hit.label for hit in kept))


def total(parts: Iterable[FalseAlarms]) -> FalseAlarms:
    """False alarms of several streams together."""
    parts = tuple(parts)
    words: Counter[str] = Counter()
    for part in parts:
        words.update(part.by_word)
    return FalseAlarms(sum(part.events for part in parts), sum(part.hours for part in parts), words)


def joined(outcomes: Sequence[Outcome]) -> Swept:
    """Streams without words one after another."""
    first = outcomes[0].swept
    found: list[list[Detection]] = [[] for _ in first.thresholds]
    begin = 0
    for outcome in outcomes:
        for row, hits in zip(found, outcome.swept.found, strict=True):
            row += [
                Detection(
                    hit.label, hit.score, hit.start + begin, hit.end + begin, hit.decided + begin
                )
                for hit in hits
            ]
        # Far enough that nothing of one is taken for a repetition of the other.
        begin += outcome.swept.samples + 10 * SAMPLE_RATE_HZ
    samples = sum(outcome.swept.samples for outcome in outcomes)
    return Swept(first.thresholds, (), tuple(map(tuple, found)), samples)


def heard(spotter: Spotter, streams: Sequence[Stream], progress: Progress) -> StreamEvaluation:
    """Hear streams, each once. progress: called with a stream's name and the seconds heard."""
    spoken: list[Outcome] = []
    without: list[Outcome] = []
    began = time.monotonic()
    for stream in streams:
        ladder = Ladder.of_thresholds(spotter, LADDER, own=True)
        for piece in stream.pieces():
            ladder.push(piece)
            progress(stream.name, len(piece) / SAMPLE_RATE_HZ)
        ladder.finish()
        *rungs, own = (tuple(hits) for hits in ladder.found)
        swept = Swept(LADDER, stream.said, tuple(rungs), ladder.samples)
        outcome = Outcome(stream.name, own, swept, stream.counted)
        (spoken if stream.said else without).append(outcome)
    seconds = time.monotonic() - began
    return StreamEvaluation(tuple(spotter.words), tuple(spoken), tuple(without), seconds)
