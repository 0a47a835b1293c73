"""Options that several commands share, and the spotter they describe."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from kwspot.errors import OptionError

if TYPE_CHECKING:
    from kwspot.spotting.classifier import Compute
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

    def spotter(self) -> "Spotter":
        """Load the model they name; raises KwspotError for values that cannot be used."""
        import torch

        from kwspot.spotting.spotter import Spotter

        # The network is small: threads would wait for each other longer than they work, on a busy
        # machine several times longer.
        torch.set_num_threads(1)
        general, single = thresholds(self.threshold)
        return Spotter(
            self.model,
            compute=self.compute,
            words=None if self.words is None else word_list(self.words),
            threshold=general,
            thresholds=single,
            hop_ms=self.hop,
        )


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
        **others: Any,
    ) -> Any:
        return command(spot=SpotOptions(model, words, threshold, hop, compute), **others)

    path = click.Path(path_type=Path)
    decorated: Any = wrapped
    for option in (
        click.option("--compute", type=click.Choice(["auto", "cpu", "cuda", "mps"]),
                     default="auto", show_default=True, help="The processor to run on."),
        click.option("--hop", type=int, default=50, show_default=True, metavar="MS",
                     help="Milliseconds from one decision to the next."),
        click.option("--threshold", multiple=True, metavar="X|WORD=X",
                     help="Report words from this score on, 0 to 1; may be repeated."),
        click.option("--words", metavar="WORD,...", help="Report only these words."),
        click.option("--model", type=path, metavar="FILE",
                     help="A model file; the bundled one where not given."),
    ):  # fmt: skip
        decorated = option(decorated)
    result: Function = decorated
    return result
