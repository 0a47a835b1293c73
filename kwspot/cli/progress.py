"""A progress bar where there is a terminal to show it on."""

import sys

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn


def progress_bar() -> Progress:
    """A bar for any number of tasks, gone when it is done, invisible without a terminal.

    It shares the terminal of what is printed: lines written to standard output meanwhile
    appear above it, and are wrapped to its width.
    """
    console = Console(file=sys.stdout if sys.stdout.isatty() else sys.stderr)
    return _bar(console, shown=console.is_terminal)


def progress_beside_json() -> Progress:
    """A bar on standard error, only where JSON lines go elsewhere: they are not to be touched."""
    console = Console(file=sys.stderr)
    return _bar(console, shown=console.is_terminal and not sys.stdout.isatty())


def _bar(console: Console, *, shown: bool) -> Progress:
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        redirect_stdout=shown and sys.stdout.isatty(),
        redirect_stderr=shown and sys.stderr.isatty(),
        disable=not shown,
    )
