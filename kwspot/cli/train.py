"""`kwspot train`: from a folder of recordings to a model file."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kwspot.errors import OptionError

from .failures import complain
from .options import word_list
from .training import decoded, downloaded, introduce, to_the_end

if TYPE_CHECKING:
    from kwspot.train.recipe_file import Settings

FOLDER = click.Path(path_type=Path)


@click.command()
@click.option(
    "--data",
    type=FOLDER,
    metavar="DIR",
    help="Recordings: a folder for each word (DIR/WORD/*.wav, any format and rate).",
)
@click.option("--download", type=click.Choice(["v0.01", "v0.02"]),
              help="Fetch Speech Commands into DIR, where it is not there yet.")  # fmt: skip
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
    help="Running speech, not to be spotted; without transcripts (*.trans.txt) it is filtered.",
)
@click.option("--filter-model", type=FOLDER, metavar="FILE",
              help="The model that filters it; the bundled one where not given.")  # fmt: skip
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
@click.option("--split-by", type=click.Choice(["official", "random"]),
              help="By speaker or DIR's lists (the default), or 60/20/20 over clips.")  # fmt: skip
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
    asked = _settings(settings) if resume is None else folder.settings()
    if settings["download"] is not None:
        asked = downloaded(asked, settings["download"])
    planned = plan(asked)
    corpus = decoded(planned, cache)
    run = Run(folder, planned, corpus, workers)
    if resume is None:
        run.begin()
    else:
        if folder.other_clips(corpus):
            complain("warning: the recordings are not those the run was begun with")
        run.resume()
    introduce(folder, planned, corpus, run)
    return to_the_end(folder, planned, run)


def _check_resume(resume: Path | None, out: Path | None, settings: dict[str, Any]) -> None:
    if resume is None:
        return
    given = [name for name, value in {"out": out, **settings}.items() if value not in (None, ())]
    if given:
        option = given[0].replace("_", "-")
        raise OptionError(
            f"--resume goes on with a run as it was begun: leave --{option} away, or begin "
            f"another with --recipe {resume / 'recipe.toml'}"
        )


def _dated() -> Path:
    return Path("runs") / f"{datetime.now():%Y-%m-%d-%H%M%S}"


def _settings(options: dict[str, Any]) -> "Settings":
    """The options that were given, over those of the recipe file."""
    from kwspot.train.recipe_file import Settings, read_recipe

    recipe: Path | None = options["recipe"]
    given = {name: value for name, value in options.items() if value not in (None, ())}
    names = ("epochs", "batches", "batch", "rate", "seed", "split_by")
    values = {name: given[name] for name in names if name in given}
    if "words" in given:
        values["words"] = tuple(word_list(given["words"]))
    names = ("data", "extra", "speech", "noise", "rooms", "filter_model")
    own = Settings(values, {name: given[name] for name in names if name in given})
    return own if recipe is None else own.over(read_recipe(recipe))
