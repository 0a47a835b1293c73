"""Which model file, and which split of the clips, `kwspot evaluate` is told of."""

from pathlib import Path
from typing import TYPE_CHECKING

from .failures import complain
from .options import word_list

if TYPE_CHECKING:
    from kwspot.train.labelled import Labelled, SplitTable

OFFICIAL = "official"
"""Instead of a file: the lists in DIR, or the published rule, whatever a run has left."""
MODEL_FILE = "model.safetensors"


def model_file(path: Path | None) -> Path | None:
    """A model file; that of a run where its folder is named."""
    inside = None if path is None else path / MODEL_FILE
    return inside if inside is not None and inside.is_file() else path


def split_table(given: str | None, model: Path | None, split: str) -> "SplitTable | None":
    """The table of splits that was asked for, else the one that the model's run has left beside
    it, where a split is wanted; None for the lists in DIR, or the published rule.

    Raises OptionError for a file that is no such table.
    """
    from kwspot.train.labelled import SPLIT_FILE, SplitTable

    if given == OFFICIAL:
        return None
    if given is not None:
        return SplitTable.read(Path(given))
    beside = None if model is None else model.with_name(SPLIT_FILE)
    if split == "all" or beside is None or not beside.is_file():
        return None
    return SplitTable.read(beside, found=True)


def clips_of(data: Path, words: str | None, table: "SplitTable | None", split: str) -> "Labelled":
    """The clips of a labelled folder; where a table that was not asked for decides which of them
    are in a split, this is said. Raises AudioError and OptionError as `labelled` does."""
    from kwspot.train.labelled import labelled

    clips = labelled(data, None if words is None else word_list(words), table)
    if table is None or not table.found or clips.rule != str(table.path):
        return clips
    # Where there is none, the error that comes names the table, too.
    if any(clip.split == split for clip in clips.clips):
        lost = sum(clip.split is None for clip in clips.clips)
        complain(
            f"the splits are those of the model's run, {table.path} (--split-file {OFFICIAL}: "
            "those of the data)" + (f"; clips in none of them: {lost:,}" if lost else "")
        )
    return clips
