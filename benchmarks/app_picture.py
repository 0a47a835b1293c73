"""A picture of the app, as it is after some seconds of listening.

    python benchmarks/app_picture.py OUT.png [--theme light|dark] [--size 1280x800] [--seconds S]
        [--large-text] [--logarithmic] [--recording FILE | --microphone NAME]

Listens to the bundled sample, or what is named, chooses a word, and saves the window. A scale is
asked for as of any program of Qt (QT_SCALE_FACTOR=2); a size larger than the screen needs a larger
screen: `xvfb-run -s "-screen 0 3840x2160x24"`.
"""

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QTimer

from kwspot.gui.app import make_application
from kwspot.gui.main_window import MainWindow
from kwspot.gui.origins import Microphone, Recording
from kwspot.gui.settings import Settings
from kwspot.resources import sample_recording


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--theme", choices=("light", "dark"), default="dark")
    parser.add_argument("--size", default="1280x800")
    parser.add_argument("--seconds", type=float, default=13.0)
    parser.add_argument("--large-text", action="store_true")
    parser.add_argument("--logarithmic", action="store_true")
    parser.add_argument("--recording", type=Path, default=sample_recording())
    parser.add_argument("--microphone")
    options = parser.parse_args()
    named = options.microphone
    origin = Recording(options.recording) if named is None else Microphone(named)
    application = make_application()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(Path(folder) / "settings.ini")
        looks = {key: getattr(options, key) for key in ("theme", "large_text", "logarithmic")}
        settings.save(replace(settings.load(), **looks))
        window = MainWindow(settings, Path(folder), origin)
        window.resize(*map(int, options.size.split("x")))
        window.show()
        window.begin()

        def finish() -> None:
            picture = window.grab()
            picture.save(str(options.out))
            print(
                f"{window.width()} x {window.height()}, {picture.devicePixelRatio():g} pixels each"
            )
            window.close()

        def choose() -> None:
            window.history.table.selectRow(1)
            # Not from the start: timers as long as that are off by more than this.
            QTimer.singleShot(500, finish)

        QTimer.singleShot(round(1000 * options.seconds), choose)
        application.exec()


if __name__ == "__main__":
    main()
