"""Reading a source beside others: each has a thread, so that none waits for another's device."""

import threading
from queue import Empty, Full, Queue

from kwspot.audio.source import SAMPLE_RATE_HZ, Chunk, Notice, Notify, Source

CHUNKS = 4
"""How many chunks are read before they are taken; then the source's own buffer fills."""
ENOUGH_SAMPLES = SAMPLE_RATE_HZ
"""What is taken at once ends with the chunk that reaches this, so that stopping stays quick."""
_POLL_S = 0.1

Item = Chunk | BaseException | None


class Feeder:
    """A source that is entered, read to its end and left in a thread of its own.

    source: delivers 16 kHz; notify: hears that it is listened to; news: set whenever there is
    something to take.
    """

    def __init__(self, source: Source, notify: Notify, news: threading.Event) -> None:
        self.source = source
        self.opened = False
        """Whether it could be opened; once true, it stays."""
        self.refused = False
        """Whether it could not."""
        self._notify, self._news = notify, news
        self._items: Queue[Item] = Queue(CHUNKS)
        self._stopping = threading.Event()
        self._left = threading.Event()
        self._thread = threading.Thread(target=self._run, name="kwspot-reading", daemon=True)

    @property
    def full(self) -> bool:
        """Whether it waits until something is taken."""
        return self._items.full()

    def start(self) -> None:
        """Open the source and begin to read."""
        self._thread.start()

    def stop(self) -> None:
        """End soon; what was read by then can still be taken. From any thread, twice if need be."""
        self._stopping.set()
        self.source.stop()

    def leave(self, timeout_s: float) -> None:
        """Stop, forget what was not taken, and wait for the source to be left."""
        self._left.set()
        self.stop()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def take(self) -> list[Item]:
        """What came since the last time; the last of all is None, or what went wrong."""
        items: list[Item] = []
        samples = 0
        while samples < ENOUGH_SAMPLES and len(items) < CHUNKS:
            try:
                item = self._items.get_nowait()
            except Empty:
                return items
            items.append(item)
            samples += len(item.samples) if isinstance(item, Chunk) else 0
        self._news.set()  # there may be more
        return items

    def _run(self) -> None:
        try:
            with self.source as source:
                self.opened = True
                if not self._stopping.is_set():
                    message = f"listening to {source.name}; Ctrl-C ends"
                    self._notify(Notice("status", "listening", message))
                while (chunk := source.read()) is not None:
                    self._put(chunk)
        except BaseException as caught:  # it belongs to whoever takes
            self.refused = not self.opened
            self._put(caught)
        else:
            self._put(None)

    def _put(self, item: Item) -> None:
        while not self._left.is_set():
            try:
                self._items.put(item, timeout=_POLL_S)
            except Full:
                continue
            self._news.set()
            return
