"""Arrays as sources, and sources that go at a pace."""

import threading
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwspot.audio.files import ArraySource
from kwspot.audio.paced import Paced
from kwspot.errors import AudioError, OptionError
from sources import as_floats, read_all, sound


@settings(max_examples=40, deadline=None)
@given(count=st.integers(1, 3_000), size=st.integers(1, 4_000), channels=st.integers(1, 3))
def test_an_array_comes_in_chunks_of_any_size(count: int, size: int, channels: int) -> None:
    samples = sound(count, channels)
    floats = (samples / 2**15).astype(np.float32)
    for array in (samples, floats, floats.astype(np.float64)):
        heard = read_all(ArraySource(array, 8_000, chunk_samples=size))
        np.testing.assert_allclose(heard, as_floats(samples), atol=1e-7)


@pytest.mark.parametrize(
    ("array", "rate_hz", "says"),
    [
        (np.zeros(0, np.float32), 16_000, "shape"),
        (np.zeros((3, 3, 3), np.float32), 16_000, "shape"),
        (np.zeros(100, np.uint8), 16_000, "uint8"),
        (np.zeros(100, np.complex64), 16_000, "complex64"),
        (np.full(100, np.nan, np.float32), 16_000, r"sample at 0\.000 s is not a finite"),
        (np.zeros(100, np.float32), 0, "sample rate of 0 Hz"),
    ],
)
def test_a_bad_array_gets_one_line(array: np.ndarray, rate_hz: int, says: str) -> None:
    with pytest.raises(AudioError, match=says):
        read_all(ArraySource(array, rate_hz))


def test_a_pace_changes_no_sample() -> None:
    samples = sound(16_000)
    heard = read_all(Paced(ArraySource(samples, 16_000, chunk_samples=1_111), 50.0))
    np.testing.assert_array_equal(heard, as_floats(samples))


def test_nothing_comes_before_its_time_and_little_after() -> None:
    """What a microphone would have heard by now, give or take a piece, is what came."""
    speed = 4.0
    source = Paced(ArraySource(sound(32_000), 16_000), speed)
    with source:
        began_s = time.monotonic()
        late_s, count = [], 0
        while (chunk := source.read()) is not None:
            now = (time.monotonic() - began_s) * speed
            late_s.append(now - chunk.end / 16_000)
            count += 1
    assert min(late_s) > -0.001
    assert np.median(late_s) < 0.1
    assert count > 20


def test_a_reader_that_needs_more_is_woken_less_often() -> None:
    """Pieces come together, when the last of them has been heard, and no later."""
    source = Paced(ArraySource(sound(16_000), 16_000, chunk_samples=8_000), 2.0)
    source.want(900)
    lengths, late_s = [], []
    with source:
        began_s = time.monotonic()
        while (chunk := source.read()) is not None:
            late_s.append((time.monotonic() - began_s) - chunk.end / 32_000)
            lengths.append(len(chunk.samples))
    assert sum(lengths) == 16_000
    # Shorter only at the end of what the source itself delivers.
    assert all(length >= 960 for length in lengths[:8])
    assert len(lengths) <= 18
    assert min(late_s) > -0.001
    assert np.median(late_s) < 0.1


def test_a_late_reader_gets_all_that_is_due() -> None:
    with Paced(ArraySource(sound(32_000), 16_000), 1.0) as source:
        first = source.read()
        time.sleep(0.3)
        second = source.read()
    assert first is not None
    assert second is not None
    # One block, or some more where this machine was late itself.
    assert 0 < first.end < 4800
    assert second.start == first.end
    assert len(second.samples) >= 14 * 320


def test_stop_ends_a_wait_at_once() -> None:
    with Paced(ArraySource(sound(32_000), 16_000), 0.001) as source:
        timer = threading.Timer(0.05, source.stop)
        timer.start()
        began_s = time.monotonic()
        assert source.read() is None
        assert time.monotonic() - began_s < 1.0
        timer.join()


@pytest.mark.parametrize("speed", [0.0, -1.0, float("nan"), float("inf")])
def test_a_pace_must_go_forward(speed: float) -> None:
    with pytest.raises(OptionError, match="replay speed"):
        Paced(ArraySource(sound(10), 16_000), speed)
