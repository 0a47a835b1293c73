"""A picture of the app: `python benchmarks/app_picture.py OUT.png [light|dark [SECONDS]]`.

Listens to the bundled sample for so long, chooses a word, and saves the window.
"""

import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QTimer

from kwspot.gui.app import make_application
from kwspot.gui.main_window import MainWindow
from kwspot.gui.origins import Recording
from kwspot.gui.settings import Settings
from kwspot.resources import sample_recording


def main() -> None:
    out, theme, seconds = (*sys.argv[1:4], *("dark", "13")[len(sys.argv) - 2 :])
    application = make_application()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(Path(folder) / "settings.ini")
        settings.save(replace(settings.load(), theme=theme))
        window = MainWindow(settings, Path(folder), Recording(sample_recording()))
        window.resize(1280, 800)
        window.show()
        window.begin()

        def finish() -> None:
            window.grab().save(out)
            window.close()

        QTimer.singleShot(round(1000 * float(seconds)), lambda: window.history.table.selectRow(1))
        QTimer.singleShot(round(1000 * float(seconds)) + 300, finish)
        application.exec()


if __name__ == "__main__":
    main()
