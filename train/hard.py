"""Hard negatives: where, in what holds none of the words, the model hears one all the same.

Most of running speech is told from the words early in a run and teaches nothing after that. What
is left is looked for every few epochs with the averaged weights, and drawn more often than chance
would.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from kwspot.spotting.checkpoint import Checkpoint
from kwspot.spotting.spotter import Spotter

from .catalog import Kind, Split
from .corpus import Corpus, scaled
from .parallel import World
from .pools import NOISE_USED
from .tuning import heard

MOST = 4096
"""Places that are kept: those with the highest scores."""
LEAST = 0.1
"""The posterior of a word from which a place is hard."""
APART = 6
"""Windows that two places of a recording lie apart."""
TOGETHER = 4_000_000
"""Samples of recordings that are heard in a row."""


def nowhere() -> Tensor:
    """No hard places: int64 (0, 2)."""
    return torch.zeros(0, 2, dtype=torch.int64)


def mined(checkpoint: Checkpoint, corpus: Corpus) -> Tensor:
    """Where the model takes running speech or noise of the training part for a word.

    Returns int64 (k, 2), k up to MOST, highest score first: the recording's place in the corpus
    and the first sample of the window there, which may lie before it.
    """
    spotter = Spotter(checkpoint, compute="cpu")
    columns = [spotter.labels.index(word) for word in spotter.words]
    hop = spotter.hop_frames * checkpoint.features.hop_samples
    back = checkpoint.features.span_samples + hop
    found: list[tuple[float, int, int]] = []
    for group in _groups(corpus, back):
        samples = np.concatenate([piece for _, piece in group])
        scores = heard(spotter, samples).posteriors[:, columns].max(axis=1)
        edges = np.cumsum([0, *(len(piece) for _, piece in group)])
        for window in _peaks(scores):
            # A window ends one hop before what its place among the windows says.
            begin = window * hop - back
            place = int(np.searchsorted(edges, begin + back // 2, side="right")) - 1
            if 0 <= place < len(group):
                found.append((float(scores[window]), group[place][0], begin - int(edges[place])))
    found.sort(key=lambda entry: (-entry[0], entry[1:]))
    rows = [entry[1:] for entry in found[:MOST]]
    return torch.tensor(rows, dtype=torch.int64).reshape(-1, 2)


def _groups(corpus: Corpus, pause: int) -> Iterator[list[tuple[int, NDArray[np.float32]]]]:
    """Recordings that are heard in a row, nothing between for as long as a window sees."""
    silence = np.zeros(pause, dtype=np.float32)
    group: list[tuple[int, NDArray[np.float32]]] = []
    for place, recording in enumerate(corpus.recordings):
        if recording.split is not Split.TRAINING:
            continue
        if recording.kind not in (Kind.SPEECH, Kind.NOISE):
            continue
        span = corpus.spans[place]
        used = span.length if recording.kind is Kind.SPEECH else int(span.length * NOISE_USED)
        piece = scaled(corpus.samples[span.offset : span.offset + used])
        group.append((place, np.concatenate((piece, silence))))
        if sum(len(samples) for _, samples in group) > TOGETHER:
            yield group
            group = []
    if group:
        yield group


def _peaks(scores: Sequence[float] | NDArray[np.float32]) -> list[int]:
    """Windows with a high score, none within APART of one with a higher score."""
    scores = np.asarray(scores)
    taken = np.zeros(len(scores) + 2 * APART, dtype=bool)
    chosen = []
    for window in np.argsort(-scores, kind="stable"):
        if scores[window] < LEAST:
            break
        if not taken[window + APART]:
            chosen.append(int(window))
            taken[window : window + 2 * APART + 1] = True
    return chosen


def shared(places: Tensor | None, world: World) -> Tensor:
    """What the first process has found, in every process. places: None in all others."""
    table = torch.zeros(MOST + 1, 2, dtype=torch.int64)
    if places is not None:
        table[0, 0] = len(places)
        table[1 : len(places) + 1] = places
    table = table.to(world.device)
    world.copy([table])
    return table[1 : int(table[0, 0]) + 1].cpu()
