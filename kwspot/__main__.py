"""`kwspot` and `python -m kwspot`."""

import signal
import sys


def main() -> int:
    """Run the command line as a program; returns its exit code."""
    # Until the command line can do better, Ctrl-C ends without a word.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from kwspot.cli import main as run

    code = run()
    # All is done and said: who is in a hurry now must not make it look like a failure.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    return code


if __name__ == "__main__":
    sys.exit(main())
