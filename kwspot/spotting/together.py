"""Many threads and one GPU: what they ask for while it computes, it gets as one batch."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from torch import Tensor

from .classifier import Scores, StreamState

Item = tuple[StreamState, Tensor]
Advance = Callable[[Sequence[Item]], list[Scores]]


@dataclass(slots=True)
class _Asked:
    """What one thread asks for, and what has come of it."""

    items: Sequence[Item]
    scores: list[Scores] | None = None
    error: Exception | None = None

    @property
    def answered(self) -> bool:
        return self.scores is not None or self.error is not None


class Together:
    """Makes one call of `advance` of what several threads ask for at the same time.

    Nobody waits for company: one thread runs the batch, those that come meanwhile wait for it to
    end, and one of them runs the next one for all. So batches are as large as the processor
    is slower than the threads. advance: continues streams by their newest pieces; most: values of
    all pieces of a batch, which a single piece may exceed.
    """

    def __init__(self, advance: Advance, most: int) -> None:
        self._advance, self._most = advance, most
        self._waiting: deque[_Asked] = deque()
        self._running = threading.Lock()

    def __call__(self, items: Sequence[Item]) -> list[Scores]:
        """The scores of each item, in order. Raises what `advance` raises for its batch."""
        asked = _Asked(items)
        self._waiting.append(asked)
        with self._running:
            while not asked.answered:
                self._run(self._taken())
        if asked.error is not None:
            raise asked.error
        assert asked.scores is not None
        return asked.scores

    def _taken(self) -> list[_Asked]:
        """Those that waited longest, as many as go into a batch, one at least."""
        taken: list[_Asked] = []
        size = 0
        while self._waiting:
            size += sum(piece.numel() for _, piece in self._waiting[0].items)
            if taken and size > self._most:
                break
            taken.append(self._waiting.popleft())
        return taken

    def _run(self, batch: Sequence[_Asked]) -> None:
        try:
            scores = iter(self._advance([item for asked in batch for item in asked.items]))
            for asked in batch:
                asked.scores = [next(scores) for _ in asked.items]
        except Exception as error:  # each thread tells its own reader
            for asked in batch:
                asked.error = error
        except BaseException:  # who runs the batch is to end: the others' turn is still to come
            self._waiting.extendleft(asked for asked in reversed(batch) if not asked.answered)
            raise
