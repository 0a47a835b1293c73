"""`--ray`: the recordings of a scan spread over a Ray cluster, results as from one process."""

import json
import os
import re
import socket
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from functools import lru_cache
from pathlib import Path
from queue import Empty, Queue
from tempfile import TemporaryDirectory
from threading import Thread
from typing import TYPE_CHECKING, Any, Self

import click

from kwspot.errors import AudioError, KwspotError, OptionError

from .options import SpotOptions

if TYPE_CHECKING:
    from collections.abc import Callable

    from kwspot.spotting.batch import Scanning
    from kwspot.spotting.spotter import Spotter

RUNNING = "auto"
"""The cluster that runs on this machine, or that RAY_ADDRESS names."""
ADDRESS = re.compile(r"auto|[^\s/\\:]+:\d+|\[[0-9a-fA-F:]+\]:\d+")
ANSWER_S = 5.0
POLL_S = 0.1
ARRIVED = 64
"""How many results may wait to be taken up."""
TASKS_PER_CORE, MOST_PER_TASK = 8, 64
"""Recordings go out in so many tasks, that none is long, nor too small to be worth sending."""
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

    address: HOST:PORT or "auto"; spot: as for one process; model: the model file's bytes, so that
    only recordings have to be visible to the workers; jobs: how many at once, all cores where
    None. Use it as a context. Raises OptionError without Ray and where no cluster answers.
    """

    def __init__(self, address: str, spot: SpotOptions, model: bytes, jobs: int | None) -> None:
        self._address, self._spot, self._model, self._jobs = address, spot, model, jobs

    def __enter__(self) -> Self:
        _check(self._address)
        # Read when Ray is imported: nothing is to be reported to anybody, and what is left of a
        # scan that was stopped is not to connect again by itself.
        os.environ.update(RAY_USAGE_STATS_ENABLED="0", RAY_ENABLE_AUTO_CONNECT="0")
        try:
            import ray
            import ray.data
        except ImportError as error:
            raise OptionError(INSTALL) from error
        try:
            ray.init(address=self._address, log_to_driver=False, logging_level="CRITICAL")
        except (Exception, SystemExit) as error:
            raise _no_answer(self._address) from error
        return self

    def __exit__(self, *_: object) -> None:
        import ray

        ray.shutdown()

    def results(
        self, names: Sequence[str], stopped: "Callable[[], bool]", *, in_order: bool
    ) -> Iterator["Scanning"]:
        """Recordings with all their events; fewer where `stopped`. in_order: of the input.

        Raises KwspotError where the cluster fails, for what a worker cannot do too.
        """
        if not names:
            return
        arrived: Queue[dict[str, Any] | Exception | None] = Queue(ARRIVED)
        # A thread of its own, so that a scan can be stopped while it waits; a daemon, because
        # nothing but the end of the cluster ends its wait.
        Thread(target=self._collect, args=(names, in_order, arrived), daemon=True).start()
        while not stopped():
            with suppress(Empty):
                row = arrived.get(timeout=POLL_S)
                if row is None:
                    return
                if isinstance(row, Exception):
                    raise _told(row) from row
                yield _scanning(names[row["place"]], json.loads(row["facts"]))

    def _collect(
        self, names: Sequence[str], in_order: bool, arrived: "Queue[dict[str, Any] | Any]"
    ) -> None:
        try:
            for row in self._rows(names, in_order):
                arrived.put(row)
            arrived.put(None)
        except Exception as error:
            arrived.put(error)

    def _rows(self, names: Sequence[str], in_order: bool) -> Iterator[dict[str, Any]]:
        import logging

        import ray.data

        logging.getLogger("ray.data").setLevel(logging.CRITICAL)
        context = ray.data.DataContext.get_current()
        context.enable_progress_bars = False
        context.execution_options.preserve_order = in_order
        # Workers have folders of their own to start from.
        items = [{"place": place, "path": _whole(name)} for place, name in enumerate(names)]
        cores = max(1, int(ray.cluster_resources().get("CPU", 1)))
        tasks = max(-(-len(items) // MOST_PER_TASK), TASKS_PER_CORE * cores)
        yield from (
            ray.data.from_items(items, override_num_blocks=min(len(items), tasks))
            .map(
                scan_one,
                fn_kwargs={"spot": self._spot, "model": self._model},
                num_cpus=1,
                num_gpus=1 if self._spot.compute == "cuda" else None,
                compute=ray.data.TaskPoolStrategy(size=self._jobs),
            )
            .iter_rows()
        )


def scan_one(row: dict[str, Any], spot: SpotOptions, model: bytes) -> dict[str, Any]:
    """On a worker: scan `row["path"]`; returns all that happened, as JSON in "facts".

    Raises KwspotError where the model cannot be used on this worker.
    """
    from kwspot.spotting.batch import Batch, Finished
    from kwspot.spotting.detector import Detection

    spotter, path = _spotter(spot, model), row["path"]
    facts: dict[str, Any] = {"events": [], "error": None, "missing_on": None}
    if not Path(path).exists():
        facts["missing_on"] = socket.gethostname()
    for item in Batch(spotter, [path], 1).results():
        while not isinstance(event := item.next_event(1.0), Finished):
            if event is not None:
                kind = "detection" if isinstance(event, Detection) else "notice"
                facts["events"].append({kind: asdict(event)})
    if event.error is not None and not isinstance(event.error, KwspotError):
        raise event.error
    facts["samples"] = event.samples
    facts["error"] = None if event.error is None else str(event.error)
    return {"place": row["place"], "facts": json.dumps(facts)}


@lru_cache(maxsize=1)
def _spotter(spot: SpotOptions, model: bytes) -> "Spotter":
    with TemporaryDirectory() as folder:
        path = Path(folder) / (spot.model.name if spot.model is not None else "model.safetensors")
        path.write_bytes(model)
        return replace(spot, model=path).spotter()


def _scanning(name: str, facts: dict[str, Any]) -> "Scanning":
    from kwspot.audio.source import Notice
    from kwspot.spotting.batch import Finished, Scanning
    from kwspot.spotting.detector import Detection

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
    # Ray itself would try for minutes.
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


def _told(error: Exception) -> Exception:
    """What a failure of the cluster means to people."""
    import ray.exceptions

    causes: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in causes:
        causes.append(cause)
        cause = getattr(cause, "cause", None) or cause.__cause__
    for cause in causes:
        if isinstance(cause, KwspotError):
            return OptionError(f"a worker of the cluster says: {cause}")
        if isinstance(cause, ImportError):
            return OptionError(f"install this kwspot on all machines of the cluster too ({cause})")
    if isinstance(error, ray.exceptions.RayError) and not isinstance(
        error, ray.exceptions.RayTaskError
    ):
        kind = type(error).__name__
        return OptionError(
            f"the Ray cluster failed ({kind}); with --output, the same command goes on"
        )
    return RuntimeError(str(causes[-1]).strip().rpartition("\n")[2])
