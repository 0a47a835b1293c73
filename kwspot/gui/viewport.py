"""Which stretch of time the views show: one for all of them, so that they scroll as one."""

from PySide6.QtCore import QObject, Signal

from kwspot.audio.source import SAMPLE_RATE_HZ

LAG_S = 0.15
"""How far the picture's right edge stays behind the newest column, so that it moves evenly
although columns come in bursts."""
SPANS_S = (2.0, 3.0, 5.0, 8.0, 10.0, 15.0, 20.0, 30.0, 45.0, 60.0, 90.0, 120.0)
_FAR_S = 0.6
_PULL_PER_S = 2.0


class Viewport(QObject):
    """The time at the right edge and how much time is shown.

    While `live` it follows what is heard at an even pace; else it stays where it was put.
    """

    changed = Signal()
    live_changed = Signal(bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.right = 0.0
        """Samples, the time at the right edge."""
        self.span_s = 10.0
        self.live = True

    @property
    def left(self) -> float:
        """Samples, the time at the left edge."""
        return self.right - self.span_s * SAMPLE_RATE_HZ

    def follow(self, newest: int, elapsed_s: float, pace: float) -> bool:
        """Move on by `elapsed_s` of wall clock; returns whether it moved.

        newest: samples known; pace: how fast they come, 1 for real time, 0 for "at once".
        """
        if not self.live:
            return False
        before = self.right
        lag = LAG_S * SAMPLE_RATE_HZ * max(pace, 0.0)
        error = newest - lag - self.right
        if pace <= 0.0 or abs(error) > _FAR_S * SAMPLE_RATE_HZ * max(1.0, pace):
            self.right = newest - lag
        else:
            step = elapsed_s * SAMPLE_RATE_HZ * pace + error * min(1.0, _PULL_PER_S * elapsed_s)
            self.right += max(0.0, step)
        self.right = max(0.0, min(self.right, float(newest)))
        return self.right != before

    def restart(self) -> None:
        """A new source: begin at its begin."""
        self.right = 0.0
        self.go_live()
        self.changed.emit()

    def go_live(self) -> None:
        """Follow what is heard again."""
        self._set_live(True)

    def hold(self) -> None:
        """Stay where it is."""
        self._set_live(False)

    def pan(self, seconds: float, oldest: int, newest: int) -> None:
        """Look `seconds` further back (negative: forward), and hold there."""
        self.hold()
        self.show(self.right - seconds * SAMPLE_RATE_HZ, oldest, newest)

    def show(self, right: float, oldest: int, newest: int) -> None:
        """Put the right edge at a position within what is there."""
        least = min(float(newest), oldest + self.span_s * SAMPLE_RATE_HZ)
        self.right = min(max(right, least), float(newest))
        self.changed.emit()

    def zoom(self, steps: int) -> None:
        """Show more (positive) or less time, the right edge staying."""
        nearest = min(range(len(SPANS_S)), key=lambda place: abs(SPANS_S[place] - self.span_s))
        self.set_span(SPANS_S[min(max(nearest + steps, 0), len(SPANS_S) - 1)])

    def set_span(self, seconds: float) -> None:
        """How much time is shown."""
        self.span_s = min(max(seconds, SPANS_S[0]), SPANS_S[-1])
        self.changed.emit()

    def _set_live(self, live: bool) -> None:
        if self.live != live:
            self.live = live
            self.live_changed.emit(live)
