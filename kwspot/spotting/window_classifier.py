"""Streams through a network that sees whole windows only, each anew.

Such a network says nothing of single frames. What it says of a window is taken to be about the
frame in the window's middle, where there is sound at all. That is enough to find words that are
said by themselves, and about when; it is less than evidence of the network's own:

- two words within one window blur each other;
- without a label for silence or other speech, any sound is some word;
- in noise that is nearly as loud as the word, its edges are those of what the windows say: off by
  up to a quarter of a second.
"""

import torch
from torch import Tensor
from torch.nn import functional

from .checkpoint import Checkpoint
from .classifier import Compute, Scores, StreamClassifier, StreamState, choose_device
from .features import as_channels
from .heap import keep_all_memory

BATCH = 32
"""Windows, of all streams, that go through the network at once: its first layers take 8 MB for
each."""
LOUD_BEFORE, LOUD_AFTER = 200, 40
"""Frames around a frame in which the loudest sound is looked for."""
RANGE_DB, EDGE_DB = 25.0, 5.0
"""Sound is less than this much under the loudest; from there it fades out over the edge."""
QUIETEST_DB = -40.0
"""Nothing is measured against less than this level (RMS re full scale): -70 dB is never sound."""


def levels_db(columns: Tensor) -> Tensor:
    """RMS level of frames in dB re full scale. complex64 (..., bins, t) -> float32 (..., t)."""
    power = torch.view_as_real(columns).square().sum(dim=-1).mean(dim=-2)
    return 10.0 * (power + 1e-12).log10()


def loudness(levels: Tensor) -> Tensor:
    """How far frames are sound, 0..1, beside the loudest frame around them.

    levels: dB, (B, LOUD_BEFORE + t + LOUD_AFTER) -> (B, t).
    """
    width = LOUD_BEFORE + 1 + LOUD_AFTER
    peak = functional.max_pool1d(levels, width, stride=1).clamp(min=QUIETEST_DB)
    own = levels[:, LOUD_BEFORE : levels.shape[1] - LOUD_AFTER]
    return ((own - peak + RANGE_DB + EDGE_DB) / EDGE_DB).clamp(0.0, 1.0)


class WindowClassifier(StreamClassifier):
    """Runs a model over streams window by window: some forty times the work of one pass.

    On a CPU the process keeps from then on what memory it has once had (`keep_all_memory`).

    checkpoint: the model; compute: where; hop_frames: frames from one window to the next.
    Raises OptionError for a processor that is not there, ModelError for weights that do not fit.
    """

    def __init__(self, checkpoint: Checkpoint, compute: Compute, hop_frames: int) -> None:
        super().__init__(choose_device(compute), checkpoint.features, hop_frames)
        if self.device.type == "cpu":
            # A batch of windows fills hundreds of MiB; to ask for them anew took longer than the
            # work.
            keep_all_memory()
        self._network = checkpoint.build().to(self.device)
        self._frames = checkpoint.features.frames
        self._lookahead = checkpoint.network.lookahead

    def state(self) -> StreamState:
        """A stream of which nothing has been heard: zeros before its first column."""
        shape = (self._bins, self._frames - 1)
        columns = torch.zeros(shape, dtype=torch.complex64, device=self.device)
        behind = LOUD_BEFORE + self._lookahead
        return StreamState(columns, levels_db(columns[:, :1]).repeat(1, behind))

    @torch.inference_mode()
    def _advance_equal(self, items: list[tuple[StreamState, Tensor]]) -> list[Scores]:
        new = torch.stack([columns for _, columns in items]).to(self.device)
        columns = torch.cat((torch.stack([state.columns for state, _ in items]), new), dim=2)
        known = torch.stack([state.features[0] for state, _ in items])
        levels = torch.cat((known, levels_db(new)), dim=1)
        count = new.shape[2] // self._hop
        posteriors = self._posteriors(columns, count)
        # Each window speaks for the frames of one hop, the last of them in its middle.
        nearby = levels[:, : levels.shape[1] - self._lookahead + LOUD_AFTER]
        sound = loudness(nearby).unsqueeze(2)
        evidence = posteriors.repeat_interleave(self._hop, dim=1) * sound
        rows, frames = posteriors.cpu().numpy(), evidence.cpu().numpy()
        after = [
            StreamState(
                columns[place, :, columns.shape[2] - state.columns.shape[1] :].clone(),
                levels[place : place + 1, -state.features.shape[1] :].clone(),
            )
            for place, (state, _) in enumerate(items)
        ]
        for (state, _), new_state in zip(items, after, strict=True):
            state.columns, state.features = new_state.columns, new_state.features
        return [Scores(row, frame) for row, frame in zip(rows, frames, strict=True)]

    def _posteriors(self, columns: Tensor, count: int) -> Tensor:
        """Of the windows that end on the last column of each hop: float32 (B, count, labels)."""
        found = []
        batch = max(1, BATCH // len(columns))
        for first in range(0, count, batch):
            begin = (first + 1) * self._hop - 1
            end = min(first + batch, count) * self._hop + self._frames - 1
            windows = columns[:, :, begin:end].unfold(2, self._frames, self._hop)
            flat = windows.transpose(1, 2).flatten(0, 1)
            scores = self._network(as_channels(flat)).softmax(dim=1)
            found.append(scores.reshape(len(columns), windows.shape[2], -1))
        return torch.cat(found, dim=1)
