"""Several sources at once: each is heard as if it were alone, and ends alone."""

import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch
from numpy.typing import NDArray

from commands import json_lines, run_kwspot
from kwspot.audio.files import ArraySource, FileSource
from kwspot.audio.paced import Paced
from kwspot.audio.resample import Resampled, at_16k
from kwspot.audio.source import Channels, Chunk, Frames, Source
from kwspot.cli import main
from kwspot.spotting.detection import Detection
from kwspot.spotting.lane import Lane, run_abreast
from kwspot.spotting.listener import Ended
from kwspot.spotting.many_listener import Heard, ManyListener
from kwspot.spotting.spotter import Spotter
from many import found, replaying, write_recordings
from words import said, sample, spot

WORDS = [word.word for word in said()]


@pytest.fixture(scope="module")
def spotter() -> Spotter:
    torch.set_num_threads(1)
    return Spotter(compute="cpu")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_recordings(tmp_path)


def same(one: list[dict[str, Any]], other: list[dict[str, Any]]) -> bool:
    """Whether these are the same detections, scores equal to rounding."""
    return len(one) == len(other) and all(
        {**a, "score": pytest.approx(b["score"], abs=1e-4)} == b
        for a, b in zip(one, other, strict=True)
    )


def test_each_of_several_is_heard_as_if_it_were_alone(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = [folder / name for name in ("whole.wav", "short.flac", "slow.wav")]
    assert main([*replaying(*paths), "--json"]) == 0
    together = json_lines(capsys.readouterr().out)
    for path in paths:
        assert main([*replaying(path), "--json"]) == 0
        alone = found(json_lines(capsys.readouterr().out), path)
        assert alone
        assert same(found(together, path), alone)
    states = [(line["state"], line["source"]) for line in together if line["type"] == "status"]
    assert sorted(states[:3]) == sorted(("listening", str(path)) for path in paths)
    # The short one is over first; of the last nothing is said.
    assert states[3] == ("ended", str(paths[1]))
    assert len(states) == 5


def test_what_is_ready_goes_through_the_network_as_one_batch(
    spotter: Spotter, monkeypatch: pytest.MonkeyPatch
) -> None:
    streams = [np.roll(sample(), 9_000 * place)[: 60_000 - 5_000 * place] for place in range(7)]
    sizes: list[int] = []
    advance = spotter.classifier.advance

    def counting(items: Any) -> Any:
        sizes.append(len(items))
        return advance(items)

    lanes = [Lane(spotter, str(place), None) for place in range(7)]
    updates: dict[str, list[Any]] = {lane.label: [] for lane in lanes}
    with monkeypatch.context() as patch:
        patch.setattr(spotter.classifier, "advance", counting)
        for first in range(0, 60_000, 800):
            for lane, samples in zip(lanes, streams, strict=True):
                if first < len(samples):
                    lane.hear(Chunk(first, samples[first : first + 800]))
                else:
                    lane.end()
            for lane, more in run_abreast(spotter, lanes):
                updates[lane.label] += more
        for lane in lanes:
            lane.end()
        for lane, more in run_abreast(spotter, lanes):
            updates[lane.label] += more
    assert sizes.count(7) >= 30_000 // 800 - 1
    for lane, samples in zip(lanes, streams, strict=True):
        alone = spot(spotter, samples, [])
        assert [update.end for update in updates[lane.label]] == [update.end for update in alone]
        for one, other in zip(updates[lane.label], alone, strict=True):
            np.testing.assert_allclose(one.posteriors, other.posteriors, atol=1e-4)


def test_every_channel_is_a_stream_of_its_own(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    both = folder / "both.wav"
    record = str(folder / "heard.wav")
    assert main([*replaying(both), "--json", "--channels", "each", "--record", record]) == 0
    together = json_lines(capsys.readouterr().out)
    for number, name in enumerate(("left", "right"), 1):
        alone = folder / f"{name}.wav"
        assert main([*replaying(alone), "--json"]) == 0
        heard = found(json_lines(capsys.readouterr().out), alone)
        assert same(found(together, f"{both} channel {number}"), heard)
        kept, _ = soundfile.read(folder / f"heard-{number}.wav", dtype="float32")
        np.testing.assert_array_equal(kept, soundfile.read(alone, dtype="float32")[0])
    assert main([*replaying(both), "--json", "--channels", "2"]) == 0
    second = json_lines(capsys.readouterr().out)
    assert {line["source"] for line in second if line["type"] == "detection"} == {
        f"{both} channel 2"
    }


def test_people_see_which_source_a_word_is_of(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = [folder / "whole.wav", folder / "short.flac"]
    assert main(replaying(*paths)) == 0
    captured = capsys.readouterr()
    lines = captured.out.splitlines()
    assert [line.split()[1] for line in lines if line.endswith(str(paths[0]))] == WORDS
    assert {line.split()[-1] for line in lines} == set(map(str, paths))
    assert captured.err.splitlines()[-1] == f"kwspot: {paths[1]} has ended; the others go on"


def test_each_has_a_recording_up_to_the_limit(folder: Path) -> None:
    paths = folder / "whole.wav", folder / "both.wav"
    options = ("--duration", "1.5", "--record", str(folder / "h.wav"))
    assert main([*replaying(*paths), *options]) == 0
    assert main([*replaying(*paths), *options, "--channels", "each"]) == 0
    names = {path.name for path in folder.glob("h*")}
    assert names == {"h-1.wav", "h-2.wav", "h-1-1.wav", "h-2-1.wav", "h-2-2.wav"}
    assert all(soundfile.info(folder / name).frames == 24_000 for name in names)
    done = run_kwspot(*replaying(*paths), "--record", folder / "h.wav")
    assert done.returncode == 2
    # Before anything is heard, and the first of them, whichever would open first.
    assert "h-1.wav exists already" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_command_learns_where_its_word_was_heard(folder: Path) -> None:
    script = folder / "act.py"
    script.write_text("import os, sys\nsys.stderr.write(os.environ['KWSPOT_SOURCE'] + '\\n')\n")
    paths = [folder / "short.flac", folder / "right.wav"]
    command = f"zero={sys.executable} {script}"
    done = run_kwspot(*replaying(*paths), "--json", "--exec", command)
    assert done.stderr == f"{paths[1]}\n"


def test_one_that_is_slow_to_open_does_not_hold_up_the_others(spotter: Spotter) -> None:
    opening = threading.Event()

    class Slow(ArraySource):
        def __enter__(self) -> "Slow":
            opening.wait(30.0)
            return self

    def slow(_: object) -> Source:
        return Slow(sample(), 16_000, "slow")

    def quick(_: object) -> Source:
        return ArraySource(sample(), 16_000, "quick")

    heard: list[Heard] = []
    with ManyListener(spotter, [slow, quick]) as listener:
        while not any(isinstance(item.event, Ended) for item in heard):
            heard += listener.events.drain(1.0)
            if sum(isinstance(item.event, Detection) for item in heard) == len(WORDS):
                assert opening.is_set() or all(item.source == "quick" for item in heard)
                opening.set()
    assert [
        item.event.label
        for item in heard
        if isinstance(item.event, Detection) and item.source == "slow"
    ] == WORDS
    assert heard[-1].event == Ended(None)


def read_all(source: Source) -> list[Chunk]:
    with source:
        chunks = []
        while (chunk := source.read()) is not None:
            chunks.append(chunk)
        return chunks


def test_channels_stay_apart_and_alike_through_pace_and_rate(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    frames = rng.uniform(-0.5, 0.5, (22_050, 3)).astype(np.float32)
    soundfile.write(tmp_path / "three.wav", frames, 22_050, subtype="FLOAT")

    def heard(channels: Channels) -> NDArray[np.float32]:
        file = FileSource(tmp_path / "three.wav", channels=channels)
        chunks = read_all(at_16k(Paced(file, 50.0)))
        if channels is not None:
            assert all(isinstance(chunk, Frames) for chunk in chunks)
        return np.concatenate([chunk.samples for chunk in chunks])

    every = heard(())
    assert every.shape == (16_000, 3)
    for channel in range(3):
        alone = read_all(Resampled(ArraySource(frames[:, channel], 22_050)))
        samples = np.concatenate([chunk.samples for chunk in alone])
        np.testing.assert_allclose(every[:, channel], samples, atol=1e-6)
    np.testing.assert_array_equal(heard((3, 1)), every[:, [2, 0]])
    np.testing.assert_allclose(heard(None), every.mean(axis=1), atol=1e-6)
