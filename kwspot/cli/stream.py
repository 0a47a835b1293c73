"""`kwspot evaluate --stream`: what a model misses and invents in long streams."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from kwspot.errors import OptionError

from .failures import complain
from .options import word_list
from .splits import clips_of

if TYPE_CHECKING:
    from kwspot.spotting.spotter import Spotter
    from kwspot.train.labelled import SplitTable
    from kwspot.train.stream_evaluation import Stream, StreamEvaluation
    from kwspot.train.stream_material import StreamPlan

PATH = click.Path(path_type=Path)
Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class StreamOptions:
    """What `evaluate` is told about streams."""

    stream: bool
    speech: tuple[Path, ...]
    noise: tuple[Path, ...]
    audio: Path | None
    labels: Path | None
    snr: tuple[str, ...]
    gap: tuple[float, float] | None
    clips: int | None
    seed: int | None
    write: Path | None
    picture: Path | None
    false_per_hour: float | None
    cache: Path | None

    def check_unused(self) -> None:
        """Raise OptionError for an option that goes with --stream, which is not there."""
        for entry in fields(self):
            if getattr(self, entry.name) not in (False, None, ()):
                name = {"false_per_hour": "false-alarms-per-hour"}.get(entry.name, entry.name)
                raise OptionError(f"--{name} goes with --stream: add that, or leave it away")


def stream_options(command: Function) -> Function:
    """Add the options of --stream to a command, which receives them as `streams`."""

    @wraps(command)
    def wrapped(**given: Any) -> Any:
        own = {entry.name: given.pop(entry.name) for entry in fields(StreamOptions)}
        return command(streams=StreamOptions(**own), **given)

    decorated: Any = wrapped
    for option in (
        click.option("--cache", type=PATH, metavar="DIR", help="Where decoded audio is kept."),
        click.option("--false-alarms-per-hour", "false_per_hour", type=float, metavar="X",
                     help="--stream: judge the thresholds of this rate; 0.5 where not given."),
        click.option("--picture", type=PATH, metavar="FILE",
                     help="--stream: draw misses against false alarms (DET) into a .png."),
        click.option("--write", type=PATH, metavar="DIR",
                     help="--stream: keep the streams, and where their words are, in DIR."),
        click.option("--seed", type=click.IntRange(min=0), metavar="N",
                     help="--stream: of all that is drawn; 0 where not given."),
        click.option("--clips", type=click.IntRange(min=1), metavar="N",
                     help="--stream: the most clips of a word; all where not given."),
        click.option("--gap", type=(float, float), metavar="S S", default=None,
                     help="--stream: least and most seconds between words; 0.3 5 where not given."),
        click.option("--snr", multiple=True, metavar="DB|clean",
                     help="--stream: noise under the words; clean, 20 and 10 where not given."),
        click.option("--labels", type=PATH, metavar="FILE",
                     help="--stream: the words of --audio: start, end (s), word, tab-separated."),
        click.option("--audio", type=PATH, metavar="FILE",
                     help="--stream: this recording; without --labels, it holds no words."),
        click.option("--noise", type=PATH, multiple=True, metavar="DIR",
                     help="--stream: noises, to lay under the words and to be silent on."),
        click.option("--speech", type=PATH, multiple=True, metavar="DIR",
                     help="--stream: running speech, of which what holds the words is left out."),
        click.option("--stream", is_flag=True,
                     help="Long streams instead of clips: misses, false alarms an hour, latency."),
    ):  # fmt: skip
        decorated = option(decorated)
    result: Function = decorated
    return result


def evaluate_streams(
    options: StreamOptions,
    data: Path | None,
    model: Path | None,
    split: str,
    table: "SplitTable | None",
    words: str | None,
    compute: Any,
    *,
    as_json: bool,
) -> int:
    """Judge a model on streams and print what came out; returns the exit code."""
    from kwspot.resources import bundled_model
    from kwspot.spotting.spotter import Spotter
    from kwspot.train.stream_facts import stream_facts

    if options.picture is not None and options.picture.suffix.lower() != ".png":
        raise OptionError(f"--picture {options.picture}: pictures are .png files")
    from .output import write_json
    from .stream_figures import show_streams

    spotter = Spotter(
        model,
        compute=compute,
        words=None if words is None else word_list(words),
        false_per_hour=options.false_per_hour,
    )
    found = _heard(options, data, split, table, spotter, as_json=as_json)
    thresholds = {word: spotter.detector.threshold_of(word) for word in spotter.words}
    facts = {"model": str(model or bundled_model()), **stream_facts(found, thresholds)}
    if options.picture is not None:
        _draw(facts, options.picture)
    if as_json:
        write_json(facts)
    else:
        show_streams(facts)
    return 0


def _heard(
    options: StreamOptions,
    data: Path | None,
    split: str,
    table: "SplitTable | None",
    spotter: "Spotter",
    *,
    as_json: bool,
) -> "StreamEvaluation":
    """Make the streams, keep them where that is asked for, and listen to them; a bar shows how it
    goes."""
    from kwspot.train.stream_evaluation import heard
    from kwspot.train.stream_material import write_streams

    from .progress import progress_bar, progress_beside_json

    with progress_beside_json() if as_json else progress_bar() as bar:
        task = bar.add_task("looking for what is decoded", total=None)
        streams = _streams(options, data, split, table, spotter, bar, task)
        if options.write is not None:
            write_streams(streams, options.write)
        done = dict.fromkeys((stream.name for stream in streams), 0.0)

        def show(name: str, seconds: float) -> None:
            done[name] += seconds
            bar.update(task, description=f"listening: {name}, {done[name] / 60:.0f} min")

        return heard(spotter, streams, show)


def _streams(
    options: StreamOptions,
    data: Path | None,
    split: str,
    table: "SplitTable | None",
    spotter: "Spotter",
    bar: Any,
    task: Any,
) -> "list[Stream]":
    from kwspot.train.corpus import default_cache
    from kwspot.train.stream_material import made, recorded

    if options.audio is not None:
        for name in ("speech", "noise", "snr", "gap", "clips", "seed"):
            if getattr(options, name) not in (None, ()):
                raise OptionError(f"--{name} makes streams, --audio is one: leave one of them away")
        return recorded(options.audio, options.labels, spotter.words)
    if options.labels is not None:
        raise OptionError("--labels are the words of --audio FILE: name that, too")
    plan = _plan(options, data, split, table, spotter.words)

    def show(count: int, total: int) -> None:
        bar.update(task, description="decoding", completed=count, total=total)

    streams = made(plan, options.cache or default_cache(), show, complain)
    bar.update(task, description="listening", total=None)
    return streams


def _plan(
    options: StreamOptions,
    data: Path | None,
    split: str,
    table: "SplitTable | None",
    words: Sequence[str],
) -> "StreamPlan":
    """How streams are to be made; raises OptionError for what makes none."""
    from kwspot.train.catalog import Split
    from kwspot.train.stream_material import StreamPlan

    if data is None:
        raise OptionError("--stream takes --data DIR to make streams of, or --audio FILE")
    clips = clips_of(data, None, table, split)
    said = tuple(word for word in words if word in clips.folders)
    if not said:
        raise OptionError(f"{data} has none of the words the model listens for: {', '.join(words)}")
    gap_s = options.gap or (0.3, 5.0)
    if not 0.0 <= gap_s[0] <= gap_s[1] < 3600.0:
        raise OptionError(f"--gap is from the least to the most seconds, not {gap_s[0]} {gap_s[1]}")
    return StreamPlan(
        data=clips,
        split=None if split == "all" else Split(split),
        words=said,
        listened=tuple(words),
        speech=options.speech,
        noise=options.noise,
        snrs_db=_snrs(options.snr),
        gap_s=gap_s,
        clips=options.clips,
        seed=options.seed or 0,
    )


def _snrs(given: tuple[str, ...]) -> tuple[float | None, ...]:
    found: list[float | None] = []
    for text in given or ("clean", "20", "10"):
        try:
            value = None if text == "clean" else float(text)
        except ValueError:
            value = math.nan
        if value is not None and not -30.0 <= value <= 100.0:
            raise OptionError(f"--snr is a number of dB from -30 to 100, or clean, not {text!r}")
        if value not in found:
            found.append(value)
    return tuple(found)


def _draw(facts: dict[str, Any], path: Path) -> None:
    from kwspot.spotting.calibration import USUAL_FALSE_PER_HOUR
    from kwspot.train.pictures.det import det_picture
    from kwspot.train.writing import write_whole

    if not facts["det"] or not facts["streams"]:
        complain("warning: --picture needs streams with words and sound without them; none drawn")
        return
    picture = det_picture(
        facts["det"], USUAL_FALSE_PER_HOUR, facts["without_words"]["together"]["hours"]
    )
    write_whole(path, picture)
