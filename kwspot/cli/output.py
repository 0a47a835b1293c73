"""What commands print: JSON lines for programs, aligned lines for people."""

import json
import sys
from datetime import UTC, datetime
from typing import Any, Protocol

from kwspot.audio.source import SAMPLE_RATE_HZ, Notice
from kwspot.spotting.detection import Detection

from .failures import complain

FOR_MACHINES = frozenset({"opening", "opened"})
"""States of a source that tell people nothing: "listening" or an error follows at once."""


class Printer(Protocol):
    """Receives what a command has found."""

    def detection(self, found: Detection, source: str) -> None:
        """A word was heard in a source."""

    def notice(self, notice: Notice, source: str) -> None:
        """A source has something to say."""


def seconds(samples: int) -> float:
    """A position as seconds, exact to the sample (1/16000 s has seven decimals)."""
    return round(samples / SAMPLE_RATE_HZ, 7)


def detection_facts(found: Detection, source: str) -> dict[str, Any]:
    """A detection as `--json` prints it."""
    return {
        "type": "detection",
        "label": found.label,
        "score": round(found.score, 6),
        "start": seconds(found.start),
        "end": seconds(found.end),
        "decided": seconds(found.decided),
        "source": source,
    }


def write_json(facts: dict[str, Any]) -> None:
    """One object, one line, at once."""
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


class JsonPrinter:
    """One JSON object a line on standard output. live: notices and wall-clock times too."""

    def detection(self, found: Detection, source: str) -> None:
        """Print a detection as it is found in a recording."""
        write_json(detection_facts(found, source))

    def notice(self, notice: Notice, source: str) -> None:
        """A recording's notices are warnings for people."""
        complain(f"{notice.level}: {notice.message}")


class LiveJsonPrinter:
    """One JSON object a line on standard output: detections, status and warnings, with the time."""

    def detection(self, found: Detection, source: str) -> None:
        """Print a detection and when that was."""
        write_json({**detection_facts(found, source), "time": _now()})

    def notice(self, notice: Notice, source: str) -> None:
        """Print a status or a warning and when that was."""
        write_json(
            {
                "type": notice.level,
                "state": notice.state,
                "message": notice.message,
                "source": source,
                "time": _now(),
            }
        )


class TextPrinter:
    """Lines for people: words on standard output, everything else on standard error."""

    def detection(self, found: Detection, source: str) -> None:
        """Print when, what and how sure."""
        sys.stdout.write(line(found) + "\n")
        sys.stdout.flush()

    def notice(self, notice: Notice, source: str) -> None:
        """Print the sentence, unless it only says that all goes well so far."""
        if notice.state in FOR_MACHINES:
            return
        complain(notice.message if notice.level == "status" else f"warning: {notice.message}")


class SourceTextPrinter(TextPrinter):
    """The same, where several sources are listened to: each word with its own."""

    def detection(self, found: Detection, source: str) -> None:
        """Print when, what, how sure and where."""
        sys.stdout.write(f"{line(found):<37}  {source}\n")
        sys.stdout.flush()


class SilentPrinter(TextPrinter):
    """Only what goes wrong: the words go to a file."""

    def detection(self, found: Detection, source: str) -> None:
        """Nothing."""


def line(found: Detection) -> str:
    """A detection as people read it: time of the word's start, the word, its score as a bar."""
    bar = "\u2588" * round(found.score * 10)
    minutes, rest = divmod(seconds(found.start), 60.0)
    return f"{int(minutes):4d}:{rest:05.2f}  {found.label:<10} {found.score:4.2f}  {bar}"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
