"""The public Python API: `listen` and `scan`, as generators of detections."""

import os
from collections.abc import Iterator

from kwspot.audio.files import FileSource
from kwspot.audio.gathered import gathered
from kwspot.audio.microphone import MicrophoneSource
from kwspot.audio.resample import at_16k
from kwspot.audio.source import Notice, Notify, Source, ignore_notice
from kwspot.spotting.detector import Detection
from kwspot.spotting.listener import Ended, Listener
from kwspot.spotting.spotter import STRETCH_SAMPLES, Spotter


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
    recording: str | os.PathLike[str] | Source,
    spotter: Spotter,
    *,
    notify: Notify = ignore_notice,
) -> Iterator[Detection]:
    """Words of a recording, in order: a path, or any source (`ArraySource`, say).

    Memory is bounded however long it is. Positions are samples at 16 kHz since its start.
    notify: hears of damage that was read around. Raises AudioError for what cannot be read.
    """
    if isinstance(recording, str | os.PathLike):
        recording = FileSource(recording, notify)
    with at_16k(recording) as source:
        stream = spotter.detections()
        # What has no length, a pipe say, is to be heard as it comes.
        ends = isinstance(recording, FileSource) and recording.total_samples is not None
        for chunk in gathered(source, STRETCH_SAMPLES if ends else 0):
            yield from stream.push(chunk)
        yield from stream.finish()
