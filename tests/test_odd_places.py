"""Recordings with names and in places that few have thought of."""

import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import soundfile

from commands import COMMAND, json_lines, run_kwspot
from kwspot.cli import main
from kwspot.cli.recordings import recordings
from words import said, sample


@pytest.fixture
def word(tmp_path: Path) -> Path:
    """A recording of the first word of the sample."""
    path = tmp_path / "word.wav"
    end = round(said()[0].end_s * 16_000) + 8_000
    soundfile.write(path, sample()[:end], 16_000)
    return path


@pytest.fixture
def old(word: Path) -> Path:
    """The same in a folder of its own, its name in Latin-1, as on old disks."""
    folder = word.parent / "old"
    folder.mkdir()
    path = folder / os.fsdecode(b"caf\xe9.wav")
    try:
        shutil.copy(word, path)
    except OSError:
        pytest.skip("this file system wants names in Unicode")
    return path


def test_names_that_are_not_utf_8_are_read_and_written(old: Path) -> None:
    done = subprocess.run(
        [*COMMAND, "scan", "--json", os.fsencode(old.parent), "--output", old.parent / "out.csv"],
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    with (old.parent / "out.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["label"] for row in rows] == [said()[0].word]
    assert "caf\\udce9.wav" in rows[0]["source"]
    assert sorted(os.listdir(old.parent)) == sorted([old.name, "out.csv"])  # noqa: PTH208
    copy = old.with_name(os.fsdecode(b"h\xf6rt.wav"))
    done = subprocess.run(
        [*COMMAND, "listen", "--replay", os.fsencode(old), "--replay-speed", "max", "--record",
         os.fsencode(copy)],
        capture_output=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert soundfile.info(os.fsencode(copy)).frames == soundfile.info(os.fsencode(old)).frames


def test_links_are_followed_but_in_no_circle(word: Path) -> None:
    talks = word.parent / "talks"
    (talks / "inner").mkdir(parents=True)
    shutil.copy(word, talks / "inner" / "a.wav")
    (talks / "inner" / "back").symlink_to(talks, target_is_directory=True)
    linked = word.parent / "linked"
    linked.mkdir()
    (linked / "there").symlink_to(talks, target_is_directory=True)
    names, problems = recordings([str(linked)])
    assert [Path(name).relative_to(linked).as_posix() for name in names] == ["there/inner/a.wav"]
    assert problems == []


def test_a_name_that_no_file_can_have_does_not_end_the_scan(
    word: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["scan", "--json", "x" * 300, str(word)]) == 2
    captured = capsys.readouterr()
    assert [line["label"] for line in json_lines(captured.out)] == [said()[0].word]
    assert captured.err.count("\n") == 1


def test_what_a_recording_held_before_it_was_damaged_is_not_told(
    word: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = word.parent / "both"
    folder.mkdir()
    shutil.copy(word, folder / "a.wav")
    (folder / "b.wav").write_bytes(b"nothing")
    given = ["scan", str(folder), "--output", str(folder / "out.csv")]
    assert main(given) == 2
    (folder / "a.wav").write_bytes(b"nothing either")
    assert main(given) == 2
    assert (folder / "out.csv").read_text().splitlines()[1:] == []
    capsys.readouterr()


@pytest.mark.skipif(sys.platform == "win32", reason="no pipes that are watched")
def test_a_pipe_that_goes_silent_does_not_keep_a_timed_run(word: Path) -> None:
    reader, writer = os.pipe()
    os.write(writer, word.read_bytes()[:44])
    try:
        done = subprocess.run(
            [*COMMAND, "listen", "--replay", "-", "--duration", "0.5"],
            stdin=reader,
            capture_output=True,
            timeout=60,
            check=False,
        )
    finally:
        os.close(reader)
        os.close(writer)
    assert done.returncode == 0, done.stderr


def test_a_speed_is_one_of_replays() -> None:
    done = run_kwspot("listen", "--replay-speed", "2")
    assert done.returncode == 2
    assert "--replay-speed goes with --replay FILE" in done.stderr
