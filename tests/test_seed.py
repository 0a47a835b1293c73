"""`kwspot train --recipe seed`: the method kwspot grew from, from the split to the test."""

import csv
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from commands import json_lines
from kwspot.cli import main
from kwspot.spotting.checkpoint import load
from kwspot.train import rate_finder
from kwspot.train.catalog import hash_split
from kwspot.train.pictures.learning import finder_picture
from kwspot.train.rate_finder import HIGHEST, LOWEST
from pictures import assert_picture
from seed_runs import begun, press_ctrl_c_at
from training import assert_same_state, complaint, metrics, trained
from word_folders import WORDS, sound, write_words


@pytest.fixture(scope="module")
def finished(seed_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that has learnt the words."""
    out = tmp_path_factory.mktemp("finished") / "run"
    assert begun(seed_data, out, "--epochs", "12") == 0
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
    seed_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    # On words so easy the loss falls as far as the sweep goes: to another rate than the usual.
    monkeypatch.setattr(rate_finder, "HIGHEST", 0.05)
    whole, stopped, given = (tmp_path / name for name in ("whole", "stopped", "given"))
    assert begun(seed_data, whole, "--epochs", "2", "--rate", "auto") == 0
    assert 'rate = "auto"\n' in (whole / "recipe.toml").read_text()
    sweep = json.loads((whole / "lr_finder.json").read_text())
    assert sweep["used"] == sweep["suggestion"] == pytest.approx(0.005)
    model = load(whole / "model.safetensors")
    assert model.facts["rate"] == sweep["used"]
    capsys.readouterr()
    with monkeypatch.context() as patch:
        press_ctrl_c_at(patch, 10 + 6 + 1 + 3)
        assert begun(seed_data, stopped, "--epochs", "2", "--rate", "auto") == 130
    assert len(metrics(stopped)) == 1
    assert trained(tmp_path, "--resume", stopped) == 0
    assert_same_state(whole, stopped)
    assert begun(seed_data, given, "--epochs", "2", "--rate", repr(sweep["used"])) == 0
    assert_same_state(whole, given)
    # The finder comes to the same where what it had found is gone.
    (stopped / "lr_finder.json").unlink()
    assert trained(tmp_path, "--resume", stopped) == 0
    assert json.loads((stopped / "lr_finder.json").read_text()) == sweep


def test_auto_is_of_the_seed_recipe_alone(
    seed_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = ("--data", seed_data, "--out", tmp_path / "run")
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
def test_every_power_trains(seed_data: Path, tmp_path: Path, power: str) -> None:
    run = tmp_path / "run"
    assert begun(seed_data, run, "--epochs", "1", "--power", power) == 0
    model = load(run / "model.safetensors")
    assert model.network.power == power  # type: ignore[union-attr]
    assert model.weights["convolutions.0.weight"].shape == (4, 1, 3, 3)


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
