"""Writing what was heard to a file."""

from pathlib import Path
from typing import Self

import numpy as np
import soundfile
from numpy.typing import NDArray

from kwspot.audio.source import SAMPLE_RATE_HZ, Chunk
from kwspot.audio.suffixes import as_it_is
from kwspot.errors import AudioError

# Floats, so that the file holds exactly the samples that were heard.
_FORMATS = {".wav": ("WAV", "FLOAT"), ".flac": ("FLAC", "PCM_24"), ".ogg": ("OGG", "VORBIS")}
# libsndfile's Vorbis encoder keeps a whole write on the stack.
_PIECE_SAMPLES = 8_000  # half a second: the most that a full disk takes
_WAV_LIMIT_SAMPLES = (2**32 - 2**16) // 4


def check_free(path: Path) -> None:
    """Raise AudioError where there is a file already: no recording is ever written over."""
    if path.exists():
        raise AudioError(f"{path} exists already; move it away or record to another name")


class Recorder:
    """A mono recording at 16 kHz: .wav (exact), .flac (24 bit) or .ogg.

    It grows under the name PATH.partial and gets its own on closing. Lost audio becomes zeros, so
    times in the file are times in the stream.
    Raises AudioError: on entering, where the file exists already or cannot be made; on writing
    and closing, where the disk is full (what was written before is kept).
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._partial = path.with_name(path.name + ".partial")
        self._file: soundfile.SoundFile | None = None
        self._position = 0

    def __enter__(self) -> Self:
        """Make the file; raises AudioError where that cannot be."""
        suffix = self._path.suffix.lower()
        if suffix not in _FORMATS:
            raise AudioError(f"cannot record to {self._path}: end its name in .wav, .flac or .ogg")
        try:
            for path in (self._path, self._partial):
                check_free(path)
            # libsndfile would not say why it cannot.
            self._partial.open("xb").close()
        except FileNotFoundError as error:
            raise AudioError(f"there is no folder {self._path.parent}; make it first") from error
        except OSError as error:
            raise AudioError(f"cannot record to {self._path}: {_reason(error)}") from error
        container, coding = _FORMATS[suffix]
        self._file = soundfile.SoundFile(
            as_it_is(self._partial), "w", SAMPLE_RATE_HZ, 1, subtype=coding, format=container
        )
        return self

    def __exit__(self, *_: object) -> None:
        """Give the recording its name; without any samples there is none."""
        self._close()

    def write(self, chunk: Chunk) -> None:
        """Append a chunk at 16 kHz, after zeros for what was lost before it.

        Raises AudioError where the disk is full, ValueError for a chunk that goes back in time.
        """
        if self._file is None:
            raise RuntimeError(f"{self._path} is not open")
        if chunk.start < self._position:
            raise ValueError(f"a chunk starts at {chunk.start}, before {self._position}")
        while (gap := chunk.start - self._position) > 0:
            self._append(self._file, np.zeros(min(gap, _PIECE_SAMPLES), np.float32))
        for at in range(0, len(chunk.samples), _PIECE_SAMPLES):
            self._append(self._file, chunk.samples[at : at + _PIECE_SAMPLES])

    def _append(self, file: soundfile.SoundFile, samples: NDArray[np.float32]) -> None:
        if self._path.suffix.lower() == ".wav" and self._position > _WAV_LIMIT_SAMPLES:
            self._fail("a WAV cannot be longer; record to .flac")
        try:
            file.write(samples)
        except (soundfile.SoundFileError, AssertionError) as error:
            self._fail("is the disk full?", error)
        self._position += len(samples)

    def _fail(self, cause: str, error: Exception | None = None) -> None:
        seconds = self._position / SAMPLE_RATE_HZ
        kept = f"the first {seconds:.1f} s are in {self._path}" if seconds else "nothing is kept"
        self._close()
        raise AudioError(f"recording stopped: {cause} ({kept})") from error

    def _close(self) -> None:
        file, self._file = self._file, None
        if file is None:
            return
        cut: Exception | None = None
        try:
            file.close()
        except soundfile.SoundFileError as error:
            cut = error
        if not self._position:
            self._partial.unlink()
            return
        if self._path.exists():
            raise AudioError(f"{self._path} was made meanwhile; the recording is {self._partial}")
        self._partial.rename(self._path)
        if cut is not None:
            raise AudioError(f"{self._path} may lack its end: is the disk full?") from cut


def _reason(error: OSError) -> str:
    if isinstance(error, PermissionError):
        return "permission denied; choose a folder you may write to"
    return str(error.strerror or error).lower()
