"""kwspot hears words: a real-time keyword spotter.

    import kwspot

    spotter = kwspot.Spotter()
    for detection in kwspot.scan("talk.flac", spotter):
        print(detection.label, detection.score, detection.start / kwspot.SAMPLE_RATE_HZ)

Names are loaded when they are first used, so that `import kwspot` is instant.
"""

import os.path
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kwspot.api import listen, scan
    from kwspot.audio.files import ArraySource, FileSource
    from kwspot.audio.microphone import MicrophoneSource
    from kwspot.audio.source import SAMPLE_RATE_HZ, Chunk, Notice, Source
    from kwspot.errors import AudioError, DeviceError, KwspotError, ModelError, OptionError
    from kwspot.spotting.detection import Detection
    from kwspot.spotting.listener import Listener
    from kwspot.spotting.spotter import Spotter
    from kwspot.spotting.stretch import Update

_HOMES = {
    "listen": "kwspot.api",
    "scan": "kwspot.api",
    "ArraySource": "kwspot.audio.files",
    "FileSource": "kwspot.audio.files",
    "MicrophoneSource": "kwspot.audio.microphone",
    "SAMPLE_RATE_HZ": "kwspot.audio.source",
    "Chunk": "kwspot.audio.source",
    "Notice": "kwspot.audio.source",
    "Source": "kwspot.audio.source",
    "AudioError": "kwspot.errors",
    "DeviceError": "kwspot.errors",
    "KwspotError": "kwspot.errors",
    "ModelError": "kwspot.errors",
    "OptionError": "kwspot.errors",
    "Detection": "kwspot.spotting.detection",
    "Listener": "kwspot.spotting.listener",
    "Spotter": "kwspot.spotting.spotter",
    "Update": "kwspot.spotting.stretch",
}

__all__ = [  # noqa: PLE0604, RUF100 -- spelt out for static tools
    "SAMPLE_RATE_HZ",
    "ArraySource",
    "AudioError",
    "Chunk",
    "Detection",
    "DeviceError",
    "FileSource",
    "KwspotError",
    "Listener",
    "MicrophoneSource",
    "ModelError",
    "Notice",
    "OptionError",
    "Source",
    "Spotter",
    "Update",
    "listen",
    "scan",
]


_HERE = os.path.dirname(__file__)  # noqa: PTH120 -- pathlib would cost half of the start-up
if not os.path.isdir(os.path.join(_HERE, "assets")):  # noqa: PTH112, PTH118
    # In a checkout `train` and `assets` lie beside this folder instead of in it.
    __path__.append(os.path.dirname(_HERE))  # noqa: PTH120


def __getattr__(name: str) -> Any:
    """Load a public name from its home."""
    if name not in _HOMES:
        raise AttributeError(f"module 'kwspot' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """The public names."""
    return __all__
