"""`kwspot calibrate`: thresholds for a room, from what is heard while nobody says the words."""

import math
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kwspot.errors import OptionError

from .failures import complain
from .stopping import stop_flag

if TYPE_CHECKING:
    from collections.abc import Callable

    from kwspot.audio.source import Source
    from kwspot.spotting.room import Room
    from kwspot.spotting.spotter import Spotter

PATH = click.Path(path_type=Path)
KEEP_S = 20.0
"""Seconds of audio after which what was found is kept."""
GRACE_S = 5.0
"""Seconds that a microphone may take to open, beyond the time that is asked for."""
SILENT_S = 5.0
"""Seconds of digital silence after which nothing is heard: the microphone is muted."""


@click.command()
@click.option("--minutes", type=float, metavar="N", help="Stop after so long; else at Ctrl-C.")
@click.option("--device", metavar="NAME", help="Part of a microphone's name, or NAME@HOSTAPI.")
@click.option("--audio", type=PATH, metavar="FILE", help="A recording of the room instead.")
@click.option("--model", type=PATH, metavar="FILE",
              help="A model file; the bundled one where not given.")  # fmt: skip
@click.option("--false-alarms-per-hour", "rate", type=float, metavar="X",
              help="How often all words together may be wrong; 0.5 where not given.")  # fmt: skip
@click.option("--out", type=PATH, metavar="FILE",
              help="Keep it here, for --calibration FILE, not for the device.")  # fmt: skip
@click.option("--fresh", is_flag=True, help="Forget what was heard before.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object in the end.")
def calibrate(
    minutes: float | None,
    device: str | None,
    audio: Path | None,
    model: Path | None,
    rate: float | None,
    out: Path | None,
    fresh: bool,
    as_json: bool,
) -> int:
    """Fit the thresholds to a room.

    Listens while nobody says the words: to fans, music, television, talk. What sounds like a word
    there raises its threshold, and hours without anything lower all. Ctrl-C ends it and keeps what
    was found; called again, it goes on from there, over many nights if need be.

    What it finds is kept for the model and the device, and `kwspot listen` uses it.
    """
    _check(minutes, rate)
    if audio is not None and device is not None:
        raise OptionError("--device and --audio exclude each other: one thing is listened to")
    import torch

    from kwspot.spotting.room import Room, curves_of, is_room, load_room, saved_place
    from kwspot.spotting.spotter import Spotter

    torch.set_num_threads(1)
    # A second request interrupts: a pipe that sends nothing is waited for where nobody asks.
    with stop_flag() as stopped:
        spotter = Spotter(model)
        curves_of(spotter.checkpoint)
        name = audio.name if audio is not None else device or "default microphone"
        place = out or saved_place(spotter.checkpoint, device)
        room = Room.empty(spotter.checkpoint, name)
        if place.exists() and not fresh:
            room = load_room(place, spotter.checkpoint)
        elif out is not None and out.exists() and not is_room(out):
            raise OptionError(f"{out} is no calibration: name another --out, or delete it first")
        if rate is not None:
            room = replace(room, false_per_hour=rate)
        before = room.hours
        if not as_json and before:
            click.echo(f"{place}: goes on after {before:.2f} h")
        with _source(device, audio, minutes, stopped) as source:
            room = _listened(spotter, source, room, place, minutes, stopped, quiet=as_json)
    if room.hours == before:
        raise OptionError("nothing was heard, so nothing has changed")
    _show(spotter, room, place, as_json=as_json)
    return 0


def _check(minutes: float | None, rate: float | None) -> None:
    if minutes is not None and not 0.0 < minutes < math.inf:
        raise OptionError(f"--minutes is a number above 0, not {minutes:g}")
    if rate is not None and not 0.0 < rate < math.inf:
        raise OptionError(f"--false-alarms-per-hour is a number above 0, 0.5 say, not {rate:g}")


@contextmanager
def _source(
    device: str | None, audio: Path | None, minutes: float | None, stopped: "Callable[[], bool]"
) -> "Iterator[Source]":
    """What is listened to; stopped from a thread of its own, as reading waits for sound."""
    from kwspot.audio.files import FileSource
    from kwspot.audio.microphone import MicrophoneSource
    from kwspot.audio.resample import at_16k
    from kwspot.audio.source import Notice

    def tell(notice: Notice) -> None:
        if notice.level == "warning":
            complain(f"warning: {notice.message}")

    with ExitStack() as stack:
        inner = FileSource(audio, tell) if audio is not None else MicrophoneSource(device, tell)
        ended = threading.Event()
        # A microphone that has gone must not keep a timed run from ending.
        timed = minutes if audio is None else None
        until_s = math.inf if timed is None else time.monotonic() + 60.0 * timed + GRACE_S

        def watch() -> None:
            while not ended.wait(0.1):
                if stopped() or time.monotonic() > until_s:
                    inner.stop()
                    return

        threading.Thread(target=watch, name="kwspot-stop", daemon=True).start()
        stack.callback(ended.set)
        yield stack.enter_context(at_16k(inner))


def _listened(
    spotter: "Spotter",
    source: "Source",
    room: "Room",
    place: Path,
    minutes: float | None,
    stopped: "Callable[[], bool]",
    *,
    quiet: bool,
) -> "Room":
    """Hear the room until it is enough, keeping what was found now and then."""
    from kwspot.audio.alarms import SilenceAlarm
    from kwspot.audio.source import SAMPLE_RATE_HZ
    from kwspot.spotting.calibration import LADDER
    from kwspot.spotting.ladder import Ladder

    from .progress import progress_bar, progress_beside_json

    limit = math.inf if minutes is None else minutes * 60.0 * SAMPLE_RATE_HZ
    with progress_beside_json() if quiet else progress_bar() as bar:
        total = None if minutes is None else minutes * 60.0
        task = bar.add_task("listening; nobody should say the words", total=total)
        ladder, end, heard = Ladder.of_thresholds(spotter, LADDER), 0, 0
        kept, silence = time.monotonic(), SilenceAlarm(round(SILENT_S * SAMPLE_RATE_HZ))
        while not stopped() and heard < limit and (chunk := source.read()) is not None:
            changed = silence.hear(chunk.samples)
            if changed and silence.raised:
                complain("warning: nothing but digital silence is heard, which does not count")
            if chunk.start != end or changed:
                # Audio was lost: no window is to span it.
                room = _counted(ladder, room)
                ladder = Ladder.of_thresholds(spotter, LADDER)
            end = chunk.end
            heard += len(chunk.samples)
            bar.update(task, completed=heard / SAMPLE_RATE_HZ)
            if silence.raised:
                continue
            ladder.push(chunk.samples)
            if time.monotonic() - kept > KEEP_S:
                room, kept = _taken(ladder, room), time.monotonic()
                room.save(place)
        room = _counted(ladder, room)
    if heard:
        room.save(place)
    return room


def _counted(ladder: Any, room: "Room") -> "Room":
    """A room with all that was heard of a stretch, which ends."""
    ladder.finish()
    return _taken(ladder, room)


def _taken(ladder: Any, room: "Room") -> "Room":
    """A room with what was heard since it was taken last."""
    from collections import Counter

    from kwspot.audio.source import SAMPLE_RATE_HZ
    from kwspot.train.streams import debounced

    rungs = [Counter(hit.label for hit in debounced(hits)) for hits in ladder.found]
    hours, ladder.samples = ladder.samples / SAMPLE_RATE_HZ / 3600, 0
    for hits in ladder.found:
        hits.clear()
    return room.heard(hours, {word: [rung[word] for rung in rungs] for word in room.counts})


def _show(spotter: "Spotter", room: "Room", place: Path, *, as_json: bool) -> None:
    """Say what was found, and what it changes."""
    from kwspot.spotting.calibration import score_text
    from kwspot.spotting.room import curves_of
    from kwspot.train.rates import poisson_interval

    from .output import write_json

    curves = curves_of(spotter.checkpoint)
    here = room.calibration(curves)
    words = spotter.words
    usual = curves.thresholds_for(words, room.false_per_hour)
    fitted = here.thresholds_for(words, room.false_per_hour)
    events = room.false_at(fitted)
    low, high = poisson_interval(events, room.hours)
    if as_json:
        write_json(
            {
                "type": "calibration",
                "file": str(place),
                "device": room.device,
                "hours": round(room.hours, 5),
                "false_per_hour": room.false_per_hour,
                "false": events,
                "interval": [round(low, 4), round(high, 4)],
                "thresholds": fitted,
                "model_thresholds": usual,
            }
        )
        return
    click.echo(f"{'word':10} {'threshold':>9} {'here':>7}  expected misses")
    for word in words:
        lost = curves.expected(word, usual[word])[1], curves.expected(word, fitted[word])[1]
        here_text, usual_text = score_text(fitted[word]), score_text(usual[word])
        click.echo(f"{word[:10]:10} {usual_text:>9} {here_text:>7}  {lost[0]:.1%} -> {lost[1]:.1%}")
    click.echo(
        f"{room.hours:.2f} h of {room.device}: at these thresholds {events} false alarms, "
        f"{low:.2f} to {high:.2f} an hour (95 %), for {room.false_per_hour:g} asked for"
    )
    click.echo(f"kept in {place}")
