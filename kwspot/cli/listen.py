"""`kwspot listen`: words from live microphones."""

import math
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kwspot.errors import OptionError

from .options import SpotOptions, spot_options
from .origins import Opener, Origins, Recorders
from .stopping import ANY, stop_flag

if TYPE_CHECKING:
    from kwspot.spotting.listener import Listener
    from kwspot.spotting.many_listener import ManyListener
    from kwspot.spotting.spotter import Spotter


@click.command()
@click.option(
    "--device",
    "devices",
    multiple=True,
    metavar="NAME",
    help="Part of a microphone's name, or NAME@HOSTAPI; may be repeated: all are listened to.",
)
@click.option(
    "--channels",
    default="mix",
    show_default=True,
    metavar="mix|each|N,...",
    help="One stream of a device, or every channel a stream of its own, or these.",
)
@spot_options
@click.option("--duration", type=float, metavar="S", help="Stop after so many seconds.")
@click.option(
    "--replay",
    "replays",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Hear a recording as if it came from the microphone; may be repeated.",
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
    help="Write what is heard to a new .wav, .flac or .ogg file; of several streams, to one each: "
    "FILE-1.wav, FILE-2.wav ...",
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
    devices: tuple[str, ...],
    channels: str,
    spot: SpotOptions,
    duration: float | None,
    replays: tuple[Path, ...],
    replay_speed: str,
    record: Path | None,
    actions: tuple[str, ...],
    as_json: bool,
) -> int:
    """Print the words that microphones hear, until Ctrl-C."""
    if duration is not None and not (0.0 < duration < math.inf):
        raise OptionError(f"--duration is a number of seconds above 0, not {duration:g}")
    origins = Origins(devices, replays, replay_speed, channels)
    waking: list[Callable[[], None]] = []
    with stop_flag(ANY, waking) as stopped, ExitStack() as stack:
        openers = origins.openers()
        from kwspot.audio.source import Notice

        from .actions import Actions, parse_actions
        from .output import LiveJsonPrinter, Printer, SourceTextPrinter, TextPrinter
        from .session import Session
        from .status import StatusLine

        # The thresholds of a room are those of one microphone.
        one = not replays and not origins.several
        if record is not None:
            origins.check_recordings(record)
        spotter = spot.spotter(devices[0] if devices else None, live=one)
        commands = parse_actions(actions, spotter.words)
        for_people = SourceTextPrinter if origins.several else TextPrinter
        printer: Printer = LiveJsonPrinter() if as_json else for_people()
        make = _many if origins.several else _one
        listener = make(spotter, openers, record, duration, stack)
        waking.append(listener.events.wake)

        def warn(message: str) -> None:
            printer.notice(Notice("warning", "command", message), listener.source_name)

        status = StatusLine(listener, spotter.labels, shown=sys.stdout.isatty() and not as_json)
        session = Session(listener, printer, Actions(commands, warn), status)
        if not stopped():
            stack.enter_context(listener)
            # A microphone, or a pipe, that went silent must not keep a timed run from ending.
            session.run(duration if origins.timed else None, stopped, at_once=bool(replays))
    return 0


def _one(
    spotter: "Spotter",
    openers: list[Opener],
    record: Path | None,
    duration: float | None,
    stack: ExitStack,
) -> "Listener":
    from kwspot.audio.recorder import Recorder
    from kwspot.spotting.listener import Listener

    tap = None if record is None else stack.enter_context(Recorder(record)).write
    return Listener(spotter, openers[0], tap=tap, limit_samples=_samples(duration))


def _many(
    spotter: "Spotter",
    openers: list[Opener],
    record: Path | None,
    duration: float | None,
    stack: ExitStack,
) -> "ManyListener":
    from kwspot.spotting.many_listener import ManyListener

    tap = None if record is None else stack.enter_context(Recorders(record, len(openers))).tap
    return ManyListener(spotter, openers, tap=tap, limit_samples=_samples(duration))


def _samples(duration_s: float | None) -> int | None:
    from kwspot.audio.source import SAMPLE_RATE_HZ

    return None if duration_s is None else round(duration_s * SAMPLE_RATE_HZ)
