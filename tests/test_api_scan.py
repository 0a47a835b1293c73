"""`kwspot.scan` takes paths, sources and samples in memory."""

import numpy as np
import pytest

import kwspot
from kwspot.resources import sample_recording
from words import sample


def test_samples_in_memory_are_heard_as_their_file_is() -> None:
    spotter = kwspot.Spotter(compute="cpu")
    expected = list(kwspot.scan(sample_recording(), spotter))
    assert len(expected) > 5
    for samples in (sample(), (sample() * 32_768).astype(np.int16)):
        found = list(kwspot.scan(samples, spotter, sample_rate_hz=16_000))
        assert [(one.label, one.start, one.end) for one in found] == [
            (one.label, one.start, one.end) for one in expected
        ]


@pytest.mark.parametrize(
    ("given", "rate_hz", "says"),
    [
        (np.zeros(16_000, np.float32), None, "give sample_rate_hz"),
        (np.zeros(16_000, np.complex64), 16_000, "floats in"),
        ([0.0, 0.1], None, "a path, a NumPy array"),
        (None, None, "not NoneType"),
        ("talk.wav", 16_000, "have their own"),
    ],
)
def test_what_cannot_be_scanned_is_told(given: object, rate_hz: int | None, says: str) -> None:
    spotter = kwspot.Spotter(compute="cpu")
    with pytest.raises(kwspot.AudioError, match=says):
        list(kwspot.scan(given, spotter, sample_rate_hz=rate_hz))  # type: ignore[arg-type]
