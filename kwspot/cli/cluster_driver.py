"""The process that speaks to Ray for `kwspot scan --ray`, and what runs on the workers."""

import json
import logging
import os
import signal
import socket
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from functools import lru_cache
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from kwspot.errors import KwspotError, OptionError

from .options import SpotOptions

if TYPE_CHECKING:
    from kwspot.spotting.spotter import Spotter

Order = tuple[SpotOptions, bytes]
"""What to look for, and the model file."""
Row = dict[str, Any]
"""A recording's "place" in the input and its "path"; of one that was scanned, its "facts"."""
TASKS_PER_CORE, MOST_PER_TASK = 8, 64
"""Recordings go out in so many tasks, that none is long, nor too small to be worth sending."""
RETRIES = 1
"""How often a task whose worker died is begun anew, first with others and then by itself."""


def drive(connection: Connection, address: str, order: Order, jobs: int | None) -> None:
    """Connect to a cluster and scan what `connection` asks for, once.

    Sends True when connected, then (place, facts as JSON) for each recording and None at the end,
    or the exception that ended it; ImportError, the class, without Ray.
    """
    # Ctrl-C is for who began this process; so is what Ray has to say.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (1, 2):
        os.dup2(nothing, stream)
    # Read when Ray is imported: nothing is to be reported to anybody.
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    try:
        import ray
        import ray.data
    except ImportError:
        connection.send(ImportError)
        return
    ray.init(address=address, log_to_driver=False)
    connection.send(True)
    paths, in_order = connection.recv()
    try:
        for row in _rows(paths, in_order, order, jobs):
            connection.send((row["place"], row["facts"]))
        connection.send(None)
    except Exception as error:
        connection.send(_told(error))
    # What was sent last is read before this process ends.
    connection.poll(None)


def _rows(paths: Sequence[str], in_order: bool, order: Order, jobs: int | None) -> Iterator[Row]:
    """What `scan_one` says of each; of those whose task was lost, when they were alone in one."""
    waiting: dict[int, Row] = {
        place: {"place": place, "path": path} for place, path in enumerate(paths)
    }
    for row in _together(list(waiting.values()), in_order, order, jobs):
        while in_order and (first := next(iter(waiting))) < row["place"]:
            yield _alone(waiting.pop(first), order)
        del waiting[row["place"]]
        yield row
    for item in waiting.values():
        yield _alone(item, order)


def _together(items: list[Row], in_order: bool, order: Order, jobs: int | None) -> Iterator[Row]:
    """Recordings by many tasks; those of tasks that failed are left out."""
    import ray.data

    logging.getLogger("ray.data").setLevel(logging.CRITICAL)
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.execution_options.preserve_order = in_order
    context.max_errored_blocks = -1
    spot, model = order
    cores = max(1, int(ray.cluster_resources().get("CPU", 1)))
    tasks = max(-(-len(items) // MOST_PER_TASK), TASKS_PER_CORE * cores)
    yield from (
        ray.data.from_items(items, override_num_blocks=min(len(items), tasks))
        .map(
            scan_one,
            fn_kwargs={"spot": spot, "model": model},
            num_cpus=1,
            num_gpus=1 if spot.compute == "cuda" else None,
            compute=ray.data.TaskPoolStrategy(size=jobs),
            # By itself, Ray Data would go on killing workers for ever.
            max_retries=RETRIES,
        )
        .iter_rows()
    )


def _alone(item: Row, order: Order) -> Row:
    """A recording by a task of its own; raises what it raises."""
    import ray
    import ray.exceptions as lost

    spot, model = order
    gpus = 1 if spot.compute == "cuda" else 0
    task = ray.remote(num_cpus=1, num_gpus=gpus, max_retries=RETRIES)(scan_one)
    try:
        row: Row = ray.get(task.remote(item, spot=spot, model=model))
    except (lost.WorkerCrashedError, lost.NodeDiedError, lost.OutOfMemoryError):
        facts = {
            "events": [],
            "samples": 0,
            "error": f"{item['path']} ended every worker that read it, {2 * (1 + RETRIES)} in all; "
            "convert it to WAV, or leave it out",
            "missing_on": None,
        }
        return {"place": item["place"], "facts": json.dumps(facts)}
    return row


def scan_one(row: Row, spot: SpotOptions, model: bytes) -> Row:
    """On a worker: scan `row["path"]`; returns all that happened, as JSON in "facts".

    Raises KwspotError where the model cannot be used on this worker.
    """
    from kwspot.audio.source import Notice
    from kwspot.spotting.batch import Batch, Finished
    from kwspot.spotting.detection import Detection

    spotter, path = _spotter(spot, model), row["path"]
    missing_on = None if Path(path).exists() else socket.gethostname()
    events: list[dict[str, Any]] = []
    end: Finished | None = None
    for item in Batch(spotter, [path], 1).results():
        while end is None:
            match item.next_event(1.0):
                case Detection() as found:
                    # The grounds are for who draws them, not for a scan.
                    events.append({"detection": asdict(replace(found, grounds=None))})
                case Notice() as notice:
                    events.append({"notice": asdict(notice)})
                case Finished() as finished:
                    end = finished
    assert end is not None
    if end.error is not None and not isinstance(end.error, KwspotError):
        raise end.error
    facts = {
        "events": events,
        "samples": end.samples,
        "error": None if end.error is None else str(end.error),
        "missing_on": missing_on,
    }
    return {"place": row["place"], "facts": json.dumps(facts)}


@lru_cache(maxsize=1)
def _spotter(spot: SpotOptions, model: bytes) -> "Spotter":
    with TemporaryDirectory() as folder:
        path = Path(folder) / (spot.model.name if spot.model is not None else "model.safetensors")
        path.write_bytes(model)
        return replace(spot, model=path).spotter()


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
    if any(isinstance(cause, ray.exceptions.RayTaskError) for cause in causes):
        return RuntimeError(str(causes[-1]).strip().rpartition("\n")[2])
    kind = type(error).__name__
    return OptionError(f"the Ray cluster failed ({kind}); with --output, the same command goes on")
