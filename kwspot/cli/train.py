"""`kwspot train`: from a folder of recordings to a model file."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kwspot.errors import OptionError

from .failures import complain
from .inspection import check_inspection, inspect_folder
from .options import word_list
from .seed import LearningRate, check_options, train_seed
from .together import in_world
from .training import already_done, decoded, downloaded, introduce, option_name, to_the_end

if TYPE_CHECKING:
    from kwspot.train.folder import RunFolder
    from kwspot.train.parallel import World
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
@click.option("--from", "start", type=FOLDER, metavar="MODEL",
              help="Begin with the weights of a model: to teach it other words, say.")  # fmt: skip
@click.option("--teacher", type=FOLDER, multiple=True, metavar="MODEL",
              help="A model to learn from as well, of any size. May be repeated.")  # fmt: skip
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
@click.option(
    "--recipe",
    metavar="NAME|FILE",
    help="default; seed, the method kwspot grew from; or settings (TOML). Options go first.",
)
@click.option("--power", metavar="P", help="Seed recipe: 2, 1, 0.5, log or complex spectrograms.")
@click.option(
    "--out",
    type=FOLDER,
    metavar="RUN",
    help="The new folder of the run; runs/DATE where not given.",
)
@click.option("--epochs", type=int, metavar="N", help="Epochs of the run.")
@click.option("--batches", type=int, metavar="N", help="Batches in an epoch.")
@click.option("--batch", type=int, metavar="N", help="Clips in a batch.")
@click.option("--rate", type=LearningRate(), metavar="X",
              help="The highest learning rate; auto: what the seed's finder suggests.")  # fmt: skip
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
              help="Go on with a run where it was stopped, as it was begun.")  # fmt: skip
@click.option("--inspect", type=FOLDER, metavar="DIR",
              help="Train nothing: say what DIR holds, draw clips into --out.")  # fmt: skip
@click.option("--clip", type=FOLDER, multiple=True, metavar="FILE",
              help="A clip for --inspect to draw; some by --seed where not given.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="What --inspect finds as one JSON object.")
@in_world
def train(
    world: "World",
    resume: Path | None,
    out: Path | None,
    threads: int | None,
    workers: int,
    cache: Path | None,
    inspect: Path | None,
    clip: tuple[Path, ...],
    as_json: bool,
    **settings: Any,
) -> int:
    """Train a model on folders of recordings.

    Ctrl-C stops, and nothing is lost.

    The run's folder holds the model (model.safetensors), usable after every epoch, and in the
    end a report with pictures (report.html; `kwspot report RUN` makes it anew).

    Several processes or machines train together: torchrun --nproc-per-node N -m kwspot train ...
    """
    if inspect is not None:
        seed = settings.pop("seed") or 0
        check_inspection({"resume": resume, **settings})
        return inspect_folder(inspect, clip, out or Path("inspection"), seed, as_json=as_json)
    if clip or as_json:
        raise OptionError(f"--{'clip' if clip else 'json'} goes with --inspect DIR")
    _check_resume(resume, out, settings)
    import torch

    from kwspot.spotting.heap import keep_all_memory
    from kwspot.train.folder import RunFolder

    keep_all_memory()
    if threads is not None:
        torch.set_num_threads(threads)
    folder = RunFolder(resume or out or _dated())
    if resume is None and world.first:
        folder.check_new()
    asked = _settings(settings) if resume is None else folder.settings()
    if settings["download"] is not None:
        asked = downloaded(asked, settings["download"], world)
    if asked.recipe == "seed":
        return train_seed(folder, asked, cache, world, goes_on=resume is not None)
    return _train(folder, asked, cache, workers, world, goes_on=resume is not None)


def _train(
    folder: "RunFolder",
    asked: "Settings",
    cache: Path | None,
    workers: int,
    world: "World",
    *,
    goes_on: bool,
) -> int:
    """Begin a run, or go on with one, to its end; returns the exit code."""
    from kwspot.train.plan import plan
    from kwspot.train.run import Run
    from kwspot.train.start import check_models

    if goes_on and already_done(folder, world):
        return 0
    planned = plan(asked)
    if not goes_on:
        check_models(planned)
    corpus = decoded(planned, cache, world)
    run = Run(folder, planned, corpus, workers, world)
    if not goes_on:
        run.begin()
    else:
        warning = run.resume()
        if world.first and (run.other_material or folder.other_clips(corpus)):
            complain("warning: the recordings are not those the run was begun with")
        if world.first and warning:
            complain(f"warning: {warning}")
    introduce(folder, planned, corpus, run)
    return to_the_end(folder, planned, run)


def _check_resume(resume: Path | None, out: Path | None, settings: dict[str, Any]) -> None:
    if resume is None:
        return
    given = [name for name, value in {"out": out, **settings}.items() if value not in (None, ())]
    if given:
        option = option_name(given[0])
        raise OptionError(
            f"--resume goes on with a run as it was begun: leave --{option} away, or begin "
            f"another with --recipe {resume / 'recipe.toml'}"
        )


def _dated() -> Path:
    return Path("runs") / f"{datetime.now():%Y-%m-%d-%H%M%S}"


def _settings(options: dict[str, Any]) -> "Settings":
    """The options that were given, over those of the recipe file."""
    from kwspot.train.recipe_file import RECIPES, Settings, read_recipe

    given = {name: value for name, value in options.items() if value not in (None, ())}
    recipe = given.get("recipe", "default")
    if recipe not in RECIPES and not Path(recipe).exists():
        raise OptionError(
            f"there is no recipe {recipe!r}: name {' or '.join(RECIPES)}, or a TOML file"
        )
    named = Settings(recipe=recipe) if recipe in RECIPES else read_recipe(Path(recipe))
    if named.recipe == "seed":
        check_options(given)
    elif "power" in given or given.get("rate") == "auto":
        name = "power" if "power" in given else "rate auto"
        raise OptionError(f"--{name} is of the seed recipe: leave it away, or add --recipe seed")
    names = ("epochs", "batches", "batch", "rate", "seed", "power", "split_by")
    values = {name: given[name] for name in names if name in given}
    if "words" in given:
        values["words"] = tuple(word_list(given["words"]))
        if not values["words"]:
            raise OptionError("--words names no word: leave it away for every folder of DIR")
    places = ("data", "extra", "speech", "noise", "rooms", "filter_model", "start",
              "teacher")  # fmt: skip
    own = Settings(values, {name: given[name] for name in places if name in given})
    return own.over(named)
