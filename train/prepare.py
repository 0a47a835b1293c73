"""From the recordings of a plan to what a run hears: decoded, each sound once, speech filtered."""

from collections.abc import Callable, Sequence
from pathlib import Path

from .catalog import Recording
from .corpus import Corpus, load
from .duplicates import too_short, without_duplicates
from .plan import Plan
from .speech_filter import filtered

SHORTEST_CLIP = 800
"""Samples a clip of a word has at least: 50 ms."""


Progress = Callable[[str, int, int], None]


def as_it_is(recordings: Sequence[Recording], cache: Path, progress: Progress) -> Corpus:
    """Recordings decoded, none left out but those that cannot be read; otherwise as `prepared`."""
    return load(recordings, cache, lambda done, total: progress("decoding", done, total))


def prepared(
    plan: Plan,
    cache: Path,
    progress: Progress,
    say: Callable[[str], None],
) -> Corpus:
    """The corpus of a run; everything that was made on the way is kept in `cache`.

    progress: called with what is being done, and how many of how many are; say: with lines about
    running speech that has no transcripts. Raises AudioError where nothing can be read or the
    cache cannot be written, KwspotError for a filter model that cannot be used.
    """
    corpus = as_it_is(plan.recordings, cache, progress)
    corpus = without_duplicates(too_short(corpus, SHORTEST_CLIP))
    return filtered(
        corpus,
        plan.recipe.words,
        plan.folders.filter_model,
        cache,
        lambda done, total: progress("filtering speech", done, total),
        say,
    )
