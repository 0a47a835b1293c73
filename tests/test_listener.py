"""The analysis thread: bounded whatever its reader does, over when it is told, errors not lost."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from types import TracebackType
from typing import Self

import numpy as np
import psutil
import pytest
import torch

from kwspot.audio.files import ArraySource
from kwspot.audio.source import Chunk, Notice, Notify
from kwspot.errors import DeviceError
from kwspot.spotting.detection import Detection
from kwspot.spotting.listener import Ended, Event, Listener
from kwspot.spotting.mailbox import Mailbox
from kwspot.spotting.spotter import Spotter
from words import said, sample


@pytest.fixture(scope="module")
def spotter() -> Spotter:
    torch.set_num_threads(1)
    return Spotter(compute="cpu")


class Endless:
    """The sample over and over, as fast as it is read, until it is stopped."""

    name = "endless"
    sample_rate_hz = 16_000
    lost_samples = 0

    def __init__(self, notify: Notify, limit: int | None = None) -> None:
        self._samples, self._start, self._limit = sample(), 0, limit
        self.stopped = threading.Event()
        self.left = threading.Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.left.set()

    def read(self) -> Chunk | None:
        if self.stopped.is_set() or (self._limit and self._start >= self._limit):
            return None
        chunk = Chunk(self._start, self._samples)
        self._start = chunk.end
        return chunk

    def stop(self) -> None:
        self.stopped.set()


def events(listener: Listener) -> Iterator[Event]:
    while True:
        for event in listener.events.drain(1.0):
            yield event
            if isinstance(event, Ended):
                return


def test_it_listens_hears_and_ends(spotter: Spotter) -> None:
    with Listener(spotter, lambda _: ArraySource(sample(), 16_000)) as listener:
        found = list(events(listener))
    assert isinstance(found[0], Notice)
    assert found[0].state == "listening"
    assert found[-1] == Ended(None)
    labels = [event.label for event in found if isinstance(event, Detection)]
    assert labels == [word.word for word in said()]
    assert listener.heard_samples == len(sample())


def test_a_limit_ends_it_to_the_sample(spotter: Spotter) -> None:
    taped: list[Chunk] = []
    open_source = lambda _: ArraySource(sample(), 16_000, chunk_samples=999)  # noqa: E731
    with Listener(spotter, open_source, tap=taped.append, limit_samples=30_000) as listener:
        list(events(listener))
    np.testing.assert_array_equal(
        np.concatenate([chunk.samples for chunk in taped]), sample()[:30_000]
    )


def test_a_reader_that_is_away_costs_no_memory_and_loses_only_the_oldest(
    spotter: Spotter,
) -> None:
    process = psutil.Process()
    with Listener(spotter, lambda notify: Endless(notify, limit=16_000 * 60)) as listener:
        while listener.heard_samples < 16_000 * 40:
            time.sleep(0.01)
    before = process.memory_info().rss
    # Half an hour, nobody reading.
    with Listener(spotter, lambda notify: Endless(notify, limit=16_000 * 1800)) as listener:
        while listener.heard_samples < 16_000 * 1800:
            time.sleep(0.02)
            assert listener._thread.is_alive() or listener.heard_samples >= 16_000 * 1800
        listener._thread.join(5.0)
        assert listener.updates.dropped > 30_000
        newest = listener.updates.drain()[-1]
        assert newest.end > 16_000 * 1800
    assert process.memory_info().rss - before < 60e6


def test_it_wakes_when_a_window_is_complete_and_not_before(spotter: Spotter) -> None:
    """What is asked for is what the next window lacks: a source of this kind never sends less."""

    class Exact(Endless):
        wanted = 1

        def want(self, samples: int) -> None:
            self.wanted = samples

        def read(self) -> Chunk | None:
            if self._start >= 16_000 * 5:
                return None
            chunk = Chunk(self._start, self._samples[self._start : self._start + self.wanted])
            self._start = chunk.end
            return chunk

    lengths: list[int] = []
    with Listener(
        spotter, Exact, tap=lambda chunk: lengths.append(len(chunk.samples)), updates_kept=1000
    ) as listener:
        list(events(listener))
    assert lengths[0] == 1
    assert set(lengths[2:-1]) == {800}
    before = [update.end for update in listener.updates.drain()]
    with Listener(spotter, lambda _: ArraySource(sample()[:80_000], 16_000)) as listener:
        list(events(listener))
    assert before[-200:] == [update.end for update in listener.updates.drain()][-200:]


def test_the_level_is_that_since_it_was_last_asked(spotter: Spotter) -> None:
    samples = np.full(8_000, 0.25, np.float32)
    samples[2_000] = -0.5
    with Listener(spotter, lambda _: ArraySource(samples, 16_000)) as listener:
        list(events(listener))
        assert listener.take_peak() == 0.5
        assert listener.take_peak() == 0.0


def test_stopping_is_quick(spotter: Spotter) -> None:
    source = Endless(lambda notice: None)
    with Listener(spotter, lambda _: source) as listener:
        while not listener.heard_samples:
            time.sleep(0.01)
        began = time.monotonic()
    assert time.monotonic() - began < 1.0
    assert source.left.is_set()
    assert not listener._thread.is_alive()


def test_an_error_in_the_thread_reaches_the_reader(spotter: Spotter) -> None:
    class Broken(Endless):
        def __enter__(self) -> Self:
            raise DeviceError("the device is busy; close what uses it")

    with Listener(spotter, Broken) as listener:
        [last] = list(events(listener))
    assert isinstance(last, Ended)
    assert isinstance(last.error, DeviceError)


def test_a_mailbox_keeps_the_newest_and_counts() -> None:
    box: Mailbox[int] = Mailbox(3)
    for number in range(5):
        box.put(number)
    assert box.dropped == 2
    assert box.drain() == [2, 3, 4]
    assert box.drain() == []


def test_a_wait_for_a_mailbox_can_be_ended_by_a_signal() -> None:
    box: Mailbox[int] = Mailbox(3)
    before = signal.signal(signal.SIGTERM, lambda *_: box.wake())
    try:
        threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGTERM)).start()
        began = time.monotonic()
        assert box.drain(5.0) == []
        assert time.monotonic() - began < 2.0
    finally:
        signal.signal(signal.SIGTERM, before)


def test_a_mailbox_wakes_its_reader() -> None:
    box: Mailbox[int] = Mailbox(3)
    threading.Timer(0.05, box.put, (1,)).start()
    began = time.monotonic()
    assert box.drain(5.0) == [1]
    assert time.monotonic() - began < 2.0
