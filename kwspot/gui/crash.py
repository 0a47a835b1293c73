"""Faults of our own: told once each in a dialog, written down, and the rest lives on."""

import sys
import threading
import traceback
from datetime import datetime
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QObject, Qt, QThread, Signal
from PySide6.QtWidgets import QMessageBox, QWidget

LOG_BYTES = 200_000
"""The log begins anew where it would become longer."""


class CrashReporter(QObject):
    """Catches what nobody else caught, in any thread; log: where it is written."""

    _happened = Signal(object)

    def __init__(self, log: Path, window: QWidget) -> None:
        super().__init__(window)
        self._log, self._window = log, window
        self._told: set[str] = set()
        self.dialog: QMessageBox | None = None
        # From another thread the signal waits for the window's.
        self._happened.connect(self._tell)

    def install(self) -> None:
        """Catch from now on."""
        sys.excepthook = self._hook
        threading.excepthook = lambda caught: self._hook(
            caught.exc_type, caught.exc_value, caught.exc_traceback
        )

    def report(self, error: BaseException) -> None:
        """Tell of a fault that was caught elsewhere; from any thread."""
        lines = traceback.format_exception(error)
        # What was being painted with must go now: a painter that outlives its widget crashes.
        traceback.clear_frames(error.__traceback__)
        if QThread.currentThread() is self.thread():
            self._tell(lines)
        else:
            self._happened.emit(lines)

    def _hook(
        self, kind: type[BaseException], error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            self._window.close()
            return
        self.report((error or kind()).with_traceback(trace))

    def _tell(self, lines: list[str]) -> None:
        where = "".join(lines[-2:])
        if where in self._told:
            return  # a view that fails would fail at every picture
        self._told.add(where)
        written = self._write("".join(lines))
        dialog = QMessageBox(self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setIcon(QMessageBox.Icon.Warning)
        dialog.setWindowTitle(self.tr("A fault of kwspot"))
        dialog.setText(self.tr("Something in kwspot failed; the rest goes on."))
        advice = self.tr(
            "If the window no longer does what it should, close it and start kwspot again. "
            "Please report the fault with the details below."
        )
        if written:
            advice += " " + self.tr("They are in {0}, too.").format(self._log)
        dialog.setInformativeText(advice)
        dialog.setDetailedText("".join(lines))
        dialog.setModal(False)
        dialog.show()
        self.dialog = dialog

    def _write(self, text: str) -> bool:
        try:
            self._log.parent.mkdir(parents=True, exist_ok=True)
            fresh = self._log.exists() and self._log.stat().st_size > LOG_BYTES
            with self._log.open("w" if fresh else "a", encoding="utf-8") as file:
                file.write(f"{datetime.now():%Y-%m-%d %H:%M:%S}\n{text}\n")
        except OSError:
            return False
        return True
