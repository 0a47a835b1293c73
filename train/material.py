"""From folders to the recordings of a run: which words, and everything else that is heard."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from kwspot.errors import OptionError

from .catalog import (
    NOISE_FOLDER,
    Kind,
    Recording,
    Split,
    audio_files,
    extra_clips,
    plain,
    word_clips,
)
from .corpus import Corpus
from .recipe_file import Folders
from .speech import running_speech
from .writing import is_text

FEWEST_CLIPS = 2
"""Training clips a word needs at least."""


@dataclass(frozen=True, slots=True)
class Material:
    """The words to spot, and the recordings in the order in which they are drawn from."""

    words: tuple[str, ...]
    recordings: tuple[Recording, ...]


def gather(folders: Folders, wanted: Sequence[str]) -> Material:
    """Everything under the folders. wanted: the words to spot, none for all that have a folder.

    Raises AudioError for folders that cannot be used, OptionError for words without a folder.
    """
    words, clips = chosen_clips(folders, wanted)
    return Material(words, (*clips, *others(folders, words)))


def chosen_clips(
    folders: Folders, wanted: Sequence[str]
) -> tuple[tuple[str, ...], tuple[Recording, ...]]:
    """The words to spot, and the clips of `folders.data`; raises like `gather`."""
    clips = word_clips(folders.data)
    return _chosen(clips, wanted, folders), tuple(clips)


def others(folders: Folders, words: Sequence[str]) -> list[Recording]:
    """What is heard beside the clips that are split: more clips, speech, noises, rooms."""
    found = []
    for root in folders.extra:
        found += extra_clips(root, words)
    for root in folders.speech:
        found += running_speech(root, frozenset(words))
    noises = list(folders.noise)
    background = folders.data / NOISE_FOLDER
    if background.is_dir() and next(audio_files(background), None) is not None:
        noises.insert(0, background)
    for root in noises:
        found += plain(root, Kind.NOISE)
    for root in folders.rooms:
        found += plain(root, Kind.ROOM)
    return found


def _chosen(clips: list[Recording], wanted: Sequence[str], folders: Folders) -> tuple[str, ...]:
    there = sorted(
        {clip.word for clip in clips if not clip.word.startswith("_") and is_text(clip.word)}
    )
    missing = [word for word in wanted if word not in there]
    if missing:
        raise OptionError(
            f"{folders.data} has no recordings of {', '.join(missing)}; "
            f"its words are {', '.join(there)}"
        )
    words = tuple(wanted) or tuple(there)
    if len(words) < 2:
        raise OptionError(
            f"a model tells words apart, and here is only {', '.join(words) or 'none'}: "
            f"name two or more with --words, each a folder of {folders.data}"
        )
    return words


def check_enough(corpus: Corpus, words: Sequence[str]) -> None:
    """Raise OptionError where a word has too few training clips that could be read."""
    counts = Counter(
        recording.word
        for recording in corpus.recordings
        if recording.kind is Kind.WORD and recording.split is Split.TRAINING
    )
    few = [f"{word} ({counts[word]})" for word in words if counts[word] < FEWEST_CLIPS]
    if not few:
        return
    message = (
        f"too few training clips of {', '.join(few)}: each word needs {FEWEST_CLIPS} or more "
        "by speakers that are in the training split"
    )
    if corpus.skipped:
        message += f"; {len(corpus.skipped)} files are left out, the first is {corpus.skipped[0]}"
    raise OptionError(message)
