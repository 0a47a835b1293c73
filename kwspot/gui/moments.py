"""Why a word fired: the sound, the picture and the curves around a detection."""

from collections import OrderedDict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kwspot.audio.source import SAMPLE_RATE_HZ
from kwspot.spotting.checkpoint import SILENCE, UNKNOWN
from kwspot.spotting.detector import Detection

from .timeline import FRAME_SAMPLES, Codes, Floats, Timeline

KEPT = 200
"""Moments in memory: some 40 MB."""
BEFORE_S, AFTER_S = 0.7, 0.6
_SETTLED_S = 0.45


@dataclass(frozen=True, slots=True)
class Moment:
    """What was around a detection.

    start: position of the first sample; samples: float32 (n,); codes: columns, uint8 (k, bins);
    ends: positions of windows, int64 (m,); posteriors, smoothed: float32 (m, labels); labels: the
    model's; threshold, margin: what the score had to reach, and to stand over the rest.
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
    margin: float

    @property
    def end(self) -> int:
        """The position one past the last sample."""
        return self.start + len(self.samples)

    @property
    def ahead(self) -> float | None:
        """How far the score stood over unknown and silence when it was decided."""
        if not len(self.ends):
            return None
        row = int(np.abs(self.ends - (self.detection.decided - 240)).argmin())
        others = [place for place, name in enumerate(self.labels) if name in (UNKNOWN, SILENCE)]
        other = max((float(self.smoothed[row, place]) for place in others), default=0.0)
        return self.detection.score - other


def capture(timeline: Timeline, found: Detection, threshold: float, margin: float) -> Moment:
    """The moment of a detection, as far as the timeline still has it."""
    start = max(0, found.start - round(BEFORE_S * SAMPLE_RATE_HZ)) // FRAME_SAMPLES * FRAME_SAMPLES
    end = max(found.end + round(AFTER_S * SAMPLE_RATE_HZ), found.decided)
    end = min(end, max(timeline.heard, start + FRAME_SAMPLES))
    # A window knows of a word for as long as it holds it.
    ends, posteriors, smoothed = timeline.curves(start, end + SAMPLE_RATE_HZ // 2)
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
        margin=margin,
    )


class Moments:
    """Collects moments once what follows a detection is known; keeps the last `KEPT`."""

    def __init__(self) -> None:
        self._waiting: list[tuple[int, Timeline, Detection, float, float]] = []
        self._kept: OrderedDict[int, Moment] = OrderedDict()

    def expect(
        self, key: int, timeline: Timeline, found: Detection, threshold: float, margin: float
    ) -> None:
        """Capture the moment of a detection, known by `key` from then on, when it is over."""
        self._waiting.append((key, timeline, found, threshold, margin))

    def collect(self, timeline: Timeline, *, ended: bool) -> list[int]:
        """Capture what is over; returns the keys. ended: nothing more will come."""
        done = []
        left = []
        for entry in self._waiting:
            key, own, found, threshold, margin = entry
            over = own.newest >= found.decided + _SETTLED_S * SAMPLE_RATE_HZ
            if over or ended or own is not timeline:
                self._kept[key] = capture(own, found, threshold, margin)
                done.append(key)
            else:
                left.append(entry)
        self._waiting = left
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return done

    def get(self, key: int) -> Moment | None:
        """A moment; None where it is not kept (any more)."""
        return self._kept.get(key)

    def clear(self) -> None:
        """Forget them all."""
        self._waiting.clear()
        self._kept.clear()
