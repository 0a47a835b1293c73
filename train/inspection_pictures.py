"""The pictures the method starts from, of chosen clips."""

from collections.abc import Sequence
from pathlib import Path

import soundfile

from kwspot.audio.quiet import quiet
from kwspot.audio.source import SAMPLE_RATE_HZ
from kwspot.errors import AudioError, OptionError

from .contents import plain_file
from .corpus import decode, scaled
from .pictures.spectrum import clip_picture
from .writing import write_whole

LONGEST_S = 10
"""Of longer recordings the first part is drawn: more would be too fine to see."""


def check_out(out: Path) -> None:
    """Raise OptionError where pictures cannot lie in a folder of this name."""
    if out.exists() and not out.is_dir():
        raise OptionError(f"--out {out} is a file; name a folder for the pictures")


def found_clip(root: Path, name: Path) -> Path:
    """A clip as it is named, from here or from the inspected folder.

    Raises AudioError where there is no such file.
    """
    for path in (name, root / name):
        if path.is_file():
            return path
    raise AudioError(f"there is no clip {name}, neither here nor in {root}; check the name")


def write_pictures(clips: Sequence[Path], out: Path) -> list[Path]:
    """Waveform, DFT and spectrograms of each clip as OUT/WORD-FILE.png; returns the paths.

    Raises AudioError for a clip that cannot be drawn and TrainingError where a picture cannot be
    written.
    """
    written: list[Path] = []
    for clip in clips:
        path = _free(out, clip, written)
        write_whole(path, _drawn(clip))
        written.append(path)
    return written


def _free(out: Path, clip: Path, taken: Sequence[Path]) -> Path:
    """A name that tells the clip, and none that another clip of this call has."""
    name = f"{clip.absolute().parent.name}-{clip.stem}"
    path, count = out / f"{name}.png", 1
    while path in taken:
        count += 1
        path = out / f"{name}-{count}.png"
    return path


def _drawn(clip: Path) -> bytes:
    try:
        with quiet():
            plain_file(clip)
            facts = soundfile.info(clip)
            samples = scaled(decode(clip))
    except (soundfile.SoundFileError, ValueError, OSError) as error:
        raise AudioError(f"{clip} cannot be drawn: {error}") from error
    layout = "mono" if facts.channels == 1 else f"{facts.channels} channels"
    title = f"{clip.absolute().parent.name}/{clip.name}"
    told = [f"{facts.samplerate / 1000:g} kHz", layout]
    if facts.samplerate != SAMPLE_RATE_HZ:
        told.append(f"drawn at {SAMPLE_RATE_HZ / 1000:g} kHz")
    most = LONGEST_S * SAMPLE_RATE_HZ
    if len(samples) > most:
        told.append(f"its first {LONGEST_S} s of {len(samples) / SAMPLE_RATE_HZ:.1f}")
    return clip_picture(samples[:most], SAMPLE_RATE_HZ, title, ", ".join(told))
