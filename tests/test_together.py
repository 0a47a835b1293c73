"""What several threads ask a GPU for goes through the network as one batch, samples and all.

Run on the processor that is there: only where the network runs is another matter on a GPU.
"""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch

from kwspot.audio.source import Chunk
from kwspot.errors import OptionError
from kwspot.spotting.batch import GPU_JOBS, Batch, Finished, default_jobs
from kwspot.spotting.detection import Detection
from kwspot.spotting.features import framed_spectra
from kwspot.spotting.folded import Affine
from kwspot.spotting.many_rows import ManyRows
from kwspot.spotting.products import MANY_ROWS, Product
from kwspot.spotting.spotter import LONG_STRETCH_SAMPLES, Spotter
from kwspot.spotting.together import Together
from words import sample


@pytest.fixture
def as_on_a_gpu(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Spotter]:
    """Makes a spotter that does on the CPU what one does on a GPU."""

    def made() -> Spotter:
        with monkeypatch.context() as patch:
            patch.setattr("kwspot.spotting.classifier.TRANSFORMING", frozenset({"cpu"}))
            patch.setattr("kwspot.spotting.products._has_onednn", lambda _device: False)
            return Spotter(compute="cpu")

    return made


@pytest.fixture
def recordings(tmp_path: Path) -> list[str]:
    """Recordings of many lengths, one of them longer than what goes through at once."""
    paths = []
    for place in range(9):
        samples = np.roll(sample(), 40_000 * place)[: 30_000 + 11_000 * place]
        if place == 4:
            samples = np.tile(sample(), 1 + LONG_STRETCH_SAMPLES // len(sample()))
        path = tmp_path / f"{place}.wav"
        soundfile.write(path, samples, 16_000, subtype="PCM_16")
        paths.append(str(path))
    return paths


def scanned(spotter: Spotter, names: Sequence[str], jobs: int) -> list[list[Detection]]:
    """What is found in each recording."""
    found: list[list[Detection]] = []
    for item in Batch(spotter, names, jobs).results():
        found.append([])
        while not isinstance(event := item.next_event(60.0), Finished):
            assert isinstance(event, Detection), event
            found[-1].append(event)
        assert event.error is None
    return found


def test_a_scan_finds_the_same_in_batches_of_samples(
    as_on_a_gpu: Callable[[], Spotter], recordings: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = scanned(Spotter(compute="cpu"), recordings, 1)
    assert sum(map(len, expected)) > 30
    spotter = as_on_a_gpu()
    assert default_jobs(spotter) == GPU_JOBS
    batches: list[list[torch.Tensor]] = []
    real = spotter.classifier.advance

    def advance(items: Any) -> Any:
        batches.append([piece for _, piece in items])
        return real(items)

    assert spotter._together is not None
    monkeypatch.setattr(spotter._together, "_advance", advance)
    found = scanned(spotter, recordings, len(recordings))
    for one, other in zip(found, expected, strict=True):
        assert [(hit.label, hit.start, hit.end, hit.decided) for hit in one] == [
            (hit.label, hit.start, hit.end, hit.decided) for hit in other
        ]
        assert [hit.score for hit in one] == pytest.approx([hit.score for hit in other], abs=1e-4)
    assert max(map(len, batches)) > 1
    assert all(piece.dtype == torch.float32 for batch in batches for piece in batch)
    assert max(piece.numel() for batch in batches for piece in batch) > LONG_STRETCH_SAMPLES // 2


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU here")
def test_a_gpu_says_the_same(recordings: list[str]) -> None:
    usual, gpu = Spotter(compute="cpu"), Spotter(compute="cuda")
    samples = sample()[:160_000]
    for one, other in zip(
        gpu.stream().push(Chunk(0, samples)), usual.stream().push(Chunk(0, samples)), strict=True
    ):
        np.testing.assert_allclose(one.posteriors, other.posteriors, atol=1e-4)
    expected = scanned(usual, recordings, 1)
    found = scanned(gpu, recordings, len(recordings))
    assert [[(hit.label, hit.start, hit.decided) for hit in one] for one in found] == [
        [(hit.label, hit.start, hit.decided) for hit in one] for one in expected
    ]


def test_updates_still_hold_their_columns(as_on_a_gpu: Callable[[], Spotter]) -> None:
    samples = sample()[:40_000]

    def run(spotter: Spotter) -> list[Any]:
        stream = spotter.stream()
        return stream.push(Chunk(0, samples)) + stream.finish()

    expected = run(Spotter(compute="cpu"))
    for one, other in zip(run(as_on_a_gpu()), expected, strict=True):
        assert torch.equal(one.columns, other.columns)
        np.testing.assert_allclose(one.posteriors, other.posteriors, atol=1e-4)


@pytest.mark.parametrize("place", ["transform", "network"])
def test_too_little_memory_halves_batches_of_samples(
    as_on_a_gpu: Callable[[], Spotter],
    recordings: list[str],
    monkeypatch: pytest.MonkeyPatch,
    place: str,
) -> None:
    expected = scanned(Spotter(compute="cpu"), recordings[5:], 1)
    asked: list[int] = []

    def limited(real: Callable[..., Any], rows: Callable[..., int]) -> Callable[..., Any]:
        def run(*arguments: Any) -> Any:
            asked.append(rows(*arguments))
            if asked[-1] > 300:
                raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
            return real(*arguments)

        return run

    if place == "network":
        real = limited(ManyRows.advance, lambda *state: state[3].shape[0] * state[3].shape[1])
        monkeypatch.setattr(ManyRows, "advance", real)
    else:
        real = limited(framed_spectra, lambda samples, _: samples.numel() // 160)
        monkeypatch.setattr("kwspot.spotting.classifier.framed_spectra", real)
    monkeypatch.setattr("kwspot.spotting.classifier.FEW_ROWS", 0)
    spotter = as_on_a_gpu()
    found: list[list[Detection]] = []
    for item in Batch(spotter, recordings[5:], 4).results():
        events = []
        while not isinstance(event := item.next_event(60.0), Finished):
            events.append(event)
        assert event.error is None
        found.append([event for event in events if isinstance(event, Detection)])
    assert [[hit.start for hit in one] for one in found] == [
        [hit.start for hit in one] for one in expected
    ]
    assert max(asked) > 300


class Held:
    """A `Together` whose first batch is computed until all others wait; asked by many threads.

    answer: makes what each item gets of a batch's pieces; most: of a batch.
    """

    def __init__(self, answer: Callable[[list[torch.Tensor]], list[Any]], most: int = 100) -> None:
        self.batches: list[int] = []
        self._answer = answer
        self._begun, self._go_on = threading.Event(), threading.Event()
        self.together = Together(self._advance, most)

    def _advance(self, items: Any) -> Any:
        self.batches.append(len(items))
        self._begun.set()
        assert self._go_on.wait(10.0)
        return self._answer([piece for _, piece in items])

    def ask(self, *values: int) -> Any:
        """What one thread gets for pieces of one value each."""
        return self.together([(None, torch.full((1,), value)) for value in values])  # type: ignore[misc]

    def ask_together(self, *asked: Sequence[int]) -> list["Future[Any]"]:
        """What each of several threads gets, the first of them before all others."""
        with ThreadPoolExecutor(len(asked)) as threads:
            first = threads.submit(self.ask, *asked[0])
            assert self._begun.wait(10.0)
            others = [threads.submit(self.ask, *values) for values in asked[1:]]
            wait_for(lambda: len(self.together._waiting) == len(others))
            self._go_on.set()
        return [first, *others]


def test_who_comes_while_it_computes_shares_the_next_batch() -> None:
    held = Held(lambda pieces: [int(piece.sum()) for piece in pieces], most=5)
    asked = [(value, -value) for value in range(1, 6)]
    # Each gets what it asked for, however batches were cut.
    assert [tuple(got.result()) for got in held.ask_together(*asked)] == asked
    # Two values of each; five are the most.
    assert held.batches == [2, 4, 4]


def test_what_goes_wrong_is_told_to_all_of_its_batch_and_to_no_other() -> None:
    def answer(pieces: list[torch.Tensor]) -> list[int]:
        if len(pieces) > 1:
            raise OptionError("the GPU has no memory left for even one window")
        return [0]

    held = Held(answer)
    first, *others = held.ask_together(*[(0,)] * 4)
    assert first.result() == [0]
    for each in others:
        with pytest.raises(OptionError, match="no memory"):
            each.result()
    assert held.batches == [1, 3]
    assert held.ask(0) == [0]


def test_who_is_interrupted_leaves_the_others_their_turn() -> None:
    def answer(pieces: list[torch.Tensor]) -> list[int]:
        if len(held.batches) == 2:
            raise KeyboardInterrupt
        return [0 for _ in pieces]

    held = Held(answer)
    first, *others = held.ask_together(*[(0,)] * 4)
    assert first.result() == [0]
    ended = [type(each.exception()) for each in others]
    assert ended.count(KeyboardInterrupt) == 1
    assert ended.count(type(None)) == 2


@pytest.mark.parametrize("streams", [1, 3])
@pytest.mark.parametrize("relu", [False, True])
def test_products_are_the_same_by_either_library(
    streams: int, relu: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.manual_seed(0)
    affine = Affine(torch.randn(40, 24), torch.randn(24))
    quick = Product(affine, torch.device("cpu"))
    monkeypatch.setattr("kwspot.spotting.products._has_onednn", lambda _device: False)
    plain = Product(affine, torch.device("cpu"))
    # Rows and room as the network has them: parts of larger tensors.
    rows = torch.randn(streams, MANY_ROWS + 6, 40)[:, 6:]
    outs = [torch.full((streams, MANY_ROWS + 3, 24), 7.0)[:, 3:] for _ in range(2)]
    with torch.inference_mode():
        for product, out in zip((quick, plain), outs, strict=True):
            assert product.into(rows, out, relu=relu) is out
        torch.testing.assert_close(*outs)
        assert bool(outs[0].min() >= 0.0) == relu
        torch.testing.assert_close(quick.of(rows), plain.of(rows))


def wait_for(met: Callable[[], bool]) -> None:
    """Wait until something is so; fails where it does not come."""
    deadline_s = time.monotonic() + 10.0
    while not met():
        assert time.monotonic() < deadline_s, "it never came"
        time.sleep(0.001)
