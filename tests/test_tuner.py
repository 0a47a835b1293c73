"""The app's thresholds: the model's, the user's own, and one sensitivity for all."""

from dataclasses import replace

import pytest

from kwspot.gui.tuner import Tuner
from kwspot.resources import bundled_model
from kwspot.spotting.calibration import LADDER
from kwspot.spotting.checkpoint import load
from kwspot.spotting.room import Room
from test_calibration import WORDS, curves


@pytest.fixture
def tuner() -> Tuner:
    tuner = Tuner()
    tuner.set_model(replace(load(bundled_model()), calibration=curves()))
    return tuner


def test_sensitivity_is_a_number_of_false_alarms_an_hour(tuner: Tuner) -> None:
    assert tuner.false_per_hour == 0.5
    assert tuner.threshold("yes") == pytest.approx(curves().threshold_for("yes", 0.5 / len(WORDS)))
    tuner.set_sensitivity(0.2)
    assert tuner.false_per_hour == pytest.approx(5.0)
    expected = curves().threshold_for("yes", 5.0 / len(WORDS))
    assert tuner.threshold("yes") == pytest.approx(expected, abs=1e-3)


def test_the_budget_is_shared_by_the_words_that_are_on(tuner: Tuner) -> None:
    for word in WORDS[1:]:
        tuner.set_enabled(word, False)
    assert tuner.threshold(WORDS[0]) == pytest.approx(curves().threshold_for(WORDS[0], 0.5))


def test_a_threshold_of_ones_own_moves_with_the_sensitivity(tuner: Tuner) -> None:
    tuner.set_sensitivity(0.2)
    tuner.set_threshold("yes", 0.7)
    assert tuner.threshold("yes") == pytest.approx(0.7)
    tuner.set_sensitivity(0.0)
    assert 0.7 < tuner.threshold("yes") < 0.95
    tuner.reset()
    assert tuner.threshold("yes") == pytest.approx(curves().threshold_for("yes", 0.5 / len(WORDS)))


def test_a_room_takes_the_place_of_the_models_false_alarms() -> None:
    model = replace(load(bundled_model()), calibration=curves())
    quiet = Room.empty(model, "desk").heard(20.0, {word: (0,) * len(LADDER) for word in WORDS})
    tuner = Tuner()
    tuner.set_model(model, quiet)
    assert tuner.threshold("yes") < curves().threshold_for("yes", 0.5 / len(WORDS))


def test_without_costs_sensitivity_moves_all_thresholds_alike() -> None:
    model = replace(load(bundled_model()), calibration=None)
    tuner = Tuner()
    tuner.set_model(model)
    before = tuner.threshold("yes")
    tuner.set_sensitivity(0.1)
    assert tuner.false_per_hour is None
    assert tuner.threshold("yes") == pytest.approx(before - 0.1)
