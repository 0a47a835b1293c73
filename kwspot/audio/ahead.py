"""Decoding beside computing."""

import threading
from queue import Full, Queue
from typing import Self

from kwspot.audio.source import Chunk, Source
from kwspot.audio.wrapped import Wrapped

CHUNKS = 4
"""How many chunks are read before they are asked for."""
_POLL_S = 0.1


class Ahead(Wrapped):
    """An entered source, read by a thread of its own, a few chunks ahead.

    Entering starts the thread, leaving ends it; the source stays entered. What reading raises,
    `read` raises.
    """

    def __init__(self, source: Source) -> None:
        super().__init__(source)
        self._chunks: Queue[Chunk | BaseException | None] = Queue(CHUNKS)
        self._ended = False
        self._left = threading.Event()
        self._thread = threading.Thread(target=self._run, name="kwspot-decoding", daemon=True)

    def __enter__(self) -> Self:
        """Start to read."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop reading, and wait until the source is let go."""
        self._left.set()
        self._thread.join()

    def read(self) -> Chunk | None:
        """The next chunk, in order; None at the end, however often it is asked for."""
        chunk = None if self._ended else self._chunks.get()
        self._ended = not isinstance(chunk, Chunk)
        if isinstance(chunk, BaseException):
            raise chunk
        return chunk

    def _run(self) -> None:
        item: Chunk | BaseException | None
        while not self._left.is_set():
            try:
                item = self._source.read()
            except BaseException as caught:  # it belongs to whoever reads
                item = caught
            while not self._left.is_set():
                try:
                    self._chunks.put(item, timeout=_POLL_S)
                    break
                except Full:
                    continue
            if not isinstance(item, Chunk):
                return
