"""`kwspot evaluate`: how many clips of a labelled folder a model names rightly."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kwspot.errors import OptionError

from .failures import complain
from .splits import clips_of, model_file, split_table
from .stream import StreamOptions, evaluate_streams, stream_options

if TYPE_CHECKING:
    from kwspot.spotting.classifier import Compute
    from kwspot.train.evaluation import Evaluation
    from kwspot.train.labelled import Labelled

PATH = click.Path(path_type=Path)
SHOWN = 5
"""How many of the files that cannot be used are named."""


@click.command()
@click.option(
    "--data",
    type=PATH,
    metavar="DIR",
    help="Clips: a folder for each word (DIR/WORD/*.wav, any format and rate).",
)
@click.option(
    "--model",
    type=PATH,
    metavar="FILE",
    help="A model file, or the folder of a run; the bundled one where not given.",
)
@click.option(
    "--split",
    type=click.Choice(["all", "training", "validation", "testing"]),
    default="all",
    show_default=True,
    help="Which clips: every one, or those of a split.",
)
@click.option(
    "--split-file",
    metavar="FILE",
    help="The split.tsv of a run, or its folder; official: what DIR says.",
)
@click.option("--words", metavar="WORD,...", help="Only these folders of DIR.")
@click.option("--against", type=PATH, metavar="FILE", help="Compare with this model, clip by clip.")
@click.option(
    "--compute",
    type=click.Choice(["auto", "cpu", "cuda", "mps"]),
    default="auto",
    show_default=True,
    help="The processor to run on.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@stream_options
def evaluate(
    streams: StreamOptions,
    data: Path | None,
    model: Path | None,
    split: str,
    split_file: str | None,
    words: str | None,
    against: Path | None,
    compute: "Compute",
    as_json: bool,
) -> int:
    """Score a model on labelled clips, as it would hear them.

    A clip is named by the highest score, no threshold; of a clip over a second the best window
    counts. Folders the model has no word for are other speech (_unknown_). A named word without
    a folder counts as _unknown_ where there is such a folder, as wrong where there is none.

    The splits are those of the run that made the model, where its split.tsv lies beside it, else
    they follow validation_list.txt and testing_list.txt in DIR, or the published rule (hash of
    the speaker) where there are none.

    With --stream the clips become long streams, over noise and beside running speech, and what is
    missed, invented and late is counted as it would be while listening.
    """  # fmt: skip
    import torch

    from kwspot.resources import bundled_model

    # As `scan` does.
    torch.set_num_threads(1)
    model, against = model_file(model), model_file(against)
    table = split_table(split_file, model, split)
    if streams.stream:
        if against is not None:
            raise OptionError("--against compares on clips: leave --stream or it away")
        return evaluate_streams(streams, data, model, split, table, words, compute, as_json=as_json)
    streams.check_unused()
    if data is None:
        raise OptionError("--data DIR is missing: a folder with a folder of clips for each word")
    models = [model or bundled_model(), *([against] if against else [])]
    _evaluate_clips(models, clips_of(data, words, table, split), split, compute, as_json=as_json)
    return 0


def _evaluate_clips(
    models: list[Path], clips: "Labelled", split: str, compute: "Compute", *, as_json: bool
) -> None:
    """Judge one or two models on clips and print what came out."""
    from kwspot.train.catalog import Split
    from kwspot.train.evaluation import evaluate as evaluated
    from kwspot.train.scoring import ClipScorer

    from .figures import evaluation_facts, show
    from .output import write_json
    from .progress import progress_bar, progress_beside_json

    scorers = [ClipScorer(path, compute) for path in models]
    with progress_beside_json() if as_json else progress_bar() as bar:
        task = bar.add_task("listening", total=None)
        found = evaluated(
            scorers,
            clips,
            None if split == "all" else Split(split),
            lambda count, total: bar.update(task, completed=count, total=total),
        )
    _warn(found, clips, models if split in ("validation", "testing") else [])
    if as_json:
        write_json(evaluation_facts(found, clips, models, split))
    else:
        show(found, clips, models, split)


def _warn(found: "Evaluation", data: "Labelled", models: list[Path]) -> None:
    """Say what was left out, and what a model may know by heart."""
    from kwspot.train.evaluation import trained_on

    for files, what in (
        (found.skipped, "cannot be used and are left out"),
        (found.damaged, "are damaged and count as far as they go"),
    ):
        if files:
            complain(f"warning: files that {what}: {len(files)}")
            for line in files[:SHOWN]:
                complain(f"warning: {line}")
            if len(files) > SHOWN:
                complain(f"warning: ... and {len(files) - SHOWN} more")
    for path in models:
        count = trained_on(path, found.scored.clips)
        table = path.with_name("split.tsv")
        if count and str(table) != data.rule:
            complain(
                f"warning: {path} has learnt from {count:,} of these clips, as {table} says; "
                f"--split-file {table} leaves them out"
            )
