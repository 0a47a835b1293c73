"""Why a word fired: the sound, the picture and the curves around a detection."""

from collections import OrderedDict
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kwspot.audio.files import FileSource
from kwspot.audio.resample import at_16k
from kwspot.audio.source import SAMPLE_RATE_HZ
from kwspot.errors import OptionError
from kwspot.spotting.checkpoint import SILENCE, UNKNOWN
from kwspot.spotting.detection import Detection
from kwspot.spotting.detector_config import DetectorConfig
from kwspot.spotting.spotter import Spotter
from kwspot.spotting.stretch import Update

from .history_store import Entry
from .timeline import FRAME_SAMPLES, Codes, Floats, Timeline

KEPT = 200
"""Moments in memory: some 40 MB."""
BEFORE_S, AFTER_S = 0.7, 0.9


@dataclass(frozen=True, slots=True)
class Moment:
    """What was around a detection.

    start: position of the first sample; samples: float32 (n,); codes: columns, uint8 (k, bins);
    ends: positions of windows, int64 (m,); posteriors, smoothed: float32 (m, labels); labels: the
    model's; threshold: what the score had to reach; config: what the detector asked for besides.
    """

    detection: Detection
    start: int
    samples: Floats
    codes: Codes
    ends: NDArray[np.int64]
    posteriors: Floats
    smoothed: Floats
    labels: tuple[str, ...]
    threshold: float
    config: DetectorConfig

    @property
    def end(self) -> int:
        """The position one past the last sample."""
        return self.start + len(self.samples)

    @property
    def bins(self) -> int:
        """Frequencies of a column."""
        return int(self.codes.shape[1])

    def columns(self, first: int, end: int) -> Codes:
        """Codes (end - first, bins) of frames; 0 for what is not there."""
        found: Codes = np.zeros((end - first, self.bins), np.uint8)
        base = self.start // FRAME_SAMPLES
        low, high = max(first, base), min(end, base + len(self.codes))
        if high > low:
            found[low - first : high - first] = self.codes[low - base : high - base]
        return found

    @property
    def decisive(self) -> dict[str, float] | None:
        """The scores by which it was decided, by label; None where they are not kept."""
        if not len(self.ends):
            return None
        row = int(np.abs(self.ends - (self.detection.decided - 240)).argmin())
        return dict(zip(self.labels, self.smoothed[row].tolist(), strict=True))

    @property
    def others(self) -> float | None:
        """The higher of the scores of unknown and silence when it was decided, that of unknown
        before it was weighed by caution."""
        scores = self.decisive
        if scores is None:
            return None
        return max(scores.get(UNKNOWN, 0.0) / self.config.caution, scores.get(SILENCE, 0.0))

    @property
    def rival(self) -> tuple[str, float] | None:
        """The word that came second when it was decided, and its score."""
        words = (self.detection.label, UNKNOWN, SILENCE)
        rest = [pair for pair in (self.decisive or {}).items() if pair[0] not in words]
        return max(rest, key=lambda pair: pair[1], default=None)


def capture(
    timeline: Timeline, found: Detection, threshold: float, config: DetectorConfig
) -> Moment:
    """The moment of a detection, as far as the timeline still has it."""
    start = max(0, found.start - round(BEFORE_S * SAMPLE_RATE_HZ)) // FRAME_SAMPLES * FRAME_SAMPLES
    end = max(found.end + round(AFTER_S * SAMPLE_RATE_HZ), found.decided)
    end = min(end, max(timeline.heard, start + FRAME_SAMPLES))
    ends, posteriors, smoothed = timeline.curves(start, end)
    return Moment(
        detection=found,
        start=start,
        samples=timeline.samples(start, end),
        codes=timeline.columns(start // FRAME_SAMPLES, end // FRAME_SAMPLES + 1),
        ends=ends,
        posteriors=posteriors,
        smoothed=smoothed,
        labels=timeline.labels,
        threshold=threshold,
        config=config,
    )


class Moments:
    """Collects moments once what follows a detection is known; keeps the last `KEPT`, and the one
    that is viewed."""

    def __init__(self) -> None:
        self._waiting: list[tuple[int, Timeline, Detection, float, DetectorConfig]] = []
        self._kept: OrderedDict[int, Moment] = OrderedDict()
        self.viewed: int | None = None
        """The key of one that stays, however many come."""

    def expect(
        self,
        key: int,
        timeline: Timeline,
        found: Detection,
        threshold: float,
        config: DetectorConfig,
    ) -> None:
        """Capture the moment of a detection, known by `key` from then on, when it is over."""
        self._waiting.append((key, timeline, found, threshold, config))

    def collect(self, timeline: Timeline, *, ended: bool) -> list[int]:
        """Capture what is over; returns the keys. ended: nothing more will come."""
        done = []
        left = []
        for entry in self._waiting:
            key, own, found, threshold, config = entry
            over = own.newest >= found.end + (AFTER_S + 0.1) * SAMPLE_RATE_HZ
            if over or ended or own is not timeline:
                self._kept[key] = capture(own, found, threshold, config)
                done.append(key)
            else:
                left.append(entry)
        self._waiting = left
        while len(self._kept) > KEPT:
            self._kept.pop(next(key for key in self._kept if key != self.viewed))
        return done

    def get(self, key: int) -> Moment | None:
        """A moment; None where it is not kept (any more)."""
        return self._kept.get(key)

    def put(self, key: int, moment: Moment) -> None:
        """Keep a moment that was made otherwise."""
        self._kept[key] = moment

    def clear(self) -> None:
        """Forget them all."""
        self._waiting.clear()
        self._kept.clear()


def revived(entry: Entry, spotter: Spotter) -> Moment:
    """The moment of an entry, made anew from its clip by listening to it again.

    Raises KwspotError where the clip cannot be read, or it is of a word the model does not know.
    """
    timeline = Timeline(spotter.checkpoint.features.bins, spotter.labels, spotter.hop_frames)
    stream, updates = spotter.stream(), list[Update]()
    with at_16k(FileSource(entry.clip)) as source:
        while (chunk := source.read()) is not None:
            timeline.push_chunk(chunk)
            updates += stream.push(chunk)
    updates += stream.finish()
    timeline.push_updates(updates)
    if entry.word not in spotter.labels:
        raise OptionError(f"the model does not know {entry.word!r}; choose the one it was heard by")
    length = round((entry.end_s - entry.start_s) * SAMPLE_RATE_HZ)
    lead = round(BEFORE_S * SAMPLE_RATE_HZ)
    start = min(lead, max(0, (timeline.heard - length) // 2))
    decided = min(timeline.heard, start + length + SAMPLE_RATE_HZ // 4)
    found = Detection(entry.word, entry.score, start, start + length, decided)
    for again in (update.detection for update in updates):
        if again is None or again.label != found.label:
            continue
        if again.start < found.end and again.end > found.start:  # heard anew: it knows why
            found = replace(found, decided=again.decided, grounds=again.grounds)
    # What was asked of other speech and silence then is not known any more.
    config = replace(spotter.detector, ceilings={})
    return capture(timeline, found, entry.threshold, config)
