"""Recordings and arrays as sources."""

import os
import sys
import threading
from pathlib import Path
from typing import Any, BinaryIO, Self

import numpy as np
from numpy.typing import NDArray

from kwspot.audio.decoders import Decoder, open_file
from kwspot.audio.source import Channels, Chunk, Notice, Notify, as_chunk, ignore_notice
from kwspot.audio.streams import StreamDecoder
from kwspot.errors import AudioError

_RATES_HZ = range(4_000, 768_001)
_INTEGER_SCALES = {np.dtype(np.int16): 2.0**15, np.dtype(np.int32): 2.0**31}


class FileSource:
    """A recording of any length, at its own rate, block by block in bounded memory.

    path: WAV, FLAC, OGG/Opus, MP3 (anything libsndfile knows); a named pipe, "-" for standard
    input, or a fresh binary stream, which hold a WAV or raw 16-bit mono samples at 16 kHz.
    channels: which to keep apart.
    A recording that is cut short or damaged is read up to there, and told by a "damaged" warning.
    Raises AudioError (on entering or reading) for what cannot be opened, is not audio, holds no
    samples, or holds one that is not a finite number.
    """

    def __init__(
        self,
        path: str | os.PathLike[str] | BinaryIO,
        notify: Notify = ignore_notice,
        channels: Channels = None,
    ) -> None:
        self._path = path
        self._notify = notify
        self._channels = channels
        self._decoder: Decoder | None = None
        self._position = 0
        self._ended = False
        self._stopped = threading.Event()

    @property
    def name(self) -> str:
        """The path as given; "-" for standard input and other streams."""
        return os.fspath(self._path) if isinstance(self._path, str | os.PathLike) else "-"

    @property
    def _title(self) -> str:
        return "standard input" if self.name == "-" else self.name

    @property
    def sample_rate_hz(self) -> int:
        """The recording's own rate."""
        return self._open_decoder().sample_rate_hz

    @property
    def lost_samples(self) -> int:
        """Always 0: a file waits."""
        return 0

    @property
    def total_samples(self) -> int | None:
        """How long the recording says it is, for a progress bar; None where it does not."""
        return self._open_decoder().total_frames

    def __enter__(self) -> Self:
        """Open the recording; raises AudioError."""
        if self.name != "-":
            self._decoder = open_file(Path(self.name))
        elif not isinstance(self._path, str | os.PathLike):
            self._decoder = StreamDecoder(self._path, self._title)
        elif sys.stdin is None:
            raise AudioError("standard input is closed; pipe a WAV or raw samples into it")
        elif sys.stdin.isatty():
            raise AudioError("standard input is a terminal; pipe a WAV or raw samples into it")
        else:
            self._decoder = StreamDecoder(sys.stdin.buffer, self._title)
        rate_hz = self._decoder.sample_rate_hz
        if rate_hz not in _RATES_HZ:
            self._close()
            raise AudioError(
                f"{self._title} has a sample rate of {rate_hz} Hz; convert it to 16000 Hz"
            )
        return self

    def __exit__(self, *_: object) -> None:
        """Close the recording; a stream that came open stays open."""
        self._close()

    def read(self) -> Chunk | None:
        """The next block; None at the end. Raises AudioError for samples that cannot be used."""
        decoder = self._open_decoder()
        if self._stopped.is_set() or self._ended:
            return None
        frames = decoder.read()
        if len(frames):
            chunk = as_chunk(self._position, frames, self._channels, self._title)
            _refuse_infinite(chunk, self._title, decoder.sample_rate_hz)
            self._position = chunk.end
            return chunk
        if not self._stopped.is_set():
            self._end(decoder)
        return None

    def stop(self) -> None:
        """Make `read` return None soon; from any thread, as often as you like."""
        self._stopped.set()
        if self._decoder is not None:
            self._decoder.stop()

    def _end(self, decoder: Decoder) -> None:
        self._ended = True
        if not self._position:
            cause = f" ({decoder.damage})" if decoder.damage else ""
            raise AudioError(f"{self._title} holds no samples{cause}; record or copy it again")
        if decoder.damage:
            self._notify(Notice("warning", "damaged", f"{self._title} {decoder.damage}"))

    def _open_decoder(self) -> Decoder:
        if self._decoder is None:
            raise RuntimeError(f"{self._title} is used before it is entered")
        return self._decoder

    def _close(self) -> None:
        if self._decoder is not None and self.name != "-":
            self._decoder.close()


class ArraySource:
    """Samples that are in memory already.

    samples: (n,) or (n, channels); floats in [-1, 1], or int16 or int32 at full scale.
    chunk_samples: how many `read` hands over at a time, >= 1.
    Raises AudioError for an array of another shape or type, or without samples; on reading, for
    samples that are not finite numbers. Raises ValueError for other numbers out of range.
    """

    def __init__(
        self,
        samples: NDArray[Any],
        sample_rate_hz: int,
        name: str = "array",
        chunk_samples: int = 65_536,
    ) -> None:
        if chunk_samples < 1:
            raise ValueError(f"a chunk of {chunk_samples} samples never gets to the end")
        if sample_rate_hz not in _RATES_HZ:
            raise AudioError(f"{name} has a sample rate of {sample_rate_hz} Hz; give its true rate")
        if samples.ndim not in (1, 2) or not samples.size:
            raise AudioError(f"{name} has shape {samples.shape}; give (n,) or (n, channels)")
        if samples.dtype.kind != "f" and samples.dtype not in _INTEGER_SCALES:
            raise AudioError(f"{name} holds {samples.dtype}; give floats in [-1, 1], or int16")
        self.name = name
        self.sample_rate_hz = sample_rate_hz
        self.lost_samples = 0
        self._frames = samples if samples.ndim == 2 else samples[:, np.newaxis]
        self._chunk_samples = chunk_samples
        self._position = 0
        self._stopped = threading.Event()

    def __enter__(self) -> Self:
        """Nothing to acquire."""
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to release."""

    def read(self) -> Chunk | None:
        """The next `chunk_samples` samples; None at the end."""
        block = self._frames[self._position : self._position + self._chunk_samples]
        if self._stopped.is_set() or not len(block):
            return None
        scale = _INTEGER_SCALES.get(block.dtype)
        frames = block.astype(np.float32) if scale is None else (block / scale).astype(np.float32)
        chunk = as_chunk(self._position, frames, None, self.name)
        _refuse_infinite(chunk, self.name, self.sample_rate_hz)
        self._position = chunk.end
        return chunk

    def stop(self) -> None:
        """Make `read` return None; from any thread, as often as you like."""
        self._stopped.set()


def _refuse_infinite(chunk: Chunk, name: str, rate_hz: int) -> None:
    """Raises AudioError for NaN and infinite samples."""
    finite = np.isfinite(chunk.samples)
    if not finite.all():
        second = (chunk.start + int(np.nonzero(~finite)[0][0])) / rate_hz
        raise AudioError(
            f"{name}: the sample at {second:.3f} s is not a finite number; "
            "export the recording again, as 16-bit WAV"
        )
