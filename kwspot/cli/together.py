"""A command that several processes run together, as torchrun starts them: one of them speaks."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from kwspot.errors import KwspotError

from .training import INTERRUPTED

if TYPE_CHECKING:
    from kwspot.spotting.classifier import Compute
    from kwspot.train.parallel import World

Function = Callable[..., Any]


def in_world(command: Function) -> Function:
    """Add `--compute` to a command, which receives `world: World`: where it runs, and with whom."""

    @wraps(command)
    def wrapped(*, compute: "Compute", **others: Any) -> Any:
        with _joined(compute) as world:
            return command(world=world, **others)

    decorated: Function = click.option(
        "--compute", type=click.Choice(["auto", "cpu", "cuda", "mps"]), default="auto",
        show_default=True, help="The processor to train on.",
    )(wrapped)  # fmt: skip
    return decorated


@contextmanager
def _joined(compute: "Compute") -> Iterator["World"]:
    """The world, until the command is done. Of all its processes only the first to fail says why:
    what ends the others follows from that."""
    from kwspot.train.parallel import join

    world = join(compute)
    try:
        yield world
    except (Exception, KeyboardInterrupt) as error:
        if world.fails_first():
            raise
        code = INTERRUPTED if isinstance(error, KeyboardInterrupt) else KwspotError.exit_code
        raise click.exceptions.Exit(code) from error
    finally:
        world.leave()
