"""A run can stop at any moment, and goes on to the very same weights."""

import math
import os
import re
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from commands import COMMAND
from kwspot.spotting.checkpoint import load
from kwspot.train import run as run_module
from kwspot.train.mixing import Example, Mixer
from kwspot.train.state import place_of
from kwspot.train.tuning import tuned
from training import (
    TWO_EPOCHS,
    assert_same_run,
    begun,
    complaint,
    contents,
    copied,
    metrics,
    state,
    stop_at,
    trained,
)
from word_folders import (
    WORDS,
)


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


def test_a_recipe_that_lost_its_words_is_told(
    straight: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = copied(straight, tmp_path)
    lines = (run / "recipe.toml").read_text().splitlines()
    (run / "recipe.toml").write_text("\n".join(line for line in lines if line[:5] != "words"))
    line = complaint(capsys, trained(tmp_path, "--resume", run))
    assert f"{run / 'recipe.toml'} names no words" in line


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


def test_a_run_stopped_while_its_thresholds_are_chosen_goes_on_with_them(
    data: Path, straight: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    def pressed(*arguments: Any) -> Any:
        os.kill(os.getpid(), signal.SIGINT)
        return tuned(*arguments)

    run = tmp_path / "run"
    with monkeypatch.context() as patch:
        patch.setattr(run_module, "tuned", pressed)
        assert begun(data, run, *TWO_EPOCHS) == 130
    assert f"--resume {run}` goes on with the thresholds" in capsys.readouterr().err
    assert trained(tmp_path, "--resume", run) == 0
    assert "all epochs are done" in capsys.readouterr().out
    assert_same_run(straight, run)
