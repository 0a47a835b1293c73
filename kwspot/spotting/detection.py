"""Detections, and what a detector is told: how its input is spaced, what may change meanwhile."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a detection was let through by besides its score, to be compared with DetectorConfig.

    over: samples since the evidence for the word ended, 0 and more (`settle_s`); before: mean
    evidence for other speech right before it, 0..1 (`before`); shared: the part that lies within
    the word reported last, 0..1 (`detector.SHARED`).
    """

    over: int
    before: float
    shared: float


@dataclass(frozen=True, slots=True)
class Detection:
    """A word that was heard. score: in 0..1, never 1; start, end: of the word, and decided: the
    newest sample the decision used, in samples since the stream opened; grounds: what else was
    measured, no part of what a detection is."""

    label: str
    score: float
    start: int
    end: int
    decided: int
    grounds: Grounds | None = field(default=None, compare=False, repr=False)


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

    thresholds: score from which a word is reported, of every word; reported: the words to report;
    ceilings: scores of unknown and silence above which none is.
    """

    thresholds: Mapping[str, float]
    reported: frozenset[str]
    ceilings: Mapping[str, float] = field(default_factory=dict)
