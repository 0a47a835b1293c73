"""One open input stream: PortAudio's thread fills a ring, the reading thread empties it."""

import sys
import threading
import time
from contextlib import ExitStack
from typing import Any

from kwspot.audio.devices import InputDevice, PortAudio, index_of
from kwspot.audio.quiet import quiet
from kwspot.audio.ring import Ring
from kwspot.audio.source import SAMPLE_RATE_HZ, Channels
from kwspot.errors import DeviceError

_RING_S = 8
_LATENCY_S = 0.15  # survives a busy machine better than PortAudio's own "low"
_FIRST_BLOCK_S = 5.0  # a Bluetooth headset takes seconds
_POLL_S = 0.05
_UNAVAILABLE, _BAD_RATE, _BAD_CHANNELS = -9985, -9997, -9998  # PaErrorCode


class RateRefusedError(DeviceError):
    """The device is there, but not at the rate asked for."""


class Capture:
    """A running stream of `device` at one rate. `stop` ends the wait for its first block.

    `ring` holds the frames; its position 0 is the first frame of this stream.
    """

    def __init__(self, device: InputDevice, rate_hz: int, channels: int) -> None:
        self.device = device
        self.rate_hz = rate_hz
        self.ring = Ring(_RING_S * rate_hz, channels)
        self.error: BaseException | None = None
        self.finished = False
        self.began_s: float | None = None
        self.last_block_s = 0.0
        self.channels = channels
        self._open = ExitStack()

    def start(self, system: PortAudio) -> None:
        """Open and start the stream; raises PortAudio's own error."""
        with system.lock, ExitStack() as stack:
            # For as long as the stream is open: PortAudio prints in its own thread, too.
            stack.enter_context(quiet())
            index = index_of(system.api, self.device.name, self.device.host_api)
            stream = system.api.InputStream(
                device=index,
                samplerate=self.rate_hz,
                channels=self.channels,
                dtype="float32",
                blocksize=0,
                latency=_LATENCY_S,
                extra_settings=_extra_settings(system.api, self.device),
                callback=self._on_audio,
                finished_callback=self._on_finished,
            )
            system.open_streams += 1
            stack.callback(self._close, system, stream)
            self._abort: type[Exception] = system.api.CallbackAbort
            stream.start()
            self._open = stack.pop_all()

    def wait_for_audio(self, stop: threading.Event) -> bool:
        """Whether the first block came within 5 s, and before `stop`."""
        deadline_s = time.monotonic() + _FIRST_BLOCK_S
        while self.began_s is None and not self.finished and time.monotonic() < deadline_s:
            if stop.wait(_POLL_S):
                return False
        return self.began_s is not None

    def close(self) -> None:
        """Close the stream, which may block while the sound server hangs."""
        self._open.close()

    def _close(self, system: PortAudio, stream: Any) -> None:
        try:
            stream.close()
        except system.api.PortAudioError:
            pass  # a device that is gone cannot be closed properly, and need not be
        finally:
            with system.lock:
                system.open_streams -= 1

    def _on_audio(self, indata: Any, frames: int, _time: Any, status: Any) -> None:
        try:
            # PortAudio does not say how much it dropped; call it one block.
            self.ring.write(indata, lost=frames if status.input_overflow else 0)
            self.last_block_s = time.monotonic()
            if self.began_s is None:
                self.began_s = self.last_block_s - frames / self.rate_hz
        except BaseException as error:
            self.error = error
            raise self._abort from error

    def _on_finished(self) -> None:
        self.finished = True
        self.ring.wake()


def open_capture(
    system: PortAudio, device: InputDevice, rates_hz: tuple[int, ...], counts: tuple[int, ...]
) -> Capture:
    """Start the device at the first of these rates it takes, with the first count of channels.

    Raises RateRefusedError where it takes none, DeviceError where it cannot be opened.
    """
    refusals: list[Exception] = []
    for rate_hz in rates_hz:
        for channels in dict.fromkeys(counts):
            capture = Capture(device, rate_hz, channels)
            try:
                capture.start(system)
            except system.api.PortAudioError as error:
                refusals.append(error)
            else:
                return capture
    raise _explain(device, refusals) from refusals[-1]


def channel_counts(device: InputDevice, channels: Channels) -> tuple[int, ...]:
    """How many channels to ask for, the best first: one is what most are made for.

    Raises DeviceError where the device has not all of `channels`.
    """
    if channels is None:
        return 1, device.channels
    needed = max(channels, default=device.channels)
    if needed > device.channels:
        has = "one channel" if device.channels == 1 else f"{device.channels} channels"
        raise DeviceError(
            f"microphone {device.label} has {has}, no channel {needed}; choose one that is there"
        )
    return needed, device.channels


def preferred_rates_hz(device: InputDevice) -> tuple[int, ...]:
    """16 kHz, then the device's own rate; Core Audio resamples badly, so there its own first."""
    rates = (SAMPLE_RATE_HZ, device.default_rate_hz)
    if sys.platform == "darwin":
        rates = rates[::-1]
    return tuple(dict.fromkeys(rates))


def _extra_settings(api: Any, device: InputDevice) -> Any:
    if "WASAPI" in device.host_api:
        return api.WasapiSettings(auto_convert=True)
    return None


def _explain(device: InputDevice, refusals: list[Exception]) -> DeviceError:
    codes = {error.args[1] for error in refusals if len(error.args) > 1}
    if _UNAVAILABLE in codes:
        return DeviceError(
            f"microphone {device.label} is in use or was unplugged; close the program that uses "
            "it, or choose another with --device (`kwspot devices` lists them)"
        )
    if codes and codes <= {_BAD_RATE, _BAD_CHANNELS}:
        return RateRefusedError(
            f"microphone {device.label} refuses every sample rate and channel count tried; choose "
            "another with --device (`kwspot devices` lists them)"
        )
    why = str(refusals[-1].args[0]).splitlines()[0] if refusals[-1].args else "no reason given"
    return DeviceError(
        f"microphone {device.label} cannot be opened ({why}); check that it is plugged in, or "
        "choose another with --device (`kwspot devices` lists them)"
    )
