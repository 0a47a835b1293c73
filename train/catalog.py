"""What lies on the disk: labelled clips, running speech and noise, and which split each is in."""

import hashlib
import os
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from enum import Enum, StrEnum
from pathlib import Path
from typing import Self

from kwspot.audio.suffixes import SUFFIXES
from kwspot.errors import AudioError

NOISE_FOLDER = "_background_noise_"
SILENCE_FOLDER = "_silence_"
HELD_OUT_FOLD = "5"
"""The fold of environment clips that training does not see."""


class Split(StrEnum):
    """Which of the three parts of the data a recording belongs to."""

    TRAINING = "training"
    VALIDATION = "validation"
    TESTING = "testing"


class Kind(Enum):
    """What a recording may be used for."""

    WORD = "word"
    SPEECH = "speech"
    SPOKEN = "speech with words"
    NOISE = "noise"
    ROOM = "room"


@dataclass(frozen=True, slots=True)
class Recording:
    """One audio file. word: its folder (empty but for words); speaker: empty where not known;
    transcribed: whether what it says is known, as it is but for speech without a transcript; said:
    which of the words to spot are said somewhere in running speech."""

    path: Path
    kind: Kind
    word: str
    speaker: str
    split: Split
    transcribed: bool = True
    said: frozenset[str] = frozenset()


def bucket(name: str) -> float:
    """A stable number in [0, 100) for a name: the published Speech Commands rule.

    From Warden 2018 (section 7), so that a clip never changes its split when clips are added.
    """
    most = 2**27 - 1
    digest = hashlib.sha1(os.fsencode(name), usedforsecurity=False).hexdigest()
    return (int(digest, 16) % (most + 1)) * (100.0 / most)


def hash_split(speaker: str) -> Split:
    """The published rule: a tenth of the speakers validates, a tenth tests."""
    place = bucket(speaker)
    if place < 10.0:
        return Split.VALIDATION
    return Split.TESTING if place < 20.0 else Split.TRAINING


def speaker_of(path: Path) -> str:
    """The speaker in a Speech Commands file name: what stands before `_nohash_`."""
    return re.sub(r"_nohash_.*$", "", path.stem)


def audio_files(folder: Path) -> Iterator[Path]:
    """Every audio file under a folder, in order; see `files_under`."""
    return files_under(folder, lambda path: path.suffix.lower() in SUFFIXES)


def files_under(
    folder: Path, wanted: Callable[[Path], bool], above: frozenset[Path] = frozenset()
) -> Iterator[Path]:
    """Every file under a folder that is wanted, in order, links to folders followed.

    above: folders this one was reached through; a link back to one of them would have no end. Nor
    is a link to a folder this one lies in followed: what is beside it is not in it.

    Raises AudioError where the folder is missing or closed to us.
    """
    if not folder.is_dir():
        raise AudioError(f"{folder} is not a folder; give one that holds recordings")
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise AudioError(f"{folder} cannot be read: {error.strerror}") from error
    above |= {folder.resolve(), *folder.resolve().parents}
    for path in entries:
        if path.is_dir():
            if path.resolve() not in above:
                yield from files_under(path, wanted, above)
        elif wanted(path):
            yield path


@dataclass(frozen=True, slots=True)
class SplitLists:
    """The `WORD/FILE` names that a data set's own lists put aside; None: there is no such list."""

    validation: frozenset[str] | None
    testing: frozenset[str] | None

    @classmethod
    def beside(cls, root: Path) -> Self:
        """The lists that lie in the folder of a data set, under their published names."""
        return cls(_listed(root / "validation_list.txt"), _listed(root / "testing_list.txt"))

    def split(self, name: str, speaker: str) -> Split:
        """Where a clip belongs: by the lists where there is one, else by its speaker's hash."""
        if self.validation is None and self.testing is None:
            return hash_split(speaker)
        if name in (self.validation or ()):
            return Split.VALIDATION
        return Split.TESTING if name in (self.testing or ()) else Split.TRAINING


def _listed(path: Path) -> frozenset[str] | None:
    if not path.is_file():
        return None
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise AudioError(f"{path} cannot be read as a list of clips: {error}") from error
    return frozenset(line.strip() for line in lines)


def word_clips(root: Path) -> list[Recording]:
    """Clips of a folder of word folders (`root/WORD/*`), split by the lists that lie beside them.

    Where neither list is there, the published rule decides from the speaker's hash. Clips in
    `_silence_` are noise, `_background_noise_` is left to `plain`.
    Raises AudioError where the folder is missing or holds no word folder with audio.
    """
    folders = folders_in(root)
    lists = SplitLists.beside(root)
    found = []
    for folder in folders:
        if folder.name == NOISE_FOLDER or folder.name.startswith("."):
            continue
        kind = Kind.NOISE if folder.name == SILENCE_FOLDER else Kind.WORD
        for path in audio_files(folder):
            speaker = speaker_of(path)
            split = lists.split(f"{folder.name}/{path.name}", speaker)
            found.append(Recording(path, kind, folder.name, speaker, split))
    if not found:
        raise AudioError(f"{root} has no word folders with audio (expected {root}/WORD/*.wav)")
    return found


def folders_in(root: Path) -> list[Path]:
    """The folders in a folder, links to some included.

    Raises AudioError where it is missing or closed to us.
    """
    try:
        return sorted(path for path in root.iterdir() if path.is_dir())
    except (FileNotFoundError, NotADirectoryError) as error:
        raise AudioError(
            f"{root} is not a folder; --data takes one with a folder for each word"
        ) from error
    except OSError as error:
        raise AudioError(f"{root} cannot be read: {error.strerror}") from error


def extra_clips(root: Path, words: Collection[str]) -> list[Recording]:
    """Clips that only ever train: synthetic voices, say, in word folders wherever these lie.

    A clip is of the one of `words` that the nearest folder above it is named after, else of the
    word that its own folder is. Raises AudioError for none.
    """
    found = []
    for path in some_files(root):
        folders = (root.name, *path.relative_to(root).parent.parts)
        word = next((name for name in reversed(folders) if name in words), folders[-1])
        if not {NOISE_FOLDER, SILENCE_FOLDER} & {word, folders[-1]}:
            found.append(Recording(path, Kind.WORD, word, "", Split.TRAINING))
    return found


def some_files(root: Path) -> list[Path]:
    """The audio files under a folder; raises AudioError for none, and like `audio_files`."""
    files = list(audio_files(root))
    if not files:
        raise AudioError(f"{root} holds no audio ({', '.join(sorted(SUFFIXES))})")
    return files


def plain(root: Path, kind: Kind) -> list[Recording]:
    """Noises or room responses: any folder of audio.

    Noises named as ESC-50 names them are split by fold, the last one for validation; what else
    there is trains, and of long noises the end validates (see `Pools`). Raises AudioError for a
    folder without audio.
    """
    return [Recording(path, kind, "", "", _fold_split(path)) for path in some_files(root)]


def _fold_split(path: Path) -> Split:
    """ESC-50 (Piczak 2015) puts clips cut from one recording into one of five folds, by name."""
    fold = re.match(r"([1-5])-\d+-[A-Z]\b", path.name)
    return Split.VALIDATION if fold and fold[1] == HELD_OUT_FOLD else Split.TRAINING
