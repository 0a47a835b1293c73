"""`kwspot history`: the words the app has heard."""

import csv
import re
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from kwspot.errors import OptionError

_UNITS_S = {"s": 1, "min": 60, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


@click.command()
@click.option(
    "--since",
    metavar="WHEN",
    help="Only later ones: 2h, 3d, today, yesterday, 2026-11-24 or 2026-11-24T18:30.",
)
@click.option("--word", metavar="WORD", help="Only this word.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option("--csv", "as_csv", is_flag=True, help="Comma-separated, with a header.")
@click.option(
    "--file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Another history than the user's own.",
)
def history(
    since: str | None, word: str | None, as_json: bool, as_csv: bool, file: Path | None
) -> int:
    """Print the words the app has heard, oldest first."""
    if as_json and as_csv:
        raise OptionError("--json and --csv exclude each other")
    from kwspot.gui.history_export import FACTS, facts
    from kwspot.gui.history_store import HistoryStore, history_file

    path = history_file() if file is None else file
    start = None if since is None else _moment(since)
    if not path.exists():
        if file is not None:
            raise OptionError(f"there is no history {file}")
        if not as_json and not as_csv:
            click.echo("there is no history yet: the app (`kwspot`) writes it", err=True)
        return 0
    with HistoryStore(path, read_only=True) as store:
        entries = store.entries(start, word)
        if as_json:
            from .output import write_json

            for entry in entries:
                write_json({"type": "detection", **facts(entry)})
        elif as_csv:
            writer = csv.writer(sys.stdout)
            writer.writerow(FACTS)
            writer.writerows(facts(entry).values() for entry in entries)
        else:
            for entry in entries:
                time = datetime.fromtimestamp(entry.said_at)
                mark = f"  {entry.mark}" if entry.mark else ""
                click.echo(f"{time:%Y-%m-%d %H:%M:%S}  {entry.word:<10} {entry.score:4.2f}{mark}")
    return 0


def _moment(text: str) -> float:
    """A time in the past, as people write it, as Unix time; raises OptionError."""
    now = datetime.now()
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    named = {"today": today, "yesterday": today - timedelta(days=1)}
    if text.lower() in named:
        return named[text.lower()].timestamp()
    if (
        match := re.fullmatch(r"(\d+(?:\.\d+)?)\s*(s|min|m|h|d|w)", text.strip().lower())
    ) is not None:
        return datetime.now(UTC).timestamp() - float(match[1]) * _UNITS_S[match[2]]
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError, OSError) as error:
        raise OptionError(
            f"--since takes 2h, 3d, today, yesterday or a date like 2026-11-24, not {text!r}"
        ) from error
