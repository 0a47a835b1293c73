"""Several processes train as one does: the same weights, one voice, one end."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
import torch
from torch import nn

from commands import run_kwspot
from kwspot.spotting.checkpoint import load
from kwspot.train.parallel import SharedNorm, World, share_norms
from kwspot.train.state import place_of
from training import begun, metrics, state, trained
from word_folders import SMALL_RECIPE, WORDS

pytestmark = pytest.mark.skipif(
    not torch.distributed.is_available() or os.name == "nt", reason="processes are started by POSIX"
)
LAUNCH = (sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "-m", "kwspot")


def launched(folder: Path, *arguments: str | Path) -> subprocess.Popen[str]:
    """Two processes of `kwspot train`, their output together."""
    fixed = ("--threads", "1", "--workers", "0", "--compute", "cpu", "--cache", folder / "cache")
    return subprocess.Popen(
        [*LAUNCH, "train", *map(str, (*fixed, *arguments))],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def said(process: subprocess.Popen[str]) -> list[str]:
    """The lines of kwspot, without those of the program that starts it."""
    out, _ = process.communicate(timeout=100)
    return [line for line in out.splitlines() if "kwspot: " in line or line.startswith("epoch")]


@pytest.mark.parametrize(("steps", "taught"), [("20", False), ("5", True)])
def test_two_processes_end_at_the_weights_of_one(
    data: Path, straight: Path, tmp_path: Path, steps: str, taught: bool
) -> None:
    # The rate is low, since rounding grows with every step: at the usual one a single process
    # whose first weights differ by 1e-7 is as far off after 20 steps. What is taught has fewer: in
    # some runs of so few clips a maximum soon changes its place by such a difference.
    recipe = tmp_path / "small.toml"
    # Before the first table.
    recipe.write_text(f"{SMALL_RECIPE}finish = 0.0\n[mix]\nmixup = 0.5\n")
    size = ("--epochs", "1", "--batches", steps, "--batch", "7", "--rate", "1e-4")
    words = ("--data", data, "--words", ",".join(WORDS))
    teacher = ("--teacher", straight / "model.safetensors") if taught else ()
    given = (*words, "--recipe", recipe, *size, *teacher)
    process = launched(tmp_path, *given, "--out", tmp_path / "two")
    assert trained(tmp_path, *given, "--out", tmp_path / "one") == 0
    lines = said(process)
    assert [line[:9] for line in lines] == ["epoch 1/1"], lines
    assert process.returncode == 0
    one, two = state(tmp_path / "one"), state(tmp_path / "two")
    assert one.keys() == two.keys()
    for name in one:
        if not name.startswith("optimiser"):
            difference = (one[name].double() - two[name].double()).norm()
            assert difference <= 1e-4 * one[name].double().norm(), name
    mine, theirs = metrics(tmp_path / "one")[0], metrics(tmp_path / "two")[0]
    assert mine["accuracy"] == theirs["accuracy"]
    assert mine["loss"] == pytest.approx(theirs["loss"], rel=1e-4)
    models = [load(tmp_path / name / "model.safetensors") for name in ("one", "two")]
    assert models[0].weights.keys() == models[1].weights.keys()


@pytest.mark.parametrize("end", ["told", "killed"])
def test_processes_end_together_and_one_goes_on(data: Path, tmp_path: Path, end: str) -> None:
    recipe = tmp_path / "small.toml"
    recipe.write_text(SMALL_RECIPE)
    run = tmp_path / "run"
    given = ("--data", data, "--words", ",".join(WORDS), "--recipe", recipe)
    process = launched(tmp_path, *given, "--epochs", "5", "--batch", "4", "--out", run)
    wait_for(run / "state.safetensors", process)
    if end == "told":
        process.send_signal(signal.SIGTERM)
    else:
        psutil.Process(process.pid).children()[1].kill()
    *_, line = said(process)
    assert process.returncode != 0
    assert "--resume" in line
    place = place_of(run)
    assert place is not None
    if end == "told":
        assert f"--resume {run}` goes on after" in line
    assert 1 <= place.epoch < 5
    assert [line["epoch"] for line in metrics(run)][: place.epoch] == [*range(1, place.epoch + 1)]
    assert trained(tmp_path, "--resume", run) == 0


def wait_for(path: Path, process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + 60.0
    while not path.exists():
        assert process.poll() is None
        assert time.monotonic() < end
        time.sleep(0.02)


def test_what_is_wrong_for_all_is_told_once(data: Path, tmp_path: Path) -> None:
    process = launched(tmp_path, "--data", data, "--batch", "0", "--out", tmp_path / "run")
    assert said(process) == ["kwspot: batch is 0, it has to be at least 2"]
    assert process.returncode != 0


def test_a_lonely_world_is_told_in_a_line(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("RANK", "MASTER_ADDR", "MASTER_PORT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("WORLD_SIZE", "2")
    assert begun(data, tmp_path / "run") == 2
    line = capsys.readouterr().err
    assert line.count("\n") == 1
    assert "torchrun" in line
    monkeypatch.setenv("WORLD_SIZE", "many")
    assert begun(data, tmp_path / "run") == 2
    assert "WORLD_SIZE" in capsys.readouterr().err


@pytest.mark.parametrize(("batch", "size"), [(7, 2), (8, 3), (3, 3), (128, 5)])
def test_every_row_of_a_batch_is_one_processs(batch: int, size: int) -> None:
    shares = [range(batch)[World(rank=rank, size=size).rows(batch)] for rank in range(size)]
    assert [row for share in shares for row in share] == list(range(batch))
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


@pytest.mark.parametrize("shape", [(5, 6, 9), (5, 6, 1, 9)])
def test_a_shared_norm_is_a_batch_norm(shape: tuple[int, ...]) -> None:
    torch.manual_seed(0)
    norm = nn.BatchNorm1d(6) if len(shape) == 3 else nn.BatchNorm2d(6)
    nn.init.normal_(norm.weight)
    nn.init.normal_(norm.bias)
    shared = nn.Sequential(norm)
    share_norms(shared, World())
    assert isinstance(shared[0], SharedNorm)
    assert [*shared[0].state_dict()] == [*norm.state_dict()]
    for _ in range(3):
        x = (30.0 + 2.0 * torch.randn(shape)).requires_grad_()
        y = x.detach().clone().requires_grad_()
        mine, theirs = shared(x), norm(y)
        torch.testing.assert_close(mine, theirs, rtol=1e-4, atol=1e-4)
        weight = torch.randn(shape)
        (mine * weight).sum().backward()
        (theirs * weight).sum().backward()
        torch.testing.assert_close(x.grad, y.grad, rtol=1e-3, atol=1e-4)
        torch.testing.assert_close(shared[0].weight.grad, norm.weight.grad, rtol=1e-3, atol=1e-3)
    for name, value in norm.state_dict().items():
        torch.testing.assert_close(shared[0].state_dict()[name], value, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(shared.eval()(x), norm.eval()(x), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("arguments", "code"), [(("--version",), 0), (("train", "--nope"), 2)])
def test_one_of_several_processes_ends_with_its_words_said(
    monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], code: int
) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    done = run_kwspot(*arguments)
    assert done.returncode == code
    assert (done.stderr if code else done.stdout).count("\n") == 1
