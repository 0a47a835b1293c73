"""Resampling: the cuts of the source leave no trace, and positions stay true."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwspot.audio.files import ArraySource
from kwspot.audio.resample import Resampled, at_16k
from kwspot.audio.source import Chunk

RATES_HZ = (8_000, 11_025, 22_050, 32_000, 44_100, 48_000, 96_000, 16_001)


class Chunks:
    """A source of given chunks."""

    name = "chunks"

    def __init__(self, chunks: list[Chunk], sample_rate_hz: int) -> None:
        self._chunks = iter(chunks)
        self.sample_rate_hz = sample_rate_hz
        self.lost_samples = 0

    def __enter__(self) -> "Chunks":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def read(self) -> Chunk | None:
        return next(self._chunks, None)

    def stop(self) -> None:
        pass


def noise(count: int) -> np.ndarray:
    return np.random.default_rng(count).standard_normal(count).astype(np.float32)


def cut(samples: np.ndarray, cuts: list[int], start: int = 0) -> list[Chunk]:
    edges = [0, *sorted(at % (len(samples) + 1) for at in cuts), len(samples)]
    return [Chunk(start + begin, samples[begin:end]) for begin, end in pairwise(edges)]


def run(chunks: list[Chunk], rate_hz: int) -> list[Chunk]:
    """The resampled chunks, joined where they follow each other."""
    runs: list[list[Chunk]] = []
    with Resampled(Chunks(chunks, rate_hz)) as source:
        while (chunk := source.read()) is not None:
            if runs and runs[-1][-1].end == chunk.start:
                runs[-1].append(chunk)
            else:
                runs.append([chunk])
    return [Chunk(run[0].start, np.concatenate([c.samples for c in run])) for run in runs]


@settings(max_examples=60, deadline=None)
@given(
    rate_hz=st.sampled_from(RATES_HZ),
    count=st.integers(1, 9_000),
    cuts=st.lists(st.integers(0, 10_000), max_size=40),
)
def test_cuts_leave_no_trace(rate_hz: int, count: int, cuts: list[int]) -> None:
    samples = noise(count)
    whole = run(cut(samples, []), rate_hz)
    pieces = run(cut(samples, cuts), rate_hz)
    length = round(count * 16_000 / rate_hz)
    assert sum(len(chunk.samples) for chunk in whole) == length
    if length:
        assert [chunk.start for chunk in pieces] == [0]
        np.testing.assert_array_equal(pieces[0].samples, whole[0].samples)


@settings(max_examples=60, deadline=None)
@given(
    rate_hz=st.sampled_from(RATES_HZ),
    runs=st.lists(st.tuples(st.integers(1, 2_000), st.integers(1, 3_000)), min_size=1, max_size=5),
)
def test_a_gap_begins_a_new_run_at_its_own_place(rate_hz: int, runs: list[tuple[int, int]]) -> None:
    chunks, position, starts = [], 0, []
    for gap, count in runs:
        position += gap
        starts.append(round(position * 16_000 / rate_hz))
        chunks += cut(noise(count), [count // 3], position)
        position += count
    out = run(chunks, rate_hz)
    heard = [chunk.start for chunk in out]
    assert set(heard) <= set(starts)
    assert [chunk.end for chunk in out[:-1]] < heard[1:] or len(out) < 2
    assert out[-1].end <= round(position * 16_000 / rate_hz) if out else True
    # A run of ten or more new samples is always heard.
    long = [start for start, (_, count) in zip(starts, runs, strict=True) if count > 130]
    assert set(long) <= set(heard)


def test_no_run_hears_the_one_before_the_gap() -> None:
    loud, soft = np.ones(4_800, np.float32), np.zeros(4_800, np.float32)
    first, second = run([Chunk(0, loud), Chunk(4_801, soft)], 48_000)
    assert np.abs(first.samples).max() > 0.9
    assert first.end < second.start
    assert not second.samples.any()


@pytest.mark.parametrize("rate_hz", [8_000, 22_050, 44_100, 48_000])
def test_a_tone_keeps_its_place_and_its_height(rate_hz: int) -> None:
    """Against the tone itself at 16 kHz: a shift of a fifth of a sample would show."""
    tone = np.sin(2 * np.pi * 1_000 * np.arange(rate_hz) / rate_hz).astype(np.float32)
    (out,) = run(cut(tone, [7, 1_000, 1_001]), rate_hz)
    wanted = np.sin(2 * np.pi * 1_000 * np.arange(16_000) / 16_000)
    np.testing.assert_allclose(out.samples[500:-500], wanted[500:-500], atol=2e-3)


def test_what_lies_above_8_khz_does_not_come_back_as_something_else() -> None:
    tone = np.sin(2 * np.pi * 11_000 * np.arange(48_000) / 48_000).astype(np.float32)
    (out,) = run([Chunk(0, tone)], 48_000)
    assert np.abs(out.samples[500:-500]).max() < 1e-3


def test_a_source_at_16_khz_comes_through_untouched() -> None:
    samples = noise(1_000)
    with at_16k(ArraySource(samples, 16_000, chunk_samples=300)) as source:
        assert source.sample_rate_hz == 16_000
        chunks = []
        while (chunk := source.read()) is not None:
            chunks.append(chunk)
    assert [chunk.start for chunk in chunks] == [0, 300, 600, 900]
    np.testing.assert_array_equal(np.concatenate([chunk.samples for chunk in chunks]), samples)


def test_lost_samples_are_counted_at_the_new_rate() -> None:
    inner = Chunks([], 48_000)
    inner.lost_samples = 3_000
    assert Resampled(inner).lost_samples == 1_000


def test_stop_ends_it_after_what_was_heard() -> None:
    source = Resampled(ArraySource(noise(9_000), 48_000, chunk_samples=4_800))
    with source:
        source.read()
        source.stop()
        while source.read() is not None:
            pass
        assert source.read() is None
