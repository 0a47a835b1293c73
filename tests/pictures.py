"""Looking at the pictures that commands write."""

import io

import matplotlib.image
import numpy as np

PNG = b"\x89PNG\r\n\x1a\n"


def assert_picture(data: bytes, least: tuple[int, int] = (400, 250)) -> None:
    """A whole PNG of a sensible size on which something is drawn."""
    assert data.startswith(PNG)
    pixels = matplotlib.image.imread(io.BytesIO(data), format="png")
    height, width = pixels.shape[:2]
    assert least[0] <= width <= 4000
    assert least[1] <= height <= 4000
    brightness = pixels[::4, ::4, :3] @ np.array([3.0, 5.0, 7.0])
    assert len(np.unique(brightness.round(3))) > 20
