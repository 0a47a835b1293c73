"""What models say of clips, by the front end and the networks that listening runs."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from kwspot.audio.files import FileSource
from kwspot.audio.resample import at_16k
from kwspot.audio.source import Notice, Notify
from kwspot.errors import AudioError
from kwspot.spotting.checkpoint import SILENCE, UNKNOWN
from kwspot.spotting.classifier import Compute
from kwspot.spotting.features import clip_spectra
from kwspot.spotting.spotter import Spotter

from .evaluate import centred
from .labelled import Clip

BATCH, MOST_SAMPLES = 64, 1_600_000
"""Clips, and samples of clips, that go through the network at once."""
LONGEST_SAMPLES = 160_000
"""What is longer goes through the network piece by piece, as a stream does."""
Samples = NDArray[np.float32]
Posteriors = NDArray[np.float32]
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Heard:
    """What models say of clips.

    clips: those that could be read; posteriors: of each model, float32 (clips, labels), rows sum
    to 1; skipped: why a file could not be read; damaged: what is missing of files that were read.
    """

    clips: tuple[Clip, ...]
    posteriors: tuple[Posteriors, ...]
    skipped: tuple[str, ...]
    damaged: tuple[str, ...]


class ClipScorer:
    """A model that says of each clip what it is, by its best window.

    A clip up to a second lies in the middle of one window, zeros around it. A longer one has a
    window every 50 ms, from its beginning until one holds its end; the best is the one with the
    highest posterior of any word, `_unknown_` and `_silence_` being none.
    model: a model file, the bundled one where None; compute: the processor. Raises KwspotError as
    `Spotter` does.
    """

    def __init__(self, model: Path | None, compute: Compute) -> None:
        self.spotter = Spotter(model, compute=compute)
        self.labels = self.spotter.labels
        self._features = self.spotter.checkpoint.features
        self._hop_samples = self.spotter.hop_frames * self._features.hop_samples
        # Its hop is a whole window, so that it computes the first window of a stream that begins
        # with a clip, and none before that.
        kind = type(self.spotter.classifier)
        self._first = kind(self.spotter.checkpoint, compute, self._features.frames)
        self._words = [
            place for place, label in enumerate(self.labels) if label not in (UNKNOWN, SILENCE)
        ]

    def posteriors(self, clips: Sequence[Samples]) -> Posteriors:
        """Of the best window of each clip, at least one, 16 kHz: float32 (clips, labels)."""
        frames = self._features.frames
        columns = self._columns(clips)
        states = [self._first.state() for _ in clips]
        begun = self._first.advance(
            [(state, part[:, :frames]) for state, part in zip(states, columns, strict=True)]
        )
        rows = [scores.posteriors for scores in begun]
        longer = [place for place, part in enumerate(columns) if part.shape[1] > frames]
        further = self.spotter.classifier.advance(
            [(states[place], columns[place][:, frames:]) for place in longer]
        )
        for place, scores in zip(longer, further, strict=True):
            rows[place] = np.concatenate((rows[place], scores.posteriors))
        return np.stack([windows[self._best(windows)] for windows in rows])

    def recording(self, path: Path, notify: Notify) -> Posteriors:
        """Of the best window of a recording of any length over a second: float32 (labels,).

        notify: told of damage. Raises AudioError for what cannot be read.
        """
        span, length = self._features.span_samples, 0
        windows: list[tuple[int, Posteriors]] = []
        stream = self.spotter.stream()
        with at_16k(FileSource(path, notify)) as source:
            while (chunk := source.read()) is not None:
                length = chunk.end
                windows += [(update.end, update.posteriors) for update in stream.push(chunk)]
                windows = self._only_best([entry for entry in windows if entry[0] >= span])
        windows += [(update.end, update.posteriors) for update in stream.finish()]
        inside = [entry for entry in windows if span <= entry[0] < length + self._hop_samples]
        return self._only_best(inside)[0][1]

    def _columns(self, clips: Sequence[Samples]) -> list[torch.Tensor]:
        """Of each clip with the zeros its windows need: complex64 (bins, t)."""
        equal = defaultdict(list)
        for place, clip in enumerate(clips):
            windowed = self._windowed(clip)
            equal[len(windowed)].append((place, windowed))
        found: dict[int, torch.Tensor] = {}
        for entries in equal.values():
            batch = torch.from_numpy(np.stack([windowed for _, windowed in entries]))
            columns = clip_spectra(batch, self._features)
            found.update(zip([place for place, _ in entries], columns, strict=True))
        return [found[place] for place in range(len(clips))]

    def _windowed(self, clip: Samples) -> Samples:
        span = self._features.span_samples
        if len(clip) <= span:
            return centred(clip, span)
        return np.pad(clip, (0, (span - len(clip)) % self._hop_samples))

    def _best(self, windows: Posteriors) -> int:
        return int(windows[:, self._words].max(axis=1).argmax())

    def _only_best(self, windows: list[tuple[int, Posteriors]]) -> list[tuple[int, Posteriors]]:
        if not windows:
            return []
        return [windows[self._best(np.stack([posteriors for _, posteriors in windows]))]]


def hear(scorers: Sequence[ClipScorer], clips: Sequence[Clip], progress: Progress) -> Heard:
    """Run clips through models, a batch at a time, so that memory does not grow with the audio.

    progress: called with how many of how many files are done. Raises AudioError where none of
    the files can be read.
    """
    hearing = _Hearing(scorers)
    for count, clip in enumerate(clips, 1):
        hearing.take(clip)
        progress(count, len(clips))
    return hearing.finish()


class _Hearing:
    """Collects clips to a batch, and what models say of the batches."""

    def __init__(self, scorers: Sequence[ClipScorer]) -> None:
        self._scorers = scorers
        self._waiting: list[tuple[Clip, Samples]] = []
        self._kept: list[Clip] = []
        self._rows: list[list[Posteriors]] = [[] for _ in scorers]
        self._skipped: list[str] = []
        self._damaged: dict[str, None] = {}

    def take(self, clip: Clip) -> None:
        """The next clip."""
        try:
            samples = self._read(clip.path)
            if samples is None:
                self._run()
                rows = [scorer.recording(clip.path, self._notice) for scorer in self._scorers]
                self._keep([clip], [row[np.newaxis] for row in rows])
            else:
                self._waiting.append((clip, samples))
        except AudioError as error:
            self._skipped.append(str(error))
        if len(self._waiting) == BATCH or sum(len(s) for _, s in self._waiting) > MOST_SAMPLES:
            self._run()

    def finish(self) -> Heard:
        """All that was said; raises AudioError where that is nothing."""
        self._run()
        if not self._kept:
            raise AudioError(f"none of the clips can be read; the first: {self._skipped[0]}")
        rows = tuple(np.concatenate(rows) for rows in self._rows)
        return Heard(tuple(self._kept), rows, tuple(self._skipped), tuple(self._damaged))

    def _run(self) -> None:
        if self._waiting:
            clips = [clip for clip, _ in self._waiting]
            samples = [samples for _, samples in self._waiting]
            self._keep(clips, [scorer.posteriors(samples) for scorer in self._scorers])
            self._waiting = []

    def _keep(self, clips: Sequence[Clip], rows: Sequence[Posteriors]) -> None:
        self._kept += clips
        for own, row in zip(self._rows, rows, strict=True):
            own.append(row)

    def _notice(self, notice: Notice) -> None:
        if notice.level == "warning":
            self._damaged[notice.message] = None

    def _read(self, path: Path) -> Samples | None:
        """A clip at 16 kHz, None for a recording that is too long to be held as a whole."""
        if path.exists() and not path.is_file():
            raise AudioError(f"{path} is no file; put recordings there")
        pieces, length = [], 0
        with at_16k(FileSource(path, self._notice)) as source:
            while (chunk := source.read()) is not None:
                length = chunk.end
                if length > LONGEST_SAMPLES:
                    return None
                pieces.append(chunk.samples)
        if not pieces:
            raise AudioError(f"{path} holds no samples; record or copy it again")
        return np.concatenate(pieces)
