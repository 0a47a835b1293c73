"""Listeners that were told to stop, until their threads have let go of their devices."""

import time

from kwspot.spotting.listener import Ended, Listener

STOPPING_S = 1.0
"""How long that is waited for."""


class Retiring:
    """Waits for listeners without ever blocking."""

    def __init__(self) -> None:
        self._waiting: list[tuple[Listener, float]] = []

    def __bool__(self) -> bool:
        """Whether any is still waited for."""
        return bool(self._waiting)

    def add(self, listener: Listener) -> None:
        """Stop one."""
        listener.stop()
        self._waiting.append((listener, time.monotonic() + STOPPING_S))

    def poll(self, now_s: float) -> None:
        """Forget those that have ended, or took too long."""
        left = []
        for listener, until_s in self._waiting:
            ended = any(isinstance(event, Ended) for event in listener.events.drain())
            if not ended and now_s < until_s:
                left.append((listener, until_s))
        self._waiting = left

    def finish(self) -> None:
        """Leave them all."""
        for listener, _ in self._waiting:
            listener.__exit__(None, None, None)
