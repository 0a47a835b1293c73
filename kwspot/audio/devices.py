"""Which microphones there are, and finding one by what the user calls it."""

import contextlib
import functools
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kwspot.audio.quiet import quiet
from kwspot.errors import DeviceError

PROBED_RATES_HZ = (8_000, 16_000, 22_050, 44_100, 48_000, 96_000)
_NO_PORTAUDIO = (
    "PortAudio, which microphones need, is missing; install it (Debian, Ubuntu: apt install "
    "libportaudio2; elsewhere: the package portaudio). `kwspot scan` works without it"
)
_NOT_STARTED = "the sound system cannot be started ({}); restart its server, then try again"
NO_DEVICE = (
    "there is no microphone: no sound system on this machine offers an input device; plug one in "
    "or start the sound server (recordings work without: `kwspot scan`)"
)


@dataclass(frozen=True, slots=True)
class InputDevice:
    """A microphone as PortAudio tells of it.

    channels: the most it records at once, >= 1; rates_hz: those of `PROBED_RATES_HZ` it accepts.
    Raises ValueError for a device that cannot record.
    """

    name: str
    host_api: str
    is_default: bool
    channels: int
    default_rate_hz: int
    rates_hz: tuple[int, ...]

    def __post_init__(self) -> None:
        if self.channels < 1:
            raise ValueError(f"{self.name} has no input channels")

    @property
    def label(self) -> str:
        """NAME@HOSTAPI, which finds this device again."""
        return f"{self.name}@{self.host_api}"


class PortAudio:
    """The process's PortAudio: the sounddevice module, and how many of our streams are open.

    It knows only devices that were there when it was started, and starting it anew stops every
    open stream without a word, so that is done only while none is open.
    """

    def __init__(self) -> None:
        try:
            with quiet():
                import sounddevice
        except OSError as error:
            raise DeviceError(_NO_PORTAUDIO) from error
        self.api: Any = sounddevice
        self.lock = threading.RLock()
        self.open_streams = 0

    def restart(self) -> None:
        """See new devices; does nothing while a stream of ours is open."""
        with self.lock, quiet():
            if self.open_streams:
                return
            with contextlib.suppress(self.api.PortAudioError):  # the last start may have failed
                self.api._terminate()
            try:
                # Not its own _initialize(), which sends file descriptor 2 away for as long.
                self.api._check(self.api._lib.Pa_Initialize())
                self.api._initialized += 1
            except self.api.PortAudioError as error:
                raise DeviceError(_NOT_STARTED.format(error)) from error


# PortAudio is one per process, and so is this; a failure is not remembered.
_make_once = functools.cache(PortAudio)
_making = threading.Lock()


def list_devices() -> tuple[InputDevice, ...]:
    """Every input device there was when PortAudio started, in its order; () when there is none.

    Raises DeviceError where PortAudio is missing or cannot start.
    """
    system = start_portaudio()
    with system.lock, quiet():
        default = _default_index(system.api)
        return tuple(
            _describe(system.api, info, default)
            for info in system.api.query_devices()
            if info["max_input_channels"] > 0
        )


def find_device(text: str | None) -> InputDevice:
    """The device that `text` names: all or part of its name, or NAME@HOSTAPI; None: the default.

    Case does not matter, and a whole name wins over a part of one.
    Raises DeviceError, listing the candidates, where none or several match.
    """
    return choose(list_devices(), text)


def choose(devices: Sequence[InputDevice], text: str | None) -> InputDevice:
    """`find_device` among these devices."""
    if not devices:
        raise DeviceError(NO_DEVICE)
    if text is None:
        return next((device for device in devices if device.is_default), devices[0])
    meant = frozenset(matching([device.label for device in devices], text))
    found: dict[str, InputDevice] = {}
    for device in devices:
        if device.label in meant:
            found.setdefault(device.label, device)
    if len(found) == 1:
        return next(iter(found.values()))
    candidates = ", ".join(dict.fromkeys(device.label for device in found.values() or devices))
    if not found:
        raise DeviceError(f"no microphone matches {text!r}; there are: {candidates}")
    raise DeviceError(f"several microphones match {text!r}; name one of: {candidates}")


def start_portaudio() -> PortAudio:
    """The process's PortAudio, started at the first call; raises DeviceError where it cannot."""
    try:
        with _making:  # a cache alone would let two threads make two
            return _make_once()
    except DeviceError:
        raise
    except Exception as error:  # PortAudio's own error type lies in the module that failed to load
        raise DeviceError(_NOT_STARTED.format(error)) from error


def index_of(api: Any, name: str, host_api: str) -> int:
    """PortAudio's present index of a device; raises DeviceError where it is not there."""
    for info in api.query_devices():
        if (
            info["max_input_channels"] > 0
            and info["name"] == name
            and _host_api(api, info) == host_api
        ):
            return int(info["index"])
    raise DeviceError(f"microphone {name}@{host_api} is not there; plug it in, or choose another")


def matching(labels: Sequence[str], text: str) -> list[str]:
    """Labels, NAME@HOSTAPI, by what the whole text, then NAME@HOSTAPI, then a part of the name
    says; case does not matter."""
    text = text.casefold()
    name, at, host = text.rpartition("@")
    named = [(label, *label.casefold().rpartition("@")[::2]) for label in labels]
    on_host = [entry for entry in named if at and entry[2] == host]
    for pool, wanted in ((named, text), (on_host, name)):
        exact = [entry[0] for entry in pool if entry[1] == wanted]
        part = [entry[0] for entry in pool if wanted in entry[1]]
        if exact or part:
            return exact or part
    return []


def _describe(api: Any, info: Any, default: int | None) -> InputDevice:
    channels = int(info["max_input_channels"])
    return InputDevice(
        name=info["name"],
        host_api=_host_api(api, info),
        is_default=info["index"] == default,
        channels=channels,
        default_rate_hz=round(info["default_samplerate"]),
        rates_hz=tuple(
            rate_hz
            for rate_hz in PROBED_RATES_HZ
            if any(_accepts(api, info["index"], rate_hz, count) for count in {1, channels})
        ),
    )


def _accepts(api: Any, index: int, rate_hz: int, channels: int) -> bool:
    try:
        api.check_input_settings(
            device=index, samplerate=rate_hz, channels=channels, dtype="float32"
        )
    except api.PortAudioError:
        return False
    return True


def _host_api(api: Any, info: Any) -> str:
    return str(api.query_hostapis(info["hostapi"])["name"])


def _default_index(api: Any) -> int | None:
    """The default input; on ALSA the sound server rather than the bare hardware beneath it."""
    try:
        default = api.query_devices(kind="input")
    except (api.PortAudioError, ValueError):
        return None
    if "hw:" in default["name"]:
        inputs = [info for info in api.query_devices() if info["max_input_channels"] > 0]
        for name in ("pipewire", "pulse", "default"):
            for info in inputs:
                if info["name"] == name and info["hostapi"] == default["hostapi"]:
                    return int(info["index"])
    return int(default["index"])
