"""The evidence of single frames for a word: where its utterances begin and end."""

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

HISTORY = 300
"""Frames of evidence that are remembered: more than the longest utterance and a window."""


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


class OtherSpeech:
    """Remembers the evidence for other speech, to tell what leads up to a word.

    apart: frames next to the word that are left out, as they see the word itself; length: how many
    before these are asked for. What follows a word is not asked: its release often looks like
    other speech, and more would mean to wait.
    """

    def __init__(self, apart: int, length: int) -> None:
        self._apart, self._length = apart, length
        self._values: NDArray[np.float32] = np.zeros(HISTORY, np.float32)
        self._newest = -1

    def push(self, newest: int, values: NDArray[np.float32]) -> None:
        """Take the evidence of the next frames, float32 (n,), the last of which is `newest`."""
        # The oldest window of these looks back as far as the newest.
        self._values = np.concatenate((self._values[-HISTORY:], values))
        self._newest = newest

    def before(self, utterance: Utterance, newest: int) -> float:
        """The mean evidence right before an utterance, as one knew it at frame `newest`, 0..1."""
        origin = self._newest - len(self._values) + 1
        end = utterance.start - self._apart
        first = max(end - self._length, newest - HISTORY + 1)
        values = self._values[first - origin : max(end, first) - origin].tolist()
        return sum(values) / len(values) if values else 0.0
