"""`--ray`: the recordings of a scan spread over a Ray cluster, results as from one process."""

import json
import os
import re
import socket
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import click

from kwspot.errors import AudioError, OptionError

from .options import SpotOptions

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnProcess

    from kwspot.spotting.batch import Scanning

RUNNING = "auto"
"""The cluster that runs on this machine, or that RAY_ADDRESS names."""
ADDRESS = re.compile(r"auto|[^\s/\\:]+:\d+|\[[0-9a-fA-F:]+\]:\d+")
ANSWER_S = 5.0
CONNECT_S = 60.0
"""Ray takes seconds where all is well, and would try for minutes where something else answers."""
POLL_S = 0.1
INSTALL = "--ray needs Ray: pip install 'kwspot[ray]', or 'ray[data]' beside kwspot"


class RayCommand(click.Command):
    """A command whose `--ray` may stand right before the names of recordings."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take what follows `--ray` for its address only where it looks like one."""
        own = args[: args.index("--")] if "--" in args else args
        for place, text in enumerate(own):
            following = args[place + 1] if place + 1 < len(args) else ""
            if text == "--ray" and not ADDRESS.fullmatch(following):
                args = [*args[:place], f"--ray={RUNNING}", *args[place + 1 :]]
        return super().parse_args(ctx, args)


class Cluster:
    """Scans recordings on the workers of a Ray cluster that is there already.

    address: HOST:PORT or "auto"; spot: as for one process; model: its model file, which is sent
    along, so that only recordings have to be visible to the workers; jobs: how many at once, all
    cores where None. Use it as a context. Raises OptionError without Ray and where no cluster
    answers.

    Ray lives in a process of its own: it prints, handles signals, and may abort.
    """

    def __init__(self, address: str, spot: SpotOptions, model: Path, jobs: int | None) -> None:
        self._address, self._jobs = address, jobs
        self._spot, self._model = spot, model
        self._connection: Connection
        self._driver: SpawnProcess

    def __enter__(self) -> Self:
        if find_spec("ray") is None:
            raise OptionError(INSTALL)
        _check(self._address)
        try:
            order = (self._spot, self._model.read_bytes())
        except OSError:
            # What is wrong with it is told where it is loaded here.
            order = (self._spot, b"")
        import multiprocessing

        from .cluster_driver import drive

        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        arguments = (theirs, self._address, order, self._jobs)
        self._driver = context.Process(target=drive, args=arguments, daemon=True)
        self._driver.start()
        theirs.close()
        try:
            # An aborted Ray, too, is one that found no cluster.
            ready = self._connection.poll(CONNECT_S) and self._connection.recv()
            if ready is ImportError:
                raise OptionError(INSTALL)
            if ready is not True:
                raise _no_answer(self._address)
        except EOFError as error:
            self.close()
            raise _no_answer(self._address) from error
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Leave the cluster."""
        self._connection.close()
        self._driver.kill()
        self._driver.join()

    def results(
        self, names: Sequence[str], stopped: Callable[[], bool], *, in_order: bool
    ) -> Iterator["Scanning"]:
        """Recordings with all their events; fewer where `stopped`. in_order: of the input.

        Raises KwspotError where the cluster fails, for what a worker cannot do too.
        """
        if not names:
            return
        # Workers have folders of their own to start from.
        self._connection.send(([_whole(name) for name in names], in_order))
        while not stopped():
            try:
                message = self._connection.poll(POLL_S) and self._connection.recv()
            except (EOFError, OSError) as error:
                raise OptionError(
                    "the Ray cluster went away; with --output, the same command goes on"
                ) from error
            match message:
                case (int() as place, str() as facts):
                    yield _scanning(names[place], json.loads(facts))
                case Exception():
                    raise message
                case None:
                    return


def _scanning(name: str, facts: dict[str, Any]) -> "Scanning":
    from kwspot.audio.source import Notice
    from kwspot.spotting.batch import Finished, Scanning
    from kwspot.spotting.detection import Detection

    path, item = _whole(name), Scanning(name)
    for event in facts["events"]:
        match event:
            case {"detection": values}:
                item.put(Detection(**values))
            case {"notice": values}:
                item.put(Notice(**{**values, "message": values["message"].replace(path, name)}))
    error = None
    if facts["error"] is not None:
        message = facts["error"].replace(path, name)
        if facts["missing_on"] is not None and Path(name).exists():
            message = (
                f"{name} is not visible to the worker on {facts['missing_on']}: "
                "put it where all machines of the cluster see it under the same path"
            )
        error = AudioError(message)
    item.position = facts["samples"]
    item.put(Finished(facts["samples"], error))
    return item


def _whole(name: str) -> str:
    return os.path.abspath(name)  # noqa: PTH100 -- a link keeps its own name


def _check(address: str) -> None:
    """Raise OptionError for what is no address, or where nothing answers there."""
    if not ADDRESS.fullmatch(address):
        raise OptionError(f"--ray takes HOST:PORT of a cluster, or nothing, not {address!r}")
    if address == RUNNING:
        address = os.environ.get("RAY_ADDRESS", RUNNING)
    if not ADDRESS.fullmatch(address) or address == RUNNING:
        return
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), ANSWER_S).close()
    except (OSError, OverflowError) as error:
        raise _no_answer(address) from error


def _no_answer(address: str) -> OptionError:
    where = "on this machine" if address == RUNNING else f"at {address}"
    return OptionError(
        f"no Ray cluster answers {where}; `ray start --head` begins one, and this machine has to "
        "be one of it"
    )
