"""From posteriors to detections: which word was said, where it lies, and that it counts once.

Whether a word was said is decided by the posteriors of whole windows; where it lies, and whether
it is the same utterance as before, by the evidence of single frames. So a window that still
holds the last word hides neither its repetition nor the next word.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from .checkpoint import SILENCE, UNKNOWN, DetectorConfig

Floats = NDArray[np.float32]
LEAD_S = 0.24
"""How long what leads up to a word is, and how near to the word (BESIDE_S) it ends."""
BESIDE_S = 0.02
HISTORY = 300
"""Frames of evidence that are remembered: more than the longest utterance and a window."""


@dataclass(frozen=True, slots=True)
class Detection:
    """A word that was heard. score: 0..1; start, end: of the word, and decided: the newest
    sample the decision used, in samples since the stream opened."""

    label: str
    score: float
    start: int
    end: int
    decided: int


@dataclass(slots=True)
class Utterance:
    """A run of frames that speak for one word, in frames; `last` is the newest that does."""

    start: int
    last: int
    settled: bool = False
    """Reported, or found to be part of something reported."""


class Evidence:
    """Follows the evidence of one word from frame to frame and keeps its latest utterances.

    An utterance begins where the evidence reaches `enter`, drawn back to where it rose over
    `leave`, and ends when it has lain under `leave` for longer than `bridge` frames.
    """

    def __init__(self, enter: float, leave: float, bridge: int, apart: int) -> None:
        self._enter, self._leave, self._bridge, self._apart = enter, leave, bridge, apart
        self._rising: int | None = None
        self.current: Utterance | None = None
        self.utterances: deque[Utterance] = deque(maxlen=8)

    @property
    def idle(self) -> bool:
        """Whether nothing is under way, so that frames without evidence change nothing."""
        return self.current is None and self._rising is None

    def push(self, frame: int, value: float) -> None:
        """Take the evidence of the next frame."""
        if value < self._leave:
            self._rising = None
            if self.current is not None and frame - self.current.last > self._bridge:
                self.current = None
            return
        if self._rising is None:
            self._rising = frame
        if self.current is not None:
            self.current.last = frame
        elif value >= self._enter:
            self._begin(frame)

    def _begin(self, frame: int) -> None:
        start = frame if self._rising is None else self._rising
        if self.utterances and start - self.utterances[-1].last <= self._apart:
            self.current = self.utterances[-1]
            self.current.last = frame
            return
        self.current = Utterance(start, frame)
        self.utterances.append(self.current)


@dataclass(frozen=True, slots=True)
class Timing:
    """How the detector's input is spaced.

    frame_samples: from frame to frame; hop_frames: from window to window; pooled: frames of
    evidence within a window; lookahead: frames the newest evidence lies behind the newest column.
    """

    sample_rate_hz: int
    frame_samples: int
    hop_frames: int
    pooled: int
    lookahead: int

    def frames_in(self, duration_s: float) -> int:
        """A duration as a number of frames, rounded."""
        return round(duration_s * self.sample_rate_hz / self.frame_samples)


@dataclass(slots=True)
class Tuning:
    """What may change while streams run, from any thread; each attribute is replaced as a whole.

    thresholds: score from which a word is reported, of every word; reported: the words to report.
    """

    thresholds: Mapping[str, float]
    reported: frozenset[str]


class Detector:
    """Decides for one stream, window after window.

    labels: of the model; config: how to decide; words: which to report, the others are followed
    all the same, so that what is heard does not depend on what is asked for; timing: of what comes
    in; tuning: thresholds and words that may change on the way, instead of those of `config` and
    `words`.
    """

    def __init__(
        self,
        labels: Sequence[str],
        config: DetectorConfig,
        words: Sequence[str],
        timing: Timing,
        tuning: Tuning | None = None,
    ) -> None:
        self._config, self._timing = config, timing
        others = (UNKNOWN, SILENCE)
        self._words = [(place, name) for place, name in enumerate(labels) if name not in others]
        self._others = [labels.index(name) for name in (UNKNOWN, SILENCE) if name in labels]
        self._unknown = labels.index(UNKNOWN) if UNKNOWN in labels else None
        thresholds = {word: config.threshold_of(word) for _, word in self._words}
        self._tuning = tuning or Tuning(thresholds, frozenset(words))
        windows = max(1, round(timing.frames_in(config.smoothing_s) / timing.hop_frames))
        self._recent: deque[Floats] = deque(maxlen=windows)
        self._lead = timing.frames_in(BESIDE_S)
        self._settle = timing.frames_in(config.settle_s)
        self._shortest = timing.frames_in(config.shortest_s)
        self._longest = timing.frames_in(config.longest_s)
        bridge, apart = timing.frames_in(config.bridge_s), timing.frames_in(config.apart_s)
        self._evidence = {
            word: Evidence(config.enter, config.leave, bridge, apart) for _, word in self._words
        }
        self._speech = deque([0.0] * HISTORY, maxlen=HISTORY)
        """Evidence for other speech, of the newest frames."""
        self._last: tuple[int, int] | None = None
        self.smoothed: Floats = np.zeros(len(labels), dtype=np.float32)

    def push(self, frame: int, posteriors: Floats, evidence: Floats) -> Detection | None:
        """Take one window and the evidence that came with it.

        frame: the newest column's; posteriors: (labels,); evidence: (k, labels), the last row
        `lookahead` frames behind `frame`. Positions in the detection are frames' centres.
        """
        first = frame - self._timing.lookahead - len(evidence) + 1
        highest = evidence.max(axis=0)
        for index, word in self._words:
            track = self._evidence[word]
            if highest[index] >= self._config.leave or not track.idle:
                for offset, value in enumerate(evidence[:, index].tolist()):
                    track.push(first + offset, value)
        if self._unknown is not None:
            self._speech.extend(evidence[:, self._unknown].tolist())
        self._recent.append(posteriors)
        self.smoothed = np.sum(self._recent, axis=0) / np.float32(self._recent.maxlen or 1)
        return self._decide(frame)

    def _decide(self, frame: int) -> Detection | None:
        others = max((float(self.smoothed[index]) for index in self._others), default=0.0)
        ranked = sorted(self._words, key=lambda entry: -self.smoothed[entry[0]])
        index, word = ranked[0]
        score = float(self.smoothed[index])
        if score < self._tuning.thresholds[word] or score < others + self._config.margin:
            return None
        newest = frame - self._timing.lookahead
        for utterance in self._evidence[word].utterances:
            if utterance.settled or utterance.last <= newest - self._timing.pooled:
                continue
            length = utterance.last - utterance.start + 1
            over = newest - utterance.last >= self._settle
            if not over and length <= self._longest:
                continue
            utterance.settled = True
            if length < self._shortest:
                continue
            if not self._part_of_last(utterance) and not self._amid_speech(utterance, newest):
                found = self._found(word, score, utterance, frame)
                return found if word in self._tuning.reported else None
        return None

    def _part_of_last(self, utterance: Utterance) -> bool:
        """Whether most of an utterance lies within what was reported last."""
        if self._last is None:
            return False
        start, end = self._last
        shared = min(end, utterance.last) - max(start, utterance.start)
        return 2 * shared > min(end - start, utterance.last - utterance.start)

    def _amid_speech(self, utterance: Utterance, newest: int) -> bool:
        """Whether other speech leads up to an utterance: the quarter of a second before it.

        The frames next to it are left out: they see the word itself. What follows is not asked:
        the release of a word often looks like other speech, and more would mean to wait.
        """
        oldest = newest - HISTORY + 1
        first = utterance.start - self._lead - self._timing.frames_in(LEAD_S) - oldest
        end = utterance.start - self._lead - oldest
        before = list(islice(self._speech, max(0, first), max(0, end)))
        return bool(before) and sum(before) / len(before) > self._config.before

    def _found(self, word: str, score: float, utterance: Utterance, frame: int) -> Detection:
        self._last = (utterance.start, utterance.last)
        samples = self._timing.frame_samples
        return Detection(
            label=word,
            score=score,
            start=utterance.start * samples,
            end=(utterance.last + 1) * samples,
            decided=frame * samples,
        )
