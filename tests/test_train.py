"""`kwspot train`: the model that comes out, and what its folder and its file say."""

import csv
import math
import os
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from kwspot.cli import main
from kwspot.spotting.checkpoint import load
from kwspot.spotting.features import FeatureConfig, as_channels, clip_spectra
from kwspot.spotting.network import Network, NetworkConfig
from kwspot.train.facts import licence_note, multiplies
from kwspot.train.recipe import MixRecipe, Recipe
from kwspot.train.tuning import with_less_prior
from layers import counting
from training import assert_same_state, begun, complaint, metrics, trained
from word_folders import (
    WORDS,
    clip,
    write_clip,
    write_words,
)


@pytest.fixture(scope="module")
def finished(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of a few epochs."""
    out = tmp_path_factory.mktemp("finished") / "run"
    assert begun(data, out, "--epochs", "6") == 0
    return out


def test_the_model_names_new_clips_rightly(finished: Path) -> None:
    checkpoint = load(finished / "model.safetensors")
    assert checkpoint.words == WORDS
    network = checkpoint.build()
    rng = np.random.default_rng(99)
    truth = [word for word in WORDS for _ in range(20)]
    clips = torch.from_numpy(np.stack([clip(word, rng) for word in truth]))
    scores = network(as_channels(clip_spectra(clips, FeatureConfig())))
    named = [checkpoint.labels[place] for place in scores.argmax(dim=1).tolist()]
    right = sum(one == other for one, other in zip(named, truth, strict=True))
    assert right / len(truth) > 0.9


def test_a_threshold_is_chosen_for_each_word_on_validation_streams(finished: Path) -> None:
    checkpoint = load(finished / "model.safetensors")
    assert checkpoint.detector.thresholds.keys() == set(checkpoint.words)
    # Seconds without the words do not say how often an hour a threshold is wrong.
    assert checkpoint.calibration is None
    streams = checkpoint.facts["streams"]
    assert streams["clean"]["words"] > 0
    assert streams["clean"]["found"] > 0.5
    assert streams["without words"]["hours"] >= 0.0


def test_near_the_end_the_model_that_misses_the_fewest_words_is_kept(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The made data hold seconds without words, too little to choose by otherwise.
    monkeypatch.setattr("kwspot.train.tuning.FEWEST_HOURS", 0.0)
    out = tmp_path / "run"
    assert begun(data, out, "--epochs", "4") == 0
    missed = {line["epoch"]: line["missed"] for line in metrics(out)}
    assert all(0.0 <= share <= 1.0 for share in missed.values())
    facts = load(out / "model.safetensors").facts
    assert missed[facts["epochs"]] == min(missed.values())
    model = load(out / "model.safetensors")
    assert model.calibration is not None
    assert model.calibration.said == 2 * 12
    # The one noise is too short to have an end of its own: half a second of nothing is left, heard
    # at several speeds, but counted once.
    assert model.calibration.hours == pytest.approx(0.5 / 3600, abs=1e-4)
    assert set(model.calibration.false_per_hour) == set(model.words)
    assert facts["missed_at_budget"] == pytest.approx(min(missed.values()), abs=1e-5)


def test_the_folder_tells_all_about_the_run(finished: Path) -> None:
    lines = metrics(finished)
    assert [line["epoch"] for line in lines] == [1, 2, 3, 4, 5, 6]
    assert lines[-1]["loss"] < lines[0]["loss"]
    assert lines[-1]["validation"] > 0.9
    assert lines[-1]["worst_word"] in WORDS
    assert lines[-1]["clips_per_second"] > 0
    with (finished / "split.tsv").open(newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    assert len(rows) == 4 * 10
    by_speaker = {(row["speaker"], row["split"]) for row in rows}
    assert len(by_speaker) == len({speaker for speaker, _ in by_speaker})
    assert not (finished / "skipped.txt").exists()
    assert not list(finished.glob("*.partial"))


def test_the_model_file_says_what_it_is_made_of(finished: Path) -> None:
    checkpoint = load(finished / "model.safetensors")
    facts = checkpoint.facts
    assert facts["epochs"] == 6
    assert facts["validation"]["clips"] == 12
    assert facts["validation"]["per_word"]["rise"]["clips"] == 4
    assert facts["data"]["training"]["rise"] == 6
    assert facts["data"]["training"]["other words"] == 6
    assert facts["data"]["training"]["noise"] == 1
    assert facts["recipe"]["epochs"] == 6
    network = Network(checkpoint.network)
    assert facts["parameters"] == sum(value.numel() for value in network.parameters())
    assert facts["multiplies_per_window"] == multiplies(checkpoint.network, 101)


def test_the_same_seed_gives_the_same_weights_and_another_does_not(
    data: Path, tmp_path: Path
) -> None:
    for name, seed, workers in (("a", "3", "0"), ("b", "3", "2"), ("c", "4", "0")):
        options = ("--epochs", "1", "--batches", "3", "--seed", seed, "--workers", workers)
        assert begun(data, tmp_path / name, *options) == 0
    assert_same_state(tmp_path / "a", tmp_path / "b")
    with pytest.raises(AssertionError):
        assert_same_state(tmp_path / "a", tmp_path / "c")


def test_files_that_cannot_be_used_are_listed(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    extra = tmp_path / "extra"
    write_clip(extra / "rise" / "good.wav", clip("rise", np.random.default_rng(1)))
    (extra / "rise" / "bad.wav").write_text("not audio")
    run = tmp_path / "run"
    options = ("--extra", extra, "--epochs", "1", "--batches", "1")
    assert begun(data, run, *options) == 0
    assert "cannot be used are left out: 1" in capsys.readouterr().err
    assert "bad.wav" in (run / "skipped.txt").read_text()
    assert load(run / "model.safetensors").facts["data"]["training"]["rise"] == 7


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_names_that_are_no_text_are_left_out_or_refused(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    odd = os.fsdecode(b"n\xe9")
    words = shutil.copytree(data, tmp_path / "words")
    file = next((words / "rise").iterdir())
    file.rename(file.with_name(f"{odd}_nohash_0.wav"))
    (words / odd).mkdir()
    shutil.copy(next((words / "fall").iterdir()), words / odd / "a.wav")
    run, size = tmp_path / "run", ("--epochs", "1", "--batches", "1")
    assert begun(words, run, *size) == 0
    assert "cannot be used are left out: 2" in capsys.readouterr().err
    listed = (run / "skipped.txt").read_text(encoding="utf-8")
    assert "rise/n\\xe9_nohash_0.wav: its name is not UTF-8" in listed
    evaluated = ["evaluate", "--data", str(words), "--model", str(run / "model.safetensors")]
    assert main(evaluated) == 0
    other = tmp_path / "other" / odd
    shutil.copytree(data, other)
    capsys.readouterr()
    line = complaint(capsys, begun(other, tmp_path / "again", *size))
    assert "n\\xe9 has a name that is not UTF-8" in line
    assert not (tmp_path / "again").exists()


def test_without_validation_clips_a_model_comes_out_unmeasured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = write_words(tmp_path / "data", training=3, validation=0)
    run = tmp_path / "run"
    assert begun(data, run, "--epochs", "1", "--batches", "1") == 0
    assert "no clip is in the validation split" in capsys.readouterr().err
    assert metrics(run)[0]["validation"] is None
    assert load(run / "model.safetensors").facts["validation"] is None
    capsys.readouterr()
    assert trained(tmp_path, "--resume", run) == 0
    assert "this run is done" in capsys.readouterr().out


def test_recordings_of_other_rates_train(tmp_path: Path) -> None:
    data = write_words(tmp_path / "data", training=3, validation=1)
    for path in list(data.rglob("*.wav")):
        samples, _ = soundfile.read(path)
        soundfile.write(path.with_suffix(".flac"), np.stack((samples, samples), axis=1), 22_050)
        path.unlink()
    assert begun(data, tmp_path / "run", "--epochs", "1", "--batches", "1") == 0


def test_unknown_gives_back_part_of_what_it_owes_to_its_share() -> None:
    mix = MixRecipe(unknown=0.4, silence=0.2)
    recipe = Recipe(words=("yes", "no"), prior=0.5, finish=0.5, finish_mix=mix)
    bias = with_less_prior({"window_scores.bias": torch.zeros(4)}, recipe)["window_scores.bias"]
    # A word is drawn 0.2 of the time: unknown twice as often, silence just as often.
    torch.testing.assert_close(bias, torch.tensor([0.0, 0.0, -0.5 * math.log(2.0), 0.0]))


def test_multiplies_are_those_of_the_layers() -> None:
    config = NetworkConfig(labels=5, bands=12, channels=16, pairs=2, features=24)
    network = Network(config).eval()
    counted = counting(network)
    columns = torch.zeros(1, 2, config.bins, 101)
    features = network.trunk(columns)
    network.head(features)
    network.evidence(features)
    bands = network.bands.weight.numel() * 101
    assert multiplies(config, 101) == sum(counted) + bands


def test_a_licence_is_quoted_where_a_readme_names_one(tmp_path: Path) -> None:
    assert licence_note(tmp_path) is None
    text = "# Clips\n\nSpoken words. It's licensed under the [Creative\nCommons BY 4.0](x.y). More."
    (tmp_path / "README.md").write_text(text)
    assert licence_note(tmp_path) == "It's licensed under the Creative Commons BY 4.0."
