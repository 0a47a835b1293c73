"""The confusion matrix: what each label was named as."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm
from numpy.typing import NDArray

from .style import INK, drawing, per_cent, png

MOST_COUNTED = 40
"""Labels up to which the counts are printed: in more cells they would not be readable."""


def confusion_picture(confusion: NDArray[np.int64], labels: Sequence[str]) -> bytes:
    """Rows: what was said, columns: what was named. confusion: int (labels, labels), counts.

    Colours are shares of a row. Labels without a clip have no row, labels that neither have a
    clip nor were named have no column.
    """
    rows = np.flatnonzero(confusion.sum(axis=1)).tolist()
    columns = np.flatnonzero(confusion.sum(axis=0) + confusion.sum(axis=1)).tolist()
    counts = confusion[np.ix_(rows, columns)]
    shares = counts / counts.sum(axis=1, keepdims=True)
    cell = 0.36 if len(columns) <= 24 else 0.29
    width = max(4.2, cell * len(columns) + 2.3)
    with drawing(width, max(3.0, cell * len(rows) + 1.3)) as figure:
        axes = figure.subplots()
        # The errors are a few hundredths: an even scale would show them all as white.
        image = axes.imshow(
            shares, cmap="Blues", norm=PowerNorm(0.45, vmin=0.0, vmax=1.0), aspect="equal"
        )
        axes.set_xticks(range(len(columns)), [labels[place] for place in columns], rotation=90)
        totals = counts.sum(axis=1)
        names = [f"{labels[place]}  {total}" for place, total in zip(rows, totals, strict=True)]
        axes.set_yticks(range(len(rows)), names)
        axes.set(xlabel="named", ylabel="said, and how many clips")
        axes.tick_params(length=0)
        for edge in axes.spines.values():
            edge.set_visible(False)
        axes.set_xticks(np.arange(len(columns) + 1) - 0.5, minor=True)
        axes.set_yticks(np.arange(len(rows) + 1) - 0.5, minor=True)
        axes.grid(which="minor", color="white", linewidth=1.0)
        axes.tick_params(which="minor", length=0)
        if len(columns) <= MOST_COUNTED:
            _print_counts(axes, counts, shares, small=cell < 0.3)
        bar = figure.colorbar(image, ax=axes, shrink=0.6, aspect=28, pad=0.02)
        bar.set_ticks([0.0, 0.01, 0.05, 0.2, 0.5, 1.0])
        per_cent(bar.ax.yaxis)
        bar.set_label("share of the row")
        bar.outline.set_visible(False)
        return png(figure)


def _print_counts(
    axes: Axes, counts: NDArray[np.int64], shares: NDArray[np.float64], *, small: bool
) -> None:
    for row, column in np.argwhere(counts):
        count = int(counts[row, column])
        size = (6.0 if small else 7.5) * min(1.0, 3.2 / len(str(count)))
        colour = "white" if shares[row, column] > 0.25 else INK
        axes.text(column, row, str(count), ha="center", va="center", fontsize=size, color=colour)
