"""Stopping between two steps of long work, instead of in the middle of one."""

import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

ANY = 1_000_000
"""More requests than anybody makes."""


@contextmanager
def stop_flag(
    requests: int = 1, waking: Sequence[Callable[[], None]] = ()
) -> Iterator[Callable[[], bool]]:
    """While it holds, the first `requests` of Ctrl-C and SIGTERM only set a flag.

    waking: called with each of them, to end a wait before its time; from the main thread, in the
    middle of whatever it is at. Yields what asks for the flag. One request more interrupts at once.
    """
    made = 0

    def ask(_signal: int, _frame: FrameType | None) -> None:
        nonlocal made
        made += 1
        if made > requests:
            raise KeyboardInterrupt
        for wake in waking:
            wake()

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: made > 0
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
