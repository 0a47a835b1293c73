"""Colours of decibels: perceptually uniform maps, 17 supports each, linear between them.

Taken from matplotlib's viridis, magma and cividis (public domain) and a plain grey.
"""

import numpy as np
from numpy.typing import NDArray

_SUPPORTS = {
    "viridis": (
        "44015448186a472d7b4240863b528b33638d2c728e26828e21918c"
        "1fa08828ae803fbc735ec96284d44baddc30d8e219fde725"
    ),
    "magma": (
        "0000040a08221d114736106b51127c6a1c818326819c2e7fb73779"
        "d0416fe75263f56b5cfc8961fea772fec488fde2a3fcfdbf"
    ),
    "cividis": (
        "00224e002e6a1a386f32436d434e6c535a6d61656f6f70737d7c78"
        "8c88789b9476aba072bcae6ccdbb63dec958f0d846fee838"
    ),
    "grey": (
        "000000101010202020303030404040505050606060707070808080"
        "909090a0a0a0b0b0b0c0c0c0d0d0d0e0e0e0f0f0f0ffffff"
    ),
}
NAMES = tuple(_SUPPORTS)


def colour_map(name: str) -> NDArray[np.uint32]:
    """256 colours as 0xffRRGGBB, uint32 (256,); viridis where the name is not known."""
    supports = np.frombuffer(bytes.fromhex(_SUPPORTS.get(name, _SUPPORTS["viridis"])), np.uint8)
    supports = supports.reshape(-1, 3)
    places = np.linspace(0.0, len(supports) - 1.0, 256)
    channels = [
        np.interp(places, np.arange(len(supports)), supports[:, channel]).round().astype(np.uint32)
        for channel in range(3)
    ]
    red, green, blue = channels
    colours = np.uint32(0xFF000000) | red << 16 | green << 8 | blue
    return colours.astype(np.uint32)
