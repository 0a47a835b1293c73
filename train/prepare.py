"""From the recordings of a plan to what a run hears: decoded, each sound once, speech filtered."""

from collections.abc import Callable
from pathlib import Path

from .corpus import Corpus, load
from .duplicates import too_short, without_duplicates
from .plan import Plan
from .speech_filter import filtered

SHORTEST_CLIP = 800
"""Samples a clip of a word has at least: 50 ms."""


def prepared(
    plan: Plan,
    cache: Path,
    progress: Callable[[str, int, int], None],
    say: Callable[[str], None],
) -> Corpus:
    """The corpus of a run; everything that was made on the way is kept in `cache`.

    progress: called with what is being done, and how many of how many are; say: with lines about
    running speech that has no transcripts. Raises AudioError where nothing can be read or the
    cache cannot be written, KwspotError for a filter model that cannot be used.
    """
    corpus = load(plan.recordings, cache, lambda done, total: progress("decoding", done, total))
    corpus = without_duplicates(too_short(corpus, SHORTEST_CLIP))
    return filtered(
        corpus,
        plan.recipe.words,
        plan.folders.filter_model,
        cache,
        lambda done, total: progress("filtering speech", done, total),
        say,
    )
