"""The microphone as a source that outlives its device."""

import threading
from typing import Self

from kwspot.audio.alarms import DropAlarm, SilenceAlarm
from kwspot.audio.capture import Capture, RateRefusedError
from kwspot.audio.connection import Connection
from kwspot.audio.devices import InputDevice
from kwspot.audio.ring import Block
from kwspot.audio.source import SAMPLE_RATE_HZ, Channels, Chunk, Notice, Notify, as_chunk
from kwspot.errors import DeviceError

_POLL_S = 0.1
_IDLE_POLLS = 10
_BACK_OFF_S = (0.5, 1.0, 2.0, 4.0, 5.0)
_RATE_REFUSALS = 3  # a device that still resets may refuse a rate it will take
_WARNING_PAUSE_S = 5


class MicrophoneSource:
    """A live microphone, at 16 kHz where the device takes that, else at its own rate.

    device: one that was found, or as for `find_device`; channels: which to keep apart. notify
    hears, from the reading thread: status "opening", "opened", "reconnecting", "listening" (back
    after a loss), "sound"; warnings "lost", "dropped", "silent".
    A device that goes away is waited for and opened again, at the same rate; the time it was
    away shows as a jump in position and counts as lost.
    Raises DeviceError: on entering, where it cannot be found or opened; on reading, where it
    comes back without its rate.
    """

    def __init__(
        self, device: InputDevice | str | None, notify: Notify, channels: Channels = None
    ) -> None:
        self._text = device.label if isinstance(device, InputDevice) else device
        self._notify = notify
        self._channels = channels
        self._stopped = threading.Event()
        self._connection = Connection(device, channels, self._stopped)
        self._capture: Capture | None = None
        self._offset = 0  # the position in the stream of the capture's first frame
        self._idle_polls = 0
        self._wanted = 1
        self._end = 0
        self._lost = 0

    @property
    def name(self) -> str:
        """NAME@HOSTAPI once it is open; before, as the user called it."""
        return self._capture.device.label if self._capture else self._text or "default microphone"

    @property
    def sample_rate_hz(self) -> int:
        """The rate the device runs at; the same for as long as the source is open."""
        if self._capture is None and self._stopped.is_set():
            return SAMPLE_RATE_HZ  # stopped before it was open: there are no samples
        return self._current().rate_hz

    @property
    def lost_samples(self) -> int:
        """Dropped by a late reader or by the sound system, or not heard over an outage."""
        return self._lost

    def __enter__(self) -> Self:
        """Open the device and wait for its first samples; raises DeviceError."""
        self._notify(Notice("status", "opening", f"opening {self._text or 'the microphone'}"))
        capture = self._connection.open()
        if capture is None:
            return self
        self._capture = capture
        self._silence = SilenceAlarm(_WARNING_PAUSE_S * capture.rate_hz)
        self._drops = DropAlarm(_WARNING_PAUSE_S * capture.rate_hz)
        try:
            self._notify(Notice("status", "opened", f"{self.name} is open at {capture.rate_hz} Hz"))
        except BaseException:
            self._connection.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Close the device; one that hangs is left behind after half a second."""
        self._stopped.set()
        self._connection.close()

    def want(self, samples: int) -> None:
        """How many samples `read` waits for."""
        self._wanted = samples

    def read(self) -> Chunk | None:
        """All that came in since the last read; None after `stop`.

        Waits for what is wanted, or for what has come within 0.1 s.
        """
        while not self._stopped.is_set():
            capture = self._current()
            in_time = capture.ring.wait(_POLL_S, self._wanted)
            if (block := capture.ring.read()) is not None:
                self._idle_polls = 0
                return self._chunk(block)
            if capture.error is not None:
                raise RuntimeError("the audio callback failed") from capture.error
            if (trouble := self._trouble(capture)) is not None:
                self._reconnect(capture, trouble)
            elif not in_time:
                self._idle_polls += 1
        return None

    def stop(self) -> None:
        """Make `read` return None within 0.1 s; from any thread, as often as you like."""
        self._stopped.set()
        if (capture := self._capture) is not None:
            capture.ring.wake()

    def _chunk(self, block: Block) -> Chunk:
        chunk = as_chunk(self._offset + block.start, block.frames, self._channels, self.name)
        dropped = chunk.start - self._end
        self._end = chunk.end
        self._lost += dropped
        rate_hz = self.sample_rate_hz
        if self._drops.lose(dropped, chunk.end):
            self._warn(
                "dropped",
                f"{self._drops.total / rate_hz:.2f} s of audio were dropped so far: this machine "
                "is too busy; close other programs or use a longer --hop",
            )
        if self._silence.hear(chunk.samples):
            self._tell_silence()
        return chunk

    def _tell_silence(self) -> None:
        if self._silence.raised:
            self._warn(
                "silent",
                f"{self.name} delivers only digital silence: check that it is not muted, and that "
                "this program may use the microphone (macOS: System Settings > Privacy & Security)",
            )
        else:
            self._notify(Notice("status", "sound", f"{self.name} delivers sound again"))

    def _trouble(self, capture: Capture) -> str | None:
        """What ails the stream, to go on from "the microphone"; None when it is well."""
        if capture.finished:
            return "was disconnected, or its sound server stopped"
        # Waits that came back empty, not the clock: after a suspended process or a long grip on
        # the interpreter's lock the callback shall have its turn first.
        if self._idle_polls >= _IDLE_POLLS:
            return "has sent nothing for a second"
        return None

    def _reconnect(self, old: Capture, trouble: str) -> None:
        """Open the device again, however long it takes, or return with the source stopped."""
        self._warn("lost", f"microphone {self.name} {trouble}; trying to get it back")
        refusals = 0
        attempt = 0
        while not self._stopped.is_set():
            delay_s = _BACK_OFF_S[min(attempt, len(_BACK_OFF_S) - 1)]
            attempt += 1
            message = f"trying {self.name} again in {delay_s:g} s (attempt {attempt})"
            self._notify(Notice("status", "reconnecting", message, delay_s))
            if self._stopped.wait(delay_s):
                return
            try:
                new = self._connection.reopen(old)
                if new is not None:
                    self._resume(old, new)
                return
            except RateRefusedError as error:
                refusals += 1
                if refusals == _RATE_REFUSALS:
                    raise DeviceError(
                        f"microphone {self.name} came back without its rate of {old.rate_hz} Hz; "
                        "start again to use it as it is now"
                    ) from error
            except DeviceError:
                pass  # not back yet

    def _resume(self, old: Capture, new: Capture) -> None:
        """Go on with a new stream; the time between the two streams is lost audio."""
        self._capture = new
        self._idle_polls = 0
        began_s = new.began_s if new.began_s is not None else new.last_block_s
        away = max(1, round((began_s - old.last_block_s) * old.rate_hz))
        self._offset += old.ring.end + away
        self._lost += self._offset - self._end
        self._end = self._offset
        self._notify(Notice("status", "listening", f"{self.name} is back; listening"))

    def _warn(self, state: str, message: str) -> None:
        self._notify(Notice("warning", state, message))

    def _current(self) -> Capture:
        if self._capture is None:
            raise RuntimeError("the microphone is used before it is entered")
        return self._capture
