"""`kwspot` and `python -m kwspot`."""

import atexit
import contextlib
import os
import signal
import sys


def main() -> int:
    """Run the command line as a program; returns its exit code."""
    # Until the command line can do better, Ctrl-C ends without a word.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    ended = [1]
    if os.environ.get("WORLD_SIZE", "1") != "1":
        # First to be registered, last to be run.
        atexit.register(_end_at_once, ended)
    from kwspot.cli import main as run

    ended[0] = run()
    # All is done and said: who is in a hurry now must not make it look like a failure.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    return ended[0]


def _end_at_once(ended: list[int]) -> None:
    """The end of one of several processes that train together. Whatever torch still takes apart
    after Python (2.11: "terminate called without an active exception") aborts one of six, which
    torchrun takes for a failure and ends the first one for, whose work goes on."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            stream.flush()
    os._exit(ended[0])


if __name__ == "__main__":
    sys.exit(main())
