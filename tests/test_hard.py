"""Hard negatives, and runs that begin from a model."""

import shutil
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch

from kwspot.spotting.checkpoint import load as load_model
from kwspot.train import run as run_module
from kwspot.train.catalog import Kind, Recording, Split
from kwspot.train.corpus import load
from kwspot.train.hard import mined, wrong
from training import assert_same_run, begun, complaint, metrics, state, stop_at, trained
from word_folders import RATE_HZ, SMALL_RECIPE, WORDS, clip, sound, write_clip, write_words

MINING = SMALL_RECIPE.replace("batches = 25", "batches = 12") + "epochs = 3\nmine_every = 1\n"
STARTS_S = (2.0, 4.0, 6.0)


@pytest.fixture(scope="module")
def speech(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Running speech that has sounds like the words in it, although its transcript has none."""
    root = tmp_path_factory.mktemp("speech")
    rng = np.random.default_rng(3)
    for number in range(3):
        samples = (1e-4 * rng.standard_normal(8 * RATE_HZ)).astype(np.float32)
        for word, start_s in zip(WORDS, STARTS_S, strict=True):
            begin = int(start_s * RATE_HZ)
            samples[begin : begin + int(0.4 * RATE_HZ)] += sound(word, rng)
        write_clip(root / f"b-1-{number}.wav", samples)
    lines = [f"b-1-{number} SOMETHING ELSE" for number in range(3)]
    (root / "b-1.trans.txt").write_text("\n".join(lines) + "\n")
    return root


def mining(data: Path, speech: Path, out: Path) -> int:
    out.parent.mkdir(exist_ok=True)
    recipe = out.parent / "mining.toml"
    recipe.write_text(MINING)
    words = ",".join(WORDS)
    return trained(
        out.parent, "--data", data, "--words", words, "--recipe", recipe, "--speech", speech,
        "--out", out,
    )  # fmt: skip


@pytest.fixture(scope="module")
def whole(data: Path, speech: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that looks for hard places before every epoch but the first."""
    out = tmp_path_factory.mktemp("whole") / "run"
    assert mining(data, speech, out) == 0
    return out


def test_windows_with_what_is_taken_for_a_word_are_found(
    data: Path, speech: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    assert begun(data, run, "--epochs", "5") == 0
    files = sorted(speech.glob("*.wav"))
    corpus = load(
        [Recording(path, Kind.SPEECH, "", "b", Split.TRAINING) for path in files],
        tmp_path / "cache",
        lambda *_: None,
    )
    found = mined(load_model(run / "model.safetensors"), corpus).tolist()
    assert len(found) >= 3
    assert {place for place, _, _ in found} <= {0, 1, 2}
    for _, begin, speed in found[:3]:
        span = 1.1 * RATE_HZ * speed / 1000
        assert any(begin < (start_s + 0.2) * RATE_HZ < begin + span for start_s in STARTS_S)
    assert any(speed != 1000 for _, _, speed in found), "other speeds are heard as well"
    held_out = [Recording(path, Kind.SPEECH, "", "b", Split.VALIDATION) for path in files]
    corpus = load(held_out, tmp_path / "cache", lambda *_: None)
    assert not len(mined(load_model(run / "model.safetensors"), corpus))


def test_what_is_said_is_not_wrong_nor_is_what_lies_beside_it() -> None:
    posteriors = np.zeros((100, 2), dtype=np.float32)
    posteriors[20, 0], posteriors[25, 1], posteriors[70, 1], posteriors[90, 0] = 0.9, 0.8, 0.7, 0.6
    said = np.zeros((100, 2), dtype=np.bool_)
    said[:80, 0] = True
    scores = wrong(posteriors, said)
    assert {int(place): round(float(scores[place]), 3) for place in np.flatnonzero(scores)} == {
        70: 0.7,
        90: 0.6,
    }


def test_a_run_with_hard_places_goes_on_to_the_same_weights(
    data: Path, speech: Path, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = tmp_path / "run"
    with monkeypatch.context() as patched:
        stop_at(patched, 3, 5)
        assert mining(data, speech, run) == 130
    assert "hard" in state(run)
    assert trained(tmp_path, "--resume", run) == 0
    assert_same_run(run, whole)


@pytest.mark.parametrize("gone", ["b-1-0", "c-1-0"])
def test_among_other_recordings_hard_places_are_looked_for_anew(
    data: Path, speech: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str], gone: str,
) -> None:  # fmt: skip
    own, run = tmp_path / "speech", tmp_path / "run"
    shutil.copytree(speech, own)
    shutil.copy(own / "b-1-0.wav", own / "c-1-0.wav")
    write_clip(own / "c-1-0.wav", soundfile.read(own / "c-1-0.wav", dtype="float32")[0][:-8_000])
    with monkeypatch.context() as patched:
        stop_at(patched, 3, 5)
        assert mining(data, own, run) == 130
    (own / f"{gone}.wav").unlink()
    capsys.readouterr()
    assert trained(tmp_path, "--resume", run) == 0
    assert "the recordings are not those" in capsys.readouterr().err
    assert trained(tmp_path, "--resume", run) == 0


def test_the_time_of_an_epoch_is_all_that_it_took(
    data: Path, speech: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(*arguments: Any) -> torch.Tensor:
        time.sleep(2.0)
        return mined(*arguments)

    monkeypatch.setattr(run_module, "mined", slow)
    assert mining(data, speech, tmp_path / "run") == 0
    # Before the first epoch nothing is looked for.
    assert all(line["seconds"] > 2.0 for line in metrics(tmp_path / "run")[1:])


def test_a_run_begins_from_a_model_and_keeps_what_it_knows(whole: Path, tmp_path: Path) -> None:
    data = write_words(tmp_path / "words")
    rng = np.random.default_rng(12)
    for number in range(8):
        write_clip(data / "wobble" / f"{number:08x}_nohash_0.wav", clip("wobble", rng))
    run, model = tmp_path / "run", whole / "model.safetensors"
    words = ("--words", "wobble,fall,hiss,rise")
    given = ("--data", data, *words, "--recipe", tmp_path / "mining.toml", "--out", run)
    (tmp_path / "mining.toml").write_text(MINING)
    # At a rate of next to nothing the weights stay as they were.
    assert trained(tmp_path, *given, "--from", model, "--epochs", "1", "--rate", "1e-12") == 0
    before, after = load_model(model), load_model(run / "model.safetensors")
    assert after.words == ("wobble", "fall", "hiss", "rise")
    assert after.facts["began_from"] == "model.safetensors"
    name = "frame_scores.weight"
    for word in WORDS:
        mine = after.weights[name][after.labels.index(word)]
        assert torch.allclose(mine, before.weights[name][before.labels.index(word)], atol=1e-6)
    # How likely unknown and silence are to it fits what it will hear, whatever the model had heard.
    for label in ("_unknown_", "_silence_"):
        here, there = (
            float(model.weights["window_scores.bias"][model.labels.index(label)])
            - model.facts["owed"][label]
            for model in (before, after)
        )
        assert here == pytest.approx(there, abs=1e-5)
    assert before.facts["owed"] != after.facts["owed"]


def test_a_model_of_another_shape_is_named(
    data: Path, whole: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--data", data, "--words", ",".join(WORDS), "--out", tmp_path / "run")
    code = trained(tmp_path, *words, "--from", whole / "model.safetensors")
    assert "set channels = 24 in the recipe" in complaint(capsys, code)
    code = trained(tmp_path, *words, "--from", tmp_path / "nowhere.safetensors")
    assert "there is no model file" in complaint(capsys, code)
    assert not (tmp_path / "run").exists()
    assert not (tmp_path / "cache").exists(), "it was told after everything was decoded"
