"""The listener that is under way, and those that are still ending."""

from kwspot.spotting.listener import Event, Listener
from kwspot.spotting.spotter import Spotter

from .feed import Feed
from .origins import Origin
from .retiring import Retiring


class Listening:
    """Opens one listener at a time into a feed; ending one waits for nothing."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._listener: Listener | None = None
        self._retiring = Retiring()
        self._dropped = 0

    @property
    def under_way(self) -> bool:
        """Whether there is a listener."""
        return self._listener is not None

    @property
    def may_open(self) -> bool:
        """Whether the listeners before have let go of what they had open."""
        return self._listener is None and not self._retiring

    @property
    def source_name(self) -> str:
        """What is listened to; "" for nothing."""
        return "" if self._listener is None else self._listener.source_name

    def open(self, spotter: Spotter, origin: Origin) -> None:
        """Listen."""
        self._listener = self._feed.listener(spotter, origin)
        self._dropped = 0
        self._listener.__enter__()

    def stop(self) -> None:
        """End it; what was heard so far is still delivered."""
        if self._listener is not None:
            self._listener.stop()

    def drain(self) -> tuple[list[Event], bool]:
        """Take all there is; returns the events, and whether another timeline has begun."""
        if self._listener is None:
            return [], False
        return self._feed.drain(self._listener)

    def newly_dropped(self) -> int:
        """How many results were dropped in all, where it is more than the last time; else 0."""
        dropped = 0 if self._listener is None else self._listener.events.dropped
        if dropped <= self._dropped:
            return 0
        self._dropped = dropped
        return dropped

    def forget(self) -> None:
        """It has ended by itself."""
        self._listener = None

    def retire(self) -> None:
        """End it, and hear no more of it."""
        listener, self._listener = self._listener, None
        if listener is not None:
            self._retiring.add(listener)

    def poll(self, now_s: float) -> None:
        """Called often: closes what has ended."""
        self._retiring.poll(now_s)

    def finish(self) -> None:
        """End everything, within a second."""
        self.retire()
        self._retiring.finish()
