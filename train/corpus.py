"""Decoded audio, once: one memory-mapped file of 16 kHz samples for any number of recordings."""

import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from kwspot.audio.quiet import quiet
from kwspot.audio.source import SAMPLE_RATE_HZ
from kwspot.errors import AudioError
from kwspot.resources import cache_folder

from .catalog import Recording
from .contents import Contents, plain_file
from .store import stored
from .writing import is_text

RATES_HZ = (4_000, 768_000)
"""The sample rates that a recording of sound may have."""
BLOCK_FRAMES = 1 << 18
LONGEST_CLIP = 24_000
"""Samples of a recording that may be a word's; the rest is as good as not there."""
Mapped = np.memmap[Any, np.dtype[np.int16]]
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Span:
    """Where a recording lies in the file, and where its loudest sound lies within it, samples."""

    offset: int
    length: int
    sound_start: int
    sound_end: int


def around_sound(span: Span) -> Span:
    """The part of a recording where its word lies: all of one up to a second; of a longer one the
    second around its loudest sound, or all of that sound up to LONGEST_CLIP."""
    if span.length <= SAMPLE_RATE_HZ:
        return span
    sound = span.sound_end - span.sound_start
    length = min(max(sound, SAMPLE_RATE_HZ), LONGEST_CLIP, span.length)
    first = (span.sound_start + span.sound_end - length) // 2
    first = min(max(first, 0), span.length - length)
    start, end = max(span.sound_start - first, 0), min(span.sound_end - first, length)
    return Span(span.offset + first, length, start, end)


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

    def digest(self) -> str:
        """What tells its recordings, as they are counted, from others: names, kinds and lengths."""
        found = hashlib.sha256()
        for recording, span in zip(self.recordings, self.spans, strict=True):
            facts = (recording.path.name, recording.kind.value, recording.split.value, span.length)
            found.update(repr(facts).encode(errors="backslashreplace"))
        return found.hexdigest()

    def audio(self, index: int) -> NDArray[np.float32]:
        """The samples of one recording, float32 (n,) in [-1, 1)."""
        span = self.spans[index]
        return scaled(self.samples[span.offset : span.offset + span.length])

    def clip(self, index: int) -> tuple[NDArray[np.float32], Span]:
        """A recording of one word, float32 (n,), and where its loudest sound lies in it; of a long
        recording, the part `around_sound`."""
        span = around_sound(self.spans[index])
        return scaled(self.samples[span.offset : span.offset + span.length]), span


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

    Raises ValueError for one that is empty, silent, not finite or of an impossible rate;
    soundfile's errors pass through.
    """
    if not plain_file(path).st_size:
        raise ValueError("it is an empty file")
    with quiet(), soundfile.SoundFile(path) as file:
        rate_hz = file.samplerate
        if not RATES_HZ[0] <= rate_hz <= RATES_HZ[1]:
            raise ValueError(f"it has a sample rate of {rate_hz} Hz")
        blocks = []
        # An hour of many channels does not fit into memory at once.
        while len(block := file.read(BLOCK_FRAMES, dtype="float32", always_2d=True)):
            blocks.append(block.mean(axis=1))
    mono = np.concatenate(blocks) if blocks else np.zeros(0, dtype=np.float32)
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


def _read(path: Path) -> tuple[NDArray[np.int16], tuple[int, int]] | str:
    """A recording and the bounds of its loudest sound, or why it cannot be used."""
    try:
        samples = decode(path)
    except (soundfile.SoundFileError, ValueError, TypeError, OSError, MemoryError) as error:
        # soundfile would name the file once more; the same content may have other names, too.
        return str(
            getattr(error, "error_string", None) or getattr(error, "strerror", None) or error
        )
    return samples, sound_bounds(scaled(samples))


def default_cache() -> Path:
    """Where decoded audio is kept."""
    return cache_folder() / "corpus"


def load(recordings: Sequence[Recording], cache: Path, progress: Progress) -> Corpus:
    """Decode recordings into `cache`, or find there what an earlier run has decoded.

    Recordings with the same sound have the same place in `samples`. progress: called with how
    many of how many recordings are decoded, never where nothing is new. An interrupted run
    leaves nothing that a later one would mistake for whole. Raises AudioError where the cache
    cannot be written or none of the recordings can be read.
    """
    contents = Contents(cache)
    files: dict[str, Path] = {}
    held: list[str] = []
    reasons: dict[str, str] = {}
    for recording in recordings:
        if not is_text(str(recording.path)):
            held.append(str(recording.path))
            reasons[held[-1]] = "its name is not UTF-8"
            continue
        try:
            held.append(contents.digest(recording.path))
            files.setdefault(held[-1], recording.path)
        except OSError as error:
            held.append(str(recording.path))
            reasons[held[-1]] = error.strerror or str(error)
    contents.keep()
    done = count(len(recordings) - len(files) + 1)
    found = stored(files, cache, _read, lambda: progress(next(done), len(recordings)))
    reasons |= found.reasons
    kept, skipped = [], []
    for recording, content in zip(recordings, held, strict=True):
        if content in reasons:
            # Bytes of a name that are no text are told by their numbers.
            name = os.fsencode(recording.path).decode(errors="backslashreplace")
            skipped.append(f"{name}: {reasons[content]}")
        else:
            kept.append((recording, Span(*found.places[content])))
    if not kept:
        raise AudioError(f"none of the recordings can be read; the first is {skipped[0]}")
    recordings, spans = zip(*kept, strict=True)
    return _mapped(recordings, spans, found.samples, tuple(skipped))
