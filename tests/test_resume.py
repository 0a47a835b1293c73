"""A run can stop at any moment, and goes on to the very same weights."""

import math
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from commands import COMMAND
from kwspot.spotting.checkpoint import load
from kwspot.spotting.network import Network, NetworkConfig
from kwspot.train.mixing import Example, Mixer
from kwspot.train.state import Average, Place, Tally, load_state, place_of, save_state
from training import assert_same_state, begun, complaint, metrics, state, trained
from word_folders import (
    WORDS,
    write_background,
    write_words,
)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_background(write_words(tmp_path_factory.mktemp("words")))


TWO_EPOCHS = ("--epochs", "2", "--batches", "4")


@pytest.fixture(scope="module")
def straight(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of two epochs that nothing has disturbed; its folder is not to be changed."""
    run = tmp_path_factory.mktemp("straight") / "run"
    assert begun(data, run, *TWO_EPOCHS, "--workers", "1") == 0
    return run


def copied(run: Path, tmp_path: Path) -> Path:
    return shutil.copytree(run, tmp_path / "run")


def assert_same_run(one: Path, other: Path) -> None:
    """Equal to the last bit, but for how long it took."""
    assert_same_state(one, other)
    mine, theirs = (load(run / "model.safetensors") for run in (one, other))
    assert all(torch.equal(mine.weights[name], theirs.weights[name]) for name in mine.weights)
    assert mine.detector == theirs.detector
    for here, there in zip(metrics(one), metrics(other), strict=True):
        for name in ("epoch", "loss", "accuracy", "validation", "rate"):
            assert here[name] == there[name]


def stop_at(monkeypatch: pytest.MonkeyPatch, epoch: int, batch: int, poison: float = 1.0) -> None:
    """Press Ctrl-C after a batch, once the averaged weights are multiplied by something."""
    from kwspot.train.fit import Fitter

    whole = Fitter.epoch

    def pressed(self: Fitter, number: int, before: Tally) -> Any:
        for tally in whole(self, number, before):
            if (number + 1, tally.batches) == (epoch, batch):
                self.average.values["window_scores.bias"] *= poison
                os.kill(os.getpid(), signal.SIGINT)
            yield tally

    monkeypatch.setattr(Fitter, "epoch", pressed)


@pytest.mark.parametrize(("epoch", "batch"), [(1, 1), (1, 4), (2, 2)])
def test_a_stopped_run_goes_on_behind_the_batch_and_ends_the_same(
    data: Path, straight: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str], epoch: int, batch: int,
) -> None:  # fmt: skip
    run = tmp_path / "stopped"
    with monkeypatch.context() as patch:
        stop_at(patch, epoch, batch)
        assert begun(data, run, *TWO_EPOCHS) == 130
    said = capsys.readouterr().err
    assert f"--resume {run}` goes on after batch {batch} of epoch {epoch}" in said
    assert (run / "metrics.jsonl").exists() == (epoch > 1)
    drawn = count_examples(monkeypatch)
    monkeypatch.chdir(tmp_path)
    assert trained(tmp_path, "--resume", "stopped") == 0
    assert len(drawn) == (2 * 4 - (epoch - 1) * 4 - batch) * 16, "what was done is done again"
    assert_same_run(straight, run)


def count_examples(monkeypatch: pytest.MonkeyPatch) -> list[Example]:
    """Every example that this process draws from now on."""
    found: list[Example] = []
    draw = Mixer.example

    def counted(self: Mixer, rng: np.random.Generator) -> Example:
        found.append(draw(self, rng))
        return found[-1]

    monkeypatch.setattr(Mixer, "example", counted)
    return found


def test_a_run_may_be_stopped_again_and_again(
    data: Path, straight: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = tmp_path / "run"
    for number, (epoch, batch) in enumerate(((1, 2), (1, 3), (2, 1))):
        with monkeypatch.context() as patch:
            stop_at(patch, epoch, batch)
            if number == 0:
                assert begun(data, run, *TWO_EPOCHS) == 130
            else:
                assert trained(tmp_path, "--resume", run) == 130
    assert trained(tmp_path, "--resume", run) == 0
    assert_same_run(straight, run)


def test_weights_that_are_no_numbers_are_not_kept_when_stopped(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    stop_at(monkeypatch, epoch=2, batch=1, poison=math.nan)
    line = complaint(capsys, begun(data, run, *TWO_EPOCHS))
    assert "lower --rate" in line
    assert "keeps epoch 1" in line
    assert place_of(run) is not None
    assert all(torch.isfinite(value).all() for value in state(run).values())


def test_a_run_that_is_done_says_where_its_model_is(
    straight: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    run = copied(straight, tmp_path)
    before = contents(run)
    # Nothing is left to train on, nor needed.
    recipe = (run / "recipe.toml").read_text()
    (run / "recipe.toml").write_text(re.sub(r'data = ".*"', 'data = "gone"', recipe))
    assert trained(tmp_path, "--resume", run) == 0
    assert f"this run is done: {run / 'model.safetensors'}" in capsys.readouterr().out
    assert {**contents(run), "recipe.toml": recipe.encode()} == before


def contents(run: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in run.iterdir()}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM to send")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_process_that_is_stopped_loses_nothing(
    data: Path, tmp_path: Path, number: signal.Signals
) -> None:
    run = tmp_path / "run"
    size = ("--epochs", "500", "--batches", "2", "--batch", "8")
    where = ("--data", data, "--cache", tmp_path / "cache", "--out", run)
    arguments = ["train", *where, "--words", ",".join(WORDS), *size, "--threads", "1"]
    process = subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    wait_until((run / "state.safetensors").exists)
    # A terminal sends Ctrl-C to the loader processes, too.
    os.killpg(process.pid, number)
    _, said = process.communicate(timeout=20)
    assert process.returncode == (-9 if number is signal.SIGKILL else 130)
    assert said.count("\n") == (0 if number is signal.SIGKILL else 1), said
    load(run / "model.safetensors").build()
    place = place_of(run)
    assert place is not None
    steps = 2 * place.epoch + place.tally.batches
    assert int(state(run)["optimiser/0/step"].item()) == steps
    told = [line["epoch"] for line in metrics(run)]
    # An epoch's metrics are written right before its state.
    assert told in (list(range(1, place.epoch + 1)), list(range(1, place.epoch + 2)))
    assert number is signal.SIGKILL or f"--resume {run}` goes on after" in said


def wait_until(happens: Any, timeout_s: float = 60.0) -> None:
    end = time.monotonic() + timeout_s
    while not happens():
        assert time.monotonic() < end
        time.sleep(0.02)


def damage_file(path: Path, damage: str) -> None:
    whole = path.read_bytes()
    match damage:
        case "cut":
            path.write_bytes(whole[:-1000])
        case "changed":
            path.write_bytes(whole[:-1000] + bytes([whole[-1000] ^ 1]) + whole[-999:])
        case "empty":
            path.write_bytes(b"")
        case "gone":
            path.unlink()


@pytest.mark.parametrize("damage", ["cut", "changed", "empty", "gone"])
def test_where_the_newest_state_is_damaged_the_one_before_serves(
    straight: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], damage: str
) -> None:
    run = copied(straight, tmp_path)
    damage_file(run / "state.safetensors", damage)
    assert trained(straight.parent, "--resume", run) == 0
    said = capsys.readouterr()
    assert said.err.count("\n") == 1
    assert "warning" in said.err
    assert "state.safetensors is" in said.err
    assert "epochs 2 to 2" in said.out
    assert_same_run(straight, run)
    assert place_of(run) == place_of(straight)


def test_a_damaged_state_never_replaces_a_whole_one(
    straight: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = copied(straight, tmp_path)
    damage_file(run / "state.safetensors", "cut")
    before = (run / "state-previous.safetensors").read_bytes()
    stop_at(monkeypatch, epoch=2, batch=1)
    assert trained(straight.parent, "--resume", run) == 130
    assert (run / "state-previous.safetensors").read_bytes() == before


@pytest.mark.parametrize("damage", ["cut", "gone", "recipe", "width"])
def test_what_cannot_go_on_is_told_and_left_alone(
    straight: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], damage: str
) -> None:
    run = copied(straight, tmp_path)
    recipe = run / "recipe.toml"
    match damage:
        case "recipe":
            recipe.write_text(recipe.read_text().replace("rate = 0.01", "rate = 0.02"))
        case "width":
            recipe.write_text(recipe.read_text().replace("channels = 24", "channels = 32"))
        case _:
            damage_file(run / "state.safetensors", damage)
            damage_file(run / "state-previous.safetensors", damage)
    before = contents(run)
    line = complaint(capsys, trained(straight.parent, "--resume", run))
    assert ("state.safetensors" if damage in ("cut", "gone") else "recipe") in line
    assert contents(run) == before


def test_metrics_of_an_epoch_whose_state_was_not_kept_are_written_anew(
    straight: Path, tmp_path: Path
) -> None:
    run = copied(straight, tmp_path)
    (run / "state-previous.safetensors").replace(run / "state.safetensors")
    (run / "state.safetensors.1.partial").write_bytes(b"half")
    with (run / "metrics.jsonl").open("a") as file:
        file.write('{"epoch": 3, "lo')
    assert trained(straight.parent, "--resume", run) == 0
    assert_same_run(straight, run)
    assert not list(run.glob("*.partial"))


def small_state() -> tuple[Network, Average, torch.optim.Optimizer]:
    network = Network(NetworkConfig(labels=4, channels=8, features=8))
    return network, Average(network, 0.9), torch.optim.AdamW(network.parameters())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a process is forked")
def test_a_process_killed_at_any_moment_of_keeping_leaves_a_whole_state(tmp_path: Path) -> None:
    parts = small_state()
    operations = ("hardlink_to", "replace", "unlink", "open")
    for fatal in range(20):
        folder = tmp_path / str(fatal)
        folder.mkdir()
        for epoch in (1, 2):
            save_state(folder, Place(epoch), *parts)
        child = os.fork()
        if child == 0:
            die_at(fatal, operations)
            save_state(folder, Place(3), *parts)
            os._exit(0)
        ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        loaded = load_state(folder, *parts)
        assert loaded.warning is None, fatal
        assert loaded.place.epoch in (2, 3)
        # What comes next finds its way, too.
        save_state(folder, Place(4), *parts)
        assert load_state(folder, *parts).place.epoch == 4
        if ended == 0:
            break
    assert ended == 0
    assert fatal > 4, "these are all the moments there are"


def die_at(fatal: int, operations: tuple[str, ...]) -> None:
    """End this process as SIGKILL would, before an operation on files."""
    count = 0

    def wrap(name: str) -> None:
        whole = getattr(Path, name)

        def counted(self: Path, *arguments: Any, **named: Any) -> Any:
            nonlocal count
            if count == fatal:
                os._exit(9)
            count += 1
            return whole(self, *arguments, **named)

        setattr(Path, name, counted)

    for name in operations:
        wrap(name)


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """What a full disk does: no file grows over a size, bytes."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("full", ["model", "state", "pause"])
def test_a_full_disk_is_told_and_leaves_what_was_kept(
    data: Path, straight: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str], full: str,
) -> None:  # fmt: skip
    run = tmp_path / "run"
    with monkeypatch.context() as patch:
        stop_at(patch, epoch=2, batch=1)
        assert begun(data, run, *TWO_EPOCHS) == 130
    before = contents(run)
    sizes = [(run / f"{name}.safetensors").stat().st_size for name in ("model", "state")]
    assert sizes[0] + 1000 < sizes[1]
    capsys.readouterr()
    limit = sizes[0] - 1000 if full == "model" else sizes[1] - 1000
    with largest_file(limit), monkeypatch.context() as patch:
        if full == "pause":
            stop_at(patch, epoch=2, batch=2)
        line = complaint(capsys, trained(tmp_path, "--resume", run))
    assert "File too large" in line
    after = contents(run)
    for name in ("state.safetensors", "state-previous.safetensors"):
        assert after[name] == before[name]
    load(run / "model.safetensors").build()
    assert trained(tmp_path, "--resume", run) == 0
    assert_same_run(straight, run)
