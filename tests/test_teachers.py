"""Learning from models that are there already."""

import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from kwspot.spotting.checkpoint import SILENCE, UNKNOWN, Checkpoint, load, save
from kwspot.spotting.detector_config import DetectorConfig
from kwspot.train.recipe import MixRecipe, Recipe
from kwspot.train.teachers import Teachers
from kwspot.train.tuning import with_less_prior
from training import TWO_EPOCHS, assert_same_run, begun, complaint, state, stop_at, trained
from word_folders import SMALL_RECIPE, WORDS, write_background, write_words

CPU = torch.device("cpu")
RECIPE = Recipe(words=WORDS)
EVEN = MixRecipe(unknown=0.2, silence=0.2)
"""With three words, everything is drawn as often as everything else."""


@pytest.fixture(scope="module")
def teacher(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that tells the made words apart."""
    run = tmp_path_factory.mktemp("teacher") / "run"
    assert begun(data, run, "--epochs", "5") == 0
    return run / "model.safetensors"


def student(data: Path, out: Path, teaching: float, *arguments: str | Path) -> int:
    """Begin a run whose windows are taught to some share by the teachers that are named."""
    recipe = out.parent / "student.toml"
    recipe.write_text(f"{SMALL_RECIPE}frame_weight = 0.0\nteaching = {teaching}\n")
    given = ("--data", data, "--words", ",".join(WORDS), "--recipe", recipe, "--out", out)
    return trained(out.parent, *given, *arguments)


def columns() -> Tensor:
    """Some examples as a network hears them."""
    return torch.randn(4, 2, 257, 101, generator=torch.Generator().manual_seed(1))


def told(*paths: Path, recipe: Recipe = RECIPE, mix: MixRecipe = EVEN) -> Tensor:
    return Teachers(paths, recipe, CPU)(columns(), mix)


def written(path: Path, model: Checkpoint) -> Path:
    save(model, path)
    return path


def with_biases(model: Checkpoint, **biases: float) -> Checkpoint:
    """The model with scores that are this much higher."""
    weights = dict(model.weights)
    weights["window_scores.bias"] = weights["window_scores.bias"].clone()
    for label, more in biases.items():
        weights["window_scores.bias"][model.labels.index(label)] += more
    return replace(model, weights=weights)


@pytest.mark.parametrize(("teaching", "least", "most"), [(0.0, 0.75, 1.0), (1.0, 0.0, 0.4)])
def test_a_student_believes_its_teacher_as_far_as_it_is_told_to(
    teacher: Path, tmp_path: Path, teaching: float, least: float, most: float
) -> None:
    data = write_background(write_words(tmp_path / "words"))
    (data / "rise").rename(data / "kept")
    (data / "fall").rename(data / "rise")
    (data / "kept").rename(data / "fall")
    run = tmp_path / "run"
    assert student(data, run, teaching, "--teacher", teacher, "--epochs", "5") == 0
    facts = load(run / "model.safetensors").facts
    assert facts["teachers"] == ["run/model.safetensors"]
    # By the names of folders of which two are swapped.
    assert least <= facts["validation"]["accuracy"] <= most


def test_several_teachers_tell_their_mean(teacher: Path, tmp_path: Path) -> None:
    model = load(teacher)
    other = written(tmp_path / "other.safetensors", with_biases(model, rise=2.0, fall=-1.0))
    one, two = told(teacher), told(other)
    assert not torch.allclose(one, two, atol=1e-2)
    torch.testing.assert_close(told(teacher, other), (one + two) / 2)
    torch.testing.assert_close(one.sum(dim=1), torch.ones(4))


def test_words_that_are_not_to_be_learned_are_other_speech(teacher: Path, tmp_path: Path) -> None:
    recipe = replace(RECIPE, words=("rise", "fall"))
    model = load(teacher)
    facts = {**model.facts, "owed": {UNKNOWN: 1.0, SILENCE: -0.5}}
    mine = written(tmp_path / "mine.safetensors", replace(model, facts=facts))
    mix = MixRecipe(unknown=0.5, silence=0.1)
    here = told(mine, recipe=recipe, mix=mix)
    with torch.no_grad():
        scores = model.build().eval()(columns())
    # What is heard, whatever was likely before, times how often it is drawn for the student.
    heard = {name: part.exp() for name, part in zip(model.labels, scores.unbind(1), strict=True)}
    heard[UNKNOWN] /= math.exp(1.0)
    heard[SILENCE] /= math.exp(-0.5)
    # Other speech is drawn 2.5 times as often as a word, which "hiss" was.
    other = (2.5 * heard[UNKNOWN] + heard["hiss"]) / 3.5
    parts = (0.2 * heard["rise"], 0.2 * heard["fall"], 0.5 * other, 0.1 * heard[SILENCE])
    expected = torch.stack(parts, dim=1)
    torch.testing.assert_close(here, expected / expected.sum(dim=1, keepdim=True))


def test_what_is_never_drawn_is_never_told(teacher: Path) -> None:
    recipe = replace(RECIPE, words=("rise", "fall"))
    posteriors = told(teacher, recipe=recipe, mix=MixRecipe(unknown=0.0, silence=0.0))
    torch.testing.assert_close(posteriors[:, :2].sum(dim=1), torch.ones(4))


@pytest.mark.parametrize("epochs", [2, 10])
def test_how_often_a_teacher_was_asked_does_not_count(
    teacher: Path, tmp_path: Path, epochs: int
) -> None:
    model = load(teacher)
    mixes = {"mix": MixRecipe(unknown=0.5), "finish_mix": MixRecipe(unknown=0.2)}
    raw = replace(RECIPE, epochs=epochs, prior=1.5, **mixes)
    weights = with_less_prior(model.weights, raw)
    before, after = tmp_path / "before.safetensors", tmp_path / "after.safetensors"
    save(replace(model, facts={"owed": raw.owed(epochs)}), before)
    save(replace(model, weights=weights, facts={"owed": raw.owed(epochs, finished=True)}), after)
    torch.testing.assert_close(told(after), told(before))
    # A student for whom other speech is drawn three times as often has three times the odds of it.
    often = MixRecipe(unknown=3 / 7, silence=1 / 7)
    rise, unknown = (RECIPE.labels.index(label) for label in ("rise", UNKNOWN))
    odds = [
        part[:, unknown].log() - part[:, rise].log()
        for part in (told(after), told(after, mix=often))
    ]
    torch.testing.assert_close(odds[1] - odds[0], torch.full((4,), math.log(3.0)))


def test_a_model_says_what_it_owes_to_how_often_it_was_asked(teacher: Path) -> None:
    facts = load(teacher).facts
    mix = facts["recipe"]["finish_mix"]
    word = (1.0 - mix["unknown"] - mix["silence"]) / 3
    # With three words, either is drawn less often than a word: nothing is taken back.
    assert facts["owed"] == pytest.approx(
        {UNKNOWN: math.log(mix["unknown"] / word), SILENCE: math.log(mix["silence"] / word)}
    )
    # Before the end nothing is taken back, and another mix is drawn.
    recipe = replace(RECIPE, mix=EVEN, finish=0.3, epochs=10)
    assert recipe.owed(7) == pytest.approx({UNKNOWN: 0.0, SILENCE: 0.0})
    assert recipe.owed(8) == recipe.finish_mix.excess(3)
    many = replace(recipe, words=tuple(map(str, range(17))), prior=2.0)
    drawn = recipe.finish_mix.excess(17)
    assert many.owed(10, finished=True) == pytest.approx({name: -x for name, x in drawn.items()})
    assert many.caution == pytest.approx(math.exp(2.0 * drawn[UNKNOWN]))


def test_half_precision_around_it_leaves_what_is_told_whole(teacher: Path) -> None:
    with torch.autocast("cpu", torch.bfloat16):
        here = told(teacher)
    assert here.dtype is torch.float32
    torch.testing.assert_close(here.sum(dim=1), torch.ones(4))
    torch.testing.assert_close(here, told(teacher), atol=0.05, rtol=0.0)


def test_a_taught_run_goes_on_to_the_same_weights_with_the_same_teacher(
    data: Path, teacher: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    mine = written(tmp_path / "mine.safetensors", load(teacher))
    straight, stopped = tmp_path / "straight", tmp_path / "stopped"
    assert student(data, straight, 0.5, "--teacher", mine, *TWO_EPOCHS) == 0
    with monkeypatch.context() as patch:
        stop_at(patch, 1, 3)
        assert student(data, stopped, 0.5, "--teacher", mine, *TWO_EPOCHS) == 130
    kept = state(stopped)
    capsys.readouterr()
    written(mine, with_biases(load(teacher), rise=1.0))
    assert "are not those the run was begun" in complaint(
        capsys, trained(tmp_path, "--resume", stopped)
    )
    mine.unlink()
    assert "mine.safetensors" in complaint(capsys, trained(tmp_path, "--resume", stopped))
    assert all(torch.equal(kept[name], value) for name, value in state(stopped).items())
    written(mine, load(teacher))
    assert trained(tmp_path, "--resume", stopped) == 0
    assert_same_run(straight, stopped)
    # Where thresholds alone are left to choose nobody has to be there to teach.
    mine.unlink()
    model = load(stopped / "model.safetensors")
    facts = {name: fact for name, fact in model.facts.items() if name != "complete"}
    save(replace(model, facts=facts), stopped / "model.safetensors")
    assert trained(tmp_path, "--resume", stopped) == 0
    assert_same_run(straight, stopped)


def test_who_cannot_teach_is_told_in_a_line(
    data: Path, teacher: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    model = load(teacher)
    labels = tuple("jump" if label == "hiss" else label for label in model.labels)
    renamed = replace(model, labels=labels, detector=DetectorConfig(), calibration=None)
    other = written(tmp_path / "other.safetensors", renamed)
    code = student(data, run, 0.5, "--teacher", teacher, "--teacher", other)
    assert f"{other} does not know hiss: " in complaint(capsys, code)
    code = student(data, run, 0.5, "--teacher", tmp_path / "nowhere.safetensors")
    assert "there is no model file" in complaint(capsys, code)
    code = student(data, run, 0.5, "--teacher", teacher.parent)
    assert f"; name {teacher}" in complaint(capsys, code)
    code = student(data, run, 1.5, "--teacher", teacher)
    assert "teaching is a share within 0..1" in complaint(capsys, code)
    given = ("--data", data, "--words", ",".join(WORDS), "--out", run)
    code = trained(tmp_path, *given, "--recipe", "seed", "--teacher", teacher)
    assert "--teacher means nothing to the seed recipe" in complaint(capsys, code)
    assert not run.exists()
