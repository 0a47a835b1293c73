"""Recipes: every value checked, and a file gives back what was written."""

from dataclasses import replace
from pathlib import Path

import pytest

from kwspot.errors import OptionError
from kwspot.resources import bundled_model
from kwspot.spotting.checkpoint import load
from kwspot.train import recipe_file
from kwspot.train.recipe import FINISH, MixRecipe, Recipe
from kwspot.train.recipe_file import Folders, read_recipe, write_recipe


def test_a_recipe_comes_back_as_it_was_written(tmp_path: Path) -> None:
    recipe = Recipe(
        words=("yes", 'q"uote', "été"),
        epochs=3,
        rate=1e-5,
        mix=MixRecipe(speed=(0.9, 1.1)),
        finish_mix=MixRecipe(noise=0.3),
    )
    folders = Folders(tmp_path / "da ta\x7f", extra=(tmp_path / "a", tmp_path / "b"),
                      teacher=(tmp_path / "t",))  # fmt: skip
    write_recipe(tmp_path / "recipe.toml", recipe, folders)
    settings = read_recipe(tmp_path / "recipe.toml")
    assert Recipe(**settings.values) == recipe
    assert Folders(**settings.folders) == folders


def test_the_recipes_that_come_along_are_for_the_words_of_the_bundled_model() -> None:
    files = sorted(Path(recipe_file.__file__).parent.glob("*.toml"))
    names = ["kwspot-17-streams", "kwspot-17-teacher", "kwspot-17"]
    assert [path.stem for path in files] == names
    bundled = load(bundled_model())
    small = {}
    for path in files:
        recipe = Recipe(**read_recipe(path).values)
        assert recipe.words == bundled.words
        small[path.stem] = recipe.network(bundled.features) == bundled.network
    assert small == dict.fromkeys(names, True) | {"kwspot-17-teacher": False}


def test_the_end_of_a_run_is_drawn_by_its_own_mix(tmp_path: Path) -> None:
    (tmp_path / "r.toml").write_text("epochs = 10\nfinish = 0.3\n[finish_mix]\nroom = 0.7\n")
    recipe = Recipe(words=("yes", "no"), **read_recipe(tmp_path / "r.toml").values)
    assert recipe.finish_mix == replace(FINISH, room=0.7)
    assert [recipe.mix_of(epoch) is recipe.finish_mix for epoch in range(10)] == (
        [False] * 7 + [True] * 3
    )
    assert replace(recipe, finish=0.0).mix_of(9) is recipe.mix
    assert replace(recipe, finish=1.0).mix_of(0) is recipe.finish_mix


def test_folders_are_relative_to_the_recipe(tmp_path: Path) -> None:
    (tmp_path / "r.toml").write_text('[data]\ndata = "clips"\nnoise = ["hum"]\n')
    folders = read_recipe(tmp_path / "r.toml").folders
    assert folders == {"data": tmp_path / "clips", "noise": (tmp_path / "hum",)}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("epoch = 3", "no setting 'epoch'; did you mean 'epochs'"),
        ("[mix]\nnoises = 0.5", "no setting 'noises'; did you mean 'noise'"),
        ("[data]\nroom = []", "no setting 'room'; did you mean 'rooms'"),
        ("epochs = 2.5", "epochs is a whole number"),
        ('rate = "fast"', "rate is a number"),
        ("words = [1]", "words is a list of words"),
        ("[mix]\nspeed = 2", "speed is a pair of numbers"),
        ("mix = 3", "are tables"),
        ("epochs 3", "not a recipe"),
        ("[mix]\nnoise = 1.5", "noise is a share within 0..1"),
        ("[mix]\nunknown = 0.9\nsilence = 0.1", "no room for words"),
        ("[mix]\nspeed = [1.2, 0.8]", "speed is a range from low to high"),
        ("[mix]\nwarp = [0.4, 1.2]", "warp lies within 0.5..2"),
        ("[mix]\nmufled = 0.5", "did you mean 'muffled'"),
        ("[finish_mix]\nnoise_gate = 1.5", "noise_gate is a share within 0..1"),
        ("[mix]\npeak_db = [-inf, 0.0]", "peak_db lies within -200..200"),
        ("[mix]\nsnr_db = [0.0, 2000.0]", "snr_db lies within -200..200"),
        ('[data]\nteacher = "x"', "teacher takes a list of names of model files"),
        ('[data]\nstart = ["x"]', "start takes the name of a model file"),
        ('[data]\nnoise = "x"', "noise takes a list of names of folders"),
    ],
)
def test_what_is_no_recipe_is_told(tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / "r.toml").write_text(text)
    with pytest.raises(OptionError) as caught:
        read_recipe(tmp_path / "r.toml")
    assert complaint in str(caught.value)


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"words": ("yes",)}, "two or more"),
        ({"words": ("yes", "yes")}, "each word is named once"),
        ({"words": ("yes", "_silence_")}, "name words alone"),
        ({"epochs": 0}, "epochs is 0"),
        ({"finish": 1.5}, "finish is a share"),
        ({"prior": -0.1}, "prior lies within 0..4"),
        ({"prior": 5.0}, "prior lies within 0..4"),
        ({"bands": 8}, "bands is 8"),
        ({"batch": 1}, "batch is 1"),
        ({"rate": 0.0}, "rate is 0"),
        ({"rate": float("nan")}, "rate is nan"),
        ({"seed": -1}, "seed is -1"),
        ({"seed": 2**63}, "2^63 - 1"),
        ({"channels": 1_000_000}, "channels is 1000000"),
        ({"ema": 1.0}, "ema is 1"),
    ],
)
def test_values_that_make_no_run_are_told(values: dict[str, object], complaint: str) -> None:
    given: dict[str, object] = {"words": ("yes", "no"), **values}
    with pytest.raises(OptionError) as caught:
        Recipe(**given)  # type: ignore[arg-type]
    assert complaint in str(caught.value)
