"""The public Python API: `listen` and `scan`, as generators of detections."""

import os
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kwspot.audio.files import ArraySource, FileSource
from kwspot.audio.gathered import gathered
from kwspot.audio.microphone import MicrophoneSource
from kwspot.audio.resample import at_16k
from kwspot.audio.source import Notice, Notify, Source, ignore_notice
from kwspot.errors import AudioError
from kwspot.spotting.detection import Detection
from kwspot.spotting.listener import Ended, Listener
from kwspot.spotting.spotter import Spotter


def listen(
    spotter: Spotter, device: str | None = None, *, notify: Notify = ignore_notice
) -> Iterator[Detection]:
    """Words from a microphone, as they are said, until the caller stops iterating.

    device: part of a name, or NAME@HOSTAPI; the default microphone where None. notify: hears
    of lost and returning devices and of dropped audio. Positions are samples at 16 kHz since
    listening began. Raises DeviceError where there is no such microphone.
    """
    with Listener(spotter, lambda put: at_16k(MicrophoneSource(device, put))) as listener:
        while True:
            for event in listener.events.drain(1.0):
                match event:
                    case Detection():
                        yield event
                    case Ended(error=BaseException() as error):
                        raise error
                    case Ended():
                        return
                    case Notice():
                        notify(event)


def scan(
    recording: str | os.PathLike[str] | Source | NDArray[Any],
    spotter: Spotter,
    *,
    sample_rate_hz: int | None = None,
    notify: Notify = ignore_notice,
) -> Iterator[Detection]:
    """Words of a recording, in order: a path, samples in memory, or any source.

    sample_rate_hz: of samples in memory, which are as for an `ArraySource`. Memory is bounded
    however long it is. Positions are samples at 16 kHz since its start. notify: hears of damage
    that was read around. Raises AudioError for what cannot be read.
    """
    origin = _source(recording, sample_rate_hz, notify)
    with at_16k(origin) as source:
        stream = spotter.detections()
        # What has no length, a pipe say, is to be heard as it comes.
        ends = isinstance(origin, FileSource) and origin.total_samples is not None
        for chunk in gathered(source, spotter.stretch_samples if ends else 0):
            yield from stream.push(chunk)
        yield from stream.finish()


def _source(recording: Any, sample_rate_hz: int | None, notify: Notify) -> Source:
    """What `scan` was given, as a source."""
    if isinstance(recording, np.ndarray):
        if sample_rate_hz is None:
            raise AudioError("an array does not say its sample rate: give sample_rate_hz, too")
        return ArraySource(recording, sample_rate_hz)
    if sample_rate_hz is not None:
        raise AudioError("sample_rate_hz is for an array; files and sources have their own")
    if isinstance(recording, str | os.PathLike):
        return FileSource(recording, notify)
    if not all(hasattr(recording, name) for name in ("read", "stop")):
        kind = type(recording).__name__
        raise AudioError(
            f"scan takes a path, a NumPy array with its sample_rate_hz, or a source, not {kind}"
        )
    source: Source = recording
    return source
