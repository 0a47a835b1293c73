"""Deciding: one utterance fires once, the next one fires again, others do not."""

import numpy as np
import pytest

from kwspot.spotting.detection import Detection, Timing
from kwspot.spotting.detector import Detector
from kwspot.spotting.detector_config import DetectorConfig
from kwspot.spotting.evidence import Evidence

LABELS = ("yes", "no", "_unknown_", "_silence_")
HOP, POOLED, LOOKAHEAD = 5, 51, 13


def run(
    said: list[tuple[str, int, int]], frames: int, config: DetectorConfig | None = None
) -> list[Detection]:
    """Detections for words said from frame to frame, by a network that is always right.

    A window's posterior goes to the word of which it pools the most frames.
    """
    timing = Timing(16_000, 160, HOP, POOLED, LOOKAHEAD)
    detector = Detector(LABELS, config or DetectorConfig(), ("yes", "no"), timing)
    truth = np.full(frames + 200, 3)
    for word, first, last in said:
        truth[first : last + 1] = LABELS.index(word)
    found = []
    for newest in range(HOP - 1, frames + 100, HOP):
        end = newest - LOOKAHEAD + 1
        pooled = truth[max(0, end - POOLED) : max(0, end)]
        counts = np.bincount(pooled[pooled != 3], minlength=3)
        posteriors = np.full(4, 0.01, dtype=np.float32)
        posteriors[int(counts.argmax()) if counts.max() > 12 else 3] = 0.97
        evidence = np.full((HOP, 4), 0.01, dtype=np.float32)
        for row in range(HOP):
            frame = end - HOP + row
            evidence[row, truth[frame] if frame >= 0 else 3] = 0.97
        hit = detector.push(newest, posteriors, evidence)
        if hit is not None:
            found.append(hit)
    return found


def test_a_word_fires_once_and_lies_where_it_was_said() -> None:
    [found] = run([("yes", 100, 140)], 300)
    assert found.label == "yes"
    assert found.start == 100 * 160
    assert found.end == 141 * 160
    assert found.decided >= found.end
    assert found.decided - found.end <= 0.35 * 16_000
    assert found.score > 0.6


def test_a_word_tells_on_what_grounds_it_was_let_through() -> None:
    config = DetectorConfig(before=0.7)
    [alone] = run([("yes", 100, 140)], 300, config)
    assert alone.grounds is not None
    assert alone.grounds.over == alone.decided - LOOKAHEAD * 160 - (alone.end - 160)
    assert alone.grounds.over >= config.settle_s * 16_000
    assert alone.grounds.before == pytest.approx(0.01)
    assert alone.grounds.shared == 0.0
    # Half of the quarter of a second before it is other speech.
    [after] = run([("_unknown_", 74, 85), ("yes", 100, 140)], 300, config)
    assert after.grounds is not None
    assert after.grounds.before == pytest.approx((0.97 * 12 + 0.01 * 12) / 24, abs=0.05)
    assert run([("_unknown_", 74, 99), ("yes", 100, 140)], 300, config) == []


def test_a_long_word_fires_once() -> None:
    assert len(run([("yes", 100, 190)], 400)) == 1


@pytest.mark.parametrize("gap", [30, 50, 70, 100])
def test_the_same_word_again_fires_again(gap: int) -> None:
    found = run([("yes", 100, 140), ("yes", 141 + gap, 181 + gap)], 400)
    assert [hit.label for hit in found] == ["yes", "yes"]
    assert found[1].start == (141 + gap) * 160


def test_another_word_right_after_is_heard() -> None:
    found = run([("yes", 100, 140), ("no", 160, 200)], 400)
    assert [hit.label for hit in found] == ["yes", "no"]


def test_a_blip_of_evidence_is_no_utterance() -> None:
    assert len(run([("yes", 100, 140), ("yes", 160, 160)], 300)) == 1
    assert [hit.start for hit in run([("yes", 100, 102), ("yes", 130, 170)], 300)] == [130 * 160]


def test_an_endless_word_is_reported_before_it_ends() -> None:
    [found] = run([("yes", 100, 260)], 500)
    assert found.decided < 230 * 160


def test_a_short_dip_does_not_make_two() -> None:
    found = run([("yes", 100, 118), ("yes", 122, 145)], 400)
    assert len(found) == 1
    assert found[0].end == 146 * 160


def test_other_speech_and_silence_never_fire() -> None:
    assert run([("_unknown_", 50, 150)], 300) == []
    assert run([], 300) == []


def test_a_word_that_running_speech_leads_up_to_is_kept_back() -> None:
    said = [("_unknown_", 60, 99), ("yes", 100, 140)]
    assert run(said, 300) == []
    assert [hit.label for hit in run(said, 300, DetectorConfig(before=1.0))] == ["yes"]


def test_a_word_after_a_pause_or_another_word_is_not_kept_back() -> None:
    assert len(run([("_unknown_", 20, 70), ("yes", 100, 140)], 300)) == 1
    assert len(run([("no", 60, 95), ("yes", 100, 140)], 300)) == 2


def test_a_threshold_keeps_words_back() -> None:
    assert run([("yes", 100, 140)], 300, DetectorConfig(thresholds={"yes": 0.99})) == []
    assert len(run([("no", 100, 140)], 300, DetectorConfig(thresholds={"yes": 0.99}))) == 1


def test_a_ceiling_keeps_every_word_back_while_unknown_or_silence_scores_higher() -> None:
    # What is not said scores 0.01 in every window.
    said = [("yes", 100, 140), ("no", 300, 340)]
    for label in ("_unknown_", "_silence_"):
        assert run(said, 500, DetectorConfig(ceilings={label: 0.009})) == []
        assert len(run(said, 500, DetectorConfig(ceilings={label: 0.011}))) == 2


def test_windows_alone_do_not_fire_without_evidence_for_a_place() -> None:
    timing = Timing(16_000, 160, HOP, POOLED, LOOKAHEAD)
    detector = Detector(LABELS, DetectorConfig(), ("yes", "no"), timing)
    posteriors = np.array([0.99, 0.0, 0.0, 0.01], dtype=np.float32)
    evidence = np.tile(np.array([0.1, 0.1, 0.1, 0.7], dtype=np.float32), (HOP, 1))
    assert all(detector.push(frame, posteriors, evidence) is None for frame in range(4, 200, HOP))


def test_hysteresis_draws_the_start_back_to_where_evidence_rose() -> None:
    track = Evidence(enter=0.5, leave=0.2, bridge=3, apart=5)
    for frame, value in enumerate((0.0, 0.25, 0.3, 0.6, 0.3, 0.1, 0.1, 0.1, 0.1, 0.1)):
        track.push(frame, value)
    [utterance] = track.utterances
    assert (utterance.start, utterance.last) == (1, 4)
    assert track.idle


def test_what_never_enters_is_no_utterance() -> None:
    track = Evidence(enter=0.5, leave=0.2, bridge=3, apart=5)
    for frame in range(20):
        track.push(frame, 0.45)
    assert not track.utterances


def smoothed(config: DetectorConfig, rows: list[list[float]]) -> np.ndarray:
    """What a detector takes windows like these for, in the end."""
    detector = Detector(LABELS, config, ("yes", "no"), Timing(16_000, 160, HOP, POOLED, LOOKAHEAD))
    evidence = np.full((HOP * len(rows), 4), 0.01, dtype=np.float32)
    detector.push_all(HOP - 1, np.array(rows, dtype=np.float32), evidence)
    return detector.smoothed[-1]


def test_caution_weighs_other_speech() -> None:
    row = [0.9, 0.06, 0.03, 0.01]
    config = DetectorConfig(smoothing_s=0.05)
    np.testing.assert_allclose(smoothed(config, [row]), row, rtol=1e-6)
    weighed = np.array([0.9, 0.06, 0.3, 0.01]) / 1.27
    cautious = smoothed(DetectorConfig(smoothing_s=0.05, caution=10.0), [row])
    np.testing.assert_allclose(cautious, weighed, rtol=1e-5)


def test_caution_tells_sure_from_very_sure_where_plain_means_do_not() -> None:
    """One window that is very sure and one that is not sure, beside two that are sure alike."""
    mixed = [[0.99998, 0.0, 0.00001, 0.00001], [0.98, 0.0, 0.01, 0.01]]
    even = [[0.99, 0.0, 0.005, 0.005]] * 2
    plain = DetectorConfig(smoothing_s=0.1)
    assert smoothed(plain, mixed)[0] == pytest.approx(smoothed(plain, even)[0], abs=2e-4)
    cautious = DetectorConfig(smoothing_s=0.1, caution=1000.0)
    assert smoothed(cautious, mixed)[0] > 3.0 * smoothed(cautious, even)[0]


def test_the_margin_is_over_what_the_network_says_without_caution() -> None:
    """0.97 of the word and 0.01 of the others are too close for this margin; a cautious detector
    holds the window for other speech, and takes what odds the network itself gives the word."""
    plain = DetectorConfig(margin=0.98, threshold=0.03)
    assert run([("yes", 100, 140)], 300, plain) == []
    cautious = DetectorConfig(margin=0.98, threshold=0.03, caution=1000.0)
    assert [hit.label for hit in run([("yes", 100, 140)], 300, cautious)] == ["yes"]


@pytest.mark.parametrize(("silence", "fires"), [(0.6, False), (0.4, True)])
def test_a_word_stands_over_silence_by_what_the_network_says(silence: float, fires: bool) -> None:
    config = DetectorConfig(threshold=0.3, caution=1000.0)
    detector = Detector(LABELS, config, ("yes",), Timing(16_000, 160, HOP, POOLED, LOOKAHEAD))
    evidence = np.full((300, 4), 0.01, dtype=np.float32)
    evidence[100:140, 0] = 0.97
    row = [1.0 - silence - 1e-4, 0.0, 1e-4, silence]
    rows = np.array([row] * (300 // HOP), dtype=np.float32)
    assert bool(detector.push_all(HOP - 1, rows, evidence)) == fires


@pytest.mark.parametrize("caution", [0.0, 0.5, 2e6, float("nan")])
def test_caution_has_its_range(caution: float) -> None:
    with pytest.raises(ValueError, match="caution"):
        DetectorConfig(caution=caution)
