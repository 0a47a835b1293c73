"""Several sources at once: what is refused, what breaks off, and how all of it ends."""

import signal
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from commands import Running, json_lines
from kwspot.cli import main
from many import found, replaying, write_recordings
from words import said, sample

WORDS = [word.word for word in said()]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_recordings(tmp_path)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--replay", "a.wav", "--replay", "a.wav"), "--replay names a.wav twice"),
        (("--device", "a", "--device", "a"), "--device names a twice"),
        (("--replay", "a.wav", "--device", "a"), "exclude each other"),
        (("--channels", "both"), "--channels is mix, each, or numbers"),
        (("--channels", "0,1"), "--channels is mix, each, or numbers"),
        (("--channels", "2,2"), "--channels is mix, each, or numbers"),
    ],
)
def test_what_makes_no_sense_is_told(
    options: tuple[str, ...], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["listen", *options]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert says in captured.err
    assert captured.err.count("\n") == 1


def test_one_that_is_not_there_ends_all_before_a_word(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(replaying(folder / "whole.wav", folder / "none.wav")) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines()[-1] == (
        f"kwspot: {folder / 'none.wav'} cannot be opened: there is no such file; check the name"
    )


def test_a_channel_that_is_not_there_is_told_once(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*replaying(folder / "both.wav"), "--channels", "1,3"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines()[1:] == [
        f"kwspot: {folder / 'both.wav'} has 2 channels, no channel 3; choose one that is there"
    ]


def test_one_that_breaks_off_leaves_the_others_and_fails_in_the_end(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = sample()[:100_000].copy()
    broken[70_000] = np.nan
    soundfile.write(folder / "broken.wav", broken, 16_000, subtype="FLOAT")
    assert main([*replaying(folder / "broken.wav", folder / "whole.wav"), "--json"]) == 2
    captured = capsys.readouterr()
    lines = json_lines(captured.out)
    assert [line["label"] for line in found(lines, folder / "whole.wav")] == WORDS
    # What it held before is heard.
    assert [line["label"] for line in found(lines, folder / "broken.wav")] == WORDS[:2]
    [warning] = [line for line in lines if line["type"] == "warning"]
    assert (warning["state"], warning["source"]) == ("failed", str(folder / "broken.wav"))
    assert "4.375 s is not a finite number" in captured.err
    assert captured.err.count("\n") == 1


def test_it_ends_on_request_within_a_second(folder: Path) -> None:
    paths = [folder / name for name in ("whole.wav", "slow.wav", "left.wav")]
    named = [part for path in paths for part in ("--replay", path)]
    heard = folder / "heard.wav"
    with Running("listen", "--json", *named, "--record", heard) as listening:
        for path in paths:
            listening.wait_for(type="detection", source=str(path))
        listening.process.send_signal(signal.SIGINT)
        began = time.monotonic()
        code, chatter = listening.finish()
        assert time.monotonic() - began < 1.0
    assert (code, chatter) == (0, "")
    for number in (1, 2, 3):
        assert soundfile.info(folder / f"heard-{number}.wav").frames > 16_000
    assert not list(folder.glob("*.partial"))
