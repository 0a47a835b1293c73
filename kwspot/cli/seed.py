"""`kwspot train --recipe seed`: the method kwspot grew from, run as it was."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kwspot.errors import OptionError

from .failures import complain
from .report import report_after
from .stopping import stop_flag
from .training import INTERRUPTED, decoded, option_name

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from kwspot.train.folder import RunFolder
    from kwspot.train.parallel import World
    from kwspot.train.recipe_file import Settings
    from kwspot.train.seed_plan import SeedPlan
    from kwspot.train.seed_reports import SeedEpoch, SeedStep
    from kwspot.train.seed_run import SeedRun

OPTIONS = frozenset(
    {"data", "download", "words", "recipe", "power", "split_by", "epochs", "batch", "rate", "seed"}
)
"""What a run of the seed is told; where it goes, and on how many threads, is asked elsewhere."""


class LearningRate(click.ParamType[float | str]):
    """A number, or auto."""

    name = "rate"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float | str:
        """The number, or "auto"; raises click.BadParameter for anything else."""
        if value == "auto":
            return "auto"
        return float(click.FLOAT.convert(value, param, ctx))


def check_options(given: dict[str, Any]) -> None:
    """Raise OptionError for options that the method has no use for."""
    for name in given:
        if name not in OPTIONS:
            raise OptionError(
                f"--{option_name(name)} means nothing to the seed recipe, which hears the "
                "clips of its words as they are: leave it away, or train by --recipe default"
            )


def train_seed(
    folder: "RunFolder", asked: "Settings", cache: Path | None, world: "World", *, goes_on: bool
) -> int:
    """Begin a run of the seed, or go on with one, to its end; returns the exit code."""
    if world.size > 1:
        raise OptionError("the seed recipe trains in one process: start it without torchrun")
    from kwspot.train.seed_plan import seed_plan
    from kwspot.train.seed_run import SeedRun

    planned = seed_plan(asked)
    corpus = decoded(planned, cache, world)
    run = SeedRun(folder, planned, corpus, world.device)
    if not goes_on:
        run.begin()
    else:
        if folder.other_clips(corpus):
            complain("warning: the recordings are not those the run was begun with")
        warning = run.resume()
        if warning is not None:
            complain(f"warning: {warning}")
    _introduce(folder, planned, run)
    if corpus.skipped:
        complain(
            f"warning: files that cannot be used are left out: {len(corpus.skipped)}, "
            f"listed in {folder.path / 'skipped.txt'}"
        )
    with stop_flag() as stopped:
        whole = _find(run, stopped) and _train(run, planned, stopped)
        whole = whole and _test(run, planned, stopped)
    if not whole:
        complain(f"stopped; `kwspot train --resume {folder.path}` goes on after epoch {run.done}")
        return INTERRUPTED
    report_after(folder.path)
    click.echo(
        f"done: {folder.model}, epoch {run.best} of {run.done}; "
        f"hear it with `kwspot listen --model {folder.model}`"
    )
    return 0


def _introduce(folder: "RunFolder", planned: "SeedPlan", run: "SeedRun") -> None:
    from kwspot.train.catalog import Split

    recipe = planned.recipe
    parts = ", ".join(f"{len(run.clips[split])} {split.value}" for split in Split)
    click.echo(
        f"{folder.path}: the seed recipe, power {recipe.power}, {len(recipe.words)} words; "
        f"{recipe.split_by} split: {parts}; up to {recipe.epochs} epochs of {run.batches} batches"
    )


def _find(run: "SeedRun", stopped: Callable[[], bool]) -> bool:
    """Run the learning-rate finder; returns whether it came to its end."""
    from kwspot.train.rate_finder import Sweep

    from .progress import progress_bar

    if run.sought:
        return True
    with progress_bar() as bar:
        task = bar.add_task("finding a rate")
        for report in run.find_rate():
            if isinstance(report, Sweep):
                print(
                    f"learning-rate finder: suggests a maximum rate of {report.suggestion:.2g} "
                    f"(lr_finder.png); this run uses {run.rate:g}",
                    flush=True,
                )
            else:
                _show(bar, task, report)
            if stopped():
                return run.sought
    return True


def _train(run: "SeedRun", planned: "SeedPlan", stopped: Callable[[], bool]) -> bool:
    """Train; returns whether it came to its end."""
    from kwspot.train.seed_reports import SeedEpoch

    from .progress import progress_bar

    recipe = planned.recipe
    before = run.ended
    with progress_bar() as bar:
        task = bar.add_task("training")
        for report in run.steps():
            if isinstance(report, SeedEpoch):
                # Not click's echo: it writes past the bar.
                print(_line(report, recipe.epochs), flush=True)
            else:
                _show(bar, task, report)
            if stopped():
                break
    if run.ended and not before and run.done < recipe.epochs:
        click.echo(
            f"stopped early: the validation loss has not fallen for {recipe.patience} epochs, "
            f"since epoch {run.best}"
        )
    return run.ended


def _test(run: "SeedRun", planned: "SeedPlan", stopped: Callable[[], bool]) -> bool:
    """Measure on the testing split; returns whether it came to its end."""
    from kwspot.train.seed_reports import SeedStep

    from .progress import progress_bar

    with progress_bar() as bar:
        task = bar.add_task("testing")
        for report in run.test():
            if isinstance(report, SeedStep):
                if stopped():
                    return False
                _show(bar, task, report)
                continue
            note = (
                ", of voices that were trained on, too"
                if planned.recipe.split_by == "random"
                else ""
            )
            print(
                f"test loss {report.loss:.4f}, accuracy {report.score.accuracy:.2%} "
                f"({report.score.right} of {report.score.clips} clips{note})",
                flush=True,
            )
    return True


def _show(bar: "Progress", task: "TaskID", step: "SeedStep") -> None:
    text = step.phase
    if step.losses is not None:
        text += (
            f"  loss {step.losses.loss:.3f}  accuracy {step.losses.accuracy:.1%}  "
            f"rate {step.losses.rate:.1e}  {step.clips_per_second:.0f} clips/s"
        )
    bar.update(task, completed=step.done, total=step.total, description=text)


def _line(epoch: "SeedEpoch", epochs: int) -> str:
    return (
        f"epoch {epoch.epoch:{len(str(epochs))}}/{epochs}  loss {epoch.loss:.3f}  "
        f"accuracy {epoch.accuracy:6.1%}  validation loss {epoch.validation_loss:.3f}  "
        f"accuracy {epoch.validation:6.1%}  worst {epoch.worst_word} {epoch.worst:.1%}  "
        f"{epoch.clips_per_second:.0f} clips/s  {epoch.seconds:.0f} s"
    )
