"""What a folder of word folders holds, before anything is trained on it: counts, levels, damage."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from kwspot.audio.quiet import quiet
from kwspot.audio.suffixes import SUFFIXES
from kwspot.errors import AudioError

from .catalog import (
    NOISE_FOLDER,
    Kind,
    Recording,
    Split,
    audio_files,
    word_clips,
)
from .contents import plain_file

NEAR_SILENT_DBFS = -60.0
"""RMS level under which a clip hardly holds a word."""
FULL_SCALE = 0.999
CLIPPED_SAMPLES = 3
"""So many samples in a row at full scale are clipped rather than loud."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Sound:
    """What one file holds: rate and channels as stored; seconds; rms_dbfs: level of the mean of
    the channels, -inf for digital silence; clipped: whether it was cut at full scale; content: a
    digest of rate and samples, the same for the same sound in another file or lossless format."""

    coding: str
    rate_hz: int
    channels: int
    seconds: float
    rms_dbfs: float
    clipped: bool
    content: str


@dataclass(frozen=True, slots=True)
class Inspection:
    """A folder's recordings and what each holds, None for those that cannot be used; unreadable:
    path and reason; empty: files without a sample; others: files that are no audio, by ending."""

    root: Path
    recordings: tuple[Recording, ...]
    sounds: tuple[Sound | None, ...]
    unreadable: tuple[tuple[Path, str], ...]
    empty: tuple[Path, ...]
    others: dict[str, int]
    background: tuple[Path, ...]

    @property
    def usable(self) -> list[tuple[Recording, Sound]]:
        """Recordings that were read, with what they hold."""
        pairs = zip(self.recordings, self.sounds, strict=True)
        return [(recording, sound) for recording, sound in pairs if sound is not None]

    def duplicates(self) -> list[list[Path]]:
        """Groups of two files or more with the same sound."""
        groups: dict[str, list[Path]] = {}
        for recording, sound in self.usable:
            groups.setdefault(sound.content, []).append(recording.path)
        return [paths for paths in groups.values() if len(paths) > 1]

    def facts(self) -> dict[str, Any]:
        """All of it as JSON values; counts are of files that can be used."""
        usable = self.usable
        sounds = [sound for _, sound in usable]
        levels = [sound.rms_dbfs for sound in sounds if np.isfinite(sound.rms_dbfs)]
        return {
            "type": "inspection",
            "folder": str(self.root),
            "files": len(self.recordings),
            "clips": len(usable),
            "words": _by_word(usable),
            "splits": _by_split(recording for recording, _ in usable),
            "speakers": len({recording.speaker for recording, _ in usable}),
            "speakers_named": sum("_nohash_" in recording.path.stem for recording, _ in usable),
            "length_s": _spread([sound.seconds for sound in sounds], 4),
            "rms_dbfs": _spread(levels, 1),
            "near_silent": [
                str(recording.path)
                for recording, sound in usable
                if sound.rms_dbfs < NEAR_SILENT_DBFS
            ],
            "clipped": [str(recording.path) for recording, sound in usable if sound.clipped],
            "unreadable": {str(path): reason for path, reason in self.unreadable},
            "empty": [str(path) for path in self.empty],
            "duplicates": [[str(path) for path in group] for group in self.duplicates()],
            "formats": dict(Counter(sound.coding for sound in sounds).most_common()),
            "rates_hz": _counted(sound.rate_hz for sound in sounds),
            "channels": _counted(sound.channels for sound in sounds),
            "other_files": dict(sorted(self.others.items())),
            "background": [str(path) for path in self.background],
        }


def _by_word(usable: Sequence[tuple[Recording, Sound]]) -> dict[str, dict[str, int]]:
    """For each word: clips, speakers, and clips of each split."""
    words: dict[str, list[Recording]] = {}
    for recording, _ in usable:
        words.setdefault(recording.word, []).append(recording)
    return {
        word: {
            "clips": len(clips),
            "speakers": len({clip.speaker for clip in clips}),
            **{split.value: sum(clip.split is split for clip in clips) for split in Split},
        }
        for word, clips in sorted(words.items())
    }


def _by_split(recordings: Iterable[Recording]) -> dict[str, dict[str, int]]:
    parts: dict[Split, list[str]] = {split: [] for split in Split}
    for recording in recordings:
        parts[recording.split].append(recording.speaker)
    return {
        split.value: {"clips": len(speakers), "speakers": len(set(speakers))}
        for split, speakers in parts.items()
    }


def _spread(values: Sequence[float], digits: int) -> dict[str, float] | None:
    if not values:
        return None
    found = {"min": min(values), "median": float(np.median(values)), "max": max(values)}
    return {name: round(value, digits) for name, value in found.items()}


def _counted(values: Iterable[int]) -> dict[str, int]:
    return {str(value): count for value, count in Counter(values).most_common()}


def inspect(root: Path, progress: Progress) -> Inspection:
    """Read every recording under a folder of word folders.

    progress: called with how many of how many files are read. What cannot be read is listed.
    Raises AudioError where the folder is missing or holds no word folder with audio.
    """
    if not root.is_dir():
        raise AudioError(f"{root} is not a folder; --inspect takes one with a folder for each word")
    recordings = tuple(word_clips(root))
    sounds: list[Sound | None] = []
    unreadable: list[tuple[Path, str]] = []
    empty: list[Path] = []
    for count, recording in enumerate(recordings, 1):
        sound = None
        try:
            sound = listened(recording.path)
        except (soundfile.SoundFileError, OSError, ValueError, TypeError) as error:
            unreadable.append((recording.path, _reason(recording.path, error)))
        if sound is not None and not sound.seconds:
            empty.append(recording.path)
            sound = None
        sounds.append(sound)
        progress(count, len(recordings))
    background = root / NOISE_FOLDER
    return Inspection(
        root,
        recordings,
        tuple(sounds),
        tuple(unreadable),
        tuple(empty),
        _other_files({recording.path.parent for recording in recordings}),
        tuple(audio_files(background)) if background.is_dir() else (),
    )


def _reason(path: Path, error: Exception) -> str:
    if not path.exists():
        return "it is a link to nothing"
    if path.is_file() and not path.stat().st_size:
        return "it is an empty file"
    # soundfile names the file again, quoted in its own way.
    told = getattr(error, "error_string", None) or getattr(error, "strerror", None)
    return str(told or error)


def _other_files(folders: Iterable[Path]) -> dict[str, int]:
    """Files beside the recordings that no suffix tells to be audio, by suffix."""
    counts: Counter[str] = Counter()
    for folder in folders:
        for path in folder.iterdir():
            if path.is_file() and path.suffix.lower() not in SUFFIXES:
                counts[path.suffix.lower() or path.name] += 1
    return dict(counts)


def listened(path: Path) -> Sound:
    """Read a file and measure it; soundfile's errors, OSError pass through, ValueError for NaN."""
    plain_file(path)
    with quiet(), soundfile.SoundFile(path) as file:
        coding, rate_hz, channels = f"{file.format} {file.subtype}", file.samplerate, file.channels
        samples: NDArray[np.float32] = file.read(dtype="float32", always_2d=True)
    if not np.isfinite(samples).all():
        raise ValueError("it holds samples that are not finite numbers")
    mono = samples.mean(axis=1)
    power = float(np.square(mono, dtype=np.float64).mean()) if len(mono) else 0.0
    digest = hashlib.sha256(f"{rate_hz} {channels}".encode())
    # To 16 bits: the same in a WAV and in the FLAC made from it.
    digest.update(np.clip(np.rint(samples * 32768.0), -32768, 32767).astype(np.int16).tobytes())
    return Sound(
        coding=coding,
        rate_hz=rate_hz,
        channels=channels,
        seconds=len(mono) / rate_hz,
        rms_dbfs=10.0 * float(np.log10(power)) if power > 0.0 else float("-inf"),
        clipped=_is_clipped(samples),
        content=digest.hexdigest(),
    )


def _is_clipped(samples: NDArray[np.float32]) -> bool:
    """Whether any channel stays at full scale, of one sign, for CLIPPED_SAMPLES in a row."""
    if len(samples) < CLIPPED_SAMPLES:
        return False
    for full in (samples >= FULL_SCALE, samples <= -FULL_SCALE):
        runs = full[: len(full) - CLIPPED_SAMPLES + 1].copy()
        for shift in range(1, CLIPPED_SAMPLES):
            runs &= full[shift : len(full) - CLIPPED_SAMPLES + 1 + shift]
        if runs.any():
            return True
    return False


def sample_clips(found: Inspection, count: int, seed: int) -> list[Path]:
    """A usable clip of each of up to `count` words, drawn by seed.

    seed: 0 or more. Clips that are nearly silent are not drawn.
    """
    words: dict[str, list[Path]] = {}
    for recording, sound in found.usable:
        if recording.kind is Kind.WORD and sound.rms_dbfs >= NEAR_SILENT_DBFS:
            words.setdefault(recording.word, []).append(recording.path)
    rng = np.random.default_rng(seed)
    names = sorted(words)
    chosen = sorted(rng.choice(len(names), size=min(count, len(names)), replace=False).tolist())
    return [words[names[place]][int(rng.integers(len(words[names[place]])))] for place in chosen]
