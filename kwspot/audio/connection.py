"""Opening, reopening and closing a microphone without ever hanging with it."""

import atexit
import math
import sys
import threading
import time
from concurrent.futures import Future

from kwspot.audio.capture import Capture, channel_counts, open_capture, preferred_rates_hz
from kwspot.audio.devices import (
    InputDevice,
    PortAudio,
    find_device,
    list_devices,
    start_portaudio,
)
from kwspot.audio.quiet import kept_stderr
from kwspot.audio.source import Channels
from kwspot.audio.worker import Worker
from kwspot.errors import DeviceError

_POLL_S = 0.05
_OPEN_S = 15.0
_CLOSE_S = 0.5
_LIST_S = 8.0
_NO_ANSWER = "the sound system does not answer; restart it, then try again"


def devices_in_time() -> tuple[InputDevice, ...]:
    """`list_devices`, which a sound server that hangs would hold up for as long as it hangs.

    Raises DeviceError also where there is no answer within 8 s.
    """
    worker = Worker("kwspot-devices")
    worker.start()
    listing = worker.submit(list_devices)
    try:
        with kept_stderr():
            return listing.result(_LIST_S)
    except TimeoutError as error:
        raise DeviceError(_NO_ANSWER) from error
    finally:
        _finish(worker, 0.0 if not listing.done() else _CLOSE_S)


def _finish(worker: Worker, timeout_s: float) -> None:
    """End a worker, or leave it behind where it does not end in time."""
    if not worker.finish(timeout_s):
        # PortAudio would be ended when Python ends, and hang there for the same reason.
        end = getattr(sys.modules.get("sounddevice"), "_exit_handler", None)
        if end is not None:
            atexit.unregister(end)


class Connection:
    """The one stream to a microphone. device: one that was found, or as for `find_device`.

    channels: which will be needed; None: any.
    Every call into PortAudio is made in a worker's thread; `stopped` ends any wait for it.
    """

    def __init__(
        self, device: InputDevice | str | None, channels: Channels, stopped: threading.Event
    ) -> None:
        self._wanted, self._channels = device, channels
        self._stopped = stopped
        self._worker: Worker | None = None
        self._capture: Capture | None = None  # the worker's

    def open(self) -> Capture | None:
        """Find the device and wait for its first samples; None once stopped.

        Raises DeviceError where it cannot be found or opened, or does not answer within 15 s.
        """
        self._worker = Worker("kwspot-device")
        self._worker.start()
        try:
            with kept_stderr():
                opening = self._worker.submit(self._open_first)
                settled = self._settled(opening, _OPEN_S)
            if settled:
                return opening.result()
            if not self._stopped.is_set():
                raise DeviceError(_NO_ANSWER)
        except BaseException:
            self.close()
            raise
        return None

    def reopen(self, lost: Capture) -> Capture | None:
        """Try once to get the same device at the same rate again; None once stopped.

        Raises DeviceError where it is not (yet) there, RateRefusedError where its rate is gone.
        """
        if self._worker is None:
            raise RuntimeError("a connection is opened before it is reopened")
        reopening = self._worker.submit(lambda: self._open_again(lost))
        return reopening.result() if self._settled(reopening, math.inf) else None

    def close(self) -> None:
        """Close the stream; leave it behind where that takes over half a second."""
        self._stopped.set()
        worker, self._worker = self._worker, None
        if worker is None:
            return
        worker.submit(self._release)
        _finish(worker, _CLOSE_S)

    def _settled(self, future: "Future[Capture]", timeout_s: float) -> bool:
        """Wait for the worker; False where the source was stopped or the time ran out first."""
        deadline_s = time.monotonic() + timeout_s
        while not future.done() and time.monotonic() < deadline_s:
            if self._stopped.wait(_POLL_S):
                return False
        return future.done()

    # What follows runs in the worker's thread.

    def _open_first(self) -> Capture:
        system = start_portaudio()
        try:
            return self._find_and_start(system)
        except DeviceError:
            # The device may be newer than PortAudio's list.
            system.restart()
            return self._find_and_start(system)

    def _find_and_start(self, system: PortAudio) -> Capture:
        wanted = self._wanted
        device = wanted if isinstance(wanted, InputDevice) else find_device(wanted)
        counts = channel_counts(device, self._channels)
        return self._heard(open_capture(system, device, preferred_rates_hz(device), counts))

    def _open_again(self, lost: Capture) -> Capture:
        self._release()
        lost.close()
        system = start_portaudio()
        system.restart()
        counts = channel_counts(lost.device, self._channels)
        return self._heard(open_capture(system, lost.device, (lost.rate_hz,), counts))

    def _heard(self, capture: Capture) -> Capture:
        """The capture once it delivers; raises DeviceError, having closed it, where it does not."""
        self._capture = capture
        if not capture.wait_for_audio(self._stopped):
            self._release()
            raise DeviceError(
                f"microphone {capture.device.label} opened but sends nothing; unplug it and plug "
                "it in again, or restart the sound server"
            )
        return capture

    def _release(self) -> None:
        capture, self._capture = self._capture, None
        if capture is not None:
            capture.close()
