"""The words of the past: one SQLite file in the user's data folder. Knows nothing of Qt."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Self

from kwspot.errors import KwspotError
from kwspot.resources import data_folder

SCHEMA_VERSION = 1
_BUSY_S = 5.0
_HELD = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_TABLE = """
CREATE TABLE IF NOT EXISTS detections (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    said_at REAL NOT NULL,
    word TEXT NOT NULL,
    score REAL NOT NULL,
    start_s REAL NOT NULL,
    end_s REAL NOT NULL,
    threshold REAL NOT NULL,
    model TEXT NOT NULL,
    source TEXT NOT NULL,
    mark TEXT NOT NULL DEFAULT '',
    clip TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS by_time ON detections (said_at);
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """A detection as it is remembered.

    said_at: Unix time of its report; start_s, end_s: in its source; mark: "", "right" or "wrong";
    clip: path of its sound, "" where that was not kept; id: 0 before it is stored.
    """

    said_at: float
    word: str
    score: float
    start_s: float
    end_s: float
    threshold: float
    model: str
    source: str
    mark: str = ""
    clip: str = ""
    id: int = 0


_COLUMNS = [entry.name for entry in fields(Entry)]


def history_file() -> Path:
    """Where the history is."""
    return data_folder() / "history.sqlite"


class HistoryStore:
    """Reads and writes the history; for one thread. Every entry is safe once `add` returns.

    Entering opens it, making it where there is none. A damaged file is set aside, never deleted;
    `trouble` then says so. Raises KwspotError where it cannot be used at all.
    read_only: never change anything; a damaged file is an error then.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.path = path
        self._read_only = read_only
        self.trouble = ""
        self._database: sqlite3.Connection | None = None

    def __enter__(self) -> Self:
        """Open the file; raises KwspotError."""
        if self._read_only:
            return self._enter_reading()
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            try:
                self._database = self._open()
            except sqlite3.DatabaseError as error:
                if isinstance(error, sqlite3.OperationalError) and not _damaged(error):
                    raise
                self._set_aside()
                self._database = self._open()
        except (OSError, sqlite3.Error) as error:
            advice = "see that the folder can be written to"
            if getattr(error, "sqlite_errorcode", 0) & 0xFF in _HELD:
                advice = "another program holds it, and it is tried again with the words to come"
            raise KwspotError(
                f"the history {self.path} cannot be opened ({error}); {advice}"
            ) from error
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        database, self._database = self._database, None
        if database is not None:
            database.close()

    def _enter_reading(self) -> Self:
        try:
            self._database = sqlite3.connect(
                f"{self.path.absolute().as_uri()}?mode=ro", uri=True, timeout=_BUSY_S
            )
            _check(self._database, self.path)
            # What is no history is told now, not when it is asked for the first word.
            self._database.execute(f"SELECT {', '.join(_COLUMNS)} FROM detections LIMIT 0")
        except sqlite3.Error as error:
            raise KwspotError(
                f"the history {self.path} cannot be read ({error}); the app sets a damaged one "
                "aside when it starts"
            ) from error
        return self

    def _open(self) -> sqlite3.Connection:
        # One thread at a time uses it, though not always the one that opened it.
        database = sqlite3.connect(
            self.path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False
        )
        try:
            _check(database, self.path)
            # Readers and the writer do not wait for each other, and a crash loses nothing.
            database.execute("PRAGMA journal_mode=WAL")
            database.execute("PRAGMA synchronous=FULL")
            database.executescript(_TABLE)
            database.execute(f"PRAGMA user_version={SCHEMA_VERSION}")
        except BaseException:
            database.close()
            raise
        return database

    def _set_aside(self) -> None:
        stamp = f"{datetime.now():%Y%m%d-%H%M%S}"
        aside = self.path.with_name(f"{self.path.stem}-damaged-{stamp}{self.path.suffix}")
        for ending in ("-wal", "-shm", ""):
            part = self.path.with_name(self.path.name + ending)
            if part.exists():
                part.rename(aside.with_name(aside.name + ending))
        self.trouble = (
            f"the history was damaged: it is kept as {aside.name} in {aside.parent}, "
            "and a new one begins"
        )

    @property
    def _open_database(self) -> sqlite3.Connection:
        if self._database is None:
            raise RuntimeError("the history is used before it is entered")
        return self._database

    def add(self, entry: Entry) -> Entry:
        """Keep an entry; returns it with its id."""
        names = [name for name in _COLUMNS if name != "id"]
        cursor = self._open_database.execute(
            f"INSERT INTO detections ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})",
            [getattr(entry, name) for name in names],
        )
        return replace(entry, id=int(cursor.lastrowid or 0))

    def update(self, entry: Entry) -> None:
        """Remember another mark or clip of an entry."""
        self._open_database.execute(
            "UPDATE detections SET mark=?, clip=? WHERE id=?", (entry.mark, entry.clip, entry.id)
        )

    def entries(
        self, since: float | None = None, word: str | None = None, newest: int | None = None
    ) -> Iterator[Entry]:
        """Entries, oldest first: since a Unix time, of a word, only so many of the newest."""
        query = f"SELECT {', '.join(_COLUMNS)} FROM detections WHERE said_at >= ?"
        values: list[object] = [0.0 if since is None else since]
        if word is not None:
            query += " AND word = ?"
            values.append(word)
        query += " ORDER BY id DESC LIMIT ?"
        values.append(-1 if newest is None else newest)
        query = f"SELECT * FROM ({query}) ORDER BY id"
        with closing(self._open_database.execute(query, values)) as cursor:
            for row in cursor:
                yield Entry(**dict(zip(_COLUMNS, row, strict=True)))

    def prune(self, days: int) -> int:
        """Forget what is older than so many days; returns how many entries that were."""
        cursor = self._open_database.execute(
            "DELETE FROM detections WHERE said_at < ?", (time.time() - days * 86_400,)
        )
        return cursor.rowcount

    def clear(self) -> None:
        """Forget everything."""
        self._open_database.execute("DELETE FROM detections")
        with suppress(sqlite3.OperationalError):  # someone else reads: the space is reused later
            self._open_database.execute("VACUUM")


def _check(database: sqlite3.Connection, path: Path) -> None:
    (verdict,) = database.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise sqlite3.DatabaseError(verdict)
    (version,) = database.execute("PRAGMA user_version").fetchone()
    if version > SCHEMA_VERSION:
        raise KwspotError(f"the history {path} was written by a newer kwspot; install the newest")


def _damaged(error: sqlite3.OperationalError) -> bool:
    return "malformed" in str(error) or "disk image" in str(error)
