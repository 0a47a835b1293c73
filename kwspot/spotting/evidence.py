"""The evidence of single frames for a word: where its utterances begin and end."""

from collections import deque
from dataclasses import dataclass


@dataclass(slots=True)
class Utterance:
    """A run of frames that speak for one word, in frames; `last` is the newest that does."""

    start: int
    last: int
    settled: bool = False
    """Reported, or found to be part of something reported."""


class Evidence:
    """Follows the evidence of one word from frame to frame and keeps its latest utterances.

    An utterance begins where the evidence reaches `enter`, drawn back to where it rose over
    `leave`, and ends when it has lain under `leave` for longer than `bridge` frames.
    """

    def __init__(self, enter: float, leave: float, bridge: int, apart: int) -> None:
        self._enter, self._leave, self._bridge, self._apart = enter, leave, bridge, apart
        self._rising: int | None = None
        self.current: Utterance | None = None
        self.utterances: deque[Utterance] = deque(maxlen=8)

    @property
    def idle(self) -> bool:
        """Whether nothing is under way, so that frames without evidence change nothing."""
        return self.current is None and self._rising is None

    def push(self, frame: int, value: float) -> None:
        """Take the evidence of the next frame."""
        if value < self._leave:
            self._rising = None
            if self.current is not None and frame - self.current.last > self._bridge:
                self.current = None
            return
        if self._rising is None:
            self._rising = frame
        if self.current is not None:
            self.current.last = frame
        elif value >= self._enter:
            self._begin(frame)

    def _begin(self, frame: int) -> None:
        start = frame if self._rising is None else self._rising
        if self.utterances and start - self.utterances[-1].last <= self._apart:
            self.current = self.utterances[-1]
            self.current.last = frame
            return
        self.current = Utterance(start, frame)
        self.utterances.append(self.current)
