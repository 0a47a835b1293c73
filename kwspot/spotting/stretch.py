"""One unbroken stretch of audio on its way through the pipeline."""

from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .classifier import Scores, StreamState
from .detection import Detection
from .detector import Detector
from .features import FeatureConfig, FrameStream, power_db


@dataclass(frozen=True, slots=True)
class Update:
    """What one window yields.

    end: where the window ends, samples since the stream opened; posteriors: float32 (labels,),
    as the network has them; smoothed: the same as the detector sees them; columns: complex64
    (bins, k), the newest frames; detection: a word, where this window decided one.
    """

    end: int
    posteriors: NDArray[np.float32]
    smoothed: NDArray[np.float32]
    columns: Tensor
    detection: Detection | None

    @property
    def columns_db(self) -> NDArray[np.float32]:
        """The newest frames in dB re full scale, float32 (bins, k); computed when asked for."""
        decibels: NDArray[np.float32] = power_db(self.columns).numpy()
        return decibels


class Stretch:
    """From samples to columns, and from their scores to updates; zeros before and after it.

    base: where it begins in its stream, samples; hop_frames: frames from window to window;
    state: the classifier's; detector: a fresh one; transformed: whether it makes columns, as
    updates hold them, or leaves that to the classifier.
    """

    def __init__(
        self,
        base: int,
        features: FeatureConfig,
        hop_frames: int,
        state: StreamState,
        detector: Detector,
        *,
        transformed: bool = True,
    ) -> None:
        self.state = state
        self._transformed = transformed
        self._base, self._features, self._hop = base, features, hop_frames
        self._detector = detector
        # All windows end on a multiple of the hop. The frame at -1 already sees samples of the
        # stream, so the first window to compute may be the one that ends a hop before it.
        lead = 2 * hop_frames - 1
        self._frames = FrameStream(features, lead, hop_frames)
        self._next_frame = -lead
        self._samples = 0

    @property
    def end(self) -> int:
        """The position one past the newest sample taken."""
        return self._base + self._samples

    @property
    def wanted(self) -> int:
        """How many samples are missing to the next window, 1 or more."""
        return self._frames.wanted

    def take(self, samples: NDArray[np.float32]) -> Tensor:
        """Continue by float32 (n,); returns the columns that make whole hops, (bins, k), or the
        samples of these."""
        self._samples += len(samples)
        return self._next(samples)

    def flush(self) -> Tensor:
        """The same of the zeros after the stretch, to the last window that holds any of it."""
        features = self._features
        tail = features.span_samples + (self._hop + 3) * features.hop_samples
        return self._next(np.zeros(tail, np.float32))

    def _next(self, samples: NDArray[np.float32]) -> Tensor:
        if self._transformed:
            return self._frames.push_array(samples)
        return torch.from_numpy(self._frames.push_samples(samples))

    def interpret(self, columns: Tensor, scores: Scores) -> list[Update]:
        """One update for each window the columns complete, in order."""
        ends, found = self._decide(scores)
        parts = torch.split(columns, self._hop, dim=1) if len(ends) > 1 else [columns]
        return [
            Update(
                end=end,
                posteriors=posteriors,
                smoothed=smoothed,
                columns=parts[place],
                detection=found.get(place),
            )
            for place, (end, posteriors, smoothed) in enumerate(
                zip(ends, scores.posteriors, self._detector.smoothed, strict=True)
            )
        ]

    def detections(self, _: Tensor, scores: Scores) -> list[Detection]:
        """Only what was detected, in order: what long recordings are asked for."""
        return list(self._decide(scores)[1].values())

    def _decide(self, scores: Scores) -> tuple[list[int], dict[int, Detection]]:
        """The ends of the windows, samples since the stream opened, and detections by window."""
        frame = self._next_frame + self._hop - 1
        found = self._detector.push_all(frame, scores.posteriors, scores.evidence)
        count, step = len(scores.posteriors), self._features.hop_samples
        self._next_frame += count * self._hop
        ends = [self._base + (frame + place * self._hop) * step for place in range(count)]
        return ends, {place: self._placed(hit) for place, hit in found.items()}

    def _placed(self, found: Detection) -> Detection:
        """A detection in the time of the stream, within what was heard of it."""
        context = self._features.context_samples

        def place(sample: int) -> int:
            return self._base + min(max(sample, 0), self._samples)

        return replace(
            found,
            start=place(found.start),
            end=place(found.end),
            decided=place(found.decided + context),
        )
