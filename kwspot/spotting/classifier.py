"""From columns to posteriors, on the best processor there is, for any number of streams at once."""

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from kwspot.errors import OptionError

from .checkpoint import Checkpoint
from .features import as_channels
from .network import Network

Compute = Literal["auto", "cpu", "cuda", "mps"]


@dataclass(slots=True)
class StreamState:
    """What the next window of a stream still needs: columns complex64 (bins, receptive - 1) and
    features float32 (features, frames - receptive), both of what came last. What a feature is, and
    how many are needed, is the classifier's own affair."""

    columns: Tensor
    features: Tensor


@dataclass(frozen=True, slots=True)
class Scores:
    """What the network says of a stretch of a stream.

    posteriors: float32 (windows, labels), one row per hop, each sums to 1;
    evidence: float32 (frames, labels), one row per new frame, `lookahead` frames behind.
    """

    posteriors: NDArray[np.float32]
    evidence: NDArray[np.float32]


def choose_device(compute: Compute) -> torch.device:
    """The processor to run on; raises OptionError where it is asked for and not there."""
    available = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if compute == "auto":
        return torch.device(next(name for name, there in available.items() if there))
    if not available.get(compute, False):
        usable = ", ".join(name for name, there in available.items() if there)
        raise OptionError(f"--compute {compute}: there is none here; usable: auto, {usable}")
    return torch.device(compute)


class StreamClassifier(ABC):
    """Runs a model over any number of streams at once, however their columns come in.

    device: where; bins: frequencies of a frame; hop_frames: frames from one window to the next.
    """

    def __init__(self, device: torch.device, bins: int, hop_frames: int) -> None:
        self.device, self._bins, self._hop = device, bins, hop_frames

    @abstractmethod
    def state(self) -> StreamState:
        """A stream of which nothing has been heard: zeros before its first column."""

    @abstractmethod
    def _advance_equal(self, items: list[tuple[StreamState, Tensor]]) -> list[Scores]:
        """`advance` for streams with equally many new columns."""

    def warm_up(self, streams: int = 1) -> None:
        """Run the shapes of live listening, so that the first real word meets no delay."""
        columns = torch.zeros(self._bins, self._hop, dtype=torch.complex64)
        for hops in (1, 1, 2, 4):
            self.advance([(self.state(), columns.repeat(1, hops)) for _ in range(streams)])

    def advance(self, items: Sequence[tuple[StreamState, Tensor]]) -> list[Scores]:
        """Continue streams by their newest columns, complex64 (bins, k), k a multiple of the hop.

        Streams with equally many new columns go through the network as one batch. The states
        are brought forward. Returns the scores of each, in order.
        """
        groups = defaultdict(list)
        for place, (_, columns) in enumerate(items):
            groups[columns.shape[1]].append(place)
        scores: dict[int, Scores] = {}
        for places in groups.values():
            batch = self._advance_equal([items[place] for place in places])
            scores.update(zip(places, batch, strict=True))
        return [scores[place] for place in range(len(items))]


class Classifier(StreamClassifier):
    """Runs a model over streams: each frame once through the trunk, each window through the head.

    checkpoint: the model; compute: where; hop_frames: frames from one window to the next.
    Raises OptionError for a processor that is not there, ModelError for weights that do not fit.
    """

    def __init__(self, checkpoint: Checkpoint, compute: Compute, hop_frames: int) -> None:
        super().__init__(choose_device(compute), checkpoint.features.bins, hop_frames)
        network = checkpoint.build()
        assert isinstance(network, Network), "other kinds have classifiers of their own"
        self._network = network.to(self.device)
        self._receptive = network.config.receptive_frames
        self._pooled = network.config.evidence_frames(checkpoint.features.frames)
        with torch.inference_mode():
            silence = torch.zeros(1, 2, self._bins, self._receptive, device=self.device)
            # Features of the endless zeros before a stream.
            self._silent = self._network.trunk(silence)[0]

    def state(self) -> StreamState:
        """A stream of which nothing has been heard: zeros before its first column."""
        shape = (self._bins, self._receptive - 1)
        return StreamState(
            torch.zeros(shape, dtype=torch.complex64, device=self.device),
            self._silent.repeat(1, self._pooled - 1),
        )

    @torch.inference_mode()
    def _advance_equal(self, items: list[tuple[StreamState, Tensor]]) -> list[Scores]:
        hop, network = self._hop, self._network
        new = torch.stack([columns for _, columns in items]).to(self.device)
        columns = torch.cat((torch.stack([state.columns for state, _ in items]), new), dim=2)
        fresh = network.trunk(as_channels(columns))
        features = torch.cat((torch.stack([state.features for state, _ in items]), fresh), dim=2)
        # Windows end on the last column of each hop: (B, C, windows, pooled frames).
        windows = features[:, :, hop - 1 :].unfold(2, self._pooled, hop)
        count = windows.shape[2]
        posteriors = network.head(windows.transpose(1, 2).flatten(0, 1)).softmax(dim=1)
        evidence = network.evidence(fresh).softmax(dim=2)
        for place, (state, _) in enumerate(items):
            state.columns = columns[place, :, columns.shape[2] - state.columns.shape[1] :].clone()
            keep = features.shape[2] - state.features.shape[1]
            state.features = features[place, :, keep:].clone()
        rows = posteriors.reshape(len(items), count, -1).cpu().numpy()
        frames = evidence.cpu().numpy()
        return [Scores(row, frame) for row, frame in zip(rows, frames, strict=True)]
