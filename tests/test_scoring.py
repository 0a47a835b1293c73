"""Clips are scored by what listening would say of them."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from kwspot.audio.source import Chunk, ignore_notice
from kwspot.spotting.checkpoint import SILENCE, UNKNOWN
from kwspot.spotting.spotter import Spotter
from kwspot.train.scoring import ClipScorer
from labelled_clips import put
from words import sample

SPAN = 16_000
HOP = 800


@pytest.fixture(scope="module")
def scorer() -> ClipScorer:
    return ClipScorer(None, "cpu")


def listened(spotter: Spotter, samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """The posteriors of the best of the windows that lie within a clip, by a stream of it."""
    stream = spotter.stream()
    updates = stream.push(Chunk(0, samples)) + stream.finish()
    rows = np.stack(
        [update.posteriors for update in updates if SPAN <= update.end < len(samples) + HOP]
    )
    words = [place for place, label in enumerate(spotter.labels) if label not in (UNKNOWN, SILENCE)]
    best: NDArray[np.float32] = rows[rows[:, words].max(axis=1).argmax()]
    return best


def clips() -> list[NDArray[np.float32]]:
    """Pieces of the sample of many lengths, words in them anywhere."""
    lengths = (16_000, 16_001, 16_160, 16_800, 17_000, 24_000, 24_000, 70_000, 150_000)
    return [sample()[place * 9_000 :][:length] for place, length in enumerate(lengths)]


def test_posteriors_are_those_of_a_stream(scorer: ClipScorer) -> None:
    found = scorer.posteriors(clips())
    expected = [listened(Spotter(compute="cpu"), clip) for clip in clips()]
    np.testing.assert_allclose(found, np.stack(expected), atol=1e-5)
    assert found.sum(axis=1) == pytest.approx(1.0, abs=1e-5)


def test_a_short_clip_lies_in_the_middle(scorer: ClipScorer) -> None:
    for length in (1, 479, 5_000, 15_999):
        clip = sample()[SPAN + 4_000 :][:length]
        before = (SPAN - length) // 2
        whole = np.pad(clip, (before, SPAN - length - before))
        (found,) = scorer.posteriors([clip])
        np.testing.assert_allclose(found, listened(Spotter(compute="cpu"), whole), atol=1e-5)


def test_a_recording_is_scored_alike_in_pieces(scorer: ClipScorer, tmp_path: Path) -> None:
    for length in (16_100, 150_000):
        clip = sample()[20_000:][:length]
        path = put(tmp_path, "any", clip)
        (whole,) = scorer.posteriors([clip])
        in_pieces = scorer.recording(path, ignore_notice)
        np.testing.assert_allclose(in_pieces, whole, atol=1e-4)
