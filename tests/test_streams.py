"""Judging a stream: words and detections are paired one to one, earliest first."""

from pathlib import Path

import numpy as np
import pytest

from kwspot.spotting.detection import Detection
from kwspot.train.catalog import Kind, Recording, Split
from kwspot.train.corpus import load
from kwspot.train.streams import Said, matched, noise_unseen, shares_within
from kwspot.train.sweep import Swept, calibrated
from word_folders import write_clip

SECOND = 16_000


def hit(label: str, start_s: float, end_s: float, decided_s: float) -> Detection:
    start, end, decided = (round(time_s * SECOND) for time_s in (start_s, end_s, decided_s))
    return Detection(label, 0.9, start, end, decided)


def word(text: str, start_s: float, end_s: float) -> Said:
    return Said(text, round(start_s * SECOND), round(end_s * SECOND))


def test_words_and_detections_are_paired_one_to_one_earliest_first() -> None:
    said = [word("yes", 1.0, 1.5), word("yes", 3.0, 3.5), word("no", 5.0, 5.4)]
    detections = [
        hit("yes", 1.1, 1.5, 1.8),
        hit("yes", 1.1, 1.6, 2.0),  # a repeat
        hit("no", 5.0, 5.4, 6.3),  # too late
    ]
    result = matched(said, detections)
    assert [pair[1].decided for pair in result.found] == [round(1.8 * SECOND)]
    assert [missed.word for missed in result.missed] == ["yes", "no"]
    assert len(result.false) == 2


def test_a_detection_before_its_word_is_false() -> None:
    result = matched([word("yes", 1.0, 1.5)], [hit("yes", 0.2, 0.6, 0.9)])
    assert not result.found
    assert len(result.false) == 1


def test_shares_of_starts_and_ends_within_a_tolerance() -> None:
    pairs = [
        (word("yes", 1.0, 1.5), hit("yes", 1.1, 1.5, 1.8)),
        (word("yes", 3.0, 3.5), hit("yes", 3.3, 3.6, 3.8)),
    ]
    assert shares_within(pairs, 0.25) == (0.5, 1.0)
    assert shares_within([], 0.25) == (0.0, 0.0)


def test_false_alarms_are_counted_or_continued_where_none_is_left() -> None:
    """Two false detections, of scores that only the highest threshold is over, in half an hour."""
    thresholds = (0.5, 0.9, 0.99)
    false = (hit("yes", 10.0, 10.5, 11.0), hit("yes", 20.0, 20.5, 21.0))
    without = Swept(thresholds, (), (false, false, ()), 1800 * SECOND)
    known, faint = hit("yes", 1.0, 1.5, 1.8), hit("no", 5.0, 5.4, 5.7)
    said = (word("yes", 1.0, 1.5), word("no", 5.0, 5.4))
    spoken = Swept(thresholds, said, ((known, faint), (known, faint), (known,)), 10 * SECOND)
    counted = calibrated(["yes", "no"], [spoken], without, counted=True)
    assert counted.false_per_hour == {"yes": (4.0, 4.0, 0.0), "no": (0.0, 0.0, 0.0)}
    assert counted.missed == {"yes": (0.0, 0.0, 0.0), "no": (0.0, 0.0, 1.0)}
    assert counted.hours == pytest.approx(0.5)
    chosen = counted.thresholds_for(["yes", "no"], 0.5)
    assert 0.9 < chosen["yes"] <= 0.99
    assert chosen["no"] == 0.5
    continued = calibrated(["yes", "no"], [spoken], without)
    assert continued.missed == counted.missed
    assert min(continued.false_per_hour["yes"]) > 0.0
    assert min(continued.false_per_hour["no"]) > 0.0


def test_what_is_kept_for_a_test_chooses_nothing(tmp_path: Path) -> None:
    noise = (0.1 * np.random.default_rng(1).standard_normal(1_000)).astype(np.float32)
    recordings = []
    for number, split in enumerate(Split):
        write_clip(tmp_path / f"{split}.wav", noise[: 500 + number])
        path = tmp_path / f"{split}.wav"
        recordings.append(Recording(path, Kind.NOISE, "_silence_", "", split))
    corpus = load(recordings, tmp_path / "cache", lambda *_: None)
    assert [len(piece) for piece in noise_unseen(corpus)] == [501]
