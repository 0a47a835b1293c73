"""Hard negatives: where, in what holds none of the words, the model hears one all the same.

Most of running speech is told from the words early in a run and teaches nothing after that. What
is left is looked for every few epochs with the averaged weights, and drawn more often than chance
would.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

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
from .sounds import USUAL, Samples, at_speed
from .sweep import heard_all

HEARD = (Kind.SPEECH, Kind.SPOKEN, Kind.NOISE)
MOST = 12_288
"""Places that are kept: those with the highest scores."""
LEAST = 0.1
"""The posterior of a word from which a place is hard."""
APART = 6
"""Windows that two places of a recording lie apart."""
BESIDE = 12
"""Windows around a word that is said, in which nothing is taken for another one."""
TOGETHER = 4_000_000
"""Samples of recordings that are heard in a row."""
SPEED = (0.85, 1.18)
"""Speeds, beside the recording's own, at which it is heard once more each: other voices, in which
a model that knows the recording by heart still goes wrong."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """A recording as it is heard: its place in the corpus, its samples and `pause` zeros, and the
    speed in thousandths."""

    place: int
    samples: Samples
    speed: int


def nowhere() -> Tensor:
    """No hard places: int64 (0, 3)."""
    return torch.zeros(0, 3, dtype=torch.int64)


def mined(checkpoint: Checkpoint, corpus: Corpus, seed: Sequence[int] = (0,)) -> Tensor:
    """Where the model takes running speech or noise of the training part for a word.

    Each recording is heard as it is, and at a speed drawn from each half of SPEED. Of speech that
    has words to spot, only what is taken for none of them, nor near one of them, counts. seed: of
    the speeds. Returns int64 (k, 3), k up to MOST, highest score first: the recording's place in
    the corpus, the first sample of the window there, which may lie before it, and the speed in
    thousandths.
    """
    spotter = Spotter(checkpoint, compute="cpu")
    columns = [spotter.labels.index(word) for word in spotter.words]
    hop = spotter.hop_frames * checkpoint.features.hop_samples
    back = checkpoint.features.span_samples + hop
    found: list[tuple[float, int, int, int]] = []
    for group in _groups(corpus, back, np.random.default_rng(seed)):
        posteriors = heard_all(spotter, (piece.samples for piece in group)).posteriors[:, columns]
        edges = np.cumsum([0, *(len(piece.samples) for piece in group)])
        # A window ends one hop before what its place among the windows says.
        begins = np.arange(len(posteriors)) * hop - back
        owners = np.searchsorted(edges, begins + back // 2, side="right") - 1
        inside = (owners >= 0) & (owners < len(group))
        owners = owners.clip(0, len(group) - 1)
        said = np.array(
            [
                [word in corpus.recordings[piece.place].said for word in spotter.words]
                for piece in group
            ]
        )
        scores = wrong(posteriors, said[owners]) * inside
        for window in _peaks(scores):
            piece, edge = group[owners[window]], edges[owners[window]]
            begin = int((begins[window] - edge) * piece.speed / USUAL)
            found.append((float(scores[window]), piece.place, begin, piece.speed))
    found.sort(key=lambda entry: (-entry[0], entry[1:]))
    rows = [entry[1:] for entry in found[:MOST]]
    return torch.tensor(rows, dtype=torch.int64).reshape(-1, 3)


def wrong(posteriors: NDArray[np.float32], said: NDArray[np.bool_]) -> NDArray[np.float32]:
    """The highest posterior of a word that is not said, zero near one that is: (windows,).

    posteriors: (windows, words); said: of the recording a window lies in, the same shape.
    """
    scores: NDArray[np.float32] = np.where(said, 0.0, posteriors).max(axis=1)
    for window in np.flatnonzero(np.where(said, posteriors, 0.0).max(axis=1) >= LEAST):
        scores[max(window - BESIDE, 0) : window + BESIDE + 1] = 0.0
    return scores


def _groups(corpus: Corpus, pause: int, rng: np.random.Generator) -> Iterator[list[_Piece]]:
    """Recordings that are heard in a row, nothing between for as long as a window sees."""
    silence = np.zeros(pause, dtype=np.float32)
    group: list[_Piece] = []
    for place, recording in enumerate(corpus.recordings):
        if recording.split is not Split.TRAINING or recording.kind not in HEARD:
            continue
        span = corpus.spans[place]
        used = int(span.length * NOISE_USED) if recording.kind is Kind.NOISE else span.length
        samples = scaled(corpus.samples[span.offset : span.offset + used])
        low, high = (round(edge * USUAL) for edge in SPEED)
        for speed in (USUAL, int(rng.integers(low, USUAL)), int(rng.integers(USUAL, high))):
            played = samples if speed == USUAL else at_speed(samples, speed / USUAL)
            group.append(_Piece(place, np.concatenate((played, silence)), speed))
        if sum(len(piece.samples) for piece in group) > TOGETHER:
            yield group
            group = []
    if group:
        yield group


def _peaks(scores: NDArray[np.float32]) -> list[int]:
    """Windows with a high score, none within APART of one with a higher score."""
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
    table = torch.zeros(MOST + 1, 3, dtype=torch.int64)
    if places is not None:
        table[0, 0] = len(places)
        table[1 : len(places) + 1] = places
    table = table.to(world.device)
    world.copy([table])
    return table[1 : int(table[0, 0]) + 1].cpu()
