"""How a run went: loss, accuracy and rate over its epochs, and what the rate finder saw."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, MaxNLocator, NullLocator

from .style import BLUE, GREEN, INK, ORANGE, PINK, SOFT, drawing, grid, per_cent, plain_numbers, png

Line = Mapping[str, Any]
FINDER_FILE = "lr_finder.json"


def read_metrics(run: Path) -> list[dict[str, Any]]:
    """The epochs of a run's metrics.jsonl; a line that was cut off ends them."""
    path = run / "metrics.jsonl"
    found: list[dict[str, Any]] = []
    if not path.is_file():
        return found
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            facts = json.loads(line)
        except ValueError:
            break
        if isinstance(facts, dict) and isinstance(facts.get("epoch"), int):
            found.append(facts)
    return found


def series(lines: Sequence[Line], name: str) -> tuple[list[int], list[float]]:
    """Epochs and values of one figure, where it is there."""
    there = [line for line in lines if isinstance(line.get(name), int | float)]
    return [line["epoch"] for line in there], [float(line[name]) for line in there]


def learning_picture(lines: Sequence[Line]) -> bytes:
    """Loss, shares named rightly, validation error and rate over the epochs (one or more)."""
    with drawing(8.4, 6.0) as figure:
        axes = figure.subplots(2, 2, sharex=True)
        _loss(axes[0, 0], lines)
        _accuracy(axes[0, 1], lines)
        _error(axes[1, 0], lines)
        _rate(axes[1, 1], lines)
        for one in axes.flat:
            one.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
            if lines[0]["epoch"] == lines[-1]["epoch"]:
                one.set_xlim(lines[0]["epoch"] - 1, lines[0]["epoch"] + 1)
            grid(one)
        for one in axes[1]:
            one.set_xlabel("epoch")
        handles = [line for line in axes[0, 1].lines if line.get_label() != "training"]
        if not handles:
            return png(figure)
        # The colours mean the same in every panel; inside one they would lie on the lines.
        figure.legend(
            handles=[*axes[0, 0].lines[:1], *handles], loc="outside upper center", ncols=4
        )
        return png(figure)


def _plot(
    axes: Axes, epochs: Sequence[int], values: Sequence[float], colour: str, label: str
) -> None:
    if values:
        # A point alone makes no line.
        marker = "o" if len(values) < 30 else ""
        axes.plot(epochs, values, marker=marker, markersize=3.5, color=colour, label=label)


def _loss(axes: Axes, lines: Sequence[Line]) -> None:
    axes.set_title("Loss (nats)")
    _plot(axes, *series(lines, "loss"), BLUE, "training")
    _plot(axes, *series(lines, "validation_loss"), ORANGE, "validation")


def _accuracy(axes: Axes, lines: Sequence[Line]) -> None:
    axes.set_title("Named rightly")
    _plot(axes, *series(lines, "accuracy"), BLUE, "training")
    _plot(axes, *series(lines, "validation"), ORANGE, "validation")
    _plot(axes, *series(lines, "mean_word"), GREEN, "validation, mean of words")
    _plot(axes, *series(lines, "worst"), PINK, "validation, worst word")
    per_cent(axes.yaxis)


def _error(axes: Axes, lines: Sequence[Line]) -> None:
    axes.set_title("Validation error (logarithmic)")
    for name, colour in (("validation", ORANGE), ("mean_word", GREEN)):
        epochs, values = series(lines, name)
        # No error at all has no place on a logarithmic axis.
        above = [(e, 1.0 - value) for e, value in zip(epochs, values, strict=True) if value < 1.0]
        _plot(axes, [epoch for epoch, _ in above], [error for _, error in above], colour, name)
    if not axes.lines:
        axes.text(0.5, 0.5, "none to show", ha="center", transform=axes.transAxes)
        axes.set_yticks([])
        return
    axes.set_yscale("log")
    per_cent(axes.yaxis)
    low, high = axes.get_ylim()
    high = min(high, 1.1)
    axes.set_ylim(low, high)
    if high > 3.0 * low:
        steps = [step * 10.0**power for power in range(-5, 1) for step in (1, 2, 5)]
        axes.yaxis.set_major_locator(FixedLocator([s for s in steps if low <= s <= high]))
        axes.yaxis.set_minor_locator(NullLocator())
    else:
        # Within so little of a decade, such steps would say nothing.
        per_cent(axes.yaxis, minor=True)
    axes.tick_params(axis="y", which="minor", labelsize=8.5)


def _rate(axes: Axes, lines: Sequence[Line]) -> None:
    axes.set_title("Learning rate at the end of the epoch")
    _plot(axes, *series(lines, "rate"), INK, "rate")
    axes.set_ylim(bottom=0.0)
    plain_numbers(axes.yaxis)


def read_finder(run: Path) -> dict[str, Any] | None:
    """What a learning-rate finder left (see `finder_picture`); None where there is nothing."""
    try:
        facts = json.loads((run / FINDER_FILE).read_text(encoding="utf-8"))
        found: dict[str, Any] = {
            name: [float(value) for value in facts[name]]
            for name in ("rates", "losses", "smoothed")
        }
        for name in ("suggestion", "used"):
            found[name] = None if facts.get(name) is None else float(facts[name])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    rates = found["rates"]
    even = len(rates) == len(found["losses"]) == len(found["smoothed"])
    return found if even and rates and min(rates) > 0.0 else None


def finder_picture(finder: Mapping[str, Any]) -> bytes:
    """A sweep of the learning rate. rates, losses: of each batch; smoothed: the losses' moving
    average; suggestion, used: rates to mark, None for none."""
    with drawing(7.0, 3.8) as figure:
        axes = figure.subplots()
        rates, losses = finder["rates"], finder["losses"]
        axes.semilogx(rates, losses, ".", color=SOFT, label="loss of a batch")
        axes.semilogx(rates, finder["smoothed"], color=BLUE, label="moving average")
        for name, told, colour, dashes in (
            ("suggestion", "suggested", ORANGE, "-"),
            ("used", "highest rate used", INK, "--"),
        ):
            if finder[name] is not None:
                text = f"{told}: {finder[name]:.2g}"
                axes.axvline(finder[name], color=colour, linestyle=dashes, label=text)
        plain_numbers(axes.xaxis)
        # A loss that has run away, as it may at the end, hides where it fell before.
        ordered = sorted(losses)
        low, high = ordered[0], ordered[(len(ordered) - 1) * 9 // 10]
        margin = 0.15 * (high - low) + 0.01
        axes.set_ylim(low - margin, high + margin)
        axes.set(xlabel="learning rate", ylabel="loss (nats)", title="Learning-rate finder")
        grid(axes)
        figure.legend(loc="outside upper center", ncols=4)
        return png(figure)
