"""The detection error tradeoff: misses against false alarms an hour."""

from collections.abc import Mapping, Sequence
from typing import Any

from .style import COLOURS, FAINT, INK, drawing, grid, per_cent, png

MARKS = ("o", "s", "^", "D", "v", "P")


def det_picture(points: Sequence[Mapping[str, Any]], usual: float, hours: float) -> bytes:
    """A curve for each stream. points: as `stream_facts.det` gives them; usual: the rate to mark;
    hours: of sound without words that the rates come from."""
    names = list(points[0]["missed"])
    rates = [point["false_per_hour"] for point in points]
    with drawing(7.2, 4.4) as figure:
        axes = figure.subplots()
        known = 1.0 / hours
        axes.axvspan(1e-3, max(known, rates[0]), color=FAINT, alpha=0.45, linewidth=0)
        axes.axvline(usual, color=INK, linewidth=0.8, linestyle=(0, (4, 3)))
        highest = 0.0
        for place, name in enumerate(names):
            missed = [point["missed"][name] for point in points]
            highest = max(highest, *missed)
            axes.plot(
                rates,
                missed,
                color=COLOURS[place % len(COLOURS)],
                marker=MARKS[place % len(MARKS)],
                markevery=4,
                markersize=4.5,
                label=name,
            )
        axes.set_xscale("log")
        axes.set_xlim(min(rates[0], 0.9 * usual), rates[-1])
        axes.set_ylim(0.0, min(1.0, 1.08 * max(highest, 0.02)))
        ticks = [tick for tick in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50) if tick <= rates[-1]]
        axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        axes.minorticks_off()
        per_cent(axes.yaxis)
        axes.set_xlabel(
            "false alarms an hour, all words together; grey: rarer than once in the "
            f"{hours:.1f} h heard, extrapolated"
        )
        axes.set_ylabel("words missed")
        axes.annotate(
            f"usual: {usual:g} an hour", (usual, axes.get_ylim()[1]), xytext=(4, -10),
            textcoords="offset points", fontsize=8.5,
        )  # fmt: skip
        grid(axes)
        axes.legend(loc="upper right", title="stream")
        return png(figure)
