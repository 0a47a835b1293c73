"""One `listen` from its first event to its last."""

import time
from collections.abc import Iterable

from kwspot.audio.source import Notice
from kwspot.spotting.detector import Detection
from kwspot.spotting.listener import Ended, Event, Listener

from .actions import Actions
from .output import Printer
from .status import StatusLine

REFRESH_S = 0.1
PATIENCE_S = 0.7
"""How long what was heard so far may still be analysed after Ctrl-C."""
GRACE_S = 0.5
"""How much longer than asked for a timed run waits for its last samples."""


class Session:
    """Prints what a listener hears and runs what belongs to it, until it ends or Ctrl-C."""

    def __init__(
        self, listener: Listener, printer: Printer, actions: Actions, labels: tuple[str, ...]
    ) -> None:
        self._listener, self._printer, self._actions = listener, printer, actions
        self._labels = labels
        self._listening_since: float | None = None
        self._dropped = 0

    def run(self, duration_s: float | None) -> None:
        """Until the audio ends, Ctrl-C, or `duration_s` on the clock after it began to listen.

        Raises what ended the listening where that was an error.
        """
        with StatusLine(self._listener, self._labels) as status:
            try:
                while not self._handle(self._listener.events.drain(REFRESH_S)):
                    status.refresh()
                    self._actions.check()
                    self._tell_dropped()
                    if duration_s is not None and self._listened_s() > duration_s + GRACE_S:
                        self._listener.stop()
            except KeyboardInterrupt:
                self._wind_up()

    def _listened_s(self) -> float:
        """Seconds since listening began, 0 before."""
        since = self._listening_since
        return 0.0 if since is None else time.monotonic() - since

    def _wind_up(self) -> None:
        """Stop, and print what had been heard already."""
        self._listener.stop()
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            if self._handle(self._listener.events.drain(REFRESH_S)):
                return

    def _handle(self, events: Iterable[Event]) -> bool:
        """Print events; returns whether the last of them was the end."""
        source = self._listener.source_name
        for event in events:
            match event:
                case Detection():
                    self._printer.detection(event, source)
                    self._actions.on(event)
                case Notice():
                    if event.state == "listening" and self._listening_since is None:
                        self._listening_since = time.monotonic()
                    self._printer.notice(event, source)
                case Ended(error=BaseException() as error):
                    raise error
                case Ended():
                    return True
        return False

    def _tell_dropped(self) -> None:
        dropped = self._listener.events.dropped
        if dropped > self._dropped:
            self._dropped = dropped
            self._listener.warn(f"{dropped} results were dropped: they are not read fast enough")
