"""`--output`: a file of results, whole or not at all, and the journal a scan can go on from."""

import csv
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from io import BufferedRandom
from pathlib import Path
from typing import Any, TextIO

from kwspot.errors import OptionError

FORMAT = 1
FIELDS = ("source", "label", "score", "start", "end", "decided")
"""Columns of a CSV; times in seconds."""

Rows = Sequence[Mapping[str, Any]]
Key = tuple[int, int] | None
"""Size in bytes and time of the last change (ns) of a file; None for what has neither."""


def key_of(name: str) -> Key:
    """By what a file is known to be as it was."""
    try:
        status = Path(name).stat() if name != "-" else None
    except (OSError, ValueError):
        return None
    return None if status is None else (status.st_size, status.st_mtime_ns)


class Results:
    """Rows of a scan by recording: kept in a journal beside `path`, written there at the end.

    path: to end in .jsonl or .csv; scan: what the results depend on, the model and its options,
    JSON values. Raises OptionError for a path that cannot be used, for one that exists, and for a
    journal of another scan.
    """

    def __init__(self, path: Path, scan: Mapping[str, Any]) -> None:
        if path.suffix.lower() not in (".jsonl", ".csv"):
            raise OptionError(f"--output ends in .jsonl or .csv, not {path.name!r}")
        self._path, self._scan = path, {"kwspot": "scan", "format": FORMAT, **scan}
        self.journal = path.with_name(f"{path.name}.partial")
        self._places: dict[str, tuple[Key, int]] = {}
        if path.is_dir():
            raise OptionError(f"{path} is a folder; name a file for --output")
        if not path.parent.is_dir():
            raise OptionError(
                f"there is no folder {path.parent}; make it, or name another --output"
            )
        if path.exists() and not self.journal.exists():
            raise OptionError(
                f"{path} holds the results of a scan already; name another file, or delete it"
            )
        try:
            self._file: BufferedRandom = self.journal.open("a+b")
        except OSError as error:
            raise OptionError(
                f"{path} cannot be written: {(error.strerror or str(error)).lower()}"
            ) from error
        try:
            self._read()
        except BaseException:
            self._file.close()
            raise

    def close(self) -> None:
        """Let go of the journal; it stays."""
        self._file.close()

    @property
    def kept(self) -> int:
        """How many recordings the journal holds."""
        return len(self._places)

    def has(self, name: str) -> bool:
        """Whether a recording was finished, and has not been changed since."""
        key = key_of(name)
        return key is not None and name in self._places and self._places[name][0] == key

    def keep(self, name: str, key: Key, rows: Rows) -> None:
        """Note what a recording holds; raises OptionError where that cannot be written."""
        place = self._file.seek(0, os.SEEK_END)
        self._append({"file": name, "key": key, "rows": rows})
        self._places[name] = (key, place)

    def drop(self, name: str) -> None:
        """Forget what a recording held, which can no longer be read."""
        self._places.pop(name, None)

    def write(self, names: Sequence[str]) -> None:
        """Write the rows of these recordings, in this order; raises OptionError."""
        partial = self._path.with_name(f"{self._path.name}.{os.getpid()}.tmp")
        try:
            # Names on old disks need not be UTF-8.
            with partial.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
                self._write_rows(file, (row for name in names for row in self._rows(name)))
            partial.replace(self._path)
        except BaseException as error:
            partial.unlink(missing_ok=True)
            if not isinstance(error, OSError):
                raise
            raise OptionError(
                f"{self._path} cannot be written: {(error.strerror or str(error)).lower()}; "
                f"what was found is in {self.journal}: the same command goes on from it"
            ) from error

    def forget(self) -> None:
        """Delete the journal: all is written."""
        self._file.close()
        self.journal.unlink(missing_ok=True)

    def _write_rows(self, file: TextIO, rows: Iterator[Mapping[str, Any]]) -> None:
        if self._path.suffix.lower() == ".csv":
            table = csv.DictWriter(file, FIELDS, extrasaction="ignore", lineterminator="\n")
            table.writeheader()
            table.writerows(rows)
            return
        for row in rows:
            file.write(json.dumps(row) + "\n")

    def _rows(self, name: str) -> Rows:
        if name not in self._places:
            return []
        self._file.seek(self._places[name][1])
        rows: Rows = json.loads(self._file.readline())["rows"]
        return rows

    def _append(self, facts: Mapping[str, Any]) -> None:
        try:
            # One write, so that a scan that is killed leaves whole lines but for the last.
            self._file.write(json.dumps(facts).encode() + b"\n")
            self._file.flush()
        except OSError as error:
            raise OptionError(
                f"{self.journal} cannot be written: {(error.strerror or str(error)).lower()}"
            ) from error

    def _read(self) -> None:
        """Read what is there already, and drop a last line that was cut off."""
        self._file.seek(0)
        first = self._file.readline()
        if not first.endswith(b"\n"):
            self._file.truncate(0)
            self._append(self._scan)
            return
        self._check(first)
        place = self._file.tell()
        for line in iter(self._file.readline, b""):
            try:
                if not line.endswith(b"\n"):
                    raise ValueError("cut off")
                facts = json.loads(line)
                key = tuple(facts["key"]) if facts["key"] is not None else None
                self._places[facts["file"]] = (key, place)
            except (ValueError, TypeError, KeyError):
                self._file.truncate(place)
                return
            place += len(line)

    def _check(self, line: bytes) -> None:
        try:
            scan = json.loads(line)
            differing = [name for name in self._scan if scan.get(name) != self._scan[name]]
        except (ValueError, AttributeError):
            differing = ["kwspot"]
        if "kwspot" in differing or "format" in differing:
            raise OptionError(f"{self.journal} is not the journal of a scan; name another --output")
        if differing:
            raise OptionError(
                f"{self.journal} was begun with another {' and '.join(differing)}: finish it with "
                "those, delete it to start anew, or name another --output"
            )
