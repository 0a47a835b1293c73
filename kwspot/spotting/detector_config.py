"""How posteriors become detections: the values a model file holds for that."""

from collections.abc import Mapping
from dataclasses import dataclass, field

LONGEST_S = 10.0
"""The longest any time of the detector may be: its memory is bounded."""

MOST_CAUTION = 1e6


@dataclass(frozen=True, slots=True)
class DetectorConfig:
    """How posteriors become detections; times in seconds, scores in 0..1.

    caution: how many times as likely as in training other speech is, as people say other things
    all day: posteriors are weighed so that unknown counts that much more, which tells sure from
    very sure where the network alone says 1 (silence is not taken for a word, and needs none);
    smoothing_s: what comes of that is averaged over this long; margin: how far a word's score
    stands over unknown and silence, without caution; enter, leave: evidence of a frame at which a
    word's utterance begins and ends (hysteresis); settle_s: how long it has to be over before it
    is reported, so that the whole word was heard and its end is known; bridge_s: shorter dips do
    not end it; apart_s: two utterances of a word that are closer are one; shortest_s: a shorter
    one is a blip and not reported; longest_s: one that goes on for longer is reported all the
    same; before: a word is part of running speech, and not reported, where the evidence for other
    speech right before it is higher (1: never); thresholds: score from which a word is reported,
    `threshold` for the words without one; ceilings: scores of unknown and silence above which no
    word is reported. Raises ValueError outside the ranges.
    """

    caution: float = 1.0
    smoothing_s: float = 0.15
    margin: float = 0.1
    enter: float = 0.5
    leave: float = 0.3
    settle_s: float = 0.04
    bridge_s: float = 0.1
    apart_s: float = 0.15
    shortest_s: float = 0.04
    longest_s: float = 0.9
    before: float = 0.7
    threshold: float = 0.6
    thresholds: Mapping[str, float] = field(default_factory=dict)
    ceilings: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        scores = (
            self.margin,
            self.enter,
            self.leave,
            self.before,
            self.threshold,
            *self.thresholds.values(),
            *self.ceilings.values(),
        )
        if not 1.0 <= self.caution <= MOST_CAUTION:
            raise ValueError(f"caution lies within 1..{MOST_CAUTION:g}: {self}")
        if not isinstance(self.thresholds, Mapping):
            raise ValueError("thresholds are numbers by word")
        if not all(0.0 <= score <= 1.0 for score in scores):
            raise ValueError(f"scores lie within 0..1: {self}")
        times = (
            self.smoothing_s,
            self.settle_s,
            self.bridge_s,
            self.apart_s,
            self.shortest_s,
            self.longest_s,
        )
        if not all(0.0 <= time_s <= LONGEST_S for time_s in times):
            raise ValueError(f"times lie within 0..{LONGEST_S:g} s, not negative: {self}")

    def threshold_of(self, label: str) -> float:
        """The score from which a word is reported."""
        return self.thresholds.get(label, self.threshold)

    def ceiling_of(self, label: str) -> float:
        """The score of unknown or silence above which no word is reported; 1: however high."""
        return self.ceilings.get(label, 1.0)
