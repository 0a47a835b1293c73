"""From columns to posteriors, on the best processor there is, for any number of streams at once."""

import math
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from kwspot.audio.source import Notice
from kwspot.errors import OptionError

from .checkpoint import Checkpoint
from .features import FeatureConfig, framed_spectra
from .few_rows import FewRows
from .folded import fold
from .many_rows import ManyRows
from .network import Network

FEW_STREAMS = 4
FEW_ROWS = 36
"""Up to as many streams that go on by a hop or so, by so many columns all together, cost a CPU less
one by one in numpy than as one batch in torch."""

TRANSFORMING = frozenset({"cuda"})
"""Processors that get samples, not columns: they are quicker at the transform, too, and samples are
a third as many bytes to move there."""

Compute = Literal["auto", "cpu", "cuda", "mps"]


@dataclass(slots=True)
class StreamState:
    """What the next window of a stream still needs: columns, what the layers remember of those
    that came last, and features, of the frames that later windows hold too. What either is like,
    and how much is needed, is the classifier's own affair."""

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

    device: where; config: of the columns; hop_frames: frames from one window to the next.
    """

    def __init__(self, device: torch.device, config: FeatureConfig, hop_frames: int) -> None:
        self.device, self._hop = device, hop_frames
        self._config, self._bins = config, config.bins
        if device.type == "cuda":
            # The default rounds the factors of convolutions to 10 bits.
            torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = False
        self.transforms = device.type in TRANSFORMING
        """Whether it is to make the columns itself, of samples, for several threads at once."""
        self._most: float = math.inf
        """Columns of all streams together that the memory has room for, as far as one knows."""
        self._recovered: str | None = None

    def take_recovered(self) -> Notice | None:
        """A warning of what went wrong since this was last asked, and was got over."""
        message, self._recovered = self._recovered, None
        return None if message is None else Notice("warning", "memory", message)

    @abstractmethod
    def state(self) -> StreamState:
        """A stream of which nothing has been heard: zeros before its first column."""

    @abstractmethod
    def _advance_equal(self, items: list[tuple[StreamState, Tensor]]) -> list[Scores]:
        """`advance` for streams with equally many new columns: all of it, or an error and none."""

    def warm_up(self, streams: int = 1) -> None:
        """Run the shapes of live listening, so that the first real word meets no delay."""
        columns = torch.zeros(self._bins, self._hop, dtype=torch.complex64)
        for hops in (1, 1, 2, 4):
            self.advance([(self.state(), columns.repeat(1, hops)) for _ in range(streams)])

    def advance(self, items: Sequence[tuple[StreamState, Tensor]]) -> list[Scores]:
        """Continue streams by their newest columns, complex64 (bins, k), k a multiple of the hop,
        or by the samples these are made of, float32 (n,) as for `framed_spectra`.

        Streams with equally many new columns go through the network as one batch. The states
        are brought forward. Returns the scores of each, in order.
        """
        if len(items) == 1:
            return self._advance_fitting([*items])
        groups = defaultdict(list)
        for place, (_, columns) in enumerate(items):
            groups[columns.shape].append(place)
        scores: dict[int, Scores] = {}
        for places in groups.values():
            batch = self._advance_fitting([items[place] for place in places])
            scores.update(zip(places, batch, strict=True))
        return [scores[place] for place in range(len(items))]

    def _frames_of(self, piece: Tensor) -> int:
        """How many columns a piece is, or makes."""
        if piece.ndim > 1:
            return piece.shape[1]
        return (len(piece) - self._config.n_fft) // self._config.hop_samples + 1

    def _cut(self, piece: Tensor, frames: int) -> tuple[Tensor, Tensor]:
        """Its first so many frames, and the others; samples that both see are in both."""
        if piece.ndim > 1:
            return piece[:, :frames], piece[:, frames:]
        begin = frames * self._config.hop_samples
        return piece[: begin - self._config.hop_samples + self._config.n_fft], piece[begin:]

    @torch.inference_mode()
    def _transformed(
        self, items: list[tuple[StreamState, Tensor]]
    ) -> list[tuple[StreamState, Tensor]]:
        """The same with columns instead of samples, equally many."""
        if items[0][1].ndim > 1:
            return items
        samples = _placed(_stacked([piece for _, piece in items]), self.device)
        columns = framed_spectra(samples, self._config)
        return [(state, columns[place]) for place, (state, _) in enumerate(items)]

    def _advance_fitting(self, items: list[tuple[StreamState, Tensor]]) -> list[Scores]:
        """`_advance_equal` by as much as the memory of a GPU has room for."""
        frames = self._frames_of(items[0][1])
        size = len(items) * frames
        if size <= self._most:
            try:
                return self._advance_equal(self._transformed(items))
            except torch.OutOfMemoryError as error:
                if size == self._hop:
                    raise OptionError(
                        "the GPU has no memory left for even one window; end what else uses it, "
                        "or take --compute cpu"
                    ) from error
            # Here, where the error no longer holds what was computed by then.
            torch.cuda.empty_cache()
            self._most = max(size // 2, self._hop)
            self._recovered = "the GPU ran out of memory; it gets half as much at once from now on"
        if len(items) > 1:
            half = len(items) // 2
            return self._advance_fitting(items[:half]) + self._advance_fitting(items[half:])
        [(state, piece)] = items
        parts = self._cut(piece, frames // self._hop // 2 * self._hop)
        scores = [self._advance_fitting([(state, part)])[0] for part in parts]
        posteriors = np.concatenate([score.posteriors for score in scores])
        return [Scores(posteriors, np.concatenate([score.evidence for score in scores]))]


class Classifier(StreamClassifier):
    """Runs a model over streams: each frame once through the trunk, each window through the head.

    checkpoint: the model; compute: where; hop_frames: frames from one window to the next.
    Raises OptionError for a processor that is not there, ModelError for weights that do not fit.
    """

    def __init__(self, checkpoint: Checkpoint, compute: Compute, hop_frames: int) -> None:
        super().__init__(choose_device(compute), checkpoint.features, hop_frames)
        network = checkpoint.build()
        assert isinstance(network, Network), "other kinds have classifiers of their own"
        pooled = network.config.evidence_frames(checkpoint.features.frames)
        folded = fold(network)
        self._many = ManyRows(folded, pooled, hop_frames, self.device)
        self._few = FewRows(folded, pooled, hop_frames)
        self._few_rows = FEW_ROWS if self.device.type == "cpu" else 0
        with torch.inference_mode():
            self._silence = self._many.silence()

    def state(self) -> StreamState:
        """A stream of which nothing has been heard: zeros before its first column."""
        return StreamState(*self._silence)

    def _advance_equal(self, items: list[tuple[StreamState, Tensor]]) -> list[Scores]:
        streams = len(items)
        if streams <= FEW_STREAMS and streams * items[0][1].shape[1] <= self._few_rows:
            return [self._advance_few(*item) for item in items]
        return self._advance_many(items)

    @torch.inference_mode()
    def _advance_many(self, items: list[tuple[StreamState, Tensor]]) -> list[Scores]:
        columns = _placed(_stacked([columns.T for _, columns in items]), self.device)
        contexts = _stacked([state.columns for state, _ in items])
        features = _stacked([state.features for state, _ in items])
        out = self._many.advance(contexts, features, columns)
        rows, frames = out.posteriors.cpu().numpy(), out.evidence.cpu().numpy()
        # Clones: a view would keep the whole stretch alive.
        pairs = zip(out.contexts, out.features, strict=True)
        after = [StreamState(context.clone(), known.clone()) for context, known in pairs]
        for (state, _), new in zip(items, after, strict=True):
            state.columns, state.features = new.columns, new.features
        return [Scores(row, frame) for row, frame in zip(rows, frames, strict=True)]

    def _advance_few(self, state: StreamState, columns: Tensor) -> Scores:
        """A stream on the CPU that goes on by a hop or so."""
        rows, frames, context, features = self._few.advance(
            state.columns.numpy(), state.features.numpy(), columns.T.contiguous().numpy()
        )
        state.columns, state.features = torch.from_numpy(context), torch.from_numpy(features)
        return Scores(rows, frames)


def _stacked(parts: list[Tensor]) -> Tensor:
    """As one batch; a view of a single one."""
    return parts[0].unsqueeze(0) if len(parts) == 1 else torch.stack(parts)


def _placed(batch: Tensor, device: torch.device) -> Tensor:
    """The same where it is computed with; to a GPU by way of memory that it can read by itself."""
    if device.type == "cuda" and not batch.is_cuda:
        return batch.pin_memory().to(device, non_blocking=True)
    return batch.to(device)
