"""Starts the app: the one place where everything is put together."""

import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

import torch
from PySide6.QtCore import QLocale, QLoggingCategory, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from kwspot.resources import data_folder, icon

from .main_window import MainWindow
from .origins import Recording
from .settings import Settings
from .translation import install


def run(
    *,
    model: Path | None = None,
    device: str | None = None,
    replay: Path | None = None,
    reset_settings: bool = False,
) -> int:
    """Open the window and stay until it is closed; returns the exit code.

    model, device: used and remembered; replay: a recording to listen to first; reset_settings:
    forget what was remembered.
    """
    # The network is small: threads would wait for each other longer than they work.
    torch.set_num_threads(1)
    application = make_application()
    if not os.environ.get("KWSPOT_TRACEBACK"):
        # What Qt remarks on standard error helps nobody who uses the app.
        QLoggingCategory.setFilterRules("*.debug=false\n*.info=false\n*.warning=false")
    install(application, QLocale.system())
    settings = Settings()
    if reset_settings:
        settings.reset()
    preferences = settings.load()
    if model is not None:
        preferences = replace(preferences, model=str(model.absolute()))
    if device is not None:
        preferences = replace(preferences, device=device)
    settings.save(preferences)
    origin = None if replay is None else Recording(replay, preferences.replay_speed)
    window = MainWindow(settings, data_folder(), origin)
    window.crashes.install()
    window.show()
    QTimer.singleShot(0, window.begin)
    signal.signal(signal.SIGINT, lambda *_: window.close())
    signal.signal(signal.SIGTERM, lambda *_: window.close())
    return application.exec()


def make_application() -> QApplication:
    """The process's one application."""
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    application = QApplication(sys.argv[:1])
    application.setApplicationName("kwspot")
    application.setDesktopFileName("kwspot")
    application.setStyle("Fusion")
    application.setWindowIcon(QIcon(str(icon())))
    return application
