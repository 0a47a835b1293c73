"""A microphone that is not there: what is wrong with it, and when it is tried again."""

import time

RETRY_S = 3.0
"""How long until a microphone that could not be opened is tried again."""


class Countdown:
    """`trouble` is what is wrong, without a word on when it will be tried again."""

    def __init__(self) -> None:
        self.trouble = ""
        self._until_s: float | None = None
        self._ours = False

    def lost(self, message: str) -> None:
        """The source has lost its device, and looks for it."""
        self.trouble = message.removesuffix("; trying to get it back")

    def source_tries(self, wait_s: float) -> None:
        """The source tries again in so many seconds."""
        self._until_s, self._ours = time.monotonic() + wait_s, False

    def we_try(self, message: str) -> None:
        """It could not be opened: a new listener tries in RETRY_S."""
        self.trouble = message
        self._until_s, self._ours = time.monotonic() + RETRY_S, True

    def clear(self) -> None:
        """Nothing is waited for."""
        self._until_s = None

    def due(self, now_s: float) -> bool:
        """Whether it is time for a new listener; True once."""
        if self._until_s is None or not self._ours or now_s < self._until_s:
            return False
        self.clear()
        return True

    def seconds(self, now_s: float) -> int | None:
        """How long it will be, 0 while it is tried; None where nothing is waited for."""
        return None if self._until_s is None else max(0, round(self._until_s - now_s + 0.4))
