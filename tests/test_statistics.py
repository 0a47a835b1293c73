"""Intervals, the paired test and calibration, against values worked out elsewhere or by hand."""

import math

import numpy as np
import pytest

from kwspot.train.calibration import calibration_error, fitted_temperature, tempered
from kwspot.train.intervals import wilson
from kwspot.train.paired import Paired, mcnemar, paired


@pytest.mark.parametrize(
    ("right", "total", "low", "high"),
    [
        # Newcombe 1998, Statistics in Medicine 17, table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (0, 0, 0.0, 1.0),
    ],
)
def test_wilsons_interval(right: int, total: int, low: float, high: float) -> None:
    assert wilson(right, total) == pytest.approx((low, high), abs=5e-5)
    assert wilson(total - right, total) == pytest.approx((1 - high, 1 - low), abs=5e-5)


@pytest.mark.parametrize(
    ("one", "other", "p"),
    [
        (0, 0, 1.0),
        (4, 4, 1.0),
        (0, 1, 1.0),
        (0, 6, 2 / 64),
        (1, 9, 22 / 1024),
        (2, 12, 212 / 16384),
    ],
)
def test_the_exact_test_of_mcnemar(one: int, other: int, p: float) -> None:
    assert mcnemar(one, other) == pytest.approx(p, rel=1e-12)
    assert mcnemar(other, one) == mcnemar(one, other)


def test_many_clips_come_near_the_normal_distribution() -> None:
    one, other = 6_000, 5_800
    z = (abs(one - other) - 1) / math.sqrt(one + other)
    assert mcnemar(one, other) == pytest.approx(math.erfc(z / math.sqrt(2)), rel=1e-2)
    assert mcnemar(3_000, 0) == 0.0


def test_clips_are_counted_by_who_names_them_rightly() -> None:
    first = np.array([True, True, True, False, False, True])
    second = np.array([True, False, False, True, False, True])
    found = paired(first, second)
    assert found == Paired(both=2, only_first=2, only_second=1, neither=1)
    assert found.p == mcnemar(2, 1)


def test_the_calibration_error_is_the_mean_distance_of_bins() -> None:
    # One bin: 0.9 and 0.92, one of two right; another: 0.5 and 0.5, both right.
    scores = np.array([0.9, 0.92, 0.5, 0.5])
    right = np.array([True, False, True, True])
    expected = (2 * abs(0.91 - 0.5) + 2 * abs(0.5 - 1.0)) / 4
    # 0.9 and 0.92 lie in the bin from 13/15 to 14/15.
    assert calibration_error(scores, right) == pytest.approx(expected)
    assert calibration_error(np.array([1.0, 0.0]), np.array([True, False])) == 0.0


def test_errors_of_one_bin_make_up_for_each_other_and_those_of_two_do_not() -> None:
    right = np.array([True, False])
    assert calibration_error(np.array([0.5, 0.5]), right) == 0.0
    assert calibration_error(np.array([0.6, 0.4]), right) == pytest.approx(0.4)


def test_the_temperature_makes_scores_as_high_as_the_share_that_is_right() -> None:
    # 0.9 where three of four are right: ln 9 / T = ln 3 at T = 2.
    posteriors = np.array([[0.9, 0.1]] * 4, np.float32)
    truth = np.array([0, 0, 1, 0])
    temperature = fitted_temperature(posteriors, truth)
    assert temperature == pytest.approx(2.0, rel=1e-4)
    assert tempered(posteriors, 2.0)[0] == pytest.approx([0.75, 0.25], rel=1e-5)


def test_a_model_that_is_not_sure_enough_is_cooled() -> None:
    # 0.75 where nine of ten are right: ln 3 / T = ln 9 at T = 0.5.
    posteriors = np.array([[0.75, 0.25]] * 10, np.float32)
    truth = np.array([0] * 9 + [1])
    assert fitted_temperature(posteriors, truth) == pytest.approx(0.5, rel=1e-4)


def test_without_an_error_or_without_clips_there_is_no_temperature() -> None:
    posteriors = np.array([[0.9, 0.1], [0.2, 0.8]], np.float32)
    assert fitted_temperature(posteriors, np.array([0, 1])) is None
    assert fitted_temperature(posteriors, np.array([1, 0])) is None
    assert fitted_temperature(posteriors[:0], np.array([], int)) is None


def test_posteriors_that_are_rounded_to_zero_can_be_tempered() -> None:
    rows = tempered(np.array([[1.0, 0.0, 0.0]], np.float32), 3.0)
    assert np.isfinite(rows).all()
    assert rows.sum() == pytest.approx(1.0)
