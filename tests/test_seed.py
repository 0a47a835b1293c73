"""`kwspot train --recipe seed`: the method kwspot grew from, from the split to the test."""

import csv
import json
import os
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch

from commands import json_lines
from kwspot.cli import main
from kwspot.spotting.checkpoint import load
from kwspot.train import rate_finder
from kwspot.train.catalog import Kind, Recording, Split, hash_split
from kwspot.train.pictures.learning import finder_picture
from kwspot.train.random_split import random_split
from kwspot.train.rate_finder import HIGHEST, LOWEST, smooth, suggested
from kwspot.train.recipe_file import Folders, read_recipe, write_recipe
from kwspot.train.reports import Losses
from kwspot.train.seed_fit import SeedFitter, fitted, one_cycle
from kwspot.train.seed_recipe import SeedRecipe
from pictures import assert_picture
from training import assert_same_state, complaint, metrics, trained
from word_folders import WORDS, sound, write_background, write_words

SMALL_SEED = """
recipe = "seed"
channels = [4, 8, 8, 16, 64]
hidden = 256
batch = 6
finder_steps = 10
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_background(write_words(tmp_path_factory.mktemp("words"), 12, 8))


def begun(data: Path, out: Path, *arguments: str | Path, more: str = "") -> int:
    """Begin a small run of the seed on the made words."""
    out.parent.mkdir(exist_ok=True)
    recipe = out.parent / "small-seed.toml"
    recipe.write_text(SMALL_SEED + more)
    given = ("--data", data, "--words", ",".join(WORDS), "--recipe", recipe, "--out", out)
    return trained(out.parent, *given, *arguments)


@pytest.fixture(scope="module")
def finished(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that has learnt the words."""
    out = tmp_path_factory.mktemp("finished") / "run"
    assert begun(data, out, "--epochs", "12") == 0
    return out


def test_the_run_learns_and_its_folder_tells_all(finished: Path) -> None:
    lines = metrics(finished)
    assert [line["epoch"] for line in lines] == list(range(1, len(lines) + 1))
    assert lines[-1]["validation_loss"] < 0.7 * lines[0]["validation_loss"]
    assert max(line["validation"] for line in lines) > 0.8
    keys = {"loss", "accuracy", "seconds", "clips_per_second", "rate"}
    assert all(keys < line.keys() for line in lines)
    recipe = (finished / "recipe.toml").read_text()
    assert recipe.startswith('recipe = "seed"\n')
    assert 'power = "complex"' in recipe
    assert not list(finished.glob("**/*.partial"))
    with (finished / "split.tsv").open(newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    assert Counter(row["split"] for row in rows) == {
        "training": 36, "validation": 12, "testing": 12
    }  # fmt: skip
    assert {row["word"] for row in rows} == set(WORDS)


def test_the_model_is_that_of_the_epoch_with_the_lowest_validation_loss(finished: Path) -> None:
    lines = metrics(finished)
    kept = sorted((finished / "epochs").iterdir())
    assert [path.name for path in kept] == [
        f"epoch-{line['epoch']:02}.safetensors" for line in lines
    ]
    best = min(lines, key=lambda line: line["validation_loss"])
    model, other = load(finished / "model.safetensors"), load(kept[best["epoch"] - 1])
    assert model.labels == WORDS
    assert all(torch.equal(model.weights[name], other.weights[name]) for name in other.weights)
    assert model.facts["epochs"] == best["epoch"]
    assert model.facts["validation"]["loss"] == pytest.approx(best["validation_loss"], abs=1e-4)
    assert model.facts["testing"]["clips"] == 12
    assert model.facts["testing"]["accuracy"] > 0.8
    assert model.facts["testing"]["loss"] > 0.0
    assert "speakers are in several parts" in model.facts["split"]
    assert sum(model.facts["data"]["training"].values()) == 36
    for path in kept:
        load(path).build()


def test_the_finder_leaves_its_sweep_and_a_plot(finished: Path) -> None:
    found = json.loads((finished / "lr_finder.json").read_text())
    assert found["rates"][0] == pytest.approx(LOWEST)
    assert found["rates"][-1] == pytest.approx(HIGHEST)
    ratios = np.divide(found["rates"][1:], found["rates"][:-1])
    np.testing.assert_allclose(ratios, ratios[0])
    assert len(found["losses"]) == len(found["smoothed"]) == len(found["rates"]) == 10
    assert LOWEST <= 10 * found["suggestion"] <= HIGHEST
    assert found["used"] == 0.01
    # The report draws it anew from the numbers: the same picture.
    assert (finished / "lr_finder.png").read_bytes() == finder_picture(found)
    assert_picture((finished / "lr_finder.png").read_bytes())


def test_a_run_ends_with_a_report(finished: Path) -> None:
    page = (finished / "report.html").read_text()
    assert "Learning-rate finder" in page
    assert "The run was left" not in page
    tested = load(finished / "model.safetensors").facts["testing"]
    assert f"{tested['right']:,} of 12 clips" in page
    assert "speakers are in several parts" in page
    # The method has words only, and takes clips as they are.
    assert "_unknown_" not in page


def test_auto_takes_what_the_finder_suggests(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    # On words so easy the loss falls as far as the sweep goes: to another rate than the usual.
    monkeypatch.setattr(rate_finder, "HIGHEST", 0.05)
    whole, stopped, given = (tmp_path / name for name in ("whole", "stopped", "given"))
    assert begun(data, whole, "--epochs", "2", "--rate", "auto") == 0
    assert 'rate = "auto"\n' in (whole / "recipe.toml").read_text()
    sweep = json.loads((whole / "lr_finder.json").read_text())
    assert sweep["used"] == sweep["suggestion"] == pytest.approx(0.005)
    model = load(whole / "model.safetensors")
    assert model.facts["rate"] == sweep["used"]
    capsys.readouterr()
    with monkeypatch.context() as patch:
        press_ctrl_c_at(patch, 10 + 6 + 1 + 3)
        assert begun(data, stopped, "--epochs", "2", "--rate", "auto") == 130
    assert len(metrics(stopped)) == 1
    assert trained(tmp_path, "--resume", stopped) == 0
    assert_same_state(whole, stopped)
    assert begun(data, given, "--epochs", "2", "--rate", repr(sweep["used"])) == 0
    assert_same_state(whole, given)
    # The finder comes to the same where what it had found is gone.
    (stopped / "lr_finder.json").unlink()
    assert trained(tmp_path, "--resume", stopped) == 0
    assert json.loads((stopped / "lr_finder.json").read_text()) == sweep


def test_auto_is_of_the_seed_recipe_alone(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = ("--data", data, "--out", tmp_path / "run")
    said = complaint(capsys, trained(tmp_path, *run, "--rate", "auto"))
    assert "--rate auto is of the seed recipe" in said
    assert "'fast' is not a valid float" in complaint(
        capsys, trained(tmp_path, *run, "--rate", "fast")
    )
    assert not (tmp_path / "run").exists()


def test_the_model_finds_words_in_a_recording(
    finished: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = np.random.default_rng(3)
    said = ["rise", "fall", "hiss", "rise", "hiss"]
    samples = 1e-4 * rng.standard_normal(16_000 * 8)
    for place, word in enumerate(said):
        first = 16_000 + place * 20_800
        samples[first : first + 6_400] += sound(word, rng)
    soundfile.write(tmp_path / "said.wav", samples, 16_000)
    model = finished / "model.safetensors"
    # How sure a model of 36 clips is depends on the processor that trained it.
    command = ["scan", "--model", str(model), "--compute", "cpu", "--threshold", "0.4", "--json"]
    assert main([*command, str(tmp_path / "said.wav")]) == 0
    lines = json_lines(capsys.readouterr().out)
    found = [line for line in lines if line["type"] == "detection"]
    assert [line["label"] for line in found] == said, found
    for place, line in enumerate(found):
        assert line["start"] == pytest.approx(1.0 + 1.3 * place, abs=0.2)
        assert line["end"] == pytest.approx(1.4 + 1.3 * place, abs=0.2)
        assert line["end"] <= line["decided"]


def test_the_model_tells_what_it_is(finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["model", str(finished / "model.safetensors")]) == 0
    assert "speakers are in several parts" in " ".join(capsys.readouterr().out.split())
    assert main(["model", "--json", str(finished / "model.safetensors")]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["kind"] == "seed"
    assert told["facts"]["recipe"]["recipe"] == "seed"


@pytest.mark.parametrize("power", ["2", "1", "0.5", "log"])
def test_every_power_trains(data: Path, tmp_path: Path, power: str) -> None:
    run = tmp_path / "run"
    assert begun(data, run, "--epochs", "1", "--power", power) == 0
    model = load(run / "model.safetensors")
    assert model.network.power == power  # type: ignore[union-attr]
    assert model.weights["convolutions.0.weight"].shape == (4, 1, 3, 3)


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
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    straight, stopped = tmp_path / "straight", tmp_path / "stopped"
    options = ("--epochs", "2")
    assert begun(data, straight, *options) == 0
    with monkeypatch.context() as patch:
        stopping_at(patch, epoch=2, batch=1)
        assert begun(data, stopped, *options) == 130
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


def press_ctrl_c_at(monkeypatch: pytest.MonkeyPatch, *batches: int) -> None:
    """Press Ctrl-C at batches counted from here on."""
    batch = SeedFitter.batch
    calls = 0

    def pressed(self: SeedFitter, indices: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls in batches:
            os.kill(os.getpid(), signal.SIGINT)
        return batch(self, indices)

    monkeypatch.setattr(SeedFitter, "batch", pressed)


def test_a_run_stopped_in_its_finder_or_its_test_goes_on(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    run = tmp_path / "run"
    # Ten batches of the finder, six of the epoch, one of validation, one of the test.
    press_ctrl_c_at(monkeypatch, 4, 4 + 10 + 6 + 1 + 1)
    assert begun(data, run, "--epochs", "1") == 130
    assert not (run / "lr_finder.json").exists()
    assert trained(tmp_path, "--resume", run) == 130
    assert load(run / "model.safetensors").facts.get("testing") is None
    assert trained(tmp_path, "--resume", run) == 0
    assert load(run / "model.safetensors").facts["testing"]["clips"] == 12
    assert "test loss" in capsys.readouterr().out


def test_it_stops_when_the_validation_loss_no_longer_falls(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    # So high a rate soon does harm.
    assert begun(data, run, "--epochs", "30", "--rate", "5", more="patience = 2") == 0
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
    data: Path, tmp_path: Path
) -> None:
    for name, seed in (("a", "3"), ("b", "3"), ("c", "4")):
        options = ("--epochs", "1", "--seed", seed)
        assert begun(data, tmp_path / name, *options) == 0
    assert_same_state(tmp_path / "a", tmp_path / "b")
    splits = [(tmp_path / name / "split.tsv").read_text() for name in "abc"]
    assert splits[0] == splits[1] != splits[2]


def test_half_precision_learns_too_but_not_the_same(data: Path, tmp_path: Path) -> None:
    for name, precision in (("single", "float32"), ("half", "bfloat16"), ("again", "bfloat16")):
        more = f'precision = "{precision}"'
        assert begun(data, tmp_path / name, "--epochs", "4", more=more) == 0
    assert_same_state(tmp_path / "half", tmp_path / "again")
    single, half = (load(tmp_path / name / "model.safetensors") for name in ("single", "half"))
    assert any(not torch.equal(single.weights[key], half.weights[key]) for key in half.weights)
    assert {values.dtype for values in half.weights.values()} == {
        values.dtype for values in single.weights.values()
    }
    losses = [metrics(tmp_path / name)[-1]["loss"] for name in ("single", "half")]
    assert losses[1] == pytest.approx(losses[0], rel=0.2)


def test_the_official_split_keeps_speakers_apart(tmp_path: Path) -> None:
    data = write_words(tmp_path / "data", 4, 2)
    run = tmp_path / "run"
    assert begun(data, run, "--epochs", "1", more='split_by = "official"') == 0
    with (run / "split.tsv").open(newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    assert rows
    assert all(row["split"] == hash_split(row["speaker"]) for row in rows)
    facts = load(run / "model.safetensors").facts
    assert "no speaker is in two parts" in facts["split"]
    assert facts["testing"] is None


def test_without_validation_clips_nothing_says_when_to_stop(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = write_words(tmp_path / "data", 2, 0)
    code = begun(data, tmp_path / "run", more='split_by = "official"')
    assert "no clip is in the validation split" in complaint(capsys, code)
    assert not (tmp_path / "run").exists()


def recordings(count: int) -> list[Recording]:
    return [
        Recording(Path(f"/d/yes/{place}.wav"), Kind.WORD, "yes", "", Split.TRAINING)
        for place in range(count)
    ]


def test_a_random_split_is_decided_by_seed_and_names_alone() -> None:
    clips = recordings(100)
    noise = Recording(Path("/n.wav"), Kind.NOISE, "", "", Split.TRAINING)
    split = random_split([*clips, noise], 1)
    assert [entry.path for entry in split] == [entry.path for entry in [*clips, noise]]
    assert split[-1] == noise
    assert Counter(entry.split for entry in split[:-1]) == {
        Split.TRAINING: 60, Split.VALIDATION: 20, Split.TESTING: 20
    }  # fmt: skip
    assert set(random_split(clips[::-1], 1)) == set(split[:-1])
    moved = [
        Recording(Path("/elsewhere/yes") / clip.path.name, Kind.WORD, "yes", "", Split.TRAINING)
        for clip in clips
    ]
    assert [one.split for one in random_split(moved, 1)] == [one.split for one in split[:-1]]
    assert set(random_split(clips, 2)) != set(split[:-1])


def test_the_cycle_is_that_of_torch() -> None:
    found = one_cycle(0.01, 200)
    rates = [cycle.rate for cycle in found]
    assert rates[0] == pytest.approx(0.01 / 25)
    assert max(rates) == pytest.approx(0.01)
    assert rates.index(max(rates)) == 59
    assert rates[-1] == pytest.approx(0.01 / 25 / 1e4)
    assert [found[step].beta for step in (0, 59, 199)] == pytest.approx([0.95, 0.85, 0.95])
    optimiser = torch.optim.Adam([torch.zeros(1, requires_grad=True)], lr=0.01)
    torch_cycle = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, max_lr=0.01, epochs=4, steps_per_epoch=50
    )
    for cycle in found[:150]:
        assert cycle.rate == optimiser.param_groups[0]["lr"]
        optimiser.step()
        torch_cycle.step()


def test_clips_are_padded_or_cut_at_their_end() -> None:
    assert fitted(np.ones(3, np.float32), 5).tolist() == [1, 1, 1, 0, 0]
    assert fitted(np.arange(7, dtype=np.float32), 5).tolist() == [0, 1, 2, 3, 4]


def test_the_suggestion_is_a_tenth_of_the_rate_with_the_lowest_loss() -> None:
    rates = [10.0**-power for power in range(20, 0, -1)]
    losses = [3.0] * 12 + [2.5, 2.0, 1.5, 1.0, 0.5, 0.4, 4.0, 30.0]
    assert suggested(rates, losses) == pytest.approx(rates[17] / 10)
    assert smooth([2.0, 2.0, 2.0]) == pytest.approx((2.0, 2.0, 2.0))
    # A first batch that is easy by chance is no suggestion.
    assert suggested(rates, [0.1, *losses[1:]]) == pytest.approx(rates[17] / 10)


def test_a_recipe_is_read_as_it_was_written(tmp_path: Path) -> None:
    recipe = SeedRecipe(words=("yes", "no"), power="log", rate=0.003, channels=(1, 2, 3, 4, 5))
    write_recipe(tmp_path / "r.toml", recipe, Folders(tmp_path))
    settings = read_recipe(tmp_path / "r.toml")
    assert settings.recipe == "seed"
    assert SeedRecipe(**settings.values) == recipe


@pytest.mark.parametrize(
    ("options", "part"),
    [
        ((), "--data DIR is missing"),
        (("--data", "data", "--noise", "data"), "--noise means nothing to the seed recipe"),
        (("--data", "data", "--extra", "data"), "--extra means nothing"),
        (("--data", "data", "--speech", "data"), "--speech means nothing"),
        (("--data", "data", "--rooms", "data"), "--rooms means nothing"),
        (("--data", "data", "--batches", "3"), "--batches means nothing"),
        (("--data", "data", "--power", "3"), "power is one of 2, 1, 0.5, log, complex, not 3"),
        (("--data", "data", "--batch", "1"), "batch is 1"),
        (("--data", "data", "--epochs", "0"), "epochs is 0"),
        (("--data", "data", "--rate", "0"), "rate is 0"),
        (("--data", "data", "--words", "rise"), "name two or more"),
        (("--data", "data", "--words", "rise,jump"), "no recordings of jump"),
        (("--data", "few"), "too few training clips"),
        (("--data", "data", "--out", "data"), "exists and is not empty"),
    ],
)
def test_what_makes_no_run_is_told_in_a_line(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str], options: tuple[str, ...], part: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").symlink_to(data, target_is_directory=True)
    write_words(tmp_path / "few", training=1, validation=0)
    assert part in complaint(capsys, trained(tmp_path, "--recipe", "seed", *options))
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ('recipe = "sed"', "recipe is default or seed"),
        ("recipe = []", "recipe is default or seed"),
        ('recipe = "seed"\npower = 2', "power is a text"),
        ('recipe = "seed"\npowr = "2"', "did you mean 'power'"),
        ('recipe = "seed"\nbands = 40', "there is no setting 'bands'"),
        ('recipe = "seed"\n[mix]\nnoise = 0.5', "there is no setting 'mix'"),
        ('recipe = "seed"\nchannels = [1, 2]', "channels are five widths"),
        ('recipe = "seed"\nchannels = [1, 2, 3, 4, 5.5]', "a list of whole numbers"),
        ('recipe = "seed"\nfinder_steps = 1', "at least 10"),
        ('recipe = "seed"\nprecision = "half"', "precision is one of float32, bfloat16"),
        ('recipe = "seed"\nsplit_by = "speaker"', "split_by is official or random"),
        ('recipe = "seed"\n[data]\nnoise = ["n"]', "leave noise away"),
        ('power = "2"', "there is no setting 'power'"),
    ],
)
def test_a_recipe_that_makes_no_run_is_told_in_a_line(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, part: str
) -> None:
    recipe = tmp_path / "r.toml"
    recipe.write_text(text)
    code = trained(tmp_path, "--recipe", recipe, "--data", data, "--out", tmp_path / "run")
    assert part in complaint(capsys, code)


def test_the_default_recipe_has_a_name_and_no_power(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ("--data", data, "--recipe", "default")
    assert "--power is of the seed" in complaint(capsys, trained(tmp_path, *given, "--power", "2"))
    assert "bands" not in complaint(capsys, trained(tmp_path, *given, "--epochs", "0"))
    run = tmp_path / "run"
    small = ("--epochs", "1", "--batches", "1", "--batch", "4", "--words", ",".join(WORDS))
    assert trained(tmp_path, *given, *small, "--out", run) == 0
    assert load(run / "model.safetensors").kind == "default"


def test_a_resumed_run_whose_files_do_not_belong_together_is_told(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    assert begun(data, run, "--epochs", "1") == 0
    capsys.readouterr()
    (run / "metrics.jsonl").unlink()
    assert "cannot be gone on with" in complaint(capsys, trained(tmp_path, "--resume", run))
    (run / "state.safetensors").write_bytes(b"nothing")
    assert "state.safetensors" in complaint(capsys, trained(tmp_path, "--resume", run))
