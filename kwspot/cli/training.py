"""What a training run shows: its progress, how it ended and how to go on."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kwspot.errors import OptionError

from .failures import complain
from .report import report_after
from .stopping import ANY, stop_flag

if TYPE_CHECKING:
    from kwspot.train.corpus import Corpus
    from kwspot.train.folder import RunFolder
    from kwspot.train.parallel import World
    from kwspot.train.plan import Plan
    from kwspot.train.recipe_file import Settings
    from kwspot.train.run import Epoch, Run
    from kwspot.train.seed_plan import SeedPlan

INTERRUPTED = 130
"""The exit code of a program that was stopped by Ctrl-C, as shells have it."""


def option_name(name: str) -> str:
    """What an argument of the command is called on the command line."""
    return {"start": "from"}.get(name, name.replace("_", "-"))


def downloaded(asked: "Settings", version: str, world: "World") -> "Settings":
    """The same settings with a version of Speech Commands as the data, in the folder they name.
    Of the processes of a machine one fetches it."""
    from dataclasses import replace

    if "data" not in asked.folders:
        raise OptionError(f"--download {version} needs --data DIR, the folder to put it into")
    if world.local:
        world.wait()
    root = _downloaded(asked.folders["data"], version, world)
    if not world.local:
        world.wait()
    return replace(asked, folders={**asked.folders, "data": root})


def _downloaded(data: Path, version: str, world: "World") -> Path:
    from kwspot.train.download import download

    from .progress import progress_bar

    with progress_bar() as bar:
        task = bar.add_task(f"Speech Commands {version}", total=None, visible=world.first)

        def show(done: int, total: int | None) -> None:
            come = total is not None and done >= total
            name = "unpacking" if come else f"{done / 1e6:.0f} MB"
            bar.update(
                task,
                description=f"Speech Commands {version}  {name}",
                completed=done,
                total=None if come else total,
            )

        return download(data, version, show)


def decoded(planned: "Plan | SeedPlan", cache: Path | None, world: "World") -> "Corpus":
    """What the run hears, as samples; a bar shows how it goes. Of the processes of a machine one
    decodes, the others wait and find what it has left."""
    from kwspot.train.corpus import default_cache

    if world.local:
        world.wait()
    corpus = _decoded(planned, cache or default_cache(), world)
    if not world.local:
        world.wait()
    return corpus


def _decoded(planned: "Plan | SeedPlan", cache: Path, world: "World") -> "Corpus":
    from kwspot.train.plan import Plan
    from kwspot.train.prepare import as_it_is, prepared

    from .progress import progress_bar

    lines: list[str] = []
    with progress_bar() as bar:
        task = bar.add_task("looking for what is decoded", total=None, visible=world.first)

        def show(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total)

        if isinstance(planned, Plan):
            corpus = prepared(planned, cache, show, lines.append)
        else:
            corpus = as_it_is(planned.recordings, cache, show)
    for line in lines if world.first else ():
        complain(line)
    return corpus


def introduce(folder: "RunFolder", planned: "Plan", corpus: "Corpus", run: "Run") -> None:
    """Say what will be trained on, and what will not."""
    from kwspot.audio.source import SAMPLE_RATE_HZ

    if not run.world.first:
        return
    recipe = planned.recipe
    hours = len(corpus.samples) / SAMPLE_RATE_HZ / 3600
    click.echo(
        f"{folder.path}: {len(recipe.words)} words, {len(corpus.recordings)} recordings "
        f"({hours:.1f} h), {len(run.validation)} of them for validation; "
        + (
            f"epochs {run.done + 1} to {recipe.epochs} of {recipe.batches} x {recipe.batch} clips"
            if run.done < recipe.epochs
            else "all epochs are done"
        )
        + (f", the first from batch {run.batches + 1}" if run.batches else "")
        + (f", shared by {run.world.size} processes" if run.world.size > 1 else "")
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
    from kwspot.train.environment import keep_environment

    if run.world.first:
        keep_environment(folder.path, "training")
    # torchrun passes on what its own terminal may have sent already.
    with stop_flag(1 if run.world.size == 1 else ANY) as asked:
        try:
            stopped = _train(run, planned, asked)
        except RuntimeError:
            # A signal to the whole group may end a loader process while it starts. That is no
            # failure of ours, and its batches will be drawn again.
            if not asked():
                raise
            stopped = True
        if stopped and run.done < planned.recipe.epochs:
            run.pause()
            return _paused(folder, run)
    if not run.world.first:
        return 0
    click.echo("choosing the thresholds of the words on validation streams")
    try:
        run.tune()
    except KeyboardInterrupt:
        complain(f"stopped; `kwspot train --resume {folder.path}` goes on with the thresholds")
        return INTERRUPTED
    report_after(folder.path)
    click.echo(_done("done", folder))
    return 0


def already_done(folder: "RunFolder", world: "World") -> bool:
    """Whether nothing is left of a run, which is then said."""
    done = folder.finished()
    if done and world.first:
        click.echo(_done("this run is done", folder))
    return done


def _done(what: str, folder: "RunFolder") -> str:
    return f"{what}: {folder.model}; hear it with `kwspot listen --model {folder.model}`"


def _paused(folder: "RunFolder", run: "Run") -> int:
    place = f"epoch {run.done}"
    if run.batches:
        place = f"batch {run.batches} of epoch {run.done + 1}"
    if run.world.first:
        complain(f"stopped; `kwspot train --resume {folder.path}` goes on after {place}")
    return INTERRUPTED


def _train(run: "Run", planned: "Plan", asked: Callable[[], bool]) -> bool:
    """Train until the end, or until any process is told to stop, which all do after the same
    step; returns whether that was so."""
    from kwspot.train.run import Epoch

    from .progress import progress_bar

    recipe = planned.recipe
    with progress_bar() as bar:
        total = recipe.epochs * recipe.batches
        begin = run.done * recipe.batches + run.batches
        task = bar.add_task("training", total=total, completed=begin, visible=run.world.first)
        for report in run.steps():
            if isinstance(report, Epoch):
                if run.world.first:
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
            if run.world.any(asked()):
                return True
    return False


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
