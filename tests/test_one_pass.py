"""One pass over the sound: posteriors are those of each one-second window pushed through alone."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from kwspot.audio.source import Chunk
from kwspot.spotting.features import as_channels, spectra
from kwspot.spotting.few_rows import FewRows, _product
from kwspot.spotting.folded import fold
from kwspot.spotting.spotter import Spotter
from kwspot.spotting.stretch import Update
from words import sample

SECOND = 16_000
SPOTTERS: dict[int, Spotter] = {}


def spotter_with(hop_ms: int) -> Spotter:
    torch.set_num_threads(1)
    if hop_ms not in SPOTTERS:
        SPOTTERS[hop_ms] = Spotter(compute="cpu", hop_ms=hop_ms)
    return SPOTTERS[hop_ms]


def sound(length: int, seed: int) -> NDArray[np.float32]:
    """Words and noise, beginning anywhere."""
    rng = np.random.default_rng(seed)
    words = np.roll(sample(), int(rng.integers(0, 300_000)))
    samples = np.resize(words, length) + rng.standard_normal(length) * 10 ** rng.uniform(-4, -1)
    return samples.astype(np.float32)


def alone(spotter: Spotter, samples: NDArray[np.float32], ends: list[int]) -> NDArray[np.float32]:
    """Posteriors of the windows that end there, each through the network as it was trained."""
    around = np.pad(samples, (2 * SECOND, 2 * SECOND))
    config = spotter.checkpoint.features
    before = config.span_samples + config.context_samples - 2 * SECOND
    after = config.context_samples + 2 * SECOND
    pieces = [around[end - before : end + after] for end in ends]
    columns = spectra(torch.from_numpy(np.stack(pieces)), config)
    assert columns.shape[2] == config.frames
    with torch.inference_mode():
        scores = spotter.checkpoint.build()(as_channels(columns)).softmax(dim=1)
    return np.asarray(scores.numpy())


def assert_alone(
    spotter: Spotter, samples: NDArray[np.float32], updates: list[Update], base: int
) -> None:
    """Some of the windows, the first and the last among them."""
    some = sorted({0, 1, len(updates) - 1, *range(5, len(updates), max(7, len(updates) // 12))})
    chosen = [updates[place] for place in some if place < len(updates)]
    expected = alone(spotter, samples, [update.end - base for update in chosen])
    got = np.stack([update.posteriors for update in chosen])
    np.testing.assert_allclose(got, expected, atol=1e-4)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    hop_ms=st.sampled_from([10, 20, 50, 100, 170, 250]),
    sizes=st.lists(st.integers(1, 40_000), min_size=1, max_size=12),
    gap=st.tuples(st.integers(0, 11), st.integers(1, 100_000)),
    seed=st.integers(0, 1000),
)
def test_hops_chunks_lengths_and_gaps_do_not_matter(
    hop_ms: int, sizes: list[int], gap: tuple[int, int], seed: int
) -> None:
    spotter = spotter_with(hop_ms)
    samples = sound(sum(sizes), seed)
    stream = spotter.stream()
    lost_at, lost = sum(sizes[: gap[0]]), gap[1]
    position = 0
    updates: list[Update] = []
    for size in sizes:
        start = position + (lost if position >= lost_at > 0 else 0)
        updates += stream.push(Chunk(start, samples[position : position + size]))
        position += size
    updates += stream.finish()
    if not 0 < lost_at < position:
        assert_alone(spotter, samples, updates, base=0)
        return
    ends = [update.end for update in updates]
    second = next(
        place for place in range(1, len(ends)) if ends[place] - ends[place - 1] != hop_ms * 16
    )
    assert_alone(spotter, samples[:lost_at], updates[:second], base=0)
    assert_alone(spotter, samples[lost_at:], updates[second:], base=lost_at + lost)


@pytest.mark.parametrize("chunk", [800, 160_000])
def test_it_does_not_drift(chunk: int) -> None:
    """What a running sum would carry along from a long loud past is not there."""
    spotter = spotter_with(50)
    loud = (sound(chunk * 12, 3) * 30).astype(np.float32)
    stream = spotter.stream()
    position = 0
    # Four minutes in long chunks, twenty seconds in short ones.
    for _ in range(24 if chunk > 800 else 400):
        first = position % (len(loud) - chunk + 1)
        stream.push(Chunk(position, loud[first : first + chunk]))
        position += chunk
    quiet = sound(3 * SECOND, 4)
    updates = stream.push(Chunk(position, quiet))
    inside = [update for update in updates if update.end - position >= SECOND + 240]
    assert len(inside) > 30
    assert_alone(spotter, quiet, inside, base=position)


def test_hours_from_now_a_window_is_still_the_same() -> None:
    """A stream that is ten hours old, by its count of samples, hears what a new one hears."""
    spotter = spotter_with(50)
    samples = sound(2 * SECOND, 5)
    base = 10 * 3600 * SECOND
    stream = spotter.stream()
    updates = stream.push(Chunk(base, samples)) + stream.finish()
    assert updates[-1].end > base
    assert_alone(spotter, samples, updates, base)


@pytest.mark.parametrize("rows", [5, 25])
def test_few_rows_are_as_good_as_many(rows: int) -> None:
    """With 25, products are cut into pieces."""
    spotter = spotter_with(50)
    folded = fold(spotter.checkpoint.build())
    few = FewRows(folded, pooled=51, hop=5)
    state = spotter.classifier.state()
    columns = torch.randn(257, 250, dtype=torch.complex64) * 0.1
    [together] = spotter.classifier.advance([(state, columns)])
    first = spotter.classifier.state()
    context, features = first.columns.numpy(), first.features.numpy()
    posteriors, evidence = [], []
    for part in columns.T.contiguous().split(rows):
        out = few.advance(context, features, part.numpy())
        posteriors.append(out[0])
        evidence.append(out[1])
        context, features = out[2:]
    np.testing.assert_allclose(np.concatenate(posteriors), together.posteriors, atol=1e-5)
    np.testing.assert_allclose(np.concatenate(evidence), together.evidence, atol=1e-5)
    np.testing.assert_allclose(context, state.columns.numpy(), atol=1e-4)


def test_detections_alone_are_those_of_the_updates() -> None:
    spotter = spotter_with(50)
    samples = sound(30 * SECOND, 0)
    updates, found = spotter.stream(), spotter.detections()
    told = [
        update.detection
        for update in [*updates.push(Chunk(0, samples)), *updates.finish()]
        if update.detection is not None
    ]
    alone_found = []
    for first in range(0, len(samples), 65_536):
        alone_found += found.push(Chunk(first, samples[first : first + 65_536]))
    alone_found += found.finish()
    assert len(told) >= 10
    assert [(d.label, d.start, d.end, d.decided) for d in alone_found] == [
        (d.label, d.start, d.end, d.decided) for d in told
    ]
    for one, other in zip(alone_found, told, strict=True):
        assert one.score == pytest.approx(other.score, abs=1e-4)


def test_a_product_of_any_width_is_the_same() -> None:
    rng = np.random.default_rng(2)
    rows = rng.standard_normal((7, 600), dtype=np.float32)
    matrix = rng.standard_normal((600, 700), dtype=np.float32)
    np.testing.assert_allclose(_product(rows, matrix), rows @ matrix, rtol=1e-4, atol=1e-3)
