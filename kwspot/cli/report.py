"""`kwspot report`: a run's pictures and page, made anew."""

from pathlib import Path

import click

from .failures import complain


@click.command()
@click.argument("run", metavar="RUN", type=click.Path(path_type=Path))
def report(run: Path) -> int:
    """Make the report of a training run.

    Writes report.html, which holds everything in one file, and its pictures into RUN, the folder
    of a run of `kwspot train`, finished or not. Training does so at its end.
    """
    click.echo(f"report: {_written(run)}")
    return 0


def report_after(run: Path) -> None:
    """Report on a run that has just ended; where that fails, or is stopped, warn: the run itself
    is whole."""
    try:
        click.echo(f"report: {_written(run)}")
    except KeyboardInterrupt:
        complain(f"the model is whole, its report is not made; `kwspot report {run}` makes it")
    except Exception as error:  # whatever it is: hours of training end well all the same
        complain(
            f"warning: the model is whole, but its report could not be made: {error}; "
            f"`kwspot report {run}` tries again"
        )


def _written(run: Path) -> Path:
    from kwspot.train.report import write_report

    from .progress import progress_bar

    with progress_bar() as bar:
        task = bar.add_task("naming validation clips", total=None)
        return write_report(run, lambda done, total: bar.update(task, completed=done, total=total))
