"""The ring: nothing is invented, nothing is torn, and whatever is lost is counted."""

import sys
import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwspot.audio.ring import Block, Ring


def numbered(start: int, count: int, channels: int = 1) -> np.ndarray:
    """Frames that hold their own position (exact in float32 up to 2^24)."""
    return np.repeat(np.arange(start, start + count, dtype=np.float32)[:, None], channels, axis=1)


def drain(ring: Ring) -> list[Block]:
    blocks = []
    while (block := ring.read()) is not None:
        blocks.append(block)
    return blocks


def test_what_goes_in_comes_out_once() -> None:
    ring = Ring(10, 2)
    ring.write(numbered(0, 3, 2))
    ring.write(numbered(3, 4, 2))
    (block,) = drain(ring)
    assert block.start == 0
    np.testing.assert_array_equal(block.frames, numbered(0, 7, 2))
    assert ring.read() is None
    ring.write(numbered(7, 6, 2))  # wraps around
    (block,) = drain(ring)
    assert block.start == 7
    np.testing.assert_array_equal(block.frames, numbered(7, 6, 2))
    assert ring.lost_frames == 0


def test_the_reader_owns_what_it_read() -> None:
    ring = Ring(4, 1)
    ring.write(numbered(0, 4))
    block = ring.read()
    ring.write(numbered(4, 4))
    assert block is not None
    np.testing.assert_array_equal(block.frames, numbered(0, 4))


@settings(max_examples=200, deadline=None)
@given(
    capacity=st.integers(1, 40),
    steps=st.lists(
        st.tuples(st.integers(0, 60), st.sampled_from([0, 0, 0, 1, 7]), st.booleans()), max_size=60
    ),
)
def test_positions_are_true_and_losses_add_up(
    capacity: int, steps: list[tuple[int, int, bool]]
) -> None:
    """Frames hold their position, so a wrong place, a repeat or a hole that is not told shows."""
    ring = Ring(capacity, 1)
    position, kept, blocks = 0, 0, []
    for count, lost, reads in steps:
        position += lost
        ring.write(numbered(position, count), lost=lost)
        position += count
        if reads:
            blocks += drain(ring)
    blocks += drain(ring)
    assert ring.end == position
    end = 0
    for block in blocks:
        assert block.start >= end
        np.testing.assert_array_equal(block.frames, numbered(block.start, len(block.frames)))
        end = block.start + len(block.frames)
        kept += len(block.frames)
    if blocks:
        assert ring.lost_frames == end - kept
        assert end == position or steps[-1][0] == 0  # the newest frame is never the one dropped


def test_the_oldest_are_dropped_and_counted() -> None:
    ring = Ring(8, 1)
    ring.write(numbered(0, 5))
    ring.write(numbered(5, 5))
    ring.write(numbered(10, 5))
    (block,) = drain(ring)
    assert (block.start, len(block.frames)) == (7, 8)
    assert ring.lost_frames == 7


def test_reported_loss_is_a_jump_at_its_place() -> None:
    ring = Ring(100, 1)
    ring.write(numbered(0, 4))
    ring.write(numbered(9, 4), lost=5)
    ring.write(numbered(13, 4))
    first, second = drain(ring)
    assert (first.start, len(first.frames)) == (0, 4)
    assert (second.start, len(second.frames)) == (9, 8)
    assert ring.lost_frames == 5


def test_more_losses_than_it_can_remember_still_add_up() -> None:
    ring = Ring(100_000, 1)
    for number in range(5_000):
        ring.write(numbered(2 * number + 1, 1), lost=1)
    blocks = drain(ring)
    assert blocks
    for block in blocks:
        np.testing.assert_array_equal(block.frames, numbered(block.start, 1))
    assert blocks[-1].start == 9_999
    assert ring.lost_frames == 10_000 - len(blocks)


@pytest.fixture
def hasty_threads() -> Iterator[None]:
    """Threads that change places all the time, also in the middle of a read."""
    interval_s = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval_s)


@pytest.mark.usefixtures("hasty_threads")
def test_a_writer_that_laps_the_reader_never_tears_a_block() -> None:
    """The writer runs free against a tiny ring: most is lost, and what is read is whole."""
    ring = Ring(64, 2)
    total = 60_000
    done = threading.Event()

    def produce() -> None:
        for start in range(0, total, 20):
            ring.write(numbered(start, 20, 2))
        done.set()

    thread = threading.Thread(target=produce)
    thread.start()
    blocks: list[Block] = []
    while not done.is_set():
        blocks += drain(ring)
    thread.join()
    blocks += drain(ring)
    for block in blocks:
        np.testing.assert_array_equal(block.frames, numbered(block.start, len(block.frames), 2))
    assert ring.lost_frames + sum(len(block.frames) for block in blocks) == total


def test_frames_overwritten_while_they_are_copied_are_thrown_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The writer comes by just after the copy was begun, which no timing makes happen surely."""
    ring = Ring(16, 1)
    ring.write(numbered(0, 16))
    copy = ring._copy

    def interrupted(first: int, limit: int) -> np.ndarray:
        monkeypatch.setattr(ring, "_copy", copy)
        ring.write(numbered(16, 6))
        return copy(first, limit)  # its first six frames are now 16 ... 21

    monkeypatch.setattr(ring, "_copy", interrupted)
    first, second = drain(ring)
    np.testing.assert_array_equal(first.frames, numbered(6, 10))
    assert first.start == 6
    assert (second.start, len(second.frames)) == (16, 6)
    assert ring.lost_frames == 6


def test_wait_wakes_for_data_and_times_out_without() -> None:
    ring = Ring(10, 1)
    assert not ring.wait(0.01)
    timer = threading.Timer(0.05, ring.write, [numbered(0, 1)])
    timer.start()
    began = time.monotonic()
    assert ring.wait(5.0)
    assert time.monotonic() - began < 1.0
    timer.join()
    drain(ring)
    ring.wake()
    ring.wake()
    assert ring.wait(5.0)
    assert not ring.wait(0.01)


def test_a_reader_that_needs_more_is_left_asleep() -> None:
    ring = Ring(1000, 1)
    woken_at: list[int] = []

    def read() -> None:
        while len(woken_at) < 4 and ring.wait(5.0, 50):
            woken_at.append(ring.end)
            drain(ring)

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(20):
        time.sleep(0.01)
        ring.write(numbered(10 * number, 10))
    reader.join(10.0)
    assert woken_at == [50, 100, 150, 200]


def test_what_rang_before_does_not_count() -> None:
    ring = Ring(100, 1)
    ring.write(numbered(0, 1))
    drain(ring)
    ring.write(numbered(1, 1))
    assert not ring.wait(0.01, 2)
    ring.wake()
    assert ring.wait(5.0, 2)


def test_memory_stays_what_it_was() -> None:
    ring = Ring(1000, 1)
    buffer = ring._buffer
    for number in range(2000):
        ring.write(numbered(number, 160), lost=number % 2)
    assert ring._buffer is buffer
    assert ring._marks.nbytes < 20_000


@pytest.mark.parametrize("size", [(0, 1), (1, 0), (-1, 1)])
def test_an_empty_ring_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="holds nothing"):
        Ring(*size)
