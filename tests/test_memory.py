"""A GPU that runs out of memory gets less at once, and everything is heard all the same; what was
freed is kept where the same is done again and again."""

import platform
import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest
import torch

from kwspot.audio.source import Chunk
from kwspot.errors import OptionError
from kwspot.resources import sample_recording
from kwspot.spotting.batch import Batch, Finished
from kwspot.spotting.many_rows import ManyRows
from kwspot.spotting.spotter import Spotter
from words import sample

Advance = Callable[..., object]


@pytest.fixture
def rows_at_most(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], list[int]]:
    """Makes a processor that has room for so many rows; gives what it was asked for."""

    def limit(most: int) -> list[int]:
        asked: list[int] = []
        real: Advance = ManyRows.advance

        def advance(self: ManyRows, *state: torch.Tensor) -> object:
            asked.append(state[2].shape[0] * state[2].shape[1])
            if asked[-1] > most:
                raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
            return real(self, *state)

        monkeypatch.setattr(ManyRows, "advance", advance)
        monkeypatch.setattr("kwspot.spotting.classifier.FEW_ROWS", 0)  # numpy is for CPUs
        return asked

    return limit


def test_a_recording_goes_on_by_halves_and_says_so_once(
    rows_at_most: Callable[[int], list[int]],
) -> None:
    def events(spotter: Spotter) -> list[object]:
        found: list[object] = []
        for item in Batch(spotter, [str(sample_recording())], 1).results():
            while not isinstance(event := item.next_event(10.0), Finished):
                assert event is not None
                found.append(event)
            assert event.error is None
        return found

    expected = events(Spotter(compute="cpu"))
    asked = rows_at_most(500)
    found = events(Spotter(compute="cpu"))
    told = [event for event in found if getattr(event, "level", "") == "warning"]
    assert [getattr(event, "state", "") for event in told] == ["memory"]
    heard = [event for event in found if event not in told]
    place = [(one.label, one.start, one.end, one.decided) for one in heard]  # type: ignore[attr-defined]
    assert place == [(one.label, one.start, one.end, one.decided) for one in expected]  # type: ignore[attr-defined]
    assert len(place) > 5
    # Once too much; from then on it is not tried again.
    assert sum(rows > 500 for rows in asked) == 1


def test_streams_are_parted_too(rows_at_most: Callable[[int], list[int]]) -> None:
    samples = sample()[:48_000]

    def run(spotter: Spotter) -> list[np.ndarray]:
        streams = [spotter.stretch(0) for _ in range(8)]
        jobs = [
            (stretch, stretch.take(np.roll(samples, place * 5_000)))
            for place, stretch in enumerate(streams)
        ]
        updates = spotter.advance(jobs)
        return [np.stack([update.posteriors for update in one]) for one in updates]

    expected = run(Spotter(compute="cpu"))
    asked = rows_at_most(150)
    for one, other in zip(run(Spotter(compute="cpu")), expected, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)
    assert max(asked) > 150 >= min(asked)


def test_no_room_for_one_window_is_told(rows_at_most: Callable[[int], list[int]]) -> None:
    rows_at_most(2)
    spotter = Spotter(compute="cpu")
    with pytest.raises(OptionError, match="--compute cpu"):
        spotter.detections().push(Chunk(0, sample()[:32_000]))


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries are left alone")
@pytest.mark.parametrize("kept", [False, True])
def test_large_blocks_are_asked_for_once(kept: bool) -> None:
    script = f"""
import resource, threading, torch
from kwspot.spotting.heap import keep_all_memory
if {kept}:
    keep_all_memory()
faults = []

def fill():
    for _ in range(20):
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        torch.zeros(100 * 2**20, dtype=torch.uint8).add_(1)
        faults.append(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)

thread = threading.Thread(target=fill)
thread.start()
thread.join()
print(sum(faults[-5:]))
"""
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    # In pages of 4 KiB five times 25,600, or 50 of 2 MiB where the system gives such.
    assert (int(ended.stdout) < 50) == kept, ended.stdout
