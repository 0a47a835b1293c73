"""Options that several commands share, and the spotter they describe."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from kwspot.errors import OptionError

from .failures import complain

if TYPE_CHECKING:
    from kwspot.spotting.checkpoint import Checkpoint
    from kwspot.spotting.classifier import Compute
    from kwspot.spotting.room import Room
    from kwspot.spotting.spotter import Spotter

Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class SpotOptions:
    """What `listen` and `scan` are told about the model and its use."""

    model: Path | None
    words: str | None
    threshold: tuple[str, ...]
    hop: int
    compute: "Compute"
    false_per_hour: float | None = None
    calibration: str | None = None

    def spotter(self, device: str | None = None, *, live: bool = False) -> "Spotter":
        """Load the model they name; raises KwspotError for values that cannot be used.

        device: what is listened to, whose own calibration serves where none is named; live:
        whether something is.
        """
        import torch

        from kwspot.resources import bundled_model
        from kwspot.spotting.checkpoint import load
        from kwspot.spotting.spotter import Spotter

        # The network is small: threads would wait for each other longer than they work, on a busy
        # machine several times longer.
        torch.set_num_threads(1)
        general, single = thresholds(self.threshold)
        if self.threshold and self.false_per_hour is not None:
            raise OptionError("--threshold and --false-alarms-per-hour exclude each other")
        if general is not None and self.calibration not in (None, "none"):
            raise OptionError(
                "--calibration and a --threshold for all words exclude each other; name words: "
                "--threshold WORD=X"
            )
        model = load(bundled_model() if self.model is None else self.model)
        return Spotter(
            model,
            compute=self.compute,
            words=None if self.words is None else word_list(self.words),
            threshold=general,
            thresholds=single,
            hop_ms=self.hop,
            false_per_hour=self.false_per_hour,
            room=self._room(model, device, live=live) if general is None else None,
        )

    def settled(self, spotter: "Spotter") -> "SpotOptions":
        """The same with a threshold for each word instead of what they follow from: for another
        machine, which has no file of this one's."""
        detector = spotter.detector
        words = spotter.checkpoint.words
        single = {word: detector.threshold_of(word) for word in words} | {**detector.ceilings}
        told = tuple(f"{label}={score!r}" for label, score in single.items())
        return replace(self, threshold=told, false_per_hour=None, calibration="none")

    def _room(self, model: "Checkpoint", device: str | None, *, live: bool) -> "Room | None":
        """The calibration that is asked for, or kept for the device, if any."""
        from kwspot.spotting.room import load_room, saved_place

        if self.false_per_hour is not None and self.calibration is None:
            return None
        if self.calibration == "none":
            return None
        if self.calibration is not None:
            if self.false_per_hour is not None:
                raise OptionError("--false-alarms-per-hour and --calibration exclude each other")
            return load_room(Path(self.calibration), model)
        kept = saved_place(model, device)
        if not live or not kept.exists():
            return None
        room = load_room(kept, model)
        complain(
            f"thresholds of this room: {kept} ({room.hours:.1f} h of it); --calibration none "
            "goes without"
        )
        return room


def word_list(text: str) -> list[str]:
    """`yes,no` as a list, blanks and empty entries dropped."""
    return [word for word in (part.strip() for part in text.split(",")) if word]


def thresholds(given: Sequence[str]) -> tuple[float | None, dict[str, float]]:
    """`0.7` and `yes=0.8` as the general threshold and those of single words.

    Raises OptionError for what is no number in 0..1.
    """
    general: float | None = None
    single: dict[str, float] = {}
    for text in given:
        word, equals, number = text.rpartition("=")
        try:
            value = float(number)
        except ValueError:
            value = -1.0
        if not 0.0 <= value <= 1.0:
            raise OptionError(
                f"--threshold takes a number within 0..1 or WORD=number, not {text!r}"
            )
        if equals:
            single[word.strip()] = value
        else:
            general = value
    return general, single


def spot_options(command: Function) -> Function:
    """Add the shared options to a command, which receives them as one `spot: SpotOptions`."""

    @wraps(command)
    def wrapped(
        *,
        model: Path | None,
        words: str | None,
        threshold: tuple[str, ...],
        hop: int,
        compute: "Compute",
        false_per_hour: float | None,
        calibration: str | None,
        **others: Any,
    ) -> Any:
        spot = SpotOptions(model, words, threshold, hop, compute, false_per_hour, calibration)
        return command(spot=spot, **others)

    path = click.Path(path_type=Path)
    decorated: Any = wrapped
    for option in (
        click.option("--compute", type=click.Choice(["auto", "cpu", "cuda", "mps"]),
                     default="auto", show_default=True, help="The processor to run on."),
        click.option("--hop", type=int, default=50, show_default=True, metavar="MS",
                     help="Milliseconds from one decision to the next."),
        click.option("--calibration", metavar="FILE|none",
                     help="Thresholds of a room, from `kwspot calibrate`; listen finds its own."),
        click.option("--false-alarms-per-hour", "false_per_hour", type=float, metavar="X",
                     help="Thresholds by how often they may be wrong; 0.5 where not given."),
        click.option("--threshold", multiple=True, metavar="X|WORD=X",
                     help="Report words from this score on, 0 to 1; may be repeated. For "
                     "_unknown_ and _silence_: no word where they score higher."),
        click.option("--words", metavar="WORD,...", help="Report only these words."),
        click.option("--model", type=path, metavar="FILE",
                     help="A model file; the bundled one where not given."),
    ):  # fmt: skip
        decorated = option(decorated)
    result: Function = decorated
    return result
