"""Which clips of a labelled folder are to be scored, and the label each of them should get.

- A folder that the model has a label for counts as that label, `_unknown_` and `_silence_` always
  do. Every other folder is other speech: `_unknown_`.
- What the model names without there being such a folder counts as `_unknown_` where there is a
  folder `_unknown_`, and as wrong where there is none.
"""

import csv
import os
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Self

from kwspot.errors import OptionError
from kwspot.spotting.checkpoint import SILENCE, UNKNOWN

from .catalog import Recording, Split, SplitLists, folders_in, speaker_of, word_clips

SPLIT_FILE = "split.tsv"
"""The table of splits that a run leaves in its folder."""
NAMED_SPEAKER = "_nohash_"
"""What stands after the speaker in a file name; without it, the speaker is not known."""


@dataclass(frozen=True, slots=True)
class Clip:
    """An audio file under its folder's word. speaker: empty where not known; split: None where a
    table of splits does not hold the clip."""

    path: Path
    word: str
    speaker: str
    split: Split | None


@dataclass(frozen=True, slots=True)
class Labelled:
    """What lies under a labelled folder. folders: names of all that it holds; rule: what the
    splits follow, in words."""

    root: Path
    clips: tuple[Clip, ...]
    folders: frozenset[str]
    rule: str

    def of_split(self, split: Split | None) -> tuple[Clip, ...]:
        """The clips of a split, None for all; raises OptionError where there is none."""
        found = tuple(clip for clip in self.clips if split in (None, clip.split))
        if found:
            return found
        there = Counter(clip.split.value for clip in self.clips if clip.split is not None)
        counts = ", ".join(f"{count:,} in {name}" for name, count in sorted(there.items()))
        raise OptionError(
            f"no clip of {self.root} is in the {split} split by {self.rule} "
            f"({counts or 'nor in any other'}); choose another --split"
        )


@dataclass(frozen=True, slots=True)
class SplitTable:
    """The clips of a run's split.tsv: their splits by place, and by `WORD/FILE` for folders that
    were moved since. found: it was not named, but lay beside a model: it says nothing about a
    folder of which it holds no clip."""

    path: Path
    by_place: dict[str, Split]
    by_name: dict[str, Split]
    found: bool = False

    @classmethod
    def read(cls, path: Path, *, found: bool = False) -> Self:
        """Read a table, of a run where `path` is its folder.

        Raises OptionError for what is no such table.
        """
        path = path / SPLIT_FILE if path.is_dir() else path
        table = cls(path, {}, {}, found)
        try:
            with path.open(newline="", encoding="utf-8") as file:
                for row in csv.DictReader(file, delimiter="\t"):
                    clip, split = Path(row["path"]), Split(row["split"])
                    table.by_place.setdefault(_place(clip), split)
                    table.by_name.setdefault(f"{row['word']}/{clip.name}", split)
        except FileNotFoundError as error:
            raise OptionError(
                f"there is no table of splits {path}; `kwspot train` leaves one in its run's folder"
            ) from error
        except OSError as error:
            raise OptionError(f"{path} cannot be read: {error.strerror or error}") from error
        except (ValueError, KeyError, TypeError, csv.Error) as error:
            raise OptionError(
                f"{path} is no table of splits: it needs tab-separated columns path, word, speaker "
                "and split, as `kwspot train` writes them to split.tsv"
            ) from error
        return table

    def split(self, word: str, path: Path) -> Split | None:
        """Where a clip was put, None where the table does not hold it."""
        return self.by_place.get(_place(path)) or self.by_name.get(f"{word}/{path.name}")


def labelled(root: Path, words: Sequence[str] | None, table: SplitTable | None) -> Labelled:
    """Every clip under a folder of word folders, links followed, `_background_noise_` left out.

    words: the folders to restrict it to; table: what the splits follow instead of the lists in
    the folder, or the published rule. Raises AudioError for a folder that holds no clips,
    OptionError for words without clips and for a table of other clips.
    """
    recordings = word_clips(root)
    folders = frozenset(path.name for path in folders_in(root))
    if words is not None:
        recordings = _restricted(recordings, words, root)
    clips = tuple(_clip(recording, table) for recording in recordings)
    if table is None:
        return Labelled(root, clips, folders, _rule(root))
    if all(clip.split is None for clip in clips):
        if table.found:
            return labelled(root, words, None)
        raise OptionError(f"{table.path} holds none of the clips of {root}: it is of other data")
    return Labelled(root, clips, folders, str(table.path))


def label_of(word: str, labels: Collection[str]) -> str:
    """The label a model with these labels should give to the clips of a folder."""
    return word if word in labels or word in (UNKNOWN, SILENCE) else UNKNOWN


def counted_as(named: str, folders: Collection[str]) -> str:
    """What a named label counts as in a folder that holds `folders`."""
    return named if named in folders or UNKNOWN not in folders else UNKNOWN


def _clip(recording: Recording, table: SplitTable | None) -> Clip:
    path, word = recording.path, recording.word
    speaker = speaker_of(path) if NAMED_SPEAKER in path.name else ""
    split = recording.split if table is None else table.split(word, path)
    return Clip(path, word, speaker, split)


def _restricted(
    recordings: Sequence[Recording], words: Sequence[str], root: Path
) -> list[Recording]:
    there = {recording.word for recording in recordings}
    missing = [word for word in words if word not in there]
    if missing:
        raise OptionError(
            f"{root} has no clips of {', '.join(missing)}; its words are {', '.join(sorted(there))}"
        )
    if not words:
        raise OptionError(f"name at least one of the words of {root}: {', '.join(sorted(there))}")
    return [recording for recording in recordings if recording.word in words]


def _rule(root: Path) -> str:
    lists = SplitLists.beside(root)
    named = {"validation_list.txt": lists.validation, "testing_list.txt": lists.testing}
    there = [name for name, listed in named.items() if listed is not None]
    return " and ".join(there) or "the published rule (hash of the speaker)"


@cache
def _real(folder: str) -> str:
    return os.path.realpath(folder)


def _place(path: Path) -> str:
    # Of the file itself a link is not followed: the table names it as the folder does.
    return f"{_real(str(path.parent))}{os.sep}{path.name}"
