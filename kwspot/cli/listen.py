"""`kwspot listen`: words from a live microphone."""

import math
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kwspot.errors import OptionError

from .options import SpotOptions, spot_options
from .stopping import ANY, stop_flag

if TYPE_CHECKING:
    from kwspot.audio.source import Notify, Source

SLOWEST, FASTEST = 0.01, 1000.0
"""Paces of a replay; beyond them, `max`."""


@click.command()
@click.option("--device", metavar="NAME", help="Part of a microphone's name, or NAME@HOSTAPI.")
@spot_options
@click.option("--duration", type=float, metavar="S", help="Stop after so many seconds.")
@click.option(
    "--replay",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Hear a recording as if it came from the microphone.",
)
@click.option(
    "--replay-speed",
    default="1",
    metavar="X|max",
    show_default=True,
    help="How fast the replay runs.",
)
@click.option(
    "--record",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write what is heard to a new .wav, .flac or .ogg file.",
)
@click.option(
    "--exec",
    "actions",
    multiple=True,
    metavar="WORD=COMMAND",
    help="Run a command on a word, without a shell; may be repeated.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def listen(
    device: str | None,
    spot: SpotOptions,
    duration: float | None,
    replay: Path | None,
    replay_speed: str,
    record: Path | None,
    actions: tuple[str, ...],
    as_json: bool,
) -> int:
    """Print the words a microphone hears, until Ctrl-C."""
    if duration is not None and not (0.0 < duration < math.inf):
        raise OptionError(f"--duration is a number of seconds above 0, not {duration:g}")
    if device is not None and replay is not None:
        raise OptionError("--device and --replay exclude each other: one thing is listened to")
    with stop_flag(ANY) as stopped, ExitStack() as stack:
        open_source = _opener(device, replay, replay_speed)
        from kwspot.audio.recorder import Recorder
        from kwspot.audio.source import SAMPLE_RATE_HZ, Notice
        from kwspot.spotting.listener import Listener

        from .actions import Actions, parse_actions
        from .output import LiveJsonPrinter, Printer, TextPrinter
        from .session import Session
        from .status import StatusLine

        spotter = spot.spotter(device, live=replay is None)
        commands = parse_actions(actions, spotter.words)
        printer: Printer = LiveJsonPrinter() if as_json else TextPrinter()
        limit = None if duration is None else round(duration * SAMPLE_RATE_HZ)
        tap = None if record is None else stack.enter_context(Recorder(record)).write
        listener = Listener(spotter, open_source, tap=tap, limit_samples=limit)

        def warn(message: str) -> None:
            printer.notice(Notice("warning", "command", message), listener.source_name)

        status = StatusLine(listener, spotter.labels, shown=sys.stdout.isatty() and not as_json)
        session = Session(listener, printer, Actions(commands, warn), status)
        if not stopped():
            stack.enter_context(listener)
            # A microphone that went silent must not keep a timed run from ending.
            session.run(duration if replay is None else None, stopped)
    return 0


def _opener(device: str | None, replay: Path | None, speed: str) -> "Callable[[Notify], Source]":
    """How to open what is listened to; raises OptionError for a speed that is none."""
    from kwspot.audio.resample import at_16k

    if replay is None:

        def microphone(notify: "Notify") -> "Source":
            from kwspot.audio.microphone import MicrophoneSource

            return at_16k(MicrophoneSource(device, notify))

        return microphone
    path = str(replay)
    try:
        factor = None if speed == "max" else float(speed)
    except ValueError:
        factor = math.nan
    if factor is not None and not SLOWEST <= factor <= FASTEST:
        raise OptionError(
            f"--replay-speed is a number from {SLOWEST:g} to {FASTEST:g}, or max, not {speed!r}"
        )

    def recording(notify: "Notify") -> "Source":
        from kwspot.audio.files import FileSource
        from kwspot.audio.paced import Paced

        file = FileSource(path, notify)
        return at_16k(file if factor is None else Paced(file, factor))

    return recording
