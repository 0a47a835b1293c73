"""A progress bar where there is a terminal to show it on."""

import sys

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn


def progress_bar() -> Progress:
    """A bar for any number of tasks, gone when it is done, invisible without a terminal.

    It shares the terminal of what is printed: lines written to standard output meanwhile
    appear above it.
    """
    console = Console(file=sys.stdout if sys.stdout.isatty() else sys.stderr)
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        redirect_stdout=sys.stdout.isatty(),
        redirect_stderr=True,
        disable=not console.is_terminal,
    )
