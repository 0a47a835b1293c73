"""A thread for calls that may never come back."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, TypeVar

_Result = TypeVar("_Result")


class Worker:
    """Does one piece of work after the other, in order, in a daemon thread of its own.

    For sound systems: opening, and above all closing a device whose server hangs, can block for
    as long as the server likes, and must not take the reading thread or the program with it.
    """

    def __init__(self, name: str) -> None:
        self._work: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def submit(self, work: Callable[[], _Result]) -> "Future[_Result]":
        """Do this next; the future has its result, or what it raised."""
        future: Future[_Result] = Future()
        self._work.put(lambda: _settle(future, work))
        return future

    def finish(self, timeout_s: float) -> bool:
        """End after the work submitted so far; False where it is not done by then."""
        self._work.put(None)
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            work()


def _settle(future: "Future[Any]", work: Callable[[], Any]) -> None:
    try:
        future.set_result(work())
    except BaseException as error:  # it belongs to whoever asked for the work
        future.set_exception(error)
