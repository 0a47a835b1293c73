"""What is kept of a run stays whole: damaged files, a full disk, an end at any moment."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch

from kwspot.spotting.checkpoint import load
from kwspot.spotting.network import Network, NetworkConfig
from kwspot.train.state import Average, Place, load_state, place_of, save_state
from training import (
    TWO_EPOCHS,
    assert_same_run,
    begun,
    complaint,
    contents,
    copied,
    metrics,
    stop_at,
    trained,
)


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


@pytest.mark.parametrize("line", [b"\0\xff\n", b"[]\n", b'{"epoch": "two"}\n'])
def test_damaged_metrics_end_where_they_are_damaged(
    straight: Path, tmp_path: Path, line: bytes
) -> None:
    run = copied(straight, tmp_path)
    (run / "state-previous.safetensors").replace(run / "state.safetensors")
    first, _ = (run / "metrics.jsonl").read_bytes().splitlines(keepends=True)
    (run / "metrics.jsonl").write_bytes(first + line)
    assert trained(straight.parent, "--resume", run) == 0
    assert_same_run(straight, run)


def test_a_first_epoch_whose_state_was_not_kept_is_run_again(
    straight: Path, tmp_path: Path
) -> None:
    run = copied(straight, tmp_path)
    for name in ("state.safetensors", "state-previous.safetensors"):
        (run / name).unlink()
    (run / "metrics.jsonl").write_text(json.dumps(metrics(run)[0]) + "\n")
    assert trained(straight.parent, "--resume", run) == 0
    assert_same_run(straight, run)


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
