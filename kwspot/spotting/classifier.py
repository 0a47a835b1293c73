"""From columns to posteriors, on the best processor there is, for any number of streams at once."""

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
from .trunk import StreamTrunk

Compute = Literal["auto", "cpu", "cuda", "mps"]


@dataclass(slots=True)
class StreamState:
    """What the next window of a stream still needs: columns, what the trunk remembers of those that
    came last (see `StreamTrunk`), and features float32 (frames - receptive, features)."""

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


class Classifier:
    """Runs a model over streams: each frame once through the trunk, each window through the head.

    checkpoint: the model; compute: where; hop_frames: frames from one window to the next.
    Raises OptionError for a processor that is not there, ModelError for weights that do not fit.
    """

    def __init__(self, checkpoint: Checkpoint, compute: Compute, hop_frames: int) -> None:
        self.device = choose_device(compute)
        network = checkpoint.build().to(self.device)
        self._bins = checkpoint.features.bins
        self._hop = hop_frames
        self._pooled = checkpoint.features.frames - checkpoint.network.receptive_frames + 1
        self._trunk = StreamTrunk(network, self.device)
        self._windows, self._frames = network.window_scores, network.frame_scores
        with torch.inference_mode():
            self._before, self._silent = self._trunk.silence()

    def state(self) -> StreamState:
        """A stream of which nothing has been heard: zeros before its first column."""
        return StreamState(self._before, self._silent.expand(self._pooled - 1, -1))

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

    @torch.inference_mode()
    def _advance_equal(self, items: list[tuple[StreamState, Tensor]]) -> list[Scores]:
        hop, count = self._hop, items[0][1].shape[1]
        new = torch.stack([columns.T for _, columns in items]).to(self.device)
        fresh, contexts = self._trunk(torch.stack([state.columns for state, _ in items]), new)
        features = torch.cat((torch.stack([state.features for state, _ in items]), fresh), dim=1)
        # Windows end on the last column of each hop: (B, windows, C, pooled frames). Each is
        # summed anew: a running sum would drift.
        windows = features[:, hop - 1 :].unfold(1, self._pooled, hop)
        pooled = torch.cat((windows.mean(dim=3), windows.amax(dim=3)), dim=2)
        posteriors = self._windows(pooled).softmax(dim=2).cpu().numpy()
        evidence = self._frames(fresh).softmax(dim=2).cpu().numpy()
        for place, (state, _) in enumerate(items):
            # Clones: a view would keep the whole stretch alive.
            state.columns, state.features = contexts[place].clone(), features[place, count:].clone()
        return [Scores(*pair) for pair in zip(posteriors, evidence, strict=True)]
