"""What a training run shows: its progress, how it ended and how to go on."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kwspot.errors import OptionError

from .failures import complain
from .stopping import stop_flag

if TYPE_CHECKING:
    from kwspot.train.corpus import Corpus
    from kwspot.train.folder import RunFolder
    from kwspot.train.plan import Plan
    from kwspot.train.recipe_file import Settings
    from kwspot.train.run import Epoch, Run

INTERRUPTED = 130
"""The exit code of a program that was stopped by Ctrl-C, as shells have it."""


def downloaded(asked: "Settings", version: str) -> "Settings":
    """The same settings with a version of Speech Commands as the data, in the folder they name."""
    from dataclasses import replace

    from kwspot.train.download import download

    from .progress import progress_bar

    if "data" not in asked.folders:
        raise OptionError(f"--download {version} needs --data DIR, the folder to put it into")
    with progress_bar() as bar:
        task = bar.add_task(f"Speech Commands {version}", total=None)

        def show(done: int, total: int | None) -> None:
            come = total is not None and done >= total
            name = "unpacking" if come else f"{done / 1e6:.0f} MB"
            bar.update(
                task,
                description=f"Speech Commands {version}  {name}",
                completed=done,
                total=None if come else total,
            )

        root = download(asked.folders["data"], version, show)
    return replace(asked, folders={**asked.folders, "data": root})


def decoded(planned: "Plan", cache: Path | None) -> "Corpus":
    """What the run hears, as samples; a bar shows how it goes."""
    from kwspot.train.corpus import default_cache
    from kwspot.train.prepare import prepared

    from .progress import progress_bar

    lines: list[str] = []
    with progress_bar() as bar:
        task = bar.add_task("looking for what is decoded", total=None)
        corpus = prepared(
            planned,
            cache or default_cache(),
            lambda what, done, total: bar.update(
                task, description=what, completed=done, total=total
            ),
            lines.append,
        )
    for line in lines:
        complain(line)
    return corpus


def introduce(folder: "RunFolder", planned: "Plan", corpus: "Corpus", run: "Run") -> None:
    """Say what will be trained on, and what will not."""
    from kwspot.audio.source import SAMPLE_RATE_HZ

    recipe = planned.recipe
    hours = len(corpus.samples) / SAMPLE_RATE_HZ / 3600
    click.echo(
        f"{folder.path}: {len(recipe.words)} words, {len(corpus.recordings)} recordings "
        f"({hours:.1f} h), {len(run.validation)} of them for validation; "
        f"epochs {run.done + 1} to {recipe.epochs} of {recipe.batches} x {recipe.batch} clips"
    )
    _warn_of_skipped(folder, corpus)
    if recipe.split_by == "random":
        complain(
            "warning: --split-by random puts clips of one speaker into several splits: "
            "figures come out higher than for voices that are new"
        )
    if not run.validation:
        complain("warning: no clip is in the validation split, so nothing says how good it gets")


def _warn_of_skipped(folder: "RunFolder", corpus: "Corpus") -> None:
    from kwspot.train.duplicates import SAME

    doubles = sum(f": {SAME} " in line for line in corpus.skipped)
    listed = f"listed in {folder.path / 'skipped.txt'}"
    if len(corpus.skipped) > doubles:
        complain(
            "warning: files that cannot be used are left out: "
            f"{len(corpus.skipped) - doubles}, {listed}"
        )
    if doubles:
        complain(f"warning: duplicates, which train once at most: {doubles}, {listed}")


def to_the_end(folder: "RunFolder", planned: "Plan", run: "Run") -> int:
    """Train, and say how to go on or what came out; returns the exit code."""
    with stop_flag() as stopped:
        try:
            _train(run, planned, stopped)
        except RuntimeError:
            # A signal to the whole group may end a loader process while it starts. That is no
            # failure of ours, and its epoch will be drawn anew.
            if not stopped():
                raise
    if run.done < planned.recipe.epochs:
        complain(f"stopped; `kwspot train --resume {folder.path}` goes on after epoch {run.done}")
        return INTERRUPTED
    click.echo("choosing the thresholds of the words on validation streams")
    run.tune()
    click.echo(f"done: {folder.model}; hear it with `kwspot listen --model {folder.model}`")
    return 0


def _train(run: "Run", planned: "Plan", stopped: Callable[[], bool]) -> None:
    """Train until the end or until it is told to stop, which it does after the step."""
    from kwspot.train.run import Epoch

    from .progress import progress_bar

    recipe = planned.recipe
    with progress_bar() as bar:
        total = recipe.epochs * recipe.batches
        task = bar.add_task("training", total=total, completed=run.done * recipe.batches)
        for report in run.steps():
            if isinstance(report, Epoch):
                # Not click's echo: it writes past the bar.
                print(_line(report, recipe.epochs), flush=True)
            else:
                losses = report.losses
                bar.update(
                    task,
                    completed=(report.epoch - 1) * recipe.batches + losses.batches,
                    description=f"epoch {report.epoch}/{recipe.epochs}  loss {losses.loss:.3f}  "
                    f"accuracy {losses.accuracy:.1%}  rate {losses.rate:.1e}  "
                    f"{report.clips_per_second:.0f} clips/s",
                )
            if stopped():
                return


def _line(epoch: "Epoch", epochs: int) -> str:
    text = (
        f"epoch {epoch.epoch:{len(str(epochs))}}/{epochs}  loss {epoch.loss:.3f}  "
        f"accuracy {epoch.accuracy:6.1%}  "
    )
    if epoch.validation is not None and epoch.worst is not None:
        text += (
            f"validation {epoch.validation:6.1%}  mean of words {epoch.mean_word:6.1%}  "
            f"worst {epoch.worst_word} {epoch.worst:.1%}  "
        )
    return f"{text}{epoch.clips_per_second:.0f} clips/s  {epoch.seconds:.0f} s"
