"""What all pictures share: fonts, colours that colour-blind people tell apart, resolution.

Only matplotlib's object-oriented interface is used, with the Agg canvas: no window, no display, no
state that another part of the program would meet.
"""

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

DPI = 150
INK, FAINT, GRID = "#20252b", "#d5d9df", "#e6e8ec"
SOFT = "#8a919b"
BLUE, ORANGE, GREEN, PINK = "#0072b2", "#d55e00", "#009e73", "#cc79a7"
COLOURS = (ORANGE, BLUE, GREEN, PINK, "#e69f00", "#56b4e9", "#7a5195", "#8c6d31")
"""Okabe and Ito's palette (2008) and two more, in an order in which neighbours differ most."""

_SETTINGS: dict[Any, Any] = {
    "font.family": ["DejaVu Sans"],  # comes with matplotlib: the same everywhere
    "font.size": 9.5,
    "axes.titlesize": 10.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.edgecolor": SOFT,
    "axes.linewidth": 0.8,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "lines.linewidth": 1.6,
    "text.color": INK,
    "text.parse_math": False,  # a folder's name may hold a dollar sign
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
}


@contextmanager
def drawing(width: float, height: float) -> Iterator[Figure]:
    """A new figure, sizes in inches, drawn in the common style; settings hold inside only."""
    with mpl.rc_context(_SETTINGS):
        figure = Figure(figsize=(width, height), dpi=DPI, facecolor="white")
        figure.set_layout_engine("constrained", w_pad=0.09, h_pad=0.07)
        yield figure


def png(figure: Figure) -> bytes:
    """The figure as a PNG file, the same bytes for the same picture."""
    out = io.BytesIO()
    with warnings.catch_warnings():
        # A word in a script the font lacks is drawn as boxes, which says it well enough.
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        # Straight from the canvas, which has no types: savefig draws everything twice.
        canvas: Any = FigureCanvasAgg(figure)
        canvas.print_png(out, metadata={"Software": None})
    return out.getvalue()


def per_cent(axis: Axis, *, minor: bool = False) -> None:
    """Label an axis of shares, 0..1, in per cent."""
    shown = FuncFormatter(lambda value, _place: f"{100.0 * value:.3g} %")
    (axis.set_minor_formatter if minor else axis.set_major_formatter)(shown)


def plain_numbers(axis: Axis) -> None:
    """Label an axis with numbers as they are written in a recipe: 0.01, 1e-05."""
    axis.set_major_formatter(FuncFormatter(lambda value, _place: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())


def grid(axes: Axes, axis: Literal["both", "x", "y"] = "both") -> None:
    """Faint lines behind what is drawn."""
    axes.grid(visible=True, axis=axis)
