"""Which words are reported and from which score on, as the user sets it."""

from collections.abc import Mapping

from PySide6.QtCore import QObject, Signal

from kwspot.spotting.checkpoint import SILENCE, UNKNOWN, Checkpoint

from .translation import translate

LEAST, MOST = 0.05, 0.99


class Tuner(QObject):
    """Thresholds and words of the present model: the model's, the user's own, and sensitivity.

    A threshold is the user's own, else the model's, less the sensitivity, within `LEAST`..`MOST`.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.labels: tuple[str, ...] = ()
        self.words: tuple[str, ...] = ()
        self.margin = 0.1
        self.sensitivity = 0.0
        self.own: dict[str, float] = {}
        self.disabled: set[str] = set()
        self._models: Mapping[str, float] = {}

    def restore(
        self, sensitivity: float, own: Mapping[str, float], disabled: tuple[str, ...]
    ) -> None:
        """Take over what was remembered."""
        self.sensitivity, self.own, self.disabled = sensitivity, dict(own), set(disabled)

    def set_model(self, checkpoint: Checkpoint) -> None:
        """Tune another model."""
        self.labels, self.words = checkpoint.labels, checkpoint.words
        self.margin = checkpoint.detector.margin
        self._models = {word: checkpoint.detector.threshold_of(word) for word in self.words}
        self.changed.emit()

    @property
    def enabled(self) -> list[str]:
        """The words that are reported."""
        return [word for word in self.words if word not in self.disabled]

    @property
    def thresholds(self) -> dict[str, float]:
        """The score from which each word is reported."""
        return {word: self.threshold(word) for word in self.words}

    def threshold(self, word: str) -> float:
        """The score from which a word is reported."""
        base = self.own.get(word, self._models.get(word, 0.6))
        return min(max(base - self.sensitivity, LEAST), MOST)

    def set_threshold(self, word: str, threshold: float) -> None:
        """Report a word from this score on, at the present sensitivity."""
        self.own[word] = min(max(threshold + self.sensitivity, 0.0), 1.0)
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
