"""Finding microphones: by name, never silently another one, and with a clear word where none is."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from kwspot.audio.capture import Capture, RateRefusedError, open_capture
from kwspot.audio.devices import InputDevice, PortAudio, choose
from kwspot.errors import DeviceError
from virtual_microphone import DEVICE, VirtualMicrophone, what_is_missing


def device(name: str, host_api: str = "ALSA", is_default: bool = False) -> InputDevice:
    return InputDevice(name, host_api, is_default, 2, 48_000, (48_000,))


DEVICES = (
    device("USB Audio: #0 (hw:1,0)"),
    device("Blue Yeti"),
    device("Blue Yeti Pro"),
    device("pulse", is_default=True),
    device("pulse", "JACK"),
    device("me@home"),
    device("twin"),
    device("twin"),
)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        (None, "pulse@ALSA"),
        ("usb", "USB Audio: #0 (hw:1,0)@ALSA"),
        ("HW:1,0", "USB Audio: #0 (hw:1,0)@ALSA"),
        ("blue yeti", "Blue Yeti@ALSA"),  # a whole name wins over a part of another
        ("yeti pro", "Blue Yeti Pro@ALSA"),
        ("pulse@jack", "pulse@JACK"),
        ("Pul@ALSA", "pulse@ALSA"),
        ("me@home", "me@home@ALSA"),
        ("me@home@alsa", "me@home@ALSA"),
        ("twin", "twin@ALSA"),  # nothing could tell them apart
    ],
)
def test_what_finds_a_device(text: str | None, label: str) -> None:
    assert choose(DEVICES, text).label == label


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("webcam", "no microphone matches 'webcam'; there are: .*Blue Yeti@ALSA, Blue Yeti Pro@"),
        ("pulse", "several microphones match 'pulse'; name one of: pulse@ALSA, pulse@JACK"),
        ("blue", "several microphones match 'blue'; name one of: Blue Yeti@ALSA, Blue Yeti Pro@"),
        ("yeti@JACK", "no microphone matches 'yeti@JACK'"),
    ],
)
def test_what_finds_none_or_several_lists_the_candidates(text: str, says: str) -> None:
    with pytest.raises(DeviceError, match=says) as caught:
        choose(DEVICES, text)
    assert "\n" not in str(caught.value)


def test_without_a_default_the_first_is_taken() -> None:
    assert choose(DEVICES[:2], None) is DEVICES[0]


def test_no_device_at_all_is_said() -> None:
    for text in (None, "usb"):
        with pytest.raises(DeviceError, match="there is no microphone"):
            choose((), text)


_LIST = """
import dataclasses, json
from kwspot.audio.devices import find_device, list_devices
from kwspot.errors import DeviceError
print(json.dumps([dataclasses.asdict(device) for device in list_devices()]))
try:
    print(json.dumps(dataclasses.asdict(find_device(None))))
except DeviceError as error:
    print(error)
"""


def run(code: str, env: dict[str, str]) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stderr == ""  # ALSA and JACK have much to say
    return done.stdout.splitlines()


def test_real_devices_are_listed_with_the_rates_they_take(
    virtual_microphone: VirtualMicrophone,
) -> None:
    listed, default = (json.loads(line) for line in run(_LIST, virtual_microphone.env))
    by_name = {entry["name"]: entry for entry in listed}
    assert by_name[DEVICE]["host_api"] == "ALSA"
    assert by_name[DEVICE]["channels"] >= 1
    assert {16_000, 48_000} <= set(by_name[DEVICE]["rates_hz"])
    assert [entry for entry in listed if entry["is_default"]] == [default]


@pytest.mark.skipif(what_is_missing() is not None, reason=str(what_is_missing()))
def test_a_machine_without_sound_says_so(tmp_path: Path) -> None:
    (tmp_path / "asound.conf").write_text("pcm.default { type hw card 99 }")
    env = os.environ | {"ALSA_CONFIG_PATH": str(tmp_path / "asound.conf"), "HOME": str(tmp_path)}
    listed, message = run(_LIST, env)
    assert listed == "[]"
    assert message.startswith("there is no microphone")


_WITHOUT_PORTAUDIO = """
import ctypes.util
ctypes.util.find_library = lambda name: None  # where sounddevice looks for PortAudio
from kwspot.audio.devices import list_devices
from kwspot.audio.microphone import MicrophoneSource
from kwspot.errors import DeviceError
for use in (list_devices, MicrophoneSource(None, lambda notice: None).__enter__):
    try:
        use()
    except DeviceError as error:
        print(error)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere PortAudio comes with sounddevice")
def test_without_portaudio_the_package_to_install_is_named() -> None:
    lines = run(_WITHOUT_PORTAUDIO, dict(os.environ))
    assert len(lines) == 2
    for line in lines:
        assert "libportaudio2" in line
        assert "kwspot scan" in line


def test_importing_the_microphone_needs_no_portaudio() -> None:
    code = "import sys, kwspot.audio.microphone; print('sounddevice' in sys.modules)"
    assert run(code, dict(os.environ)) == ["False"]


class FakeError(Exception):
    """PortAudio's error type."""


class FakeApi:
    """A device that takes only some rates and channel counts: no virtual one can be so choosy."""

    PortAudioError = FakeError
    CallbackAbort = RuntimeError

    def __init__(self, accepted: set[tuple[int, int]], code: int = -9997) -> None:
        self.accepted = accepted
        self.code = code
        self.opened: list[tuple[int, int]] = []

    def query_devices(self) -> list[dict[str, Any]]:
        return [{"name": "choosy", "hostapi": 0, "index": 3, "max_input_channels": 2}]

    def query_hostapis(self, index: int) -> dict[str, str]:
        return {"name": ["ALSA"][index]}

    def InputStream(  # noqa: N802
        self, *, device: int, samplerate: int, channels: int, **_: Any
    ) -> "FakeApi":
        assert device == 3
        if (samplerate, channels) not in self.accepted:
            raise FakeError("Invalid sample rate", self.code)
        self.opened.append((samplerate, channels))
        return self

    def start(self) -> None:
        pass

    def close(self) -> None:
        self.opened.clear()


def opened(api: FakeApi, rates_hz: tuple[int, ...] = (16_000, 48_000)) -> tuple[Capture, PortAudio]:
    system = PortAudio.__new__(PortAudio)
    system.api = api
    system.lock = threading.RLock()
    system.open_streams = 0
    choosy = InputDevice("choosy", "ALSA", True, 2, 48_000, (48_000,))
    return open_capture(system, choosy, rates_hz, (1, choosy.channels)), system


@pytest.mark.parametrize(
    ("accepted", "wanted"),
    [
        ({(16_000, 1), (48_000, 1)}, (16_000, 1)),
        ({(16_000, 2), (48_000, 1)}, (16_000, 2)),
        ({(48_000, 1)}, (48_000, 1)),
        ({(48_000, 2)}, (48_000, 2)),
    ],
)
def test_a_choosy_device_is_opened_as_it_likes(
    accepted: set[tuple[int, int]], wanted: tuple[int, int]
) -> None:
    api = FakeApi(accepted)
    capture, system = opened(api)
    assert api.opened == [wanted]
    assert capture.rate_hz == wanted[0]
    assert system.open_streams == 1
    capture.close()
    assert not api.opened
    assert system.open_streams == 0


@pytest.mark.parametrize(
    ("code", "kind", "says"),
    [
        (-9997, RateRefusedError, "refuses every sample rate"),
        (-9985, DeviceError, "is in use or was unplugged; close the program that uses it"),
        (-9999, DeviceError, r"cannot be opened \(Invalid sample rate\)"),
    ],
)
def test_why_a_device_cannot_be_opened(code: int, kind: type[DeviceError], says: str) -> None:
    with pytest.raises(kind, match=says) as caught:
        opened(FakeApi(set(), code))
    assert type(caught.value) is kind
    assert "choosy@ALSA" in str(caught.value)
    assert "\n" not in str(caught.value)


class NoStatus:
    """What PortAudio says with a block where all is well."""

    input_overflow = False


def test_the_callback_copies_counts_and_keeps_nothing() -> None:
    """Hours of blocks leave no object behind, and the block PortAudio owns is not held on to."""
    import gc

    import numpy as np

    capture, _ = opened(FakeApi({(16_000, 1)}))
    block = np.zeros((160, 1), dtype=np.float32)
    for _ in range(100):
        capture._on_audio(block, 160, None, NoStatus())
    gc.collect()
    before, held = len(gc.get_objects()), sys.getrefcount(block)
    for _ in range(5_000):
        capture._on_audio(block, 160, None, NoStatus())
    gc.collect()
    assert len(gc.get_objects()) - before < 10
    assert sys.getrefcount(block) == held
    assert capture.ring.end == 5_100 * 160
    capture.close()


def test_an_overflow_is_counted_as_one_block() -> None:
    import numpy as np

    class Overflow:
        input_overflow = True

    capture, _ = opened(FakeApi({(16_000, 1)}))
    capture._on_audio(np.zeros((160, 1), dtype=np.float32), 160, None, Overflow())
    block = capture.ring.read()
    assert block is not None
    assert block.start == capture.ring.lost_frames == 160
    capture.close()


def test_an_exception_in_the_callback_is_seen_and_ends_the_stream() -> None:
    capture, _ = opened(FakeApi({(16_000, 1)}))
    with pytest.raises(FakeApi.CallbackAbort):
        capture._on_audio("no block of samples", 160, None, NoStatus())
    assert isinstance(capture.error, Exception)
    capture.close()
