"""The window in a test: drawn off screen, driven like by a person, fed with recordings."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("PySide6", reason="the app needs PySide6-Essentials")
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from kwspot.gui.app import make_application
from kwspot.gui.main_window import MainWindow
from kwspot.gui.origins import Recording
from kwspot.gui.phase import Phase
from kwspot.gui.settings import Settings


def application() -> QApplication:
    """The one application of the test's process."""
    return make_application()


def wait_until(met: Callable[[], object], timeout_s: float = 15.0) -> None:
    """Let the window live until something is so; fails where it does not come."""
    deadline_s = time.monotonic() + timeout_s
    while not met():
        assert time.monotonic() < deadline_s, "it never came"
        live(0.01)


def live(seconds: float) -> None:
    """Let the window live."""
    loop = QEventLoop()
    QTimer.singleShot(round(1000 * seconds), loop.quit)
    loop.exec()


@contextmanager
def opened(folder: Path, recording: Path | None = None, **chosen: Any) -> Iterator[MainWindow]:
    """The window, with these preferences, listening to a recording where one is given."""
    application()
    settings = Settings(folder / "settings.ini")
    chosen = {"start_listening": False, "replay_speed": 0.0, **chosen}
    settings.save(replace(settings.load(), **chosen))
    origin = None if recording is None else Recording(recording, chosen["replay_speed"])
    window = MainWindow(settings, folder / "data", origin)
    window.resize(1000, 640)
    window.show()
    window.begin()
    try:
        yield window
    finally:
        window.close()
        window.deleteLater()
        live(0.01)


def words_in_history(window: MainWindow) -> list[str]:
    """What the history shows, oldest first."""
    return [entry.word for entry in window.chronicle.model.entries]


def nothing_is_cut_off(widget: QWidget) -> bool:
    """Whether the labels of a widget are as wide as what they say."""
    labels = widget.findChildren(QLabel)
    return all(label.width() >= label.sizeHint().width() for label in labels)


def ended(window: MainWindow) -> bool:
    """Whether its recording is over."""
    return window.engine.phase is Phase.ENDED


def colours_in(image: QImage) -> int:
    """How many different colours a picture has, of a coarse sample."""
    return len(
        {image.pixel(x, y) for x in range(0, image.width(), 7) for y in range(0, image.height(), 7)}
    )
