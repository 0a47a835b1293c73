"""The spectrogram as pixels: a ring of pixel columns, each computed once while time goes on."""

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from kwspot.audio.source import SAMPLE_RATE_HZ

from .colour_maps import colour_map
from .timeline import FLOOR_DB, FRAME_SAMPLES, STEP_DB

LOWEST_HZ = 60.0
"""The bottom of the logarithmic axis."""
TOP_HZ = SAMPLE_RATE_HZ / 2


@dataclass(frozen=True, slots=True)
class Look:
    """How the picture is drawn: everything that makes all its pixels change.

    width, height: device pixels; px_samples: time of a pixel column; logarithmic: the frequency
    axis; colours: a name of `colour_maps`; low_db, high_db: the ends of the colour scale.
    """

    width: int = 1
    height: int = 1
    px_samples: float = 160.0
    logarithmic: bool = False
    colours: str = "viridis"
    low_db: float = -90.0
    high_db: float = 0.0

    def frequency(self, place: float) -> float:
        """Hertz at a place from the bottom (0) to the top (1)."""
        if self.logarithmic:
            return float(LOWEST_HZ * (TOP_HZ / LOWEST_HZ) ** place)
        return place * TOP_HZ

    def place(self, frequency_hz: float) -> float:
        """Where a frequency lies, 0..1 from the bottom."""
        if self.logarithmic:
            floor = max(frequency_hz, LOWEST_HZ)
            return math.log(floor / LOWEST_HZ) / math.log(TOP_HZ / LOWEST_HZ)
        return frequency_hz / TOP_HZ


WEIGHT_STEPS, CODE_STEPS = 4096, 16
"""Parts of 1 in which rows weigh bins, and between codes: so few that a row's sum, 255 at most, is
exact in float32 in whatever order a processor adds. So pixels do not depend on what is computed at
the same time."""


def row_weights(look: Look, bins: int) -> NDArray[np.float32]:
    """How bins make rows, float32 (bins, height), each column sums to 1, row 0 on top.

    Triangles that reach at least to the neighbouring bins: interpolation where a bin is higher
    than a row, a mean where rows are higher. In whole `WEIGHT_STEPS`, what is left going to the
    largest.
    """
    edges = np.array([look.frequency(1.0 - row / look.height) for row in range(look.height + 1)])
    edges *= (bins - 1) / TOP_HZ
    centres = (edges[:-1] + edges[1:]) / 2
    reach = np.maximum(1.0, edges[:-1] - edges[1:])
    distance = np.abs(np.arange(bins)[:, None] - centres[None, :])
    weights = np.maximum(0.0, 1.0 - distance / reach[None, :])
    whole = np.round(weights / weights.sum(axis=0) * WEIGHT_STEPS)
    whole[whole.argmax(axis=0), np.arange(look.height)] += WEIGHT_STEPS - whole.sum(axis=0)
    shares: NDArray[np.float32] = (whole / WEIGHT_STEPS).astype(np.float32)
    return shares


class Columns(Protocol):
    """What has columns of codes: a timeline, or a piece of one."""

    @property
    def bins(self) -> int:
        """Frequencies of a column."""

    def columns(self, first: int, end: int) -> NDArray[np.uint8]:
        """Codes (end - first, bins) of frames; 0 for what is not there."""


class Picture:
    """Draws columns of a timeline into a ring image; only what is new is computed."""

    def __init__(self) -> None:
        self.look = Look()
        self._timeline: Columns | None = None
        self._first = self._end = 0
        self._prepare()

    def _prepare(self) -> None:
        look = self.look
        self._colours = colour_map(look.colours)
        self._pixels: NDArray[np.uint32] = np.full(
            (look.height, look.width), self._colours[0], np.uint32
        )
        self._image = QImage(
            self._pixels.data.cast("B"),
            look.width,
            look.height,
            4 * look.width,
            QImage.Format.Format_RGB32,
        )
        self._weights: NDArray[np.float32] | None = None
        self._first = self._end = 0

    def set_look(self, look: Look) -> None:
        """Draw otherwise from now on."""
        if look != self.look:
            self.look = look
            self._prepare()

    def show(self, timeline: Columns) -> None:
        """Draw another timeline."""
        self._timeline = timeline
        self._first = self._end = 0

    def pieces(self, right_px: int) -> list[tuple[int, QImage, int, int]]:
        """What to draw so that pixel column `right_px` - 1 of time is the last one.

        Each piece: where it goes, the image, which column of it is first, and how many columns.
        """
        width = self.look.width
        left_px = right_px - width
        if left_px < self._first or left_px > self._end or right_px < self._end - width:
            self._first = self._end = left_px
        if right_px > self._end:
            self._render(self._end, right_px)
            self._end = right_px
            self._first = max(self._first, right_px - width)
        split = width - left_px % width
        return [
            (x, self._image, first, count)
            for x, first, count in ((0, left_px % width, split), (split, 0, width - split))
            if count
        ]

    def scale_image(self) -> QImage:
        """The colours from high (top) to low, one pixel wide."""
        self._scale: NDArray[np.uint32] = np.ascontiguousarray(self._colours[::-1].reshape(-1, 1))
        return QImage(self._scale.data.cast("B"), 1, 256, 4, QImage.Format.Format_RGB32)

    def _render(self, first: int, end: int) -> None:
        if self._timeline is None:
            return
        if self._weights is None:
            self._weights = row_weights(self.look, self._timeline.bins)
        for start in range(first, end, 512):  # in pieces that stay in the cache
            stop = min(start + 512, end)
            colours = self._colours[self._levels(start, stop)]
            self._pixels[:, np.arange(start, stop) % self.look.width] = colours.T

    def _levels(self, first: int, end: int) -> NDArray[np.intp]:
        """Colour numbers of pixel columns, (end - first, height)."""
        look = self.look
        codes = self._codes(first, end)
        assert self._weights is not None
        low = (look.low_db - FLOOR_DB) / STEP_DB + 1.0
        scale = 255.0 * STEP_DB / max(1.0, look.high_db - look.low_db)
        levels: NDArray[np.intp] = np.clip(
            (codes @ self._weights - low) * scale, 0.0, 255.0
        ).astype(np.intp)
        return levels

    def _codes(self, first: int, end: int) -> NDArray[np.float32]:
        """Codes of pixel columns, float32 (end - first, bins)."""
        assert self._timeline is not None
        frames_per_px = self.look.px_samples / FRAME_SAMPLES
        if frames_per_px <= 1.5:
            centres = (np.arange(first, end) + 0.5) * frames_per_px
            base = np.floor(centres).astype(np.int64)
            there = self._timeline.columns(int(base[0]), int(base[-1]) + 2).astype(np.float32)
            part = np.round((centres - base)[:, None] * CODE_STEPS).astype(np.float32) / CODE_STEPS
            lower, upper = there[base - base[0]], there[base - base[0] + 1]
            # Nothing fades into what is not there.
            upper = np.where(upper == 0.0, lower, upper)
            between: NDArray[np.float32] = lower + part * (upper - lower)
            return between
        starts = np.floor(np.arange(first, end + 1) * frames_per_px).astype(np.int64)
        there = self._timeline.columns(int(starts[0]), int(starts[-1])).astype(np.float32)
        highest: NDArray[np.float32] = np.maximum.reduceat(there, starts[:-1] - starts[0], axis=0)
        return highest
