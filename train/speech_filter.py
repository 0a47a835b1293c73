"""Running speech without transcripts: what a model takes for one of the words is cut out.

That is no transcript. In LibriSpeech's dev-clean the bundled model hears about a quarter of the
words that the transcripts have at THRESHOLD, nine of ten "yes" and one of ten "on", and gives up
about a sixth of speech that holds none of them.
"""

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kwspot.audio.source import SAMPLE_RATE_HZ
from kwspot.resources import bundled_model
from kwspot.spotting.spotter import Spotter

from .catalog import Recording
from .corpus import Corpus, Span
from .sweep import heard

THRESHOLD = 0.3
"""The posterior of a word from which a window is cut out: all of it, half a second around what
may be the word."""
SHORTEST = SAMPLE_RATE_HZ
"""Samples of the shortest piece that is kept."""
FORMAT = "speech filter 1"

Pieces = list[tuple[int, int]]
"""What is kept of a recording: begin and end of each piece, samples."""


def filtered(
    corpus: Corpus,
    words: Sequence[str],
    model: Path | None,
    cache: Path,
    progress: Callable[[int, int], None],
    say: Callable[[str], None],
) -> Corpus:
    """The corpus with only those pieces of speech without transcripts in which no word is heard.

    words: what the run spots; model: a model file, the bundled one where None; progress: called
    with how many of how many recordings are filtered; say: with how much was cut out and with the
    words that the model cannot hear. A recording with several pieces is there several times.
    What was found is kept in `cache`. Raises ModelError for a model that cannot be used.
    """
    asked = [place for place, entry in enumerate(corpus.recordings) if not entry.transcribed]
    if not asked:
        return corpus
    path = bundled_model() if model is None else model
    spotter = Spotter(path, compute="cpu")
    known = [word for word in words if word in spotter.words]
    lacking = [word for word in words if word not in spotter.words]
    if lacking:
        say(
            f"warning: running speech without transcripts may hold {', '.join(lacking)}: "
            f"{path.name}, which filters it, does not know {'it' if len(lacking) == 1 else 'them'}"
        )
    if not known:
        return corpus
    found = _listened(corpus, asked, spotter, _Memo(cache, path, known), known, progress)
    kept = sum(end - begin for pieces in found.values() for begin, end in pieces)
    total = sum(corpus.spans[place].length for place in asked)
    say(
        f"running speech without transcripts: {total / SAMPLE_RATE_HZ / 60:.1f} min, of which "
        f"{1 - kept / total:.0%} are cut out where {path.name} hears one of the words"
    )
    return _cut(corpus, found)


def _listened(
    corpus: Corpus,
    places: Sequence[int],
    spotter: Spotter,
    memo: "_Memo",
    words: Sequence[str],
    progress: Callable[[int, int], None],
) -> dict[int, Pieces]:
    """By place of the recording, what is left of it."""
    found = {}
    try:
        for count, place in enumerate(places, 1):
            samples = corpus.audio(place)
            pieces = memo.get(samples)
            if pieces is None:
                pieces = memo.put(samples, _pieces(spotter, words, samples))
            found[place] = pieces
            progress(count, len(places))
    finally:
        memo.keep()
    return found


def _pieces(spotter: Spotter, words: Sequence[str], samples: NDArray[np.float32]) -> Pieces:
    """What lies outside all windows in which a word is heard."""
    features, labels = spotter.checkpoint.features, spotter.labels
    columns = [labels.index(word) for word in words]
    loud = (heard(spotter, samples).posteriors[:, columns] >= THRESHOLD).any(axis=1)
    keep = np.ones(len(samples), dtype=bool)
    for place in np.flatnonzero(loud):
        # The first window ends a hop before the first sample.
        end = (int(place) - 1) * spotter.hop_frames * features.hop_samples
        keep[max(end - features.span_samples, 0) : max(end, 0)] = False
    edges = np.flatnonzero(np.diff(np.concatenate(([False], keep, [False])).astype(np.int8)))
    pairs = zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
    return [(begin, end) for begin, end in pairs if end - begin >= SHORTEST]


def _cut(corpus: Corpus, found: dict[int, Pieces]) -> Corpus:
    entries: list[tuple[Recording, Span]] = []
    skipped = list(corpus.skipped)
    for place, (entry, span) in enumerate(zip(corpus.recordings, corpus.spans, strict=True)):
        if place not in found:
            entries.append((entry, span))
            continue
        for begin, end in found[place]:
            entries.append((entry, Span(span.offset + begin, end - begin, 0, end - begin)))
        if not found[place]:
            skipped.append(f"{entry.path}: no second of it is free of what may be one of the words")
    return replace(
        corpus,
        recordings=tuple(entry for entry, _ in entries),
        spans=tuple(span for _, span in entries),
        skipped=tuple(skipped),
    )


class _Memo:
    """Pieces by the sound they are of; what one model says of one choice of words."""

    def __init__(self, cache: Path, model: Path, words: Sequence[str]) -> None:
        digest = hashlib.sha256(f"{FORMAT}\n{THRESHOLD}\n{sorted(words)}\n".encode())
        digest.update(model.read_bytes())
        self._file = cache / f"speech-{digest.hexdigest()[:24]}.json"
        self._known = self._read()
        self._new: dict[str, Pieces] = {}

    def get(self, samples: NDArray[np.float32]) -> Pieces | None:
        """None for a sound that was not filtered yet."""
        return self._known.get(_name(samples))

    def put(self, samples: NDArray[np.float32], pieces: Pieces) -> Pieces:
        """Remember the pieces of a sound, and return them."""
        self._new[_name(samples)] = pieces
        return pieces

    def keep(self) -> None:
        """Write what is new. Where that fails nothing is lost but time."""
        if not self._new:
            return
        partial = self._file.with_name(f"{self._file.name}.{os.getpid()}.partial")
        with suppress(OSError):
            partial.write_text(json.dumps({**self._read(), **self._new}), encoding="utf-8")
            partial.replace(self._file)
        with suppress(OSError):
            partial.unlink(missing_ok=True)

    def _read(self) -> dict[str, Pieces]:
        try:
            found = json.loads(self._file.read_text(encoding="utf-8"))
            return {
                str(name): [(int(begin), int(end)) for begin, end in pieces]
                for name, pieces in found.items()
            }
        except (OSError, ValueError, TypeError, AttributeError):
            return {}


def _name(samples: NDArray[np.float32]) -> str:
    return hashlib.blake2b(samples.tobytes(), digest_size=16).hexdigest()
