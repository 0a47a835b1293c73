"""`kwspot model`: what a model file knows."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from kwspot.spotting.checkpoint import Checkpoint

FOR_MACHINES = frozenset({"recipe", "versions"})
"""Facts that are long and say little to people."""


RATES = (0.2, 0.5, 1.0, 2.0, 5.0)
"""False alarms an hour whose costs are told."""


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def model(file: Path | None, as_json: bool) -> int:
    """Show what a model knows.

    Its words, thresholds, figures, data and licence; the bundled model without FILE.
    """
    from dataclasses import asdict

    from kwspot.resources import bundled_model
    from kwspot.spotting.checkpoint import load

    from .output import write_json

    path = bundled_model() if file is None else file
    checkpoint = load(path)
    values = sum(tensor.numel() for tensor in checkpoint.weights.values())
    if as_json:
        write_json(
            {
                "type": "model",
                "file": str(path),
                "labels": checkpoint.labels,
                "values": values,
                "features": asdict(checkpoint.features),
                "kind": checkpoint.kind,
                "network": asdict(checkpoint.network),
                "detector": asdict(checkpoint.detector),
                "calibration": checkpoint.calibration and checkpoint.calibration.plain(),
                "facts": dict(checkpoint.facts),
            }
        )
    else:
        _tell(path, checkpoint, values)
    return 0


def _tell(path: Path, checkpoint: "Checkpoint", values: int) -> None:
    """What a model file holds, so many values among it, for people."""
    click.echo(path)
    _show("words", ", ".join(checkpoint.words))
    _show("thresholds", _thresholds(checkpoint.words, checkpoint.detector.threshold_of))
    if checkpoint.detector.ceilings:
        _show(
            "no word above",
            _thresholds(checkpoint.detector.ceilings, checkpoint.detector.ceiling_of),
        )
    if checkpoint.calibration is not None:
        _show("costs", _costs(checkpoint))
    _show("size", f"{values:,} values, {path.stat().st_size / 1e6:.2f} MB")
    for name, value in checkpoint.facts.items():
        if name not in FOR_MACHINES:
            _show(name, _text(value))
    click.echo(
        "`kwspot model --json` tells all, with the recipe and the versions it was trained by"
    )


def _thresholds(words: Iterable[str], threshold_of: Any) -> str:
    from kwspot.spotting.calibration import score_text

    return ", ".join(f"{word} {score_text(threshold_of(word))}" for word in words)


def _costs(checkpoint: "Checkpoint") -> str:
    """What the model's thresholds cost, and what others would."""
    from kwspot.spotting.room import curves_of

    curves, words = curves_of(checkpoint), checkpoint.words
    parts = []
    for rate in RATES:
        chosen = curves.thresholds_for(words, rate)
        missed = [curves.expected(word, chosen[word])[1] for word in words]
        parts.append(f"{rate:g} an hour {sum(missed) / len(missed):.1%} missed")
    return (
        f"false alarms of all words together: {', '.join(parts)}; measured on {curves.said:,} "
        f"words in validation streams, clean and at 20 dB, and {curves.hours:.2f} h without"
    )


def _text(value: Any) -> str:
    """A fact as one line: tables as `name value, name value`."""
    if isinstance(value, dict):
        return ", ".join(f"{key} {_text(entry)}" for key, entry in value.items())
    if isinstance(value, list):
        return ", ".join(_text(entry) for entry in value)
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _show(name: str, text: str) -> None:
    click.echo(
        click.wrap_text(
            f"{name.replace('_', ' '):<12} {text}",
            98,
            initial_indent="",
            subsequent_indent=" " * 13,
        )
    )
