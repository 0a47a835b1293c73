"""`kwspot train`: from a folder of recordings to a model file."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kwspot.errors import OptionError

from .failures import complain
from .options import word_list
from .stopping import stop_flag

if TYPE_CHECKING:
    from kwspot.train.corpus import Corpus
    from kwspot.train.folder import RunFolder
    from kwspot.train.plan import Plan
    from kwspot.train.recipe_file import Settings
    from kwspot.train.run import Epoch, Run

FOLDER = click.Path(path_type=Path)
INTERRUPTED = 130
"""The exit code of a program that was stopped by Ctrl-C, as shells have it."""


@click.command()
@click.option(
    "--data",
    type=FOLDER,
    metavar="DIR",
    help="Recordings: a folder for each word (DIR/WORD/*.wav, any format and rate).",
)
@click.option(
    "--words", metavar="WORD,...", help="What to spot; every folder of DIR where not given."
)
@click.option(
    "--extra",
    type=FOLDER,
    multiple=True,
    metavar="DIR",
    help="More word folders, for training only: synthetic voices, say. May be repeated.",
)
@click.option(
    "--speech",
    type=FOLDER,
    multiple=True,
    metavar="DIR",
    help="Running speech with transcripts (*.trans.txt), not to be spotted.",
)
@click.option(
    "--noise",
    type=FOLDER,
    multiple=True,
    metavar="DIR",
    help="Noises, beside DIR/_background_noise_.",
)
@click.option(
    "--rooms", type=FOLDER, multiple=True, metavar="DIR", help="Room responses. May be repeated."
)
@click.option("--recipe", type=FOLDER, metavar="FILE", help="Settings (TOML); options go first.")
@click.option(
    "--out",
    type=FOLDER,
    metavar="RUN",
    help="The new folder of the run; runs/DATE where not given.",
)
@click.option("--epochs", type=int, metavar="N", help="Epochs of the run.")
@click.option("--batches", type=int, metavar="N", help="Batches in an epoch.")
@click.option("--batch", type=int, metavar="N", help="Clips in a batch.")
@click.option("--rate", type=float, metavar="X", help="The highest learning rate.")
@click.option("--seed", type=int, metavar="N", help="Decides everything that is drawn.")
@click.option(
    "--threads",
    type=click.IntRange(min=1),
    metavar="N",
    help="Threads that train; weights are the same only with as many.",
)
@click.option(
    "--workers",
    type=click.IntRange(min=0),
    default=1,
    show_default=True,
    metavar="N",
    help="Processes that prepare clips.",
)
@click.option("--cache", type=FOLDER, metavar="DIR", help="Where decoded audio is kept.")
@click.option("--resume", type=FOLDER, metavar="RUN",
              help="Go on with a run after its last whole epoch, as it was begun.")  # fmt: skip
def train(
    resume: Path | None,
    out: Path | None,
    threads: int | None,
    workers: int,
    cache: Path | None,
    **settings: Any,
) -> int:
    """Train a model on folders of recordings.

    Ctrl-C stops, and nothing is lost.

    The run's folder holds the model (model.safetensors), usable after every epoch.
    """
    _check_resume(resume, out, settings)
    import torch

    from kwspot.train.folder import RunFolder
    from kwspot.train.plan import plan
    from kwspot.train.run import Run

    if threads is not None:
        torch.set_num_threads(threads)
    folder = RunFolder(resume or out or _dated())
    if resume is None:
        folder.check_new()
    planned = plan(_settings(settings) if resume is None else folder.settings())
    corpus = _decoded(planned, cache)
    run = Run(folder, planned, corpus, workers)
    if resume is None:
        run.begin()
    else:
        if folder.other_clips(corpus):
            complain("warning: the recordings are not those the run was begun with")
        run.resume()
    _introduce(folder, planned, corpus, run)
    return _to_the_end(folder, planned, run)


def _check_resume(resume: Path | None, out: Path | None, settings: dict[str, Any]) -> None:
    if resume is None:
        return
    given = [name for name, value in {"out": out, **settings}.items() if value not in (None, ())]
    if given:
        raise OptionError(
            f"--resume goes on with a run as it was begun: leave --{given[0]} away, or begin "
            f"another with --recipe {resume / 'recipe.toml'}"
        )


def _dated() -> Path:
    return Path("runs") / f"{datetime.now():%Y-%m-%d-%H%M%S}"


def _settings(options: dict[str, Any]) -> "Settings":
    """The options that were given, over those of the recipe file."""
    from kwspot.train.recipe_file import Settings, read_recipe

    recipe: Path | None = options["recipe"]
    given = {name: value for name, value in options.items() if value not in (None, ())}
    names = ("epochs", "batches", "batch", "rate", "seed")
    values = {name: given[name] for name in names if name in given}
    if "words" in given:
        values["words"] = tuple(word_list(given["words"]))
    names = ("data", "extra", "speech", "noise", "rooms")
    own = Settings(values, {name: given[name] for name in names if name in given})
    return own if recipe is None else own.over(read_recipe(recipe))


def _decoded(planned: "Plan", cache: Path | None) -> "Corpus":
    """The recordings as samples; a bar shows how it goes."""
    from kwspot.train.corpus import default_cache, load

    from .progress import progress_bar

    with progress_bar() as bar:
        task = bar.add_task("decoding", total=len(planned.recordings))
        return load(
            planned.recordings,
            cache or default_cache(),
            lambda count, _total: bar.update(task, completed=count),
        )


def _introduce(folder: "RunFolder", planned: "Plan", corpus: "Corpus", run: "Run") -> None:
    from kwspot.audio.source import SAMPLE_RATE_HZ

    recipe = planned.recipe
    hours = len(corpus.samples) / SAMPLE_RATE_HZ / 3600
    click.echo(
        f"{folder.path}: {len(recipe.words)} words, {len(corpus.recordings)} recordings "
        f"({hours:.1f} h), {len(run.validation)} of them for validation; "
        f"epochs {run.done + 1} to {recipe.epochs} of {recipe.batches} x {recipe.batch} clips"
    )
    if corpus.skipped:
        complain(
            f"warning: files that cannot be used are left out: {len(corpus.skipped)}, "
            f"listed in {folder.path / 'skipped.txt'}"
        )
    if not run.validation:
        complain("warning: no clip is in the validation split, so nothing says how good it gets")


def _to_the_end(folder: "RunFolder", planned: "Plan", run: "Run") -> int:
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
