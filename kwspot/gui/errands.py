"""Work that may take its time, done elsewhere; what comes of it is told in the window's thread."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Signal

from kwspot.audio.worker import Worker

_Result = TypeVar("_Result")


class Errands(QObject):
    """One thread that does errands in order; `poll`, called from a timer, tells of their ends."""

    failed = Signal(object)
    """What an errand raised whose `failed` was not given."""

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._worker = Worker(name)
        self._worker.start()
        self._under_way: list[
            tuple[Future[Any], Callable[[Any], None], Callable[[Exception], None] | None]
        ] = []

    def send(
        self,
        work: Callable[[], _Result],
        done: Callable[[_Result], None] | None = None,
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        """Do `work` in the thread; then `done` gets its result, or `failed` what it raised."""
        self._under_way.append((self._worker.submit(work), done or (lambda _: None), failed))

    @property
    def idle(self) -> bool:
        """Whether nothing is under way."""
        return not self._under_way

    def poll(self) -> None:
        """Tell of what has ended."""
        while self._under_way and self._under_way[0][0].done():
            future, done, failed = self._under_way.pop(0)
            error = future.exception()
            if error is None:
                done(future.result())
            elif failed is not None and isinstance(error, Exception):
                failed(error)
            else:
                self.failed.emit(error)

    def finish(self, timeout_s: float) -> None:
        """End after what is under way."""
        self._worker.finish(timeout_s)
