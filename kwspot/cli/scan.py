"""`kwspot scan`: the same spotting over recordings, as fast as the machine can."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kwspot.errors import KwspotError

from .failures import complain
from .options import SpotOptions, spot_options

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from kwspot.spotting.spotter import Spotter

    from .output import Printer


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@spot_options
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def scan(files: tuple[str, ...], spot: SpotOptions, as_json: bool) -> int:
    """Find words in recordings.

    WAV, FLAC, OGG/Opus or MP3 of any rate, number of channels and length.

    `-` reads a WAV, or raw 16-bit mono samples at 16 kHz, from standard input. A file that
    cannot be read is reported, the others are scanned all the same.
    """
    from .output import JsonPrinter, TextPrinter
    from .progress import progress_bar, progress_beside_json

    spotter = spot.spotter()
    failed = 0
    with progress_beside_json() if as_json else progress_bar() as bar:
        printer: Printer = JsonPrinter() if as_json else TextPrinter()
        for place, name in enumerate(files):
            if len(files) > 1 and not as_json:
                sys.stdout.write(f"{'' if place == 0 else chr(10)}{name}\n")
            task = bar.add_task(Path(name).name, total=None)
            try:
                _scan_one(spotter, name, printer, bar, task)
            except KwspotError as error:
                complain(str(error))
                failed += 1
            bar.remove_task(task)
    return 2 if failed else 0


def _scan_one(
    spotter: "Spotter", name: str, printer: "Printer", bar: "Progress", task: "TaskID"
) -> None:
    """Spot through one file, block by block, and print what is found as it is found."""
    from kwspot.audio.files import FileSource
    from kwspot.audio.resample import at_16k

    file = FileSource(name, lambda notice: printer.notice(notice, name))
    with at_16k(file) as source:
        stream = spotter.stream()
        if file.total_samples is not None:
            bar.update(task, total=file.total_samples * source.sample_rate_hz / file.sample_rate_hz)
        while (chunk := source.read()) is not None:
            updates = stream.push(chunk)
            bar.update(task, completed=chunk.end)
            for update in updates:
                if update.detection is not None:
                    printer.detection(update.detection, name)
        for update in stream.finish():
            if update.detection is not None:
                printer.detection(update.detection, name)
