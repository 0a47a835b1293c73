"""Labels of a stream: a table of start, end and word, tab-separated, seconds (Audacity's form)."""

import math
from collections.abc import Collection, Sequence
from difflib import get_close_matches
from itertools import pairwise
from pathlib import Path

from kwspot.audio.source import SAMPLE_RATE_HZ
from kwspot.errors import OptionError

from .streams import Said
from .writing import write_whole

HEADER = "start\tend\tword"


def write_labels(path: Path, said: Sequence[Said]) -> None:
    """Write what `read_labels` gives back; raises TrainingError where that fails."""
    rows = [
        f"{word.start / SAMPLE_RATE_HZ:.4f}\t{word.end / SAMPLE_RATE_HZ:.4f}\t{word.word}"
        for word in said
    ]
    write_whole(path, ("\n".join([HEADER, *rows]) + "\n").encode())


def read_labels(path: Path, words: Collection[str]) -> list[Said]:
    """The words of a stream, in order; a first line `start end word` is a header.

    Raises OptionError, with the line, for what is no such table, for words that are not among
    `words`, and for utterances that overlap or end before they start.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise OptionError(f"{path} cannot be read: {reason}") from error
    said: list[Said] = []
    for number, line in enumerate(lines, 1):
        if not line.strip() or (number == 1 and line.split() == HEADER.split()):
            continue
        said.append(_said(line, words, f"{path}, line {number}"))
    said.sort(key=lambda word: word.start)
    for before, word in pairwise(said):
        if word.start < before.end:
            raise OptionError(
                f"{path}: {before.word} ({_span(before)}) and {word.word} ({_span(word)}) overlap"
            )
    if not said:
        raise OptionError(f"{path} holds no word: lines of start, end and word, in seconds")
    return said


def check_inside(path: Path, said: Sequence[Said], samples: int) -> None:
    """Raise OptionError for a word that lies outside of the audio."""
    for word in said:
        if word.end > samples:
            raise OptionError(
                f"{path}: {word.word} ({_span(word)}) lies outside of the audio, which is "
                f"{samples / SAMPLE_RATE_HZ:.2f} s long"
            )


def _said(line: str, words: Collection[str], where: str) -> Said:
    parts = line.split("\t") if "\t" in line else line.split()
    try:
        start_s, end_s, word = float(parts[0]), float(parts[1]), parts[2].strip()
    except (ValueError, IndexError) as error:
        raise OptionError(f"{where}: it has no start, end and word: {line.strip()!r}") from error
    if not (math.isfinite(end_s) and 0.0 <= start_s < end_s):
        raise OptionError(f"{where}: {word} ends before it starts, or lies before the audio")
    if word not in words:
        near = get_close_matches(word, words, 1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise OptionError(f"{where}: {word!r} is not among {', '.join(sorted(words))}{hint}")
    return Said(word, round(start_s * SAMPLE_RATE_HZ), round(end_s * SAMPLE_RATE_HZ))


def _span(word: Said) -> str:
    return f"{word.start / SAMPLE_RATE_HZ:.2f} to {word.end / SAMPLE_RATE_HZ:.2f} s"
