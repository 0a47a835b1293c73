"""Playing a short clip through the loudspeaker."""

import numpy as np
import soxr
from numpy.typing import NDArray

from kwspot.audio.devices import start_portaudio
from kwspot.audio.quiet import quiet
from kwspot.audio.source import SAMPLE_RATE_HZ
from kwspot.errors import DeviceError

_TAIL_S = 0.15
"""Silence after the clip, so that devices which stop early lose nothing of it."""


def play(samples: NDArray[np.float32]) -> None:
    """Play float32 (n,) at 16 kHz through the default output; returns when it is over.

    Raises DeviceError where there is no output, or it cannot be opened.
    """
    system = start_portaudio()
    rate_hz = SAMPLE_RATE_HZ
    # Looking for new devices would end the stream: it counts like those of microphones.
    with system.lock:
        system.open_streams += 1
    try:
        with quiet():
            try:
                system.api.check_output_settings(
                    channels=1, dtype="float32", samplerate=SAMPLE_RATE_HZ
                )
            except (system.api.PortAudioError, ValueError):
                info = system.api.query_devices(kind="output")
                rate_hz = round(info["default_samplerate"])
            wave = samples
            if rate_hz != SAMPLE_RATE_HZ:
                wave = soxr.resample(samples, SAMPLE_RATE_HZ, rate_hz)
            wave = np.pad(np.clip(wave, -1.0, 1.0), (0, round(_TAIL_S * rate_hz)))
            stream = system.api.OutputStream(samplerate=rate_hz, channels=1, dtype="float32")
            with stream:
                stream.write(np.ascontiguousarray(wave.reshape(-1, 1), dtype=np.float32))
    except (system.api.PortAudioError, ValueError) as error:
        raise DeviceError(
            f"the clip cannot be played ({error}); connect a loudspeaker, or save it as a WAV"
        ) from error
    finally:
        with system.lock:
            system.open_streams -= 1
