"""Running speech: which words its transcripts hold, and who says it."""

import re
from pathlib import Path

from kwspot.errors import AudioError

from .catalog import Kind, Recording, Split, bucket, files_under, some_files

HELD_OUT_PERCENT = 20.0
"""Share of the speakers that training does not hear."""
HOMOPHONES = {
    "no": ("know", "knows", "knew"),
    "right": ("write", "rite", "wright"),
    "one": ("won", "once"),
    "two": ("to", "too"),
    "four": ("for", "fore"),
    "eight": ("ate",),
    "bed": ("bedded",),
}
"""Words a transcript spells otherwise although they sound the same."""


def tokens(text: str) -> list[str]:
    """The words of a text, their case and what stands around them left away."""
    # Typesetters have an apostrophe of their own.
    plain = text.casefold().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    return re.findall(r"[^\W_]+(?:'[^\W_]+)*", plain)


def transcripts(root: Path) -> dict[str, frozenset[str]]:
    """The words of each utterance, by file stem, from LibriSpeech's `*.trans.txt`; see `tokens`.

    Raises AudioError for a folder that cannot be read, or a file in it.
    """
    found = {}
    for path in files_under(root, lambda path: path.name.endswith(".trans.txt")):
        try:
            text = path.read_text(encoding="utf-8", errors="replace")
        except OSError as error:
            raise AudioError(f"{path} cannot be read: {error.strerror}") from error
        for line in text.splitlines():
            stem, _, said = line.partition(" ")
            found[stem] = frozenset(tokens(said))
    return found


def speech_without(root: Path, words: frozenset[str]) -> list[Recording]:
    """Utterances whose transcript has none of `words`, nor a word that sounds like one, and all
    that have no transcript: those are to be filtered by a model.

    A fixed share of the speakers is held out for validation. The speaker is the name of the
    file up to the first `-`, as in LibriSpeech. Raises AudioError where no utterance is left.
    """
    return [entry for entry in running_speech(root, words) if entry.kind is Kind.SPEECH]


def running_speech(root: Path, words: frozenset[str]) -> list[Recording]:
    """The utterances of `speech_without`, and those with some of `words`, which they name: SPOKEN.

    Raises AudioError like that.
    """
    sounds = {word: _sounds(word) for word in words}
    texts = transcripts(root)
    found = []
    for path in some_files(root):
        text = texts.get(path.stem)
        said = frozenset(word for word in words if text and _says(text, sounds[word]))
        speaker = path.stem.partition("-")[0]
        held_out = bucket(speaker) < HELD_OUT_PERCENT
        split = Split.VALIDATION if held_out else Split.TRAINING
        kind = Kind.SPOKEN if said else Kind.SPEECH
        found.append(Recording(path, kind, "", speaker, split, text is not None, said))
    if all(entry.said for entry in found):
        raise AudioError(
            f"{root} has no utterance that is free of the words: each transcript beside them "
            "(*.trans.txt) has one of them, or one that sounds the same"
        )
    return found


def _sounds(word: str) -> list[set[str]]:
    """What a word may be spelt as; of one that is several, `turn_on` say, each of them."""
    return [{token, *HOMOPHONES.get(token, ())} for token in tokens(word)]


def _says(text: frozenset[str], sounds: list[set[str]]) -> bool:
    """Whether a transcript has a word; of one that is several, all of them, wherever they stand."""
    return bool(sounds) and all(spelt & text for spelt in sounds)
