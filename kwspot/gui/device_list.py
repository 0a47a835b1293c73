"""The microphones there are, by a process of its own: looking afresh would end our streams."""

import json
import sys
from contextlib import suppress

from PySide6.QtCore import QObject, QProcess, QTimer, Signal

EVERY_S = 20


class DeviceList(QObject):
    """Lists microphones again and again without ever holding up the window."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.labels: list[str] = []
        """NAME@HOSTAPI of every microphone."""
        self.default = ""
        self.trouble = ""
        self._process = QProcess(self)
        self._process.finished.connect(self._finished)
        self._stopped = False
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.refresh)
        self._timer.start(1000 * EVERY_S)

    def refresh(self) -> None:
        """Look again; `changed` follows where there is something new."""
        if not self._stopped and self._process.state() == QProcess.ProcessState.NotRunning:
            self._process.start(sys.executable, ["-m", "kwspot", "devices", "--json"])

    def stop(self) -> None:
        """Look no more."""
        self._stopped = True
        self._timer.stop()
        if self._process.state() != QProcess.ProcessState.NotRunning:
            self._process.kill()
            self._process.waitForFinished(200)

    def _finished(self) -> None:
        if self._stopped:
            return
        lines = bytes(self._process.readAllStandardOutput().data()).decode(errors="replace")
        said = bytes(self._process.readAllStandardError().data()).decode(errors="replace")
        before = (self.labels, self.default, self.trouble)
        self.labels, self.default = [], ""
        for line in lines.splitlines():
            with suppress(ValueError, KeyError):  # sound libraries may print what they like
                facts = json.loads(line)
                label = f"{facts['name']}@{facts['host_api']}"
                self.labels.append(label)
                if facts["is_default"]:
                    self.default = label
        self.trouble = "" if self.labels else said.strip().removeprefix("kwspot: ")
        if (self.labels, self.default, self.trouble) != before:
            self.changed.emit()
