"""The sound of detections as files: labelled ones to train with, and those kept as a record."""

import contextlib
from datetime import datetime
from pathlib import Path

import numpy as np
import soundfile

from kwspot.audio.source import SAMPLE_RATE_HZ
from kwspot.errors import AudioError

from .moments import Moment
from .timeline import Floats

NOT_A_WORD = "_other_"
"""The folder of what was taken for a word and was none: `kwspot train` learns it as unknown."""
NOTHING_SAID = "_silence_"


def write_wav(path: Path, samples: Floats) -> Path:
    """Write float32 (n,) at 16 kHz as a 16-bit WAV, whole or not at all.

    Raises AudioError where that cannot be.
    """
    partial = path.with_name(path.name + ".partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        clipped = np.clip(samples, -1.0, 1.0 - 2.0**-15)
        soundfile.write(partial, clipped, SAMPLE_RATE_HZ, subtype="PCM_16", format="WAV")
        partial.replace(path)
    except (OSError, soundfile.SoundFileError) as error:
        with contextlib.suppress(OSError):
            partial.unlink()
        raise AudioError(f"{path} cannot be written ({error}); choose another folder") from error
    return path


class Clips:
    """folder: of the user's data. `labelled/WORD/*.wav` is for `kwspot train --data`."""

    def __init__(self, folder: Path) -> None:
        self.labelled = folder / "labelled"
        self.kept = folder / "clips"
        self.limit_bytes = 200 * 1_000_000

    def label(self, moment: Moment, truth: str, said_at: float, before: str = "") -> Path:
        """Keep a second around a detection as a clip of what was really said.

        before: the clip of it there may be; a labelled one is deleted, since it says otherwise.
        """
        found = moment.detection
        centre = (found.start + found.end) // 2 - moment.start
        path = self.label_samples(_second(moment.samples, centre), truth, said_at)
        if before and Path(before).is_relative_to(self.labelled):
            Path(before).unlink(missing_ok=True)
        return path

    def label_samples(self, samples: Floats, truth: str, said_at: float) -> Path:
        """Keep samples as a clip of a word."""
        path = _free(self.labelled / truth / f"{_stamp(said_at)}.wav")
        return write_wav(path, samples)

    def keep(self, moment: Moment, said_at: float) -> Path:
        """Keep the sound of a detection; the oldest clips give way where there are too many."""
        name = f"{_stamp(said_at)}-{moment.detection.label}.wav"
        path = write_wav(_free(self.kept / name), moment.samples)
        self._trim()
        return path

    def kept_bytes(self) -> int:
        """How much the kept clips take."""
        return sum(size for _, size in self._sizes())

    def clear_kept(self) -> None:
        """Delete the kept clips; labelled ones stay."""
        for path, _ in self._sizes():
            path.unlink(missing_ok=True)

    def _sizes(self) -> list[tuple[Path, int]]:
        if not self.kept.is_dir():
            return []
        return [(path, path.stat().st_size) for path in sorted(self.kept.glob("*.wav"))]

    def _trim(self) -> None:
        sizes = self._sizes()
        total = sum(size for _, size in sizes)
        for path, size in sizes:
            if total <= self.limit_bytes:
                return
            path.unlink(missing_ok=True)
            total -= size


def _second(samples: Floats, centre: int) -> Floats:
    """One second around a place, zeros where there is nothing."""
    half = SAMPLE_RATE_HZ // 2
    padded = np.pad(samples, half)
    return padded[centre : centre + SAMPLE_RATE_HZ]


def _stamp(said_at: float) -> str:
    return f"{datetime.fromtimestamp(said_at):%Y%m%d-%H%M%S-%f}"[:-3]


def _free(path: Path) -> Path:
    """The path, or one beside it that is not taken."""
    number = 1
    free = path
    while free.exists():
        number += 1
        free = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return free
