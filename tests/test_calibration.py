"""What a threshold costs: the curves of a model, rare events, and the calibration of a room."""

import json
import os
import signal
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from commands import Running, run_kwspot
from kwspot.api import scan
from kwspot.cli.cluster_driver import scan_one
from kwspot.cli.options import SpotOptions
from kwspot.errors import OptionError
from kwspot.resources import bundled_model, sample_recording
from kwspot.spotting.calibration import LADDER, Calibration, logit
from kwspot.spotting.checkpoint import load, save
from kwspot.spotting.detection import Detection
from kwspot.spotting.ladder import Ladder
from kwspot.spotting.room import Room, load_room, saved_place
from kwspot.spotting.spotter import Spotter
from kwspot.train.rates import poisson_interval, smoothed_rates
from virtual_microphone import VirtualMicrophone

WORDS = load(bundled_model()).words


def curves(words: tuple[str, ...] = WORDS, first: float = 100.0) -> Calibration:
    """Rates that fall tenfold for every unit of log odds, and misses that rise."""
    odds = logit(LADDER)
    rates = tuple(float(rate) for rate in first * 10.0 ** (odds[0] - odds))
    missed = tuple(float(share) for share in np.linspace(0.0, 0.9, len(LADDER)))
    return Calibration(LADDER, dict.fromkeys(words, rates), dict.fromkeys(words, missed), 2.0, 1000)


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled model with made curves."""
    path = tmp_path_factory.mktemp("measured") / "model.safetensors"
    save(replace(load(bundled_model()), calibration=curves()), path)
    return path


def test_the_interval_of_a_rate_is_the_exact_one() -> None:
    # After Garwood's table: no event in 6 h, and ten in one.
    assert poisson_interval(0, 6.0) == pytest.approx((0.0, 3.6889 / 6.0), abs=1e-4)
    assert poisson_interval(10, 1.0) == pytest.approx((4.7954, 18.3904), abs=1e-3)


def test_rates_follow_the_counts_where_there_are_many_and_go_on_falling_where_there_are_none() -> (
    None
):
    odds = np.arange(0.0, 8.0, 0.5)
    counts = {word: [round(count) for count in 400 * np.exp(-odds)] for word in ("on", "off")}
    rates = smoothed_rates(counts, odds, 2.0)
    for word in counts:
        assert rates[word][0] == pytest.approx(200.0)
        assert list(rates[word]) == sorted(rates[word], reverse=True)
        # The true rate at the end is 0.11 an hour, where nothing was counted any more.
        assert counts[word][-1] == 0
        assert 0.02 < rates[word][-1] < 0.5


def test_a_word_that_is_false_more_often_than_others_keeps_a_higher_rate() -> None:
    odds = np.arange(0.0, 4.0, 0.5)
    counts = {"go": [40, 30, 20, 12, 8, 5, 3, 2]} | {
        key: [4, 3, 2, 1, 0, 0, 0, 0] for key in "abcd"
    }
    rates = smoothed_rates(counts, odds, 1.0)
    assert all(rates["go"][place] > 3 * rates["a"][place] for place in range(len(odds)))


def test_a_budget_is_shared_by_the_words_that_are_asked_for() -> None:
    known = curves()
    all_words = known.thresholds_for(WORDS, 0.5)
    few = known.thresholds_for(WORDS[:2], 0.5)
    assert few[WORDS[0]] < all_words[WORDS[0]]
    rate, missed = known.expected(WORDS[0], few[WORDS[0]])
    assert rate == pytest.approx(0.25, rel=0.01)
    assert 0.0 < missed < 0.9
    # More than ever happens, and less than can be had.
    assert known.threshold_for(WORDS[0], 1e4) == LADDER[0]
    few_rates = replace(known, false_per_hour=dict.fromkeys(WORDS, (1.0,) * len(LADDER)))
    assert few_rates.threshold_for(WORDS[0], 0.5) == LADDER[-1]


def test_a_model_file_keeps_the_curves(measured: Path) -> None:
    assert load(measured).calibration == curves()
    spotter = Spotter(measured, false_per_hour=2.0)
    share = curves().threshold_for("yes", 2.0 / len(WORDS))
    assert spotter.detector.threshold_of("yes") == share
    assert Spotter(measured).detector.threshold_of("yes") > share
    # Without curves of its own, a model cannot be asked for a rate.
    plain = replace(load(measured), calibration=None)
    with pytest.raises(Exception, match="use --threshold"):
        Spotter(plain, false_per_hour=2.0)


def test_a_ladder_decides_as_spotters_at_each_threshold_do() -> None:

    samples, _ = soundfile.read(sample_recording(), dtype="float32")
    ladder = Ladder.of_thresholds(Spotter(), (0.4, 0.9), own=True)
    for first in range(0, len(samples), 7_001):
        ladder.push(samples[first : first + 7_001])
    ladder.finish()
    alone = [list(scan(sample_recording(), Spotter(threshold=value))) for value in (0.4, 0.9)] + [
        list(scan(sample_recording(), Spotter()))
    ]
    assert len(alone[0]) > 3
    for found, expected in zip(ladder.found, alone, strict=True):
        assert [(hit.label, hit.start) for hit in found] == [
            (hit.label, hit.start) for hit in expected
        ]


def test_a_quiet_room_lowers_thresholds_and_a_loud_one_raises_them(tmp_path: Path) -> None:
    model = replace(load(bundled_model()), calibration=curves())
    usual = curves().threshold_for("go", 0.5 / len(WORDS))
    nothing = {word: (0,) * len(LADDER) for word in WORDS}
    quiet = Room.empty(model, "desk").heard(10.0, nothing)
    often = {**nothing, "go": tuple(20 if value < 0.99 else 0 for value in LADDER)}
    loud = Room.empty(model, "desk").heard(10.0, often)
    assert quiet.calibration(curves()).threshold_for("go", 0.5 / len(WORDS)) < usual
    assert loud.calibration(curves()).threshold_for("go", 0.5 / len(WORDS)) > usual
    assert loud.false_at({"go": 0.5, "yes": 0.5}) == 20
    path = tmp_path / "rooms" / "desk.json"
    loud.save(path)
    assert load_room(path, model) == loud
    louder = Spotter(model, room=loud).detector
    assert louder.threshold_of("go") > Spotter(model).detector.threshold_of("go")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"model": "0" * 16}, "of another model"),
        ({"hours": -1.0}, "do not fit together"),
        ({"counts": {}}, "of another model"),
        ({"format": "kwspot room 9"}, "another kwspot"),
    ],
)
def test_a_calibration_that_does_not_fit_is_refused(
    tmp_path: Path, change: dict[str, object], told: str
) -> None:
    model = load(bundled_model())
    path = tmp_path / "room.json"
    Room.empty(model, "desk").save(path)
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(OptionError, match=told):
        load_room(path, model)
    path.write_text("{")
    with pytest.raises(OptionError, match="damaged"):
        load_room(path, model)


def test_calibrate_goes_on_where_it_was_and_scan_uses_what_it_found(
    measured: Path, tmp_path: Path
) -> None:
    kept = tmp_path / "room.json"
    given = ("calibrate", "--audio", sample_recording(), "--model", measured, "--out", kept)
    first = json.loads(run_kwspot(*given, "--json").stdout)
    assert first["hours"] == pytest.approx(soundfile.info(sample_recording()).duration / 3600, 0.01)
    again = run_kwspot(*given)
    assert "goes on after" in again.stdout
    assert "an hour (95 %)" in again.stdout
    room = load_room(kept, load(measured))
    assert room.hours == pytest.approx(2 * first["hours"], rel=0.01)
    assert max(row[0] for row in room.counts.values()) >= 2
    heard = run_kwspot("scan", sample_recording(), "--model", measured, "--calibration", kept)
    assert heard.returncode == 0
    fresh = json.loads(run_kwspot(*given, "--fresh", "--json").stdout)
    assert fresh["hours"] == first["hours"]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--threshold", "0.5", "--false-alarms-per-hour", "1"), "exclude each other"),
        (("--false-alarms-per-hour", "0"), "a number above 0"),
        (("--calibration", "nowhere.json"), "there is no calibration"),
        (("--threshold", "0.5", "--calibration", "x.json"), "exclude each other"),
        (("--false-alarms-per-hour", "1", "--calibration", "x.json"), "exclude each other"),
    ],
)
def test_options_that_cannot_be_used_are_one_line(
    measured: Path, options: tuple[str, ...], told: str
) -> None:
    done = run_kwspot("scan", sample_recording(), "--model", measured, *options)
    assert done.returncode == 2
    assert told in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--minutes", "0"), "a number above 0"),
        (("--audio", "x.wav", "--device", "y"), "exclude each other"),
        (("--audio", "x.wav"), "x.wav"),
        (("--false-alarms-per-hour", "-1"), "a number above 0"),
    ],
)
def test_calibrate_says_what_is_wrong(
    measured: Path, options: tuple[str, ...], told: str, tmp_path: Path
) -> None:
    done = run_kwspot("calibrate", "--model", measured, "--out", tmp_path / "r.json", *options)
    assert done.returncode == 2
    assert told in done.stderr
    assert not (tmp_path / "r.json").exists()


def test_ctrl_c_keeps_what_a_microphone_heard_and_listening_uses_it(
    measured: Path, virtual_microphone: VirtualMicrophone
) -> None:
    env = virtual_microphone.env
    with Running("calibrate", "--model", measured, "--json", env=env) as calibrating:
        virtual_microphone.wait_for_listener()
        time.sleep(2.0)
        calibrating.process.send_signal(signal.SIGINT)
        code, chatter = calibrating.finish(15.0)
    assert code == 0, chatter
    (told,) = calibrating.said
    kept = Path(told["file"])
    assert told["hours"] > 0.0
    assert kept.is_relative_to(env["HOME"])
    with Running("listen", "--model", measured, "--json", env=env) as listening:
        listening.wait_for(type="status", state="listening")
        listening.process.send_signal(signal.SIGINT)
        code, chatter = listening.finish(10.0)
    assert code == 0
    assert f"thresholds of this room: {kept}" in chatter


def test_a_worker_elsewhere_gets_the_thresholds_not_the_files_they_come_from(
    measured: Path, tmp_path: Path
) -> None:
    model, path = load(measured), tmp_path / "room.json"
    Room.empty(model, "desk").heard(9.0, {word: (0,) * len(LADDER) for word in WORDS}).save(path)
    spot = SpotOptions(measured, "yes,no", ("no=0.7",), 50, "cpu", None, str(path))
    spotter = spot.spotter()
    elsewhere = spot.settled(spotter)
    path.unlink()
    assert elsewhere.spotter().detector.thresholds == spotter.detector.thresholds
    row = {"place": 3, "path": str(sample_recording())}
    told = json.loads(scan_one(row, elsewhere, measured.read_bytes())["facts"])
    heard = [Detection(**event["detection"]) for event in told["events"]]
    assert heard == list(scan(sample_recording(), spotter))


def test_a_muted_microphone_is_no_quiet_room(measured: Path, tmp_path: Path) -> None:
    quiet = 1e-4 * np.random.default_rng(1).standard_normal(10 * 16_000)
    soundfile.write(
        tmp_path / "muted.wav", np.concatenate((quiet, np.zeros(600_000), quiet)), 16_000
    )
    done = run_kwspot(
        "calibrate", "--audio", tmp_path / "muted.wav", "--model", measured, "--out",
        tmp_path / "room.json", "--json",
    )  # fmt: skip
    # Until it is known for silence, it counts.
    assert json.loads(done.stdout)["hours"] * 3600 == pytest.approx(20.0 + 5.0, abs=4.5)
    assert "digital silence" in done.stderr


def test_what_is_no_calibration_is_not_written_over(measured: Path, tmp_path: Path) -> None:
    kept = tmp_path / "talk.wav"
    kept.write_bytes(sample_recording().read_bytes())
    given = ("calibrate", "--audio", sample_recording(), "--model", measured, "--out", kept)
    for more in ((), ("--fresh",)):
        done = run_kwspot(*given, *more)
        assert done.returncode == 2
        assert "is no calibration" in done.stderr
        assert kept.read_bytes() == sample_recording().read_bytes()
    kept.write_text('{"format": "kwspot room 1"')
    done = run_kwspot(*given)
    assert "make it anew by `kwspot calibrate --fresh`" in done.stderr
    assert run_kwspot(*given, "--fresh").returncode == 0


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")
def test_a_second_request_ends_the_wait_for_a_pipe(measured: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    given = ("calibrate", "--audio", tmp_path / "pipe", "--model", measured, "--out")
    with Running(*given, tmp_path / "room.json") as calibrating:
        # It cannot be asked whether it waits already; before that a request ends it, too.
        for _ in range(2):
            time.sleep(4.0)
            calibrating.process.send_signal(signal.SIGINT)
        code, _ = calibrating.finish(30.0)
    assert code in (2, 130)


def test_a_room_is_kept_whatever_the_case_of_the_microphone() -> None:
    model = load(bundled_model())
    assert saved_place(model, "USB Audio@ALSA") == saved_place(model, "usb audio@alsa")
    assert saved_place(model, "USB") != saved_place(model, None)
