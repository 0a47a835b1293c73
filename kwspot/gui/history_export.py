"""The history for other programs: as dictionaries, CSV and JSON lines."""

import csv
import json
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from kwspot.errors import KwspotError

from .history_store import Entry

FACTS = (
    "time", "word", "score", "start", "end", "threshold", "model", "source", "mark", "clip"
)  # fmt: skip
"""What programs are told of an entry."""


def facts(entry: Entry) -> dict[str, object]:
    """An entry as programs get it, keys as in `FACTS`; the time in ISO 8601, UTC."""
    time_text = datetime.fromtimestamp(entry.said_at, UTC).isoformat(timespec="milliseconds")
    values = (
        time_text, entry.word, round(entry.score, 6), entry.start_s, entry.end_s, entry.threshold,
        entry.model, entry.source, entry.mark, entry.clip,
    )  # fmt: skip
    return dict(zip(FACTS, values, strict=True))


def write_entries(path: Path, entries: Iterable[Entry]) -> Path:
    """Write entries to a file, whole or not at all: .csv with a header, else JSON lines.

    Raises KwspotError where it cannot be written.
    """
    partial = path.with_name(path.name + ".partial")
    try:
        with partial.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
            if path.suffix.lower() == ".csv":
                writer = csv.writer(file)
                writer.writerow(FACTS)
                writer.writerows(facts(entry).values() for entry in entries)
            else:
                for entry in entries:
                    file.write(json.dumps(facts(entry)) + "\n")
        partial.replace(path)
    except OSError as error:
        with suppress(OSError):
            partial.unlink()
        raise KwspotError(
            f"{path} cannot be written ({error.strerror or error}); choose another folder"
        ) from error
    return path
