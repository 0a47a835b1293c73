"""The seed recipe's values, split, rates and clips, and what makes no run of it."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch

from kwspot.spotting.checkpoint import load
from kwspot.train.catalog import Kind, Recording, Split
from kwspot.train.random_split import random_split
from kwspot.train.rate_finder import smooth, suggested
from kwspot.train.recipe_file import Folders, read_recipe, write_recipe
from kwspot.train.seed_fit import fitted, one_cycle
from kwspot.train.seed_recipe import SeedRecipe
from training import complaint, trained
from word_folders import WORDS, write_words


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
    seed_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str], options: tuple[str, ...], part: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").symlink_to(seed_data, target_is_directory=True)
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
    seed_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, part: str
) -> None:
    recipe = tmp_path / "r.toml"
    recipe.write_text(text)
    code = trained(tmp_path, "--recipe", recipe, "--data", seed_data, "--out", tmp_path / "run")
    assert part in complaint(capsys, code)


def test_the_default_recipe_has_a_name_and_no_power(
    seed_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ("--data", seed_data, "--recipe", "default")
    assert "--power is of the seed" in complaint(capsys, trained(tmp_path, *given, "--power", "2"))
    assert "bands" not in complaint(capsys, trained(tmp_path, *given, "--epochs", "0"))
    run = tmp_path / "run"
    small = ("--epochs", "1", "--batches", "1", "--batch", "4", "--words", ",".join(WORDS))
    assert trained(tmp_path, *given, *small, "--out", run) == 0
    assert load(run / "model.safetensors").kind == "default"
