"""Decoded audio, once: one memory-mapped file of 16 kHz samples for any number of recordings."""

import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from kwspot.audio.source import SAMPLE_RATE_HZ
from kwspot.errors import AudioError

from .catalog import Recording

SAMPLES_FILE = "samples.int16"
INDEX_FILE = "index.json"
Mapped = np.memmap[Any, np.dtype[np.int16]]
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Span:
    """Where a recording lies in the file, and where its loudest sound lies within it, samples."""

    offset: int
    length: int
    sound_start: int
    sound_end: int


@dataclass(frozen=True, slots=True)
class Corpus:
    """Recordings and their samples; `skipped` says which files could not be used, and why."""

    recordings: tuple[Recording, ...]
    spans: tuple[Span, ...]
    samples: Mapped
    skipped: tuple[str, ...]

    def __reduce__(self) -> tuple[Any, ...]:
        # A loader process maps the file anew; numpy would hand it a copy of every sample.
        name = Path(str(self.samples.filename))
        return _mapped, (self.recordings, self.spans, name, self.skipped)

    def audio(self, index: int) -> NDArray[np.float32]:
        """The samples of one recording, float32 (n,) in [-1, 1)."""
        span = self.spans[index]
        return scaled(self.samples[span.offset : span.offset + span.length])


def _mapped(
    recordings: tuple[Recording, ...], spans: tuple[Span, ...], file: Path, skipped: tuple[str, ...]
) -> Corpus:
    return Corpus(recordings, spans, np.memmap(file, dtype=np.int16, mode="r"), skipped)


def scaled(samples: NDArray[np.int16]) -> NDArray[np.float32]:
    """16-bit samples as float32 in [-1, 1)."""
    return samples.astype(np.float32) / np.float32(32768.0)


def sound_bounds(samples: NDArray[np.float32], rate_hz: int = SAMPLE_RATE_HZ) -> tuple[int, int]:
    """Where the loudest sound of a clip begins and ends, in samples.

    The level is the RMS of 20 ms every 10 ms; what counts is louder than both a tenth of the way
    (in dB, at least 9) from the background to the peak and 30 dB under the peak; pauses up to
    150 ms are bridged.
    """
    hop, width = rate_hz // 100, rate_hz // 50
    if len(samples) < 2 * width:
        return 0, len(samples)
    frames = np.lib.stride_tricks.sliding_window_view(samples, width)[::hop]
    level_db = 10.0 * np.log10(np.square(frames).mean(axis=1) + 1e-9)
    smooth = np.convolve(level_db, np.ones(3) / 3.0, mode="same")
    peak = int(smooth[1:-1].argmax()) + 1
    floor = float(np.percentile(smooth, 10))
    threshold = max(smooth[peak] - 30.0, floor + max(9.0, 0.25 * (smooth[peak] - floor)))
    loud = np.flatnonzero(smooth >= min(threshold, smooth[peak] - 3.0))
    breaks = np.flatnonzero(np.diff(loud) > 15)
    edges = np.concatenate(([0], breaks + 1, [len(loud)]))
    group = int(np.searchsorted(loud[edges[1:] - 1], peak))
    first, last = loud[edges[group]], loud[edges[group + 1] - 1]
    return int(first * hop), int(min(last * hop + width, len(samples)))


def decode(path: Path) -> NDArray[np.int16]:
    """A recording as 16 kHz mono 16-bit samples.

    Raises ValueError for one that is empty, silent or not finite; soundfile's errors pass through.
    """
    samples, rate_hz = soundfile.read(path, dtype="float32", always_2d=True)
    mono = samples.mean(axis=1)
    if not np.isfinite(mono).all():
        raise ValueError("it holds samples that are not finite numbers")
    if rate_hz != SAMPLE_RATE_HZ:
        mono = soxr.resample(mono, rate_hz, SAMPLE_RATE_HZ)
    whole = np.asarray(np.clip(np.rint(mono * 32768.0), -32768, 32767), dtype=np.int16)
    if not len(whole):
        raise ValueError("it holds no samples")
    if not whole.any():
        raise ValueError("it holds nothing but digital silence")
    return whole


def default_cache() -> Path:
    """Where decoded audio is kept: the platform's folder for what can be made again."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "kwspot" / "corpus"


def _key(recordings: Iterable[Recording]) -> str:
    digest = hashlib.sha256(b"corpus 1")
    for recording in recordings:
        try:
            facts = recording.path.stat()
        except OSError:
            continue
        digest.update(f"{recording.path}\0{facts.st_size}\0{facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:24]


@dataclass(frozen=True, slots=True)
class _Index:
    """What lies beside the samples: a span for each recording, None for one that was skipped."""

    spans: list[list[int] | None]
    skipped: list[str]

    @property
    def samples(self) -> int:
        return sum(span[1] for span in self.spans if span is not None)


def _decode_into(out: BinaryIO, recordings: Sequence[Recording], progress: Progress) -> _Index:
    index = _Index([], [])
    offset = 0
    for count, recording in enumerate(recordings, 1):
        try:
            samples = decode(recording.path)
        except (soundfile.SoundFileError, ValueError, OSError) as error:
            index.skipped.append(f"{recording.path}: {error}")
            index.spans.append(None)
        else:
            out.write(samples.tobytes())
            index.spans.append([offset, len(samples), *sound_bounds(scaled(samples))])
            offset += len(samples)
        progress(count, len(recordings))
    return index


def _write(recordings: Sequence[Recording], folder: Path, progress: Progress) -> None:
    partial = folder / f"samples.{os.getpid()}.partial"
    names = partial.with_suffix(".json")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with partial.open("wb") as out:
            index = _decode_into(out, recordings, progress)
        names.write_text(json.dumps({"spans": index.spans, "skipped": index.skipped}))
        # The index is renamed last: where it lies, the samples are whole.
        partial.replace(folder / SAMPLES_FILE)
        names.replace(folder / INDEX_FILE)
    except OSError as error:
        raise AudioError(
            f"decoded audio cannot be kept in {folder}: {error.strerror}; "
            "make room, or name another folder with --cache"
        ) from error
    finally:
        partial.unlink(missing_ok=True)
        names.unlink(missing_ok=True)


def _found(folder: Path) -> _Index | None:
    """What an earlier run has left, None where that is not whole."""
    try:
        facts = json.loads((folder / INDEX_FILE).read_text())
        index = _Index(facts["spans"], facts["skipped"])
        size = (folder / SAMPLES_FILE).stat().st_size
    except (OSError, ValueError, KeyError):
        return None
    return index if size == 2 * index.samples else None


def load(recordings: Sequence[Recording], cache: Path, progress: Progress) -> Corpus:
    """Decode recordings into `cache`, or find them there from an earlier run.

    progress: called with how many of how many recordings are decoded. An interrupted run
    leaves nothing that a later one would mistake for whole. Raises AudioError where the cache
    cannot be written or none of the recordings can be read.
    """
    folder = cache / _key(recordings)
    index = _found(folder)
    if index is None:
        _write(recordings, folder, progress)
        index = _found(folder)
    if index is None:
        raise AudioError(f"{folder} was changed while it was written; try again")
    if not index.samples:
        raise AudioError(f"none of the recordings can be read; the first is {index.skipped[0]}")
    kept = [(r, Span(*s)) for r, s in zip(recordings, index.spans, strict=True) if s]
    return _mapped(
        tuple(recording for recording, _ in kept),
        tuple(span for _, span in kept),
        folder / SAMPLES_FILE,
        tuple(index.skipped),
    )
