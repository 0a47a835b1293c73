"""The alluvial plot: predictions on the left flow into targets on the right."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path as Outline
from numpy.typing import NDArray

from .style import COLOURS, FAINT, INK, drawing, png

RAREST = 1000
"""Pairs that make less than one in so many clips are hidden."""


@dataclass(frozen=True, slots=True)
class Flow:
    """How many clips of `target` were named `named`; places of labels."""

    named: int
    target: int
    clips: int


@dataclass(frozen=True, slots=True)
class Flows:
    """What is drawn, and what is not: hidden_pairs of hidden_clips clips together."""

    shown: tuple[Flow, ...]
    hidden_pairs: int
    hidden_clips: int


def flows(confusion: NDArray[np.int64]) -> Flows:
    """The pairs of a confusion matrix (rows: targets, columns: names) that are frequent enough."""
    total = int(confusion.sum())
    shown: list[Flow] = []
    hidden: list[Flow] = []
    for target, named in np.argwhere(confusion):
        clips = int(confusion[target, named])
        flow = Flow(int(named), int(target), clips)
        (shown if clips * RAREST >= total else hidden).append(flow)
    return Flows(tuple(shown), len(hidden), sum(flow.clips for flow in hidden))


def hidden_note(found: Flows) -> str:
    """What the plot does not show, in words."""
    if not found.hidden_pairs:
        return f"no pair is rarer than 1/{RAREST} of the clips: all are shown"
    pairs = "1 pair" if found.hidden_pairs == 1 else f"{found.hidden_pairs} pairs"
    clips = "1 clip" if found.hidden_clips == 1 else f"{found.hidden_clips} clips"
    return f"{pairs} rarer than 1/{RAREST} of the clips ({clips} together) hidden"


def alluvial_picture(found: Flows, labels: Sequence[str]) -> bytes:
    """Bands as high as their clips are many; errors in the colour of what was named."""
    total = sum(flow.clips for flow in found.shown)
    names = sorted({flow.named for flow in found.shown} | {flow.target for flow in found.shown})
    erring = sorted({flow.named for flow in found.shown if flow.named != flow.target})
    # High enough for the names of labels that hardly have a clip.
    gap = 0.6 * total / max(1, len(names))
    height = max(3.4, 0.45 * len(names) + 1.2)
    with drawing(7.6, height) as figure:
        axes = figure.subplots()
        left = _stack(found.shown, names, gap, by_target=False)
        right = _stack(found.shown, names, gap, by_target=True)
        wrong = sum(flow.clips for flow in found.shown if flow.named != flow.target)
        for flow in sorted(found.shown, key=lambda flow: flow.named != flow.target):
            error = flow.named != flow.target
            colour = COLOURS[erring.index(flow.named) % len(COLOURS)] if error else FAINT
            _band(axes, left[flow], right[flow], flow.clips, colour, error=error)
        _nodes(axes, found.shown, names, labels, gap)
        end = total + gap * (len(names) - 1)
        axes.set(xlim=(-0.3, 1.3), ylim=(end * 1.005, -0.005 * end))
        axes.axis("off")
        axes.set_title(
            f"shown: {total - wrong:,} right, {wrong:,} wrong", fontweight="normal", loc="center"
        )
        for place, text, side in ((0.0, "predicted", "right"), (1.0, "target", "left")):
            axes.text(
                place, 1.005, text, ha=side, va="bottom", weight="bold",
                transform=axes.get_xaxis_transform(),
            )  # fmt: skip
        figure.supxlabel(f"{hidden_note(found)}; grey: named rightly", fontsize=8.5)
        return png(figure)


def _stack(
    shown: Sequence[Flow], names: Sequence[int], gap: float, *, by_target: bool
) -> dict[Flow, float]:
    """Where each flow begins at its side: label under label, within one by the other side."""
    tops, at = {}, 0.0
    for name in names:
        own = [flow for flow in shown if (flow.target if by_target else flow.named) == name]
        own.sort(key=lambda flow: flow.named if by_target else flow.target)
        for flow in own:
            tops[flow] = at
            at += flow.clips
        at += gap
    return tops


def _band(axes: Axes, left: float, right: float, clips: int, colour: str, *, error: bool) -> None:
    curve = Outline.CURVE4
    points = [
        (0.0, left),
        (0.5, left), (0.5, right), (1.0, right),
        (1.0, right + clips),
        (0.5, right + clips), (0.5, left + clips), (0.0, left + clips),
    ]  # fmt: skip
    codes = [Outline.MOVETO, curve, curve, curve, Outline.LINETO, curve, curve, curve]
    patch = PathPatch(
        Outline(points, codes),
        facecolor=colour,
        # An edge, so that three clips of thousands are still a line.
        edgecolor=colour if error else "none",
        linewidth=0.9 if error else 0.0,
        alpha=0.85 if error else 0.75,
    )
    axes.add_patch(patch)


def _nodes(
    axes: Axes,
    shown: Sequence[Flow],
    names: Sequence[int],
    labels: Sequence[str],
    gap: float,
) -> None:
    for side in (0, 1):
        at = 0.0
        for name in names:
            clips = sum(f.clips for f in shown if (f.target if side else f.named) == name)
            if not clips:
                at += gap
                continue
            x = 1.0 if side else -0.025
            axes.add_patch(Rectangle((x, at), 0.025, clips, color=INK, linewidth=0))
            axes.text(
                1.04 if side else -0.04,
                at + clips / 2.0,
                f"{labels[name]}  {clips}" if side else f"{clips}  {labels[name]}",
                ha="left" if side else "right",
                va="center",
                fontsize=8.5,
            )
            at += clips + gap
