"""`kwspot demo`: the bundled sample, spotted and shown."""

import click

from .options import SpotOptions, spot_options


@click.command()
@spot_options
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def demo(spot: SpotOptions, as_json: bool) -> int:
    """Spot the bundled sample; no microphone needed."""
    from kwspot.audio.files import FileSource
    from kwspot.audio.resample import at_16k
    from kwspot.resources import sample_recording

    from .output import JsonPrinter, Printer, TextPrinter, seconds

    spotter = spot.spotter()
    path = sample_recording()
    printer: Printer = JsonPrinter() if as_json else TextPrinter()
    heard = 0
    with at_16k(FileSource(path)) as source:
        stream = spotter.stream()
        updates = []
        while (chunk := source.read()) is not None:
            updates += stream.push(chunk)
            heard = chunk.end
        updates += stream.finish()
    if not as_json:
        click.echo(
            f"{path.name}: {seconds(heard):.1f} s; the model knows {len(spotter.words)} words"
        )
        click.echo(f"{'time':>7}   {'word':<10} score")
    for update in updates:
        if update.detection is not None:
            printer.detection(update.detection, str(path))
    if not as_json:
        click.echo(
            "now yours: `kwspot listen` hears your microphone, `kwspot scan FILE` a recording"
        )
    return 0
