"""What the engine can be doing."""

from enum import StrEnum


class Phase(StrEnum):
    """What the engine is doing."""

    STOPPED = "stopped"
    LOADING = "loading"
    OPENING = "opening"
    LISTENING = "listening"
    WAITING = "waiting"
    ENDED = "ended"
    FAILED = "failed"
