"""One stream, decided at many thresholds at once: how often each of them would fire."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from .classifier import Scores
from .detection import Detection
from .detector import Detector
from .detector_config import DetectorConfig
from .spotter import STRETCH_SAMPLES, Spotter

Samples = NDArray[np.float32]


class Ladder:
    """Hears samples once and decides by each of some configurations, as listening would.

    found: what each has detected so far, positions in samples of all that was pushed.
    """

    def __init__(self, spotter: Spotter, configs: Sequence[DetectorConfig]) -> None:
        self._spotter = spotter
        self._stretch = spotter.stretch(0)
        self._detectors = [
            Detector(spotter.labels, config, spotter.words, spotter.timing) for config in configs
        ]
        self._hop = spotter.hop_frames
        self._newest = -self._hop
        self.found: list[list[Detection]] = [[] for _ in configs]
        self.samples = 0
        """How many were pushed."""

    @classmethod
    def of_thresholds(
        cls, spotter: Spotter, thresholds: Sequence[float], *, own: bool = False
    ) -> "Ladder":
        """The spotter's way to decide, every word at each threshold in turn; `own`: and last by
        the spotter's own thresholds."""
        config = spotter.detector
        rungs = [replace(config, threshold=value, thresholds={}) for value in thresholds]
        return cls(spotter, [*rungs, config] if own else rungs)

    def push(self, samples: Samples) -> None:
        """Take the next samples, float32 (n,) at 16 kHz."""
        for first in range(0, len(samples), STRETCH_SAMPLES):
            piece = samples[first : first + STRETCH_SAMPLES]
            self.samples += len(piece)
            self._advance(self._stretch.take(piece))

    def finish(self) -> None:
        """The audio has ended: the windows that reach over its end."""
        self._advance(self._stretch.flush())

    def _advance(self, columns: Tensor) -> None:
        if not columns.shape[1]:
            return
        (scores,) = self._spotter.classifier.advance([(self._stretch.state, columns)])
        self.decide(scores)

    def decide(self, scores: Scores) -> None:
        """Take what the network says of the windows that follow."""
        context = self._spotter.checkpoint.features.context_samples
        for detector, found in zip(self._detectors, self.found, strict=True):
            hits = detector.push_all(self._newest, scores.posteriors, scores.evidence)
            found += [replace(hit, decided=hit.decided + context) for hit in hits.values()]
        self._newest += len(scores.posteriors) * self._hop
