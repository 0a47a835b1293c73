"""Which words are reported and from which score on, as the user sets it."""

from collections.abc import Mapping

import numpy as np
from PySide6.QtCore import QObject, Signal

from kwspot.spotting.calibration import USUAL_FALSE_PER_HOUR, Calibration, logit
from kwspot.spotting.checkpoint import SILENCE, UNKNOWN, Checkpoint
from kwspot.spotting.room import Room

from .translation import translate

LEAST, MOST = 0.05, 1.0
TENFOLD = 0.2
"""The sensitivity at which ten times as many false alarms are put up with."""


class Tuner(QObject):
    """Thresholds and words of the present model: the model's, the user's own, and sensitivity.

    A threshold is the user's own, else the model's, moved by the sensitivity, within
    `LEAST`..`MOST`. Where the model, or a room, says what thresholds cost, sensitivity is a number
    of false alarms an hour, and moves each word's threshold as far as that asks for; else it is
    taken off all alike. Of other speech and silence it is the score above which no word is
    reported, which the sensitivity leaves alone.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.labels: tuple[str, ...] = ()
        self.words: tuple[str, ...] = ()
        self.sensitivity = 0.0
        self.own: dict[str, float] = {}
        self.disabled: set[str] = set()
        self._models: Mapping[str, float] = {}
        self._curves: Calibration | None = None
        self._budget = USUAL_FALSE_PER_HOUR

    def restore(
        self, sensitivity: float, own: Mapping[str, float], disabled: tuple[str, ...]
    ) -> None:
        """Take over what was remembered."""
        self.sensitivity, self.own, self.disabled = sensitivity, dict(own), set(disabled)

    def set_model(self, checkpoint: Checkpoint, room: Room | None = None) -> None:
        """Tune another model, in a room where that is known."""
        self._curves = checkpoint.calibration
        self._budget = USUAL_FALSE_PER_HOUR
        if self._curves is not None and room is not None:
            self._curves, self._budget = room.calibration(self._curves), room.false_per_hour
        self.labels, self.words = checkpoint.labels, checkpoint.words
        self._models = {word: checkpoint.detector.threshold_of(word) for word in self.words}
        self._models |= {name: checkpoint.detector.ceiling_of(name) for name in self.others}
        self.changed.emit()

    @property
    def others(self) -> list[str]:
        """The labels that are never reported: other speech and silence."""
        return [label for label in self.labels if label not in self.words]

    @property
    def enabled(self) -> list[str]:
        """The words that are reported."""
        # A threshold at the very end silences a word, however sure a score may be.
        loud = (word for word in self.words if self.own.get(word, 0.0) < 1.0)
        return [word for word in loud if word not in self.disabled]

    @property
    def thresholds(self) -> dict[str, float]:
        """The score from which each word is reported."""
        return {word: self.threshold(word) for word in self.words}

    @property
    def ceilings(self) -> dict[str, float]:
        """The scores of other speech and silence above which no word is reported."""
        return {label: self.threshold(label) for label in self.others}

    def threshold(self, word: str) -> float:
        """The score from which a word is reported; of the others the one above which none is."""
        base = self.own.get(word, self._usual(word))
        if word not in self.words:
            return base
        # What was set to the very end stays there: nothing is as sure.
        return min(max(self._moved(word, base, 1.0), LEAST), MOST)

    @property
    def false_per_hour(self) -> float | None:
        """False alarms of all words together that are put up with, None where nobody knows."""
        if self._curves is None:
            return None
        return float(self._budget * 10.0 ** (self.sensitivity / TENFOLD))

    def _usual(self, word: str) -> float:
        """The threshold of a word by itself."""
        if self._curves is None or word not in self._curves.missed:
            return self._models.get(word, 0.6)
        return self._curves.threshold_for(word, self._budget / max(1, len(self.enabled)))

    def _moved(self, word: str, threshold: float, sign: float) -> float:
        """A threshold at the present sensitivity; sign -1: one at this sensitivity without it."""
        if threshold >= 1.0 or word not in self.words:
            return threshold
        rate = self.false_per_hour
        if rate is None or self._curves is None or word not in self._curves.missed:
            return threshold - sign * self.sensitivity
        asked = self._curves.threshold_for(word, rate / max(1, len(self.enabled)))
        shift = float(logit(asked) - logit(self._usual(word)))
        return float(1.0 / (1.0 + np.exp(-(float(logit(threshold)) + sign * shift))))

    def set_threshold(self, word: str, threshold: float) -> None:
        """Report a word from this score on, at the present sensitivity; of the others: no word
        above this score."""
        self.own[word] = min(max(self._moved(word, threshold, -1.0), 0.0), 1.0)
        self.changed.emit()

    def set_enabled(self, word: str, enabled: bool) -> None:
        """Report a word, or do not."""
        (self.disabled.discard if enabled else self.disabled.add)(word)
        self.changed.emit()

    def set_sensitivity(self, sensitivity: float) -> None:
        """Hear more (positive) or less of all words."""
        self.sensitivity = sensitivity
        self.changed.emit()

    def reset(self) -> None:
        """As the model has it."""
        self.sensitivity = 0.0
        self.own.clear()
        self.disabled.clear()
        self.changed.emit()


def spoken(label: str) -> str:
    """What the window calls a label."""
    return {
        UNKNOWN: translate("Words", "other speech"),
        SILENCE: translate("Words", "silence"),
    }.get(label, label)
