"""The history file: whole after any crash, never deleted, and printed by `kwspot history`."""

import csv
import io
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from commands import json_lines, run_kwspot
from gui import application
from kwspot.errors import KwspotError
from kwspot.gui import history_store, ledger
from kwspot.gui.history_store import Entry, HistoryStore
from kwspot.gui.history_view import HistoryModel, HistoryTable, when
from kwspot.gui.ledger import Ledger

WRITER = """
import sys, time
from pathlib import Path
from kwspot.gui.history_store import Entry, HistoryStore
with HistoryStore(Path(sys.argv[1])) as store:
    for number in range(1_000_000):
        store.add(Entry(time.time(), f"word{number}", 0.9, 1.0, 1.5, 0.6, "bundled", "test"))
        print(number, flush=True)
"""


def entry(word: str, *, age_s: float = 0.0, score: float = 0.9) -> Entry:
    return Entry(time.time() - age_s, word, score, 1.0, 1.5, 0.6, "bundled", "test.wav")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A history of three words: two days, two hours and no time ago."""
    path = tmp_path / "history.sqlite"
    with HistoryStore(path) as store:
        store.add(entry("yes", age_s=2 * 86_400))
        store.add(entry("no", age_s=2 * 3600))
        store.add(entry("yes", score=0.75))
    return path


def test_entries_come_back_as_they_went(file: Path) -> None:
    with HistoryStore(file) as store:
        added = store.add(entry("stop"))
        found = list(store.entries())
    assert [one.word for one in found] == ["yes", "no", "yes", "stop"]
    assert found[-1] == added
    assert added.id > 0


def test_entries_are_chosen_by_word_time_and_number(file: Path) -> None:
    with HistoryStore(file) as store:
        assert [one.word for one in store.entries(since=time.time() - 86_400)] == ["no", "yes"]
        assert [one.score for one in store.entries(word="yes")] == [0.9, 0.75]
        assert [one.word for one in store.entries(newest=2)] == ["no", "yes"]


def test_old_entries_are_forgotten_and_all_of_them_on_request(file: Path) -> None:
    with HistoryStore(file) as store:
        assert store.prune(days=1) == 1
        assert [one.word for one in store.entries()] == ["no", "yes"]
        store.clear()
        assert list(store.entries()) == []


def test_what_was_written_before_a_crash_is_there(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        last = 0
        while last < 20:
            last = int(writer.stdout.readline())
        os.kill(writer.pid, signal.SIGKILL)
        for line in writer.stdout:
            last = int(line) if line.endswith("\n") else last
    with HistoryStore(path) as store:
        assert store.trouble == ""
        words = [one.word for one in store.entries()]
    assert words[: last + 1] == [f"word{number}" for number in range(last + 1)]


@pytest.mark.parametrize("damage", ["text", "torn"])
def test_a_damaged_file_is_set_aside_and_said(file: Path, damage: str) -> None:
    if damage == "text":
        file.write_text("this is no database " * 100)
    else:
        whole = bytearray(file.read_bytes())
        whole[4096:] = os.urandom(len(whole) - 4096)
        file.write_bytes(whole)
    before = file.read_bytes()
    with HistoryStore(file) as store:
        assert "damaged" in store.trouble
        assert list(store.entries()) == []
        store.add(entry("yes"))
    (aside,) = file.parent.glob("history-damaged-*.sqlite")
    assert aside.read_bytes() == before


def test_a_newer_file_is_left_alone(file: Path) -> None:
    with sqlite3.connect(file) as database:
        database.execute("PRAGMA user_version=99")
    database.close()
    with pytest.raises(KwspotError, match="newer kwspot"), HistoryStore(file):
        pass
    assert [path.name for path in file.parent.glob("*damaged*")] == []


def test_a_folder_that_cannot_be_written_to_is_said(closed_folder: Path) -> None:
    with (
        pytest.raises(KwspotError, match="cannot be opened"),
        HistoryStore(closed_folder / "sub" / "history.sqlite"),
    ):
        pass


def test_history_prints_lines_for_people(file: Path) -> None:
    done = run_kwspot("history", "--file", file)
    assert done.returncode == 0
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert [line.split()[2] for line in lines] == ["yes", "no", "yes"]
    assert lines[-1].startswith(f"{datetime.now():%Y-%m-%d}")


def test_history_prints_json_and_csv(file: Path) -> None:
    found = json_lines(run_kwspot("history", "--file", file, "--json").stdout)
    assert [(line["word"], line["score"]) for line in found] == [
        ("yes", 0.9),
        ("no", 0.9),
        ("yes", 0.75),
    ]
    table = list(csv.DictReader(io.StringIO(run_kwspot("history", "--file", file, "--csv").stdout)))
    assert [row["word"] for row in table] == ["yes", "no", "yes"]
    assert {name: str(value) for name, value in found[1].items() if name != "type"} == table[1]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--since", "3h"), ["no", "yes"]),
        (("--since", "90 min"), ["yes"]),
        (("--since", "2000-01-01"), ["yes", "no", "yes"]),
        (("--since", "3h", "--word", "yes"), ["yes"]),
        (("--word", "maybe"), []),
    ],
)
def test_history_chooses(file: Path, options: tuple[str, ...], words: list[str]) -> None:
    done = run_kwspot("history", "--file", file, "--json", *options)
    assert done.returncode == 0
    assert [line["word"] for line in json_lines(done.stdout)] == words


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--since", "soon"), "--since takes 2h"),
        (("--json", "--csv"), "exclude each other"),
        (("--file", "/nowhere/history.sqlite"), "no history /nowhere"),
    ],
)
def test_history_refuses_what_it_cannot_do(options: tuple[str, ...], said: str) -> None:
    done = run_kwspot("history", *options)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_history_of_a_damaged_file_is_an_error_and_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    path.write_text("this is no database " * 100)
    done = run_kwspot("history", "--file", path)
    assert done.returncode == 2
    assert "cannot be read" in done.stderr
    assert [found.name for found in tmp_path.iterdir()] == ["history.sqlite"]
    path.write_bytes(b"")
    done = run_kwspot("history", "--file", path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "no such table" in done.stderr


def test_without_a_history_there_is_nothing_to_print(tmp_path: Path) -> None:
    home = {**os.environ, "XDG_DATA_HOME": str(tmp_path), "HOME": str(tmp_path)}
    done = run_kwspot("history", env=home)
    assert (done.returncode, done.stdout) == (0, "")
    assert "no history yet" in done.stderr
    assert run_kwspot("history", "--json", env=home).stderr == ""


def test_a_history_that_another_program_holds_is_opened_later_and_lacks_nothing(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history_store, "_BUSY_S", 0.05)
    monkeypatch.setattr(ledger, "_AGAIN_S", 0.0)
    book = Ledger(file, 90)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        # With a journal of its own a reader alone can be kept out.
        other.execute("PRAGMA journal_mode=DELETE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(KwspotError, match="another program holds it"):
            book.open()
        with pytest.raises(KwspotError, match="another program holds it"):
            book.add(11, entry("stop"))
        other.execute("ROLLBACK")
    book.amend(11, replace(entry("stop"), mark="right"))
    older = book.add(12, entry("go"))
    assert older is not None
    assert [found.word for found in older] == ["yes", "no", "yes"]
    assert book.add(13, entry("up")) is None
    book.close()
    with HistoryStore(file) as store:
        found = list(store.entries())[3:]
    assert [(each.word, each.mark) for each in found] == [("stop", "right"), ("go", ""), ("up", "")]


def test_the_table_has_room_for_the_times_of_other_days() -> None:
    application()
    table = HistoryTable(HistoryModel())
    model = table.model()
    assert isinstance(model, HistoryModel)
    for number in range(50):
        model.add(entry(f"word{number}"))
    narrow = table.columnWidth(0)
    model.fill([entry("old", age_s=3 * 86_400.0)])
    needed = table.fontMetrics().horizontalAdvance(when(time.time() - 3 * 86_400.0))
    assert narrow < needed < table.columnWidth(0)
