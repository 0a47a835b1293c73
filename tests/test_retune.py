"""Thresholds and words that change while a stream runs: from then on, and without a break."""

import pytest

from kwspot.audio.source import Chunk
from kwspot.errors import OptionError
from kwspot.spotting.spotter import Spotter
from words import detections, said, sample

WORDS = [word.word for word in said()]
HALF = len(WORDS) // 2


def heard(
    spotter: Spotter, change: "dict[str, float] | None", words: "list[str] | None"
) -> list[str]:
    """What is reported of the sample where spotter is retuned between two words."""
    samples = sample()
    cut = round(16_000 * (said()[HALF - 1].end_s + said()[HALF].start_s) / 2)
    stream = spotter.stream()
    updates = stream.push(Chunk(0, samples[:cut]))
    if change is not None or words is not None:
        spotter.retune(WORDS if words is None else words, change or {})
    updates += stream.push(Chunk(cut, samples[cut:]))
    return [found.label for found in detections(updates + stream.finish())]


def test_a_stream_reports_by_the_new_thresholds_from_then_on() -> None:
    assert heard(Spotter(), dict.fromkeys(WORDS, 1.0), None) == WORDS[:HALF]
    assert heard(Spotter(), None, []) == WORDS[:HALF]
    assert heard(Spotter(), None, WORDS[:-1]) == WORDS[:-1]


def test_the_same_thresholds_change_nothing() -> None:
    spotter = Spotter()
    own = {word: spotter.detector.threshold_of(word) for word in spotter.words}
    assert heard(spotter, own, list(spotter.words)) == heard(Spotter(), None, None) == WORDS


def test_what_a_model_does_not_know_is_refused_and_nothing_changes() -> None:
    spotter = Spotter()
    with pytest.raises(OptionError, match="does not know"):
        spotter.retune(["maybe"], {})
    with pytest.raises(OptionError, match=r"0\.\.1"):
        spotter.retune(WORDS, {"yes": 2.0})
    assert heard(spotter, None, None) == WORDS
