"""Loading models without holding anything up."""

from concurrent.futures import Future

from PySide6.QtCore import QObject, Signal

from kwspot.audio.worker import Worker
from kwspot.errors import KwspotError
from kwspot.spotting.spotter import Spotter

from .origins import ModelChoice


class Loader(QObject):
    """Loads the model that was asked for last; `poll`, called often, tells when it is there."""

    loaded = Signal()
    failed = Signal(str)
    crashed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.spotter: Spotter | None = None
        self.choice: ModelChoice | None = None
        """What `spotter` was loaded by; None before the first."""
        self._wanted: ModelChoice | None = None
        self._loading: tuple[ModelChoice, Future[Spotter]] | None = None
        self._worker = Worker("kwspot-model")
        self._worker.start()

    def ask(self, choice: ModelChoice) -> bool:
        """Load a model; returns whether it is there already."""
        self._wanted = choice
        if choice == self.choice:
            return True
        if self._loading is None or self._loading[0] != choice:
            self._loading = (choice, self._worker.submit(choice.spotter))
        return False

    def forget(self) -> None:
        """Load whatever is asked for next, even what is there already."""
        self.choice = self._loading = None

    def poll(self) -> None:
        """Tell what has come of loading."""
        if self._loading is None or not self._loading[1].done():
            return
        (choice, future), self._loading = self._loading, None
        if choice != self._wanted:
            return
        error = future.exception()
        if error is None:
            self.spotter, self.choice = future.result(), choice
            self.loaded.emit()
        elif isinstance(error, KwspotError):
            self.failed.emit(str(error))
        else:
            self.failed.emit(self.tr("The model cannot be loaded: {0}").format(error))
            self.crashed.emit(error)

    def finish(self) -> None:
        """End the thread; what it still loads is left behind."""
        self._worker.finish(0.05)
