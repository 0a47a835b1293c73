"""From posteriors to detections: which word was said, where it lies, and that it counts once.

Whether a word was said is decided by the posteriors of whole windows; where it lies, and whether
it is the same utterance as before, by the evidence of single frames. So a window that still
holds the last word hides neither its repetition nor the next word.
"""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .checkpoint import SILENCE, UNKNOWN
from .detection import Detection, Grounds, Timing, Tuning
from .detector_config import DetectorConfig
from .evidence import Evidence, OtherSpeech, Utterance

Floats = NDArray[np.float32]
LEAD_S = 0.24
"""How long what leads up to a word is, and how near to the word (BESIDE_S) it ends."""
BESIDE_S = 0.02
MOST_SCORE = np.nextafter(np.float32(1.0), np.float32(0.0))
"""Posteriors round to 1 where the network is sure, yet a threshold of 1 is to say "never"."""
SHARED = 0.5
"""The part of an utterance, or of the last reported one, from which on both are the same."""


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
        self._words = [name for name in labels if name not in others]
        self._columns = np.array([labels.index(name) for name in self._words])
        self._others = {name: labels.index(name) for name in others if name in labels}
        self._unknown = labels.index(UNKNOWN) if UNKNOWN in labels else None
        thresholds = {word: config.threshold_of(word) for word in self._words}
        self._tuning = tuning or Tuning(thresholds, frozenset(words), config.ceilings)
        self._windows = max(1, round(timing.frames_in(config.smoothing_s) / timing.hop_frames))
        self._recent: Floats = np.zeros((self._windows - 1, len(labels)), np.float32)
        self._lead = timing.frames_in(BESIDE_S)
        self._settle = timing.frames_in(config.settle_s)
        self._shortest = timing.frames_in(config.shortest_s)
        self._longest = timing.frames_in(config.longest_s)
        bridge, apart = timing.frames_in(config.bridge_s), timing.frames_in(config.apart_s)
        self._evidence = [Evidence(config.enter, config.leave, bridge, apart) for _ in self._words]
        self._under_way: set[int] = set()
        """The words of which evidence is not idle, by place."""
        self._speech = OtherSpeech(self._lead, timing.frames_in(LEAD_S))
        self._last: tuple[int, int] | None = None
        self.smoothed: Floats = np.zeros((1, len(labels)), np.float32)
        """Posteriors of the windows pushed last, with caution, averaged over time."""

    def push(self, frame: int, posteriors: Floats, evidence: Floats) -> Detection | None:
        """Take one window and the evidence that came with it.

        frame: the newest column's; posteriors: (labels,); evidence: (k, labels), the last row
        `lookahead` frames behind `frame`. Positions in the detection are frames' centres.
        """
        return self.push_all(frame, posteriors[np.newaxis], evidence).get(0)

    def push_all(self, frame: int, posteriors: Floats, evidence: Floats) -> dict[int, Detection]:
        """The same for windows that follow each other, (n, labels), and their (n k, labels).

        frame: the newest column's, of the first window. Returns detections by window.
        """
        count, hop = len(posteriors), len(evidence) // len(posteriors)
        self._average(posteriors)
        other = np.zeros(len(evidence), np.float32)
        if self._unknown is not None:
            other = evidence[:, self._unknown]
        self._speech.push(frame + (count - 1) * hop - self._timing.lookahead, other)
        highest = evidence.reshape(count, hop, -1).max(axis=1)[:, self._columns]
        rising: defaultdict[int, list[int]] = defaultdict(list)
        for window, word in np.argwhere(highest >= self._config.leave).tolist():
            rising[window].append(word)
        leading, enough = self._leading()
        # Nearly all windows of a long recording are of no interest to anybody, nor most words.
        deciding = enough.tolist()
        found = {}
        for window in range(count):
            newest = frame + window * hop
            if window in rising or self._under_way:
                rows = evidence[window * hop : (window + 1) * hop]
                self._follow(newest, rising[window], rows)
            if deciding[window]:
                hit = self._decide(newest, window, int(leading[window]))
                if hit is not None:
                    found[window] = hit
        return found

    def _average(self, posteriors: Floats) -> None:
        rows = np.concatenate((self._recent, self._cautious(posteriors)))
        count = len(posteriors)
        self._recent = rows[count:].copy()
        total = rows[:count]
        for later in range(1, self._windows):
            total = total + rows[later : later + count]
        self.smoothed = np.minimum(total / np.float32(self._windows), MOST_SCORE)

    def _cautious(self, posteriors: Floats) -> Floats:
        """Posteriors where other speech was more likely from the start: Bayes' rule with other
        priors (Saerens, Latinne and Decaestecker 2002)."""
        if self._config.caution == 1.0 or self._unknown is None:
            return posteriors
        rows = posteriors.copy()
        rows[:, self._unknown] *= np.float32(self._config.caution)
        rows /= rows.sum(axis=1, keepdims=True)
        return rows

    def _leading(self) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        """The word that leads in each window, and whether it leads by enough."""
        scores = self.smoothed[:, self._columns].astype(np.float64)
        leading = scores.argmax(axis=1)
        score = scores.max(axis=1)
        current = self._tuning.thresholds
        enough = score >= np.array([current[word] for word in self._words])[leading]
        # As the network has it: what caution has made of other speech is taken back.
        caution = {UNKNOWN: self._config.caution}
        for name, column in self._others.items():
            other = self.smoothed[:, column].astype(np.float64) / caution.get(name, 1.0)
            enough &= score >= other + self._config.margin / self._config.caution
        if not self._others:
            enough &= score >= self._config.margin
        for name, ceiling in self._tuning.ceilings.items():
            if name in self._others:
                enough &= self.smoothed[:, self._others[name]] <= ceiling
        return leading, enough

    def _follow(self, frame: int, active: Sequence[int], evidence: Floats) -> None:
        """Take the evidence of a window's newest frames, for the words it says something of."""
        first = frame - self._timing.lookahead - len(evidence) + 1
        values = evidence[:, self._columns].T.tolist()
        for place in self._under_way.union(active):
            track = self._evidence[place]
            for offset, value in enumerate(values[place]):
                track.push(first + offset, value)
            if track.idle:
                self._under_way.discard(place)
            else:
                self._under_way.add(place)

    def _decide(self, frame: int, window: int, leading: int) -> Detection | None:
        word = self._words[leading]
        score = float(self.smoothed[window, self._columns[leading]])
        newest = frame - self._timing.lookahead
        for utterance in self._evidence[leading].utterances:
            if utterance.settled or utterance.last <= newest - self._timing.pooled:
                continue
            length = utterance.last - utterance.start + 1
            settled = newest - utterance.last >= self._settle
            if not settled and length <= self._longest:
                continue
            utterance.settled = True
            if length < self._shortest:
                continue
            over = (newest - utterance.last) * self._timing.frame_samples
            grounds = Grounds(over, self._speech.before(utterance, newest), self._shared(utterance))
            if grounds.shared <= SHARED and grounds.before <= self._config.before:
                found = self._found(word, score, utterance, frame, grounds)
                return found if word in self._tuning.reported else None
        return None

    def _shared(self, utterance: Utterance) -> float:
        """The part of an utterance that lies within what was reported last, or the other way."""
        if self._last is None:
            return 0.0
        start, end = self._last
        shared = min(end, utterance.last) - max(start, utterance.start)
        return max(0, shared) / max(1, min(end - start, utterance.last - utterance.start))

    def _found(
        self, word: str, score: float, utterance: Utterance, frame: int, grounds: Grounds
    ) -> Detection:
        self._last = (utterance.start, utterance.last)
        samples = self._timing.frame_samples
        return Detection(
            label=word,
            score=score,
            start=utterance.start * samples,
            end=(utterance.last + 1) * samples,
            decided=frame * samples,
            grounds=grounds,
        )
