"""Between the analysis thread and whoever looks: bounded, the oldest dropped, the loss counted."""

import threading
from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class Mailbox(Generic[T]):
    """Items from one thread to another; a reader that is slow or gone costs the writer nothing."""

    def __init__(self, bound: int) -> None:
        self._items: deque[T] = deque(maxlen=bound)
        self._changed = threading.Condition()
        self.dropped = 0

    def put(self, item: T) -> None:
        """Add an item; where the box is full, the oldest goes and is counted in `dropped`."""
        with self._changed:
            self.dropped += len(self._items) == self._items.maxlen
            self._items.append(item)
            self._changed.notify()

    def wake(self) -> None:
        """End a wait of `drain` that is under way, with what there is; also from a signal's
        handler in the very thread that waits."""
        with self._changed:
            self._changed.notify()

    def drain(self, timeout_s: float = 0.0) -> list[T]:
        """All there is, oldest first; waits up to `timeout_s` for the first, then gives []."""
        with self._changed:
            if not self._items:
                self._changed.wait(timeout_s)
            items = list(self._items)
            self._items.clear()
            return items
