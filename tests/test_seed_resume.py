"""A run of the seed recipe that is stopped, goes on, and ends by itself."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from kwspot.spotting.checkpoint import load
from kwspot.train.reports import Losses
from kwspot.train.seed_fit import SeedFitter
from seed_runs import begun, press_ctrl_c_at
from training import assert_same_state, complaint, metrics, trained
from word_folders import write_words


def stopping_at(monkeypatch: pytest.MonkeyPatch, epoch: int, batch: int) -> None:
    """Press Ctrl-C after a batch."""
    whole = SeedFitter.epoch

    def pressed(self: SeedFitter, number: int) -> Iterator[Losses]:
        for losses in whole(self, number):
            if (number + 1, losses.batches) == (epoch, batch):
                os.kill(os.getpid(), signal.SIGINT)
            yield losses

    monkeypatch.setattr(SeedFitter, "epoch", pressed)


def test_a_stopped_run_ends_at_the_weights_of_one_that_was_not(
    seed_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    straight, stopped = tmp_path / "straight", tmp_path / "stopped"
    options = ("--epochs", "2")
    assert begun(seed_data, straight, *options) == 0
    with monkeypatch.context() as patch:
        stopping_at(patch, epoch=2, batch=1)
        assert begun(seed_data, stopped, *options) == 130
    assert f"--resume {stopped}` goes on after epoch 1" in capsys.readouterr().err
    assert len(metrics(stopped)) == 1
    load(stopped / "model.safetensors").build()
    assert trained(tmp_path, "--resume", stopped) == 0
    assert "finder" not in capsys.readouterr().out, "it has run already"
    assert_same_state(straight, stopped)
    times = {"seconds", "clips_per_second"}
    one, other = (
        [{key: line[key] for key in line.keys() - times} for line in metrics(run)]
        for run in (straight, stopped)
    )
    assert one == other
    weights = [load(run / "model.safetensors").weights for run in (straight, stopped)]
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])


def test_a_run_stopped_in_its_finder_or_its_test_goes_on(
    seed_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    run = tmp_path / "run"
    # Ten batches of the finder, six of the epoch, one of validation, one of the test.
    press_ctrl_c_at(monkeypatch, 4, 4 + 10 + 6 + 1 + 1)
    assert begun(seed_data, run, "--epochs", "1") == 130
    assert not (run / "lr_finder.json").exists()
    assert trained(tmp_path, "--resume", run) == 130
    assert load(run / "model.safetensors").facts.get("testing") is None
    assert trained(tmp_path, "--resume", run) == 0
    assert load(run / "model.safetensors").facts["testing"]["clips"] == 12
    assert "test loss" in capsys.readouterr().out


def test_it_stops_when_the_validation_loss_no_longer_falls(
    seed_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    # So high a rate soon does harm.
    assert begun(seed_data, run, "--epochs", "30", "--rate", "5", more="patience = 2") == 0
    losses = [line["validation_loss"] for line in metrics(run)]
    assert len(losses) < 30
    assert losses.index(min(losses)) == len(losses) - 3
    assert all(
        min(losses[end - 2 : end]) < min(losses[: end - 2]) for end in range(3, len(losses))
    ), "it would have stopped before"
    assert "stopped early" in capsys.readouterr().out
    assert trained(tmp_path, "--resume", run) == 0
    assert len(metrics(run)) == len(losses), "there is nothing left to do"


def test_the_same_seed_gives_the_same_weights_and_another_does_not(
    seed_data: Path, tmp_path: Path
) -> None:
    for name, seed in (("a", "3"), ("b", "3"), ("c", "4")):
        options = ("--epochs", "1", "--seed", seed)
        assert begun(seed_data, tmp_path / name, *options) == 0
    assert_same_state(tmp_path / "a", tmp_path / "b")
    splits = [(tmp_path / name / "split.tsv").read_text() for name in "abc"]
    assert splits[0] == splits[1] != splits[2]


def test_half_precision_learns_too_but_not_the_same(seed_data: Path, tmp_path: Path) -> None:
    for name, precision in (("single", "float32"), ("half", "bfloat16"), ("again", "bfloat16")):
        more = f'precision = "{precision}"'
        assert begun(seed_data, tmp_path / name, "--epochs", "4", more=more) == 0
    assert_same_state(tmp_path / "half", tmp_path / "again")
    single, half = (load(tmp_path / name / "model.safetensors") for name in ("single", "half"))
    assert any(not torch.equal(single.weights[key], half.weights[key]) for key in half.weights)
    assert {values.dtype for values in half.weights.values()} == {
        values.dtype for values in single.weights.values()
    }
    losses = [metrics(tmp_path / name)[-1]["loss"] for name in ("single", "half")]
    assert losses[1] == pytest.approx(losses[0], rel=0.2)


def test_without_validation_clips_nothing_says_when_to_stop(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = write_words(tmp_path / "data", 2, 0)
    code = begun(data, tmp_path / "run", more='split_by = "official"')
    assert "no clip is in the validation split" in complaint(capsys, code)
    assert not (tmp_path / "run").exists()


def test_a_resumed_run_whose_files_do_not_belong_together_is_told(
    seed_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    assert begun(seed_data, run, "--epochs", "1") == 0
    capsys.readouterr()
    (run / "metrics.jsonl").unlink()
    assert "cannot be gone on with" in complaint(capsys, trained(tmp_path, "--resume", run))
    (run / "state.safetensors").write_bytes(b"nothing")
    assert "state.safetensors" in complaint(capsys, trained(tmp_path, "--resume", run))


def test_a_recipe_that_was_edited_is_refused(
    seed_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    run = tmp_path / "run"
    assert begun(seed_data, run, "--epochs", "1", "--seed", "9223372036854775807") == 0
    recipe = run / "recipe.toml"
    recipe.write_text(recipe.read_text().replace("batch = 6", "batch = 4"))
    capsys.readouterr()
    told = complaint(capsys, trained(tmp_path, "--resume", run))
    assert "is not what the run was begun with (batch differs)" in told
