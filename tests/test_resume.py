"""A run can stop at any moment, and goes on to the very same weights."""

import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch
from torch import Tensor

from commands import COMMAND
from kwspot.errors import TrainingError
from kwspot.spotting.checkpoint import load
from kwspot.spotting.network import Network, NetworkConfig
from kwspot.train.state import Average, Place, Tally, load_state, save_state
from training import assert_same_state, begun, complaint, metrics, state, trained
from word_folders import (
    WORDS,
    write_background,
    write_words,
)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_background(write_words(tmp_path_factory.mktemp("words")))


def test_a_stopped_run_ends_at_the_weights_of_one_that_was_not(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    straight, stopped = tmp_path / "straight", tmp_path / "stopped"
    options = ("--epochs", "2", "--batches", "4")
    assert begun(data, straight, *options, "--workers", "1") == 0
    with monkeypatch.context() as patch:
        stop_at(patch, epoch=2, batch=2)
        assert begun(data, stopped, *options) == 130
    assert len(metrics(stopped)) == 1
    monkeypatch.chdir(tmp_path)
    assert trained(tmp_path, "--resume", "stopped") == 0
    assert_same_state(straight, stopped)
    assert [line["epoch"] for line in metrics(stopped)] == [1, 2]
    one, other = (load(run / "model.safetensors") for run in (straight, stopped))
    assert all(torch.equal(one.weights[name], other.weights[name]) for name in one.weights)


def stop_at(monkeypatch: pytest.MonkeyPatch, epoch: int, batch: int) -> None:
    """Press Ctrl-C after a batch."""
    from kwspot.train.fit import Fitter

    whole = Fitter.epoch

    def pressed(self: Fitter, number: int, before: Tally) -> Any:
        for tally in whole(self, number, before):
            if (number + 1, tally.batches) == (epoch, batch):
                os.kill(os.getpid(), signal.SIGINT)
            yield tally

    monkeypatch.setattr(Fitter, "epoch", pressed)


def test_a_run_stopped_in_its_first_epoch_goes_on(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    run = tmp_path / "run"
    with monkeypatch.context() as patch:
        stop_at(patch, epoch=1, batch=1)
        assert begun(data, run, "--epochs", "1", "--batches", "3") == 130
    assert f"--resume {run}` goes on" in capsys.readouterr().err
    assert trained(tmp_path, "--resume", run) == 0
    assert trained(tmp_path, "--resume", run) == 0, "a whole run has nothing left to do"


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
    epochs = int(state(run)["optimiser/0/step"].item()) // 2
    assert [line["epoch"] for line in metrics(run)][:epochs] == list(range(1, epochs + 1))


def wait_until(happens: Any, timeout_s: float = 60.0) -> None:
    end = time.monotonic() + timeout_s
    while not happens():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.parametrize("damage", ["cut", "other", "gone"])
def test_a_damaged_state_is_told_and_left_alone(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], damage: str
) -> None:
    run = tmp_path / "run"
    assert begun(data, run, "--epochs", "1", "--batches", "1") == 0
    capsys.readouterr()
    place = run / "state.safetensors"
    match damage:
        case "cut":
            place.write_bytes(place.read_bytes()[:-1000])
        case "other":
            recipe = run / "recipe.toml"
            recipe.write_text(recipe.read_text().replace("channels = 24", "channels = 32"))
        case "gone":
            place.unlink()
    before = {path.name: path.read_bytes() for path in run.iterdir()}
    line = complaint(capsys, trained(tmp_path, "--resume", run))
    assert "state.safetensors" in line
    assert {path.name: path.read_bytes() for path in run.iterdir()} == before


def test_a_full_disk_leaves_the_epoch_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = Network(NetworkConfig(labels=4, channels=8, features=8))
    average = Average(network, 0.9)
    optimiser = torch.optim.AdamW(network.parameters())
    save_state(tmp_path, Place(1), network, average, optimiser)

    def full(_tensors: dict[str, Tensor], path: Path, **_: object) -> None:
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(safetensors.torch, "save_file", full)
    with pytest.raises(TrainingError, match="No space left"):
        save_state(tmp_path, Place(2), network, average, optimiser)
    assert load_state(tmp_path, network, average, optimiser).place == Place(1)
    assert [path.name for path in tmp_path.iterdir()] == ["state.safetensors"]
