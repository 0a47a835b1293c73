"""`kwspot listen` on recordings: what it prints, records and runs."""

import os
import signal
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest
import soundfile

from commands import Running, Terminal, json_lines, run_kwspot
from kwspot.cli import main
from words import said, sample

WORDS = [word.word for word in said()]


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "said.wav"
    soundfile.write(path, sample(), 16_000, subtype="PCM_16")
    return path


def listen(recording: Path, *options: str) -> list[str]:
    return ["listen", "--replay", str(recording), "--replay-speed", "max", *options]


def test_it_says_that_it_listens_and_what_it_hears(
    recording: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(listen(recording, "--json")) == 0
    captured = capsys.readouterr()
    lines = json_lines(captured.out)
    assert captured.err == ""
    assert (lines[0]["type"], lines[0]["state"]) == ("status", "listening")
    assert [line["label"] for line in lines[1:]] == WORDS
    assert all("time" in line and line["source"] == str(recording) for line in lines)


def test_people_get_lines_and_no_status_line_without_a_terminal(
    recording: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(listen(recording)) == 0
    captured = capsys.readouterr()
    lines = captured.out.splitlines()
    assert len(lines) == len(WORDS)
    assert all(word in line for word, line in zip(WORDS, lines, strict=True))
    assert "\x1b" not in captured.out + captured.err
    assert captured.err.count("\n") == 1  # that it listens


@pytest.mark.parametrize(("label", "some"), [("_unknown_", "0.01"), ("_silence_", "0.000005")])
def test_no_word_where_other_speech_or_silence_scores_higher_than_allowed(
    recording: Path, capsys: pytest.CaptureFixture[str], label: str, some: str
) -> None:
    found = []
    # Other speech is weighed by caution, silence is not: beside a clear word it is next to nothing.
    for ceiling in ("0", some, "1"):
        assert main(listen(recording, "--json", "--threshold", f"{label}={ceiling}")) == 0
        found.append([line["label"] for line in json_lines(capsys.readouterr().out)[1:]])
    assert found[0] == []
    assert 0 < len(found[1]) < len(WORDS)
    assert found[2] == WORDS


def test_a_recording_of_it_is_the_same_to_the_sample(recording: Path, tmp_path: Path) -> None:
    for name in ("heard.wav", "heard.flac"):
        assert main(listen(recording, "--record", str(tmp_path / name))) == 0
        heard, rate_hz = soundfile.read(tmp_path / name, dtype="float32")
        assert rate_hz == 16_000
        np.testing.assert_array_equal(heard, sample())


def test_a_duration_ends_it_to_the_sample(recording: Path, tmp_path: Path) -> None:
    assert main(listen(recording, "--duration", "2.5", "--record", str(tmp_path / "h.wav"))) == 0
    assert soundfile.info(tmp_path / "h.wav").frames == 40_000


def test_a_replay_keeps_the_pace_of_a_microphone(recording: Path) -> None:
    with Running("listen", "--json", "--replay", recording, "--replay-speed", "4") as listening:
        listening.wait_for(state="listening")
        began = time.monotonic()
        code, _ = listening.finish(30.0)
        took = time.monotonic() - began
    assert code == 0
    # Not before its time; later, where the machine is busy.
    assert len(sample()) / 16_000 / 4 - 0.5 < took < len(sample()) / 16_000
    assert [line["label"] for line in listening.said if line["type"] == "detection"] == WORDS


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_on_request_and_prints_what_it_had_heard(
    recording: Path, tmp_path: Path, ending: signal.Signals
) -> None:
    heard = tmp_path / "heard.wav"
    with Running("listen", "--json", "--replay", recording, "--record", heard) as listening:
        listening.wait_for(type="detection")
        listening.process.send_signal(ending)
        began = time.monotonic()
        code, chatter = listening.finish()
        assert time.monotonic() - began < 1.0
    assert (code, chatter) == (0, "")
    samples, _ = soundfile.read(heard, dtype="float32")
    np.testing.assert_array_equal(samples, sample()[: len(samples)])
    assert not list(tmp_path.glob("*.partial"))


def test_a_command_runs_on_its_word_alone_and_one_at_a_time(
    recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mark = tmp_path / "mark"
    script = tmp_path / "act.py"
    script.write_text(
        "import os, pathlib, sys\n"
        f"pathlib.Path({str(mark)!r}).write_text(os.environ['KWSPOT_WORD'] + str(sys.argv[1:]))\n"
    )
    command = f"zero={sys.executable} {script} '$HOME; a b'"
    assert main(listen(recording, "--json", "--exec", command)) == 0
    deadline = time.monotonic() + 10
    while not mark.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    # No shell has touched the arguments.
    assert mark.read_text() == "zero['$HOME; a b']"


def test_a_command_that_fails_is_a_warning(recording: Path) -> None:
    command = f"yes={sys.executable} -c 'raise SystemExit(3)'"
    options = ("--json", "--replay", recording, "--replay-speed", "8", "--exec", command)
    done = run_kwspot("listen", *options)
    assert done.returncode == 0
    warnings = [line for line in json_lines(done.stdout) if line["type"] == "warning"]
    assert [line["message"] for line in warnings] == [
        "the command for 'yes' failed with exit code 3"
    ]


@pytest.mark.skipif(os.name == "nt", reason="needs a pseudo terminal")
def test_a_terminal_shows_a_status_line(recording: Path) -> None:
    code, text = Terminal("listen", "--replay", recording, "--replay-speed", "8").finish()
    assert code == 0
    assert " dB" in text
    assert "dropped 0.0 s" in text
    assert all(word in text for word in WORDS)


def test_half_an_hour_at_full_speed_leaves_memory_flat(tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    with soundfile.SoundFile(path, "w", 16_000, 1, subtype="PCM_16") as file:
        for _ in range(92):
            file.write(sample())
    with Running("listen", "--json", "--replay", path, "--replay-speed", "max") as listening:
        listening.wait_for(60.0, type="detection", label="zero")
        process = psutil.Process(listening.process.pid)
        used = []
        while listening.process.poll() is None:
            used.append(process.memory_info().rss)
            time.sleep(0.05)
        code, _ = listening.finish()
    assert code == 0
    assert len(used) > 10
    found = [line for line in listening.said if line["type"] == "detection"]
    assert len(found) > 90 * (len(WORDS) - 1)
    # Beginning loads code and ending does; what lies between is the listening.
    settled = used[len(used) // 3 : -5]
    assert max(settled) - min(settled) < 40e6


def test_json_on_a_terminal_is_still_an_object_a_line(recording: Path) -> None:
    options = ("--json", "--replay", recording, "--replay-speed", "max")
    code, text = Terminal("listen", *options).finish()
    assert code == 0
    assert [line["label"] for line in json_lines(text) if line["type"] == "detection"] == WORDS


def test_many_requests_to_end_lose_nothing(recording: Path, tmp_path: Path) -> None:
    heard = tmp_path / "heard.wav"
    with Running("listen", "--json", "--replay", recording, "--record", heard) as listening:
        listening.wait_for(type="detection")
        for _ in range(4):
            listening.process.send_signal(signal.SIGINT)
            time.sleep(0.02)
        code, chatter = listening.finish()
    assert (code, chatter) == (0, "")
    assert soundfile.info(heard).frames > 16_000


def test_a_request_to_end_while_the_model_loads_ends_it(recording: Path) -> None:
    with Running("listen", "--json", "--replay", recording) as listening:
        time.sleep(0.6)
        listening.process.send_signal(signal.SIGINT)
        code, chatter = listening.finish()
    assert (code, chatter) == (0, "")


def test_the_last_word_s_command_may_still_fail(recording: Path) -> None:
    command = f"{WORDS[-1]}=false"
    done = run_kwspot(*listen(recording, "--json", "--exec", command))
    warnings = [line for line in json_lines(done.stdout) if line["type"] == "warning"]
    assert [line["state"] for line in warnings] == ["command"]
