"""Sounds that are there more than once: none trains twice, and none both trains and measures."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from .catalog import Kind, Recording, Split
from .corpus import Corpus, Span

SAME = "is the same as"
"""What a line of `Corpus.skipped` about a duplicate says; the others are about unusable files."""


def without_duplicates(corpus: Corpus) -> Corpus:
    """The corpus as training is to hear it, every duplicate named in `skipped`.

    Left out of training are: all but the first of recordings with the same sound; those that are
    in validation or testing as well; those that are filed under two words, as one of them
    is wrong. In validation and testing everything stays: there every clip counts.
    """
    groups: dict[tuple[Kind, int, int], list[int]] = defaultdict(list)
    for index, (entry, span) in enumerate(zip(corpus.recordings, corpus.spans, strict=True)):
        groups[entry.kind, span.offset, span.length].append(index)
    dropped: set[int] = set()
    told: dict[int, str] = {}
    for group in groups.values():
        if len(group) > 1:
            dropped |= (out := _dropped(corpus.recordings, group))
            told |= _told(corpus.recordings, group, out)
    if not told:
        return corpus
    kept = [place for place in range(len(corpus.recordings)) if place not in dropped]
    return replace(
        corpus,
        recordings=tuple(corpus.recordings[place] for place in kept),
        spans=tuple(corpus.spans[place] for place in kept),
        skipped=(*corpus.skipped, *(told[place] for place in sorted(told))),
    )


def _dropped(recordings: Sequence[Recording], group: Sequence[int]) -> set[int]:
    training = [place for place in group if recordings[place].split is Split.TRAINING]
    ambiguous = len({recordings[place].word for place in group}) > 1
    measured = len(training) < len(group)
    return set(training if ambiguous or measured else training[1:])


def _told(
    recordings: Sequence[Recording], group: Sequence[int], dropped: set[int]
) -> dict[int, str]:
    """A line for each recording of a group but the first that stays."""
    order = sorted(group, key=lambda place: (place in dropped, place))
    lines = {}
    for place in order if order[0] in dropped else order[1:]:
        entry = recordings[place]
        others = [recordings[other] for other in order if other != place]
        other = next((one for one in others if one.word != entry.word), others[0])
        line = f"{entry.path}: {SAME} {other.path}"
        if other.word != entry.word:
            line += ", under another word"
        elif other.split is not entry.split:
            line += f", which is for {other.split.value}"
        lines[place] = line if place in dropped else f"{line}; it counts all the same"
    return lines


def too_short(corpus: Corpus, least: int) -> Corpus:
    """The corpus without clips of words that have fewer than `least` samples."""
    kept, short = [], []
    for entry, span in zip(corpus.recordings, corpus.spans, strict=True):
        if entry.kind is Kind.WORD and span.length < least:
            short.append(_short(entry, span))
        else:
            kept.append((entry, span))
    return replace(
        corpus,
        recordings=tuple(entry for entry, _ in kept),
        spans=tuple(span for _, span in kept),
        skipped=(*corpus.skipped, *short),
    )


def _short(entry: Recording, span: Span) -> str:
    return f"{entry.path}: it lasts {span.length / 16:.1f} ms, too short for a word"
