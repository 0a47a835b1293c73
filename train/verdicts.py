"""What a model says of every validation clip of its run: the posteriors behind the pictures."""

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import torch
from numpy.typing import NDArray

from kwspot.errors import TrainingError
from kwspot.spotting.checkpoint import UNKNOWN, Checkpoint
from kwspot.spotting.features import as_channels, clip_spectra

from .catalog import Split
from .corpus import Span, around_sound, decode, scaled, sound_bounds
from .evaluate import centred

BATCH = 256
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class LabelledClip:
    """A file, the label it has to be given, and the folder's word, which may be another."""

    path: Path
    label: str
    word: str


@dataclass(frozen=True, slots=True)
class Verdicts:
    """clips: in the order of the table; posteriors: float32 (clips, labels), rows sum to 1;
    unreadable: files that are no longer there or cannot be read, and why."""

    labels: tuple[str, ...]
    clips: tuple[LabelledClip, ...]
    posteriors: NDArray[np.float32]
    unreadable: tuple[str, ...]

    @property
    def named(self) -> NDArray[np.int64]:
        """The place of the label with the highest posterior: int64 (clips,)."""
        return np.asarray(self.posteriors.argmax(axis=1), dtype=np.int64)

    @property
    def truth(self) -> NDArray[np.int64]:
        """The place of the label each clip should have been given: int64 (clips,)."""
        return np.array([self.labels.index(clip.label) for clip in self.clips], dtype=np.int64)

    def confusion(self) -> NDArray[np.int64]:
        """How often a label (row) was named as another (column): int64 (labels, labels)."""
        count = len(self.labels)
        pairs = self.truth * count + self.named
        return np.bincount(pairs, minlength=count * count).reshape(count, count)

    def worst(self, count: int) -> list[int]:
        """The clips that were named wrongly with the highest posteriors, the surest first."""
        sure = self.posteriors.max(axis=1)
        wrong = np.flatnonzero(self.named != self.truth)
        return [int(place) for place in wrong[np.argsort(-sure[wrong], kind="stable")][:count]]


def validation_clips(run: Path, labels: Sequence[str]) -> list[LabelledClip]:
    """The validation clips of a run's split.tsv; clips of other words are labelled unknown.

    Without an unknown label those are left out. Raises TrainingError for a damaged table.
    """
    path = run / "split.tsv"
    if not path.is_file():
        return []
    found = []
    try:
        with path.open(newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file, delimiter="\t"):
                label = row["word"] if row["word"] in labels else UNKNOWN
                if row["split"] == Split.VALIDATION.value and label in labels:
                    found.append(LabelledClip(Path(row["path"]), label, row["word"]))
    except (OSError, UnicodeDecodeError, KeyError, csv.Error) as error:
        raise TrainingError(f"{path} cannot be read as a table of clips: {error}") from error
    return found


def heard(path: Path, length: int) -> NDArray[np.float32]:
    """What a model hears of a file: the middle of where its word lies, `length` samples of 16 kHz
    audio.

    Raises ValueError, OSError or soundfile's errors for what cannot be read.
    """
    samples = scaled(decode(path))
    part = around_sound(Span(0, len(samples), *sound_bounds(samples)))
    return centred(samples[part.offset : part.offset + part.length], length)


@torch.inference_mode()
def judged(checkpoint: Checkpoint, clips: Sequence[LabelledClip], progress: Progress) -> Verdicts:
    """Run a model over clips as training validates. progress: called with how many of how many."""
    network, features = checkpoint.build(), checkpoint.features
    kept: list[LabelledClip] = []
    unreadable: list[str] = []
    rows = [np.zeros((0, len(checkpoint.labels)), np.float32)]
    for first in range(0, len(clips), BATCH):
        waves = []
        for clip in clips[first : first + BATCH]:
            try:
                waves.append(heard(clip.path, features.span_samples))
            except (soundfile.SoundFileError, ValueError, OSError) as error:
                unreadable.append(f"{clip.path}: {error}")
            else:
                kept.append(clip)
        if waves:
            columns = clip_spectra(torch.from_numpy(np.stack(waves)), features)
            rows.append(network(as_channels(columns)).softmax(dim=1).numpy())
        progress(min(first + BATCH, len(clips)), len(clips))
    return Verdicts(checkpoint.labels, tuple(kept), np.concatenate(rows), tuple(unreadable))
