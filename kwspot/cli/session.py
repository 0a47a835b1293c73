"""One `listen` from its first event to its last."""

import time
from collections.abc import Callable, Iterable

from kwspot.audio.source import Notice
from kwspot.spotting.detection import Detection
from kwspot.spotting.listener import Ended, Event, Listener
from kwspot.spotting.many_listener import Heard, ManyListener

from .actions import Actions
from .output import Printer
from .status import StatusLine

REFRESH_S, QUIET_S = 0.1, 0.25
PATIENCE_S = 0.7
"""How long what was heard so far may still be analysed after Ctrl-C."""
GRACE_S = 0.5
"""How much longer than asked for a timed run waits for its last samples."""


class Session:
    """Prints what a listener hears and runs what belongs to it, until it ends."""

    def __init__(
        self,
        listener: Listener | ManyListener,
        printer: Printer,
        actions: Actions,
        status: StatusLine,
    ) -> None:
        self._listener, self._printer, self._actions = listener, printer, actions
        self._status = status
        self._began: set[str] = set()
        self._listening_since: float | None = None
        self._dropped = 0

    def run(
        self, duration_s: float | None, stopped: Callable[[], bool], *, at_once: bool = False
    ) -> None:
        """Until the audio ends, it is `stopped`, or `duration_s` after it began to listen; at_once:
        which it does now, and does not say so.

        What had been heard by then is still printed. Raises what ended the listening where that
        was an error.
        """
        until_s: float | None = None
        self._listening_since = time.monotonic() if at_once else None
        with self._status:
            pause_s = REFRESH_S if self._status.live else QUIET_S
            while not self._handle(self._listener.events.drain(pause_s)):
                if until_s is None and (stopped() or self._over(duration_s)):
                    self._listener.stop()
                    until_s = time.monotonic() + PATIENCE_S
                if until_s is not None and time.monotonic() > until_s:
                    break
                self._status.refresh()
                self._actions.check()
                self._tell_dropped()
        self._actions.finish()

    def _over(self, duration_s: float | None) -> bool:
        """Whether the clock says that it has listened for longer than asked."""
        since = self._listening_since
        if duration_s is None or since is None:
            return False
        return time.monotonic() > since + duration_s + GRACE_S

    def _handle(self, events: Iterable[Event | Heard]) -> bool:
        """Print events; returns whether the last of them was the end."""
        name = self._listener.source_name
        for item in events:
            source, event = (item.source, item.event) if isinstance(item, Heard) else (name, item)
            match event:
                case Detection():
                    self._printer.detection(event, source)
                    self._actions.on(event, source)
                case Notice():
                    if event.state == "listening" and source not in self._began:
                        self._began.add(source)
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
            message = f"{dropped} results were dropped: they are not read fast enough"
            notice = Notice("warning", "results-dropped", message)
            self._printer.notice(notice, self._listener.source_name)
