"""`kwspot scan` over many recordings: folders, patterns, several at once, results in a file."""

import csv
import json
import os
import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from commands import COMMAND, json_lines
from kwspot.cli import main
from words import said, sample

WORDS = [word.word for word in said()]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three recordings of one word each, in two folders, and what is none."""
    place = tmp_path / "talks"
    (place / "more" / "deep").mkdir(parents=True)
    names = ("b.wav", "more/a.flac", "more/deep/c.WAV")
    for name, word in zip(names, said(), strict=False):
        first, last = round(word.start_s * 16_000) - 4_000, round(word.end_s * 16_000) + 4_000
        soundfile.write(
            place / name, sample()[first:last], 16_000, format=name[-4:].strip(".").upper()
        )
    (place / "notes.txt").write_text("no audio")
    (place / "._b.wav").write_text("what another system left here")
    return place


NAMES = ("b.wav", "more/a.flac", "more/deep/c.WAV")


def found(text: str) -> list[tuple[str, str]]:
    return [(line["source"], line["label"]) for line in json_lines(text)]


@pytest.mark.parametrize("jobs", ["1", "2", "5"])
def test_a_folder_stands_for_all_recordings_in_it_in_order(
    folder: Path, capsys: pytest.CaptureFixture[str], jobs: str
) -> None:
    assert main(["scan", "--json", "--jobs", jobs, str(folder)]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    expected = [(str(folder / name), word) for name, word in zip(NAMES, WORDS, strict=False)]
    assert found(captured.out) == expected


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("*.wav", ["b.wav"]),
        ("**/*.flac", ["more/a.flac"]),
        ("**", list(NAMES)),
        ("more*", ["more/a.flac", "more/deep/c.WAV"]),
    ],
)
def test_patterns(
    folder: Path, capsys: pytest.CaptureFixture[str], pattern: str, names: list[str]
) -> None:
    assert main(["scan", "--json", str(folder / pattern)]) == 0
    sources = [source for source, _ in found(capsys.readouterr().out)]
    assert sources == [str(folder / name) for name in names]


def test_what_overlaps_is_scanned_once(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scan", "--json", str(folder / "**" / "*.flac"), str(folder)]) == 0
    sources = [source for source, _ in found(capsys.readouterr().out)]
    assert sources == [str(folder / name) for name in (NAMES[1], NAMES[0], NAMES[2])]


def test_what_stands_for_nothing_is_told(
    tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    assert main(["scan", "--json", str(empty), str(tmp_path / "*.mp3"), str(folder)]) == 2
    captured = capsys.readouterr()
    assert len(found(captured.out)) == 3
    one, other = captured.err.splitlines()
    assert "empty is a folder without recordings" in one
    assert "*.mp3" in other


def test_many_recordings_come_in_the_order_they_were_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first is the longest: the others are done before it, and bad ones are among them."""
    long, short = tmp_path / "long.wav", tmp_path / "short.wav"
    soundfile.write(long, np.tile(sample(), 4), 16_000)
    soundfile.write(short, sample(), 16_000)
    names = [long, short, tmp_path / "missing.wav", short, short]
    assert main(["scan", "--json", "--jobs", "3", *map(str, names)]) == 2
    captured = capsys.readouterr()
    sources = [source for source, _ in found(captured.out)]
    one = len(WORDS)
    assert sources == [str(long)] * (len(sources) - 3 * one) + [str(short)] * (3 * one)
    assert "missing.wav" in captured.err


def test_results_in_a_file_are_those_of_standard_output(
    tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["scan", "--json", str(folder)]) == 0
    printed = capsys.readouterr().out
    lines, table = tmp_path / "r.jsonl", tmp_path / "r.csv"
    for path in (lines, table):
        assert main(["scan", "--output", str(path), str(folder)]) == 0
        assert capsys.readouterr().out == ""
    assert lines.read_text() == printed
    with table.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["source"], row["label"]) for row in rows] == found(printed)
    assert [float(row["start"]) for row in rows] == [line["start"] for line in json_lines(printed)]
    assert {path.name for path in tmp_path.iterdir()} == {"talks", "r.jsonl", "r.csv"}


def test_after_a_failure_only_what_failed_is_scanned_again(
    tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad, output = folder / "a.wav", tmp_path / "r.jsonl"
    bad.write_text("not yet audio")
    command = ["scan", str(folder), "--output", str(output)]
    assert main(command) == 2
    assert "a.wav" in capsys.readouterr().err
    assert len(output.read_text().splitlines()) == 3
    soundfile.write(bad, sample(), 16_000)
    assert main(command) == 0
    assert "3 of 4 are scanned already" in capsys.readouterr().err
    sources = [Path(source).name for source, _ in found(output.read_text())]
    assert sources == ["a.wav"] * len(WORDS) + ["b.wav", "a.flac", "c.WAV"]
    assert not output.with_name("r.jsonl.partial").exists()


def journal_of(folder: Path, output: Path, *options: str) -> Path:
    """The journal of a scan that did not get past its second recording, cut off in a line."""
    blocked = folder / "zz.wav"
    blocked.write_text("no audio")
    assert main(["scan", str(folder), "--output", str(output), *options]) == 2
    blocked.unlink()
    output.unlink()
    journal = output.with_name(f"{output.name}.partial")
    whole = journal.read_bytes()
    assert len(whole.splitlines()) == 4
    journal.write_bytes(whole[:-20])
    return journal


def test_a_scan_that_was_cut_off_goes_on(
    tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "r.jsonl"
    journal = journal_of(folder, output)
    # What the journal says is taken as it is: this proves that the recording is not read again.
    journal.write_text(journal.read_text().replace('"label": "yes"', '"label": "kept"'))
    # A recording that has been changed since is another one.
    (folder / NAMES[1]).touch()
    os.utime(folder / NAMES[1], ns=(1, 1))
    capsys.readouterr()
    assert main(["scan", str(folder), "--output", str(output)]) == 0
    assert "1 of 3 are scanned already" in capsys.readouterr().err
    assert [label for _, label in found(output.read_text())] == ["kept", *WORDS[1:3]]


@pytest.mark.parametrize(
    ("options", "names"),
    [
        (["--hop", "100"], "--hop"),
        (["--threshold", "0.9"], "--threshold"),
        (["--false-alarms-per-hour", "3"], "--false-alarms-per-hour"),
        (["--words", "yes"], "--words"),
    ],
)
def test_a_journal_of_another_scan_is_refused(
    tmp_path: Path,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    options: list[str],
    names: str,
) -> None:
    output = tmp_path / "r.csv"
    journal = journal_of(folder, output)
    before = journal.read_bytes()
    capsys.readouterr()
    assert main(["scan", str(folder), "--output", str(output), *options]) == 2
    told = capsys.readouterr().err
    assert f"another {names}:" in told
    assert "delete it to start anew" in told
    assert journal.read_bytes() == before
    assert not output.exists()


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("r.txt", ".jsonl or .csv"),
        ("nowhere/r.csv", "there is no folder"),
        ("folder.csv", "is a folder; name a file"),
        ("there.csv", "holds the results of a scan already"),
    ],
)
def test_outputs_that_cannot_be_used_are_told(
    tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str], name: str, says: str
) -> None:
    (tmp_path / "there.csv").write_text("mine")
    (tmp_path / "folder.csv").mkdir()
    assert main(["scan", str(folder), "--output", str(tmp_path / name)]) == 2
    assert says in capsys.readouterr().err
    assert (tmp_path / "there.csv").read_text() == "mine"


def test_a_foreign_journal_is_left_alone(
    tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    foreign = tmp_path / "r.csv.partial"
    foreign.write_text("something else\n")
    assert main(["scan", str(folder), "--output", str(tmp_path / "r.csv")]) == 2
    assert "not the journal of a scan" in capsys.readouterr().err
    assert foreign.read_text() == "something else\n"


def test_ctrl_c_keeps_what_is_done_and_says_how_to_go_on(tmp_path: Path) -> None:
    short, pipe, output = tmp_path / "a.wav", tmp_path / "b.pipe", tmp_path / "r.jsonl"
    soundfile.write(short, sample(), 16_000)
    os.mkfifo(pipe)
    command = [*COMMAND, "scan", "--jobs", "2", str(short), str(pipe), "--output", str(output)]
    # The second recording never ends: its pipe stays open and silent.
    holder = os.open(pipe, os.O_RDWR)
    scan = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    journal = output.with_name("r.jsonl.partial")
    until_s = time.monotonic() + 60
    while time.monotonic() < until_s and not (
        journal.exists() and len(journal.read_text().splitlines()) == 2
    ):
        time.sleep(0.05)
    scan.send_signal(signal.SIGINT)
    _, told = scan.communicate(timeout=20)
    os.close(holder)
    assert scan.returncode == 130
    assert "1 of 2 recordings are kept" in told
    assert len(told.splitlines()) == 1
    assert not output.exists()
    assert json.loads(journal.read_text().splitlines()[1])["file"] == str(short)


def test_jobs_are_at_least_one(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scan", "--jobs", "0", str(folder)]) == 2
    assert "--jobs" in capsys.readouterr().err
