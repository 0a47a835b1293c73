"""Tells screen readers what was heard, politely: not more often than one can listen."""

import time

from PySide6.QtCore import QTimer
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QWidget

from kwspot.spotting.detection import Detection

EVERY_S = 1.5


class Announcer:
    """Collects what is to be said and says it at most every `EVERY_S`."""

    def __init__(self, window: QWidget) -> None:
        self._window = window
        self._waiting: list[str] = []
        self._said_s = -EVERY_S
        self._timer = QTimer(window)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._say)
        self.last = ""
        """What was announced last."""

    def word(self, found: Detection) -> None:
        """A word was heard."""
        self.say(found.label)

    def say(self, text: str) -> None:
        """Announce a text soon."""
        self._waiting = [*self._waiting[-7:], text]
        if not self._timer.isActive():
            rest_s = EVERY_S - (time.monotonic() - self._said_s)
            self._timer.start(max(0, round(1000 * rest_s)))

    def _say(self) -> None:
        self.last, self._waiting = ", ".join(self._waiting), []
        self._said_s = time.monotonic()
        event = QAccessibleAnnouncementEvent(self._window, self.last)
        event.setPoliteness(QAccessible.AnnouncementPoliteness.Polite)
        QAccessible.updateAccessibility(event)
