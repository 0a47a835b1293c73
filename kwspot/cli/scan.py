"""`kwspot scan`: the same spotting over recordings, as fast as the machine can."""

import hashlib
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kwspot.errors import KwspotError, OptionError

from .cluster import Cluster, RayCommand
from .failures import complain
from .options import SpotOptions, spot_options
from .stopping import stop_flag

if TYPE_CHECKING:
    from rich.progress import Progress

    from kwspot.spotting.batch import Scanning
    from kwspot.spotting.spotter import Spotter

    from .output import Printer
    from .results import Key, Results

    Scan = Callable[[list[str], Callable[[], bool]], Iterator[Scanning]]

POLL_S = 0.1


@click.command(cls=RayCommand)
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@spot_options
@click.option(
    "--jobs", type=int, metavar="N", help="How many recordings at once; all cores, or 48 for a GPU."
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write what is found to a .jsonl or .csv file; after an interruption it goes on.",
)
@click.option(
    "--ray",
    metavar="[ADDRESS]",
    help="Spread recordings over a Ray cluster: HOST:PORT, or the one running here.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def scan(
    files: tuple[str, ...],
    spot: SpotOptions,
    jobs: int | None,
    output: Path | None,
    ray: str | None,
    as_json: bool,
) -> int:
    """Find words in recordings.

    WAV, FLAC, OGG/Opus or MP3 of any rate, number of channels and length; folders, with all that
    is in them; patterns in quotes, 'talks/**/*.wav' say.

    `-` reads a WAV, or raw 16-bit mono samples at 16 kHz, from standard input. A file that
    cannot be read is reported, the others are scanned all the same.
    """
    if jobs is not None and jobs < 1:
        raise OptionError(f"--jobs is a whole number above 0, not {jobs}")
    from .output import JsonPrinter, SilentPrinter, TextPrinter
    from .progress import progress_bar, progress_beside_json
    from .recordings import recordings
    from .results import Results

    names, problems = recordings(files)
    for problem in problems:
        complain(problem)
    if not names:
        return 2
    if ray is not None and "-" in names:
        raise OptionError("standard input cannot be spread over a cluster; leave --ray or - out")
    with ExitStack() as held:
        shown = as_json or output is None
        scanned: Scan
        if ray is None:
            spotter, scanned = _here(spot, jobs)
        else:
            spotter, cluster = _spread(spot, ray, jobs)
            scanned = partial(held.enter_context(cluster).results, in_order=shown)
        results = None if output is None else Results(output, _settings(spot, spotter))
        printer: Printer = JsonPrinter() if as_json else TextPrinter()
        if not shown:
            printer = SilentPrinter()
        bar = held.enter_context(progress_beside_json() if as_json else progress_bar())
        titles = (len(files) > 1 or len(names) > 1) and not as_json and results is None
        run = _Run(names, printer, bar, results, titles=titles)
        with stop_flag() as stopped:
            ended = run.all(scanned, stopped)
    return run.finish(len(problems)) if ended else run.tell_interrupted()


def _here(spot: SpotOptions, jobs: int | None) -> "tuple[Spotter, Scan]":
    """Scanning in this process."""
    from kwspot.spotting.batch import Batch, default_jobs

    spotter = spot.spotter()
    count = jobs if jobs is not None else default_jobs(spotter)
    return spotter, lambda names, _: Batch(spotter, names, count).results()


def _spread(spot: SpotOptions, address: str, jobs: int | None) -> "tuple[Spotter, Cluster]":
    """Scanning on a cluster; the spotter says what it looks for."""
    spotter = replace(spot, compute="cpu").spotter()
    return spotter, Cluster(address, spot.settled(spotter), _model_file(spot), jobs)


def _model_file(spot: SpotOptions) -> Path:
    from kwspot.resources import bundled_model

    return spot.model or bundled_model()


def _settings(spot: SpotOptions, spotter: "Spotter") -> dict[str, Any]:
    """What results depend on."""
    with _model_file(spot).open("rb") as file:
        model = hashlib.file_digest(file, "sha256").hexdigest()
    facts: dict[str, Any] = {
        "model": model,
        "--words": sorted(spotter.words),
        "--threshold": sorted(spot.threshold),
        "--false-alarms-per-hour": spot.false_per_hour,
        "--hop": spotter.hop_frames,
    }
    if spot.calibration not in (None, "none"):
        # What a room's file holds may have changed since.
        detector = spotter.detector
        facts["--calibration"] = {word: detector.threshold_of(word) for word in spotter.words}
    return facts


class _Run:
    """One scan: prints and keeps what is found."""

    def __init__(
        self,
        names: list[str],
        printer: "Printer",
        bar: "Progress",
        results: "Results | None",
        *,
        titles: bool,
    ) -> None:
        self._names, self._printer, self._bar, self._results = names, printer, bar, results
        self.titles = titles
        self._failed = 0

    def all(self, scanned: "Scan", stopped: Callable[[], bool]) -> bool:
        """Scan what is not done yet; returns whether it came to its end."""
        from .results import key_of

        kept = self._results
        todo = [name for name in self._names if kept is None or not kept.has(name)]
        # Before any is read: what is changed from now on is not what was scanned.
        keys = {name: key_of(name) for name in todo}
        if len(todo) < len(self._names):
            complain(f"{len(self._names) - len(todo)} of {len(self._names)} are scanned already")
        every = self._bar.add_task("all", total=len(todo), visible=len(todo) > 1)
        ended = 0
        for item in scanned(todo, stopped):
            if self.titles:
                sys.stdout.write(f"{'' if ended == 0 else chr(10)}{item.name}\n")
            if not self._one(item, keys[item.name], stopped):
                return False
            self._bar.advance(every)
            ended += 1
        return ended == len(todo)

    def _one(self, item: "Scanning", key: "Key", stopped: Callable[[], bool]) -> bool:
        """Print one recording's words as they come; returns whether it came to its end."""
        from kwspot.audio.source import Notice
        from kwspot.spotting.batch import Finished
        from kwspot.spotting.detection import Detection

        from .output import detection_facts

        task = self._bar.add_task(Path(item.name).name, total=None)
        rows = []
        while not stopped():
            match item.next_event(POLL_S):
                case Detection() as found:
                    rows.append(detection_facts(found, item.name))
                    self._printer.detection(found, item.name)
                case Notice() as notice:
                    self._printer.notice(notice, item.name)
                case Finished(error=error):
                    self._bar.remove_task(task)
                    self._end(item.name, key, rows, error)
                    return True
            self._bar.update(task, completed=item.position, total=item.total)
        return False

    def _end(
        self, name: str, key: "Key", rows: list[dict[str, Any]], error: BaseException | None
    ) -> None:
        if isinstance(error, KwspotError):
            complain(str(error))
            self._failed += 1
            if self._results is not None:
                self._results.drop(name)
            return
        if error is not None:
            raise error
        from .results import key_of

        if key_of(name) != key:
            complain(f"warning: {name} was changed while it was scanned")
        if self._results is not None:
            self._results.keep(name, key, rows)

    def tell_interrupted(self) -> int:
        """Say how to go on; returns the exit code."""
        if self._results is None:
            raise KeyboardInterrupt
        self._results.close()
        complain(
            f"interrupted; {self._results.kept} of {len(self._names)} recordings are kept in "
            f"{self._results.journal}: the same command goes on from there"
        )
        return 130

    def finish(self, problems: int) -> int:
        """Write the results; returns the exit code."""
        failed = self._failed + problems
        if self._results is not None:
            self._results.write(self._names)
            if self._failed:
                self._results.close()
                complain(
                    f"{self._failed} of {len(self._names)} recordings failed; the same command "
                    "tries only these again"
                )
            else:
                self._results.forget()
        return 2 if failed else 0
