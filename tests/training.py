"""Running `kwspot train` on made words, and reading what it leaves."""

import json
import os
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch
from torch import Tensor

from kwspot.cli import main
from kwspot.spotting.checkpoint import load
from kwspot.train.fit import Fitter
from kwspot.train.state import Tally
from word_folders import SMALL_RECIPE, WORDS

TWO_EPOCHS = ("--epochs", "2", "--batches", "4")


def trained(folder: Path, *arguments: str | Path) -> int:
    """Run `kwspot train` in this process, its cache in a folder; returns the exit code."""
    fixed = ("--threads", "1", "--workers", "0", "--cache", folder / "cache")
    return main(["train", *map(str, (*fixed, *arguments))])


def begun(data: Path, out: Path, *arguments: str | Path) -> int:
    """Begin a small run on the made words."""
    out.parent.mkdir(exist_ok=True)
    recipe = out.parent / "small.toml"
    recipe.write_text(SMALL_RECIPE)
    words = ",".join(WORDS)
    given = ("--data", data, "--words", words, "--recipe", recipe, "--out", out)
    return trained(out.parent, *given, *arguments)


def metrics(run: Path) -> list[dict[str, Any]]:
    """The lines of a run's metrics."""
    return [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]


def state(run: Path) -> dict[str, Tensor]:
    """Every tensor of a run's state."""
    return safetensors.torch.load_file(run / "state.safetensors")


def assert_same_state(one: Path, other: Path) -> None:
    mine, theirs = state(one), state(other)
    assert mine.keys() == theirs.keys()
    assert [name for name in mine if not torch.equal(mine[name], theirs[name])] == []


def complaint(capsys: pytest.CaptureFixture[str], code: int) -> str:
    """The one line of a command that has failed."""
    assert code == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said.startswith("kwspot: ")
    return said


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
    whole = Fitter.epoch

    def pressed(self: Fitter, number: int, before: Tally) -> Any:
        for tally in whole(self, number, before):
            if (number + 1, tally.batches) == (epoch, batch):
                self.average.values["window_scores.bias"] *= poison
                os.kill(os.getpid(), signal.SIGINT)
            yield tally

    monkeypatch.setattr(Fitter, "epoch", pressed)


def contents(run: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in run.iterdir()}
