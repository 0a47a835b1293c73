"""`kwspot export`: a model for other programs."""

from pathlib import Path

import click


@click.command()
@click.option("--model", type=click.Path(path_type=Path), metavar="FILE",
              help="The model; the bundled one where not given.")  # fmt: skip
@click.option("--onnx", type=click.Path(path_type=Path), metavar="OUT", required=True,
              help="The ONNX file to write.")  # fmt: skip
def export(model: Path | None, onnx: Path) -> int:
    """Write a model as ONNX.

    From one second of 16 kHz samples to the posteriors of its labels, the front end included;
    checked against this program's own before it is written.
    """
    from kwspot.resources import bundled_model
    from kwspot.spotting.checkpoint import load
    from kwspot.spotting.onnx_export import export_onnx

    checkpoint = load(model or bundled_model())
    difference = export_onnx(checkpoint, onnx)
    size = onnx.stat().st_size / 1e6
    click.echo(f"{onnx}: {size:.1f} MB, within {difference:.0e} of kwspot's own posteriors")
    return 0
