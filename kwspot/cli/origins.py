"""What `kwspot listen` is to listen to, and the files it records to."""

import math
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from kwspot.errors import OptionError

if TYPE_CHECKING:
    from kwspot.audio.devices import InputDevice
    from kwspot.audio.source import Channels, Notify, Source
    from kwspot.spotting.lane import Place, Tap

SLOWEST, FASTEST = 0.01, 1000.0
"""Paces of a replay; beyond them, `max`."""

Opener = Callable[["Notify"], "Source"]


@dataclass(frozen=True, slots=True)
class Origins:
    """Microphones or recordings, as options name them. speed: times real time, or "max"."""

    devices: tuple[str, ...]
    replays: tuple[Path, ...]
    speed: str
    channels: str

    def openers(self) -> list[Opener]:
        """How to open each; raises OptionError and DeviceError for what cannot be."""
        if self.devices and self.replays:
            raise OptionError("--device and --replay exclude each other: choose one of them")
        apart = channels(self.channels)
        paths = [str(path) for path in self.replays]
        for option, names in (("--device", self.devices), ("--replay", paths)):
            for name in names:
                if names.count(name) > 1:
                    raise OptionError(f"{option} names {name} twice; name each once")
        if self.speed != "1" and not paths:
            raise OptionError("--replay-speed goes with --replay FILE")
        if paths:
            factor = _factor(self.speed)
            return [_recording(path, factor, apart) for path in paths]
        if len(self.devices) < 2:
            return [_microphone(next(iter(self.devices), None), apart)]
        return [_microphone(device, apart) for device in _distinct(self.devices)]

    def check_recordings(self, path: Path) -> None:
        """Raise AudioError for a recording that exists already, of those whose names are known
        before anything is opened: with channels apart, none is."""
        from kwspot.audio.recorder import check_free

        count = len(self.devices) or len(self.replays)
        if channels(self.channels) is None and count > 1:
            for number in range(1, count + 1):
                check_free(numbered(path, [number]))

    @property
    def timed(self) -> bool:
        """Whether the clock says when time is over: where nobody knows whether there will be more
        sound, of a microphone or a pipe."""
        return not self.replays or any(
            str(path) == "-" or (path.exists() and not path.is_file()) for path in self.replays
        )

    @property
    def several(self) -> bool:
        """Whether there may be more than one stream."""
        return len(self.devices) > 1 or len(self.replays) > 1 or channels(self.channels) is not None


def channels(text: str) -> "Channels":
    """`mix`, `each`, or numbers like `1,3`; raises OptionError for anything else."""
    if text in ("mix", "each"):
        return None if text == "mix" else ()
    numbers = [int(part) if part.strip().isdecimal() else 0 for part in text.split(",")]
    if min(numbers) < 1 or len(set(numbers)) < len(numbers):
        raise OptionError(f"--channels is mix, each, or numbers from 1 like 1,2, not {text!r}")
    return tuple(numbers)


def _distinct(texts: Sequence[str]) -> "list[InputDevice]":
    """The microphones of these names; raises DeviceError where one is not there or named twice."""
    from kwspot.audio.connection import devices_in_time
    from kwspot.audio.devices import choose

    known = devices_in_time()
    named: dict[str, str] = {}
    found = []
    for text in texts:
        device = choose(known, text)
        if (other := named.get(device.label)) is not None:
            raise OptionError(
                f"--device {other} and --device {text} are the same microphone, {device.label}; "
                "name each once"
            )
        named[device.label] = text
        found.append(device)
    return found


def _microphone(device: "InputDevice | str | None", apart: "Channels") -> Opener:
    def opened(notify: "Notify") -> "Source":
        from kwspot.audio.microphone import MicrophoneSource
        from kwspot.audio.resample import at_16k

        return at_16k(MicrophoneSource(device, notify, apart))

    return opened


def _recording(path: str, factor: float | None, apart: "Channels") -> Opener:
    def opened(notify: "Notify") -> "Source":
        from kwspot.audio.files import FileSource
        from kwspot.audio.paced import Paced
        from kwspot.audio.resample import at_16k

        file = FileSource(path, notify, apart)
        return at_16k(file if factor is None else Paced(file, factor))

    return opened


def _factor(speed: str) -> float | None:
    """Times real time, None for as fast as it goes; raises OptionError for what is neither."""
    try:
        factor = None if speed == "max" else float(speed)
    except ValueError:
        factor = math.nan
    if factor is not None and not SLOWEST <= factor <= FASTEST:
        raise OptionError(
            f"--replay-speed is a number from {SLOWEST:g} to {FASTEST:g}, or max, not {speed!r}"
        )
    return factor


class Recorders:
    """A recording of each stream: FILE-1.wav, FILE-2.wav ... in the order the sources are named.

    With channels apart, FILE-CHANNEL.wav of one source and FILE-SOURCE-CHANNEL.wav of several.
    """

    def __init__(self, path: Path, sources: int) -> None:
        self._path, self._sources = path, sources
        self._open = ExitStack()

    def __enter__(self) -> Self:
        """Nothing yet: which streams there are is known later."""
        return self

    def __exit__(self, *_: object) -> None:
        """End all recordings."""
        self._open.close()

    def tap(self, place: "Place") -> "Tap":
        """Begin the recording of a stream; raises AudioError where that cannot be."""
        from kwspot.audio.recorder import Recorder

        numbers = [place.source] if self._sources > 1 else []
        numbers += [] if place.channel is None else [place.channel]
        recorder = Recorder(numbered(self._path, numbers))
        return self._open.enter_context(recorder).write


def numbered(path: Path, numbers: Sequence[int]) -> Path:
    """FILE-1-2.wav for FILE.wav and 1, 2."""
    return path.with_name("-".join([path.stem, *map(str, numbers)]) + path.suffix)
