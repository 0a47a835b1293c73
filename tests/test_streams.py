"""Judging a stream: words and detections are paired one to one, earliest first."""

from kwspot.spotting.detector import Detection
from kwspot.train.streams import Said, matched, shares_within

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
