"""What the window costs: `python benchmarks/window.py [WIDTH HEIGHT [FRAMES_PER_SECOND]]`.

Opens the app for real (under Xvfb, say), listens to the bundled sample, and prints how long the
first picture took, which share of one core the window's thread needs, how many pictures a second
that was, what one of them costs, and the longest step. A busy machine draws fewer pictures, and so
seems to be cheaper: compare what one picture costs.
"""

import json
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

SECONDS = 12.0


def main() -> None:
    width, height, rate = (int(text) for text in (*sys.argv[1:4], 1180, 760, 30)[:3])
    began_s = time.perf_counter()
    import torch
    from PySide6.QtCore import QEvent, QObject, QTimer

    from kwspot.gui.app import make_application
    from kwspot.gui.main_window import MainWindow
    from kwspot.gui.origins import Recording
    from kwspot.gui.settings import Settings
    from kwspot.resources import sample_recording

    torch.set_num_threads(1)
    imported_s = time.perf_counter()
    application = make_application()
    painted_s: list[float] = []

    class FirstPaint(QObject):
        def __init__(self, times: list[float]) -> None:
            super().__init__()
            self._times = times

        def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802
            if event.type() == QEvent.Type.Paint:
                self._times.append(time.perf_counter())
            return False

    steps_s: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(Path(folder) / "settings.ini")
        settings.save(replace(settings.load(), frames_per_second=rate))
        window = MainWindow(settings, Path(folder), Recording(sample_recording()))
        window.resize(width, height)
        window.show()
        window.display.spectrogram.installEventFilter(watch := FirstPaint(painted_s))
        QTimer.singleShot(0, window.begin)
        used: list[float] = []
        clock = QTimer()
        last = [time.thread_time()]

        def step() -> None:
            now = time.thread_time()
            steps_s.append(now - last[0])
            last[0] = now

        clock.timeout.connect(step)
        drawn: list[int] = []

        def note() -> None:
            used.append(time.thread_time())
            drawn.append(len(painted_s))

        QTimer.singleShot(3000, lambda: (note(), clock.start(10)))
        QTimer.singleShot(round(1000 * (3 + SECONDS)), note)
        QTimer.singleShot(round(1000 * (3.1 + SECONDS)), window.close)
        application.exec()
        del watch
    facts = {
        "size": [width, height],
        "frames_per_second": rate,
        "platform": application.platformName(),
        "imports_s": round(imported_s - began_s, 2),
        "first_paint_s": round(painted_s[0] - imported_s, 3),
        "window_thread_share_of_a_core": round((used[1] - used[0]) / SECONDS, 3),
        "pictures_a_second": round((drawn[1] - drawn[0]) / SECONDS, 1),
        "ms_a_picture": round(1000 * (used[1] - used[0]) / (drawn[1] - drawn[0]), 2),
        "longest_step_ms": round(1000 * max(steps_s[1:]), 1),
    }
    print(json.dumps(facts))


if __name__ == "__main__":
    main()
