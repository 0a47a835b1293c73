"""The analysis thread: started by entering, told to end by `stop`, waited for by leaving."""

import threading
import time
from abc import ABC, abstractmethod
from typing import Self

PATIENCE_S = 0.9
"""How long after it was told to stop the thread may still need."""


class Analysis(ABC):
    """What listeners have in common: one thread, and how it ends."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._stopped_s = 0.0
        # A daemon: where a sound system hangs while it closes, leaving must not wait for it.
        self._thread = threading.Thread(target=self._run, name="kwspot-analysis", daemon=True)

    def __enter__(self) -> Self:
        """Start listening; problems arrive as an `Ended` event."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop and wait, for under a second."""
        self.stop()
        self._thread.join(max(0.05, self._stopped_s + PATIENCE_S - time.monotonic()))

    def stop(self) -> None:
        """End soon, what was heard so far still analysed; from any thread, twice if you like."""
        if not self._stopping.is_set():
            self._stopped_s = time.monotonic()
            self._stopping.set()
        self._stop_sources()

    @abstractmethod
    def _run(self) -> None:
        """What the thread does, to its end."""

    @abstractmethod
    def _stop_sources(self) -> None:
        """Let whoever reads go on, to find that it is over; may be called again and again."""
