"""How a command ends: errors are one line for people, never a traceback."""

import io
import os
import signal
import sys
import traceback
from types import FrameType

import click

from kwspot.errors import KwspotError

TRACEBACK = "KWSPOT_TRACEBACK"
"""The environment variable that shows where an internal error comes from."""


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def complain(message: str) -> None:
    """One line to standard error, whatever the message is made of."""
    line = " ".join(message.split())
    # A closed standard error is no reason to fail.
    try:
        print(f"kwspot: {line}", file=sys.stderr, flush=True)
    except OSError:
        return


def run(command: click.Command, arguments: list[str] | None) -> int:
    """Run a command and turn whatever ends it into an exit code and at most one line."""
    _mend_streams()
    signal.signal(signal.SIGTERM, _interrupt)
    # A shell's background job inherits an ignored SIGINT: Ctrl-C's signal still ends kwspot.
    signal.signal(signal.SIGINT, _interrupt)
    try:
        result = command.main(arguments, prog_name="kwspot", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        hint = "`kwspot --help`"
        if isinstance(error, click.UsageError) and error.ctx is not None:
            hint = f"`{error.ctx.command_path} --help`"
        complain(f"{error.format_message().rstrip('.')}; see {hint}")
        return 2
    except KwspotError as error:
        complain(str(error))
        return error.exit_code
    except (BrokenPipeError, SystemExit):
        # click exits by itself where a pipe is closed, and only there.
        _discard_output()
        return 0
    except OSError as error:
        if error.errno is None:
            # Not the system's: what loads a shared library says so like this.
            complain(f"{str(error).partition(chr(10))[0]}; install kwspot in a new environment")
            return 2
        if error.filename is not None:
            complain(f"{error.filename} cannot be used: {error.strerror}")
            return 2
        _discard_output()
        complain(f"standard output cannot be written: {error.strerror or error}")
        return 2
    except (KeyboardInterrupt, click.Abort):
        complain("interrupted")
        return 130
    except Exception as error:
        if os.environ.get(TRACEBACK):
            traceback.print_exc()
        complain(
            f"internal error, please report it: {type(error).__name__}: {error} "
            f"({TRACEBACK}=1 shows where)"
        )
        return 1
    return result if isinstance(result, int) else 0


def _mend_streams() -> None:
    """Make standard streams that are closed, or know few characters, harmless."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w"))  # noqa: PTH123, SIM115 -- stays open
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _discard_output() -> None:
    """The reader of our output has gone: let Python flush into nothing when it exits."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, sys.stdout.fileno())
    os.close(nothing)
