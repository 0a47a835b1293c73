"""How scores are shown in the app."""

import pytest

from kwspot.gui.scale import place, score_at
from kwspot.spotting.calibration import score_text


@pytest.mark.parametrize(
    ("score", "text"),
    [(0.0, "0.00"), (0.5, "0.50"), (0.987, "0.99"), (0.9964, "0.996"), (0.99938, "0.9994"),
     (0.99994, "0.99994"), (0.999993, "0.99999"), (0.999996, "1.00"), (1.0, "1.00")],
)  # fmt: skip
def test_a_score_has_the_digits_that_tell_it_from_one(score: float, text: str) -> None:
    assert score_text(score) == text


def test_the_scale_has_room_where_scores_are_sure() -> None:
    shares = [place(score) for score in (0.0, 0.05, 0.5, 0.9, 0.99, 0.999, 1.0)]
    assert shares == sorted(shares)
    assert shares[0] == 0.0
    assert shares[-1] == 1.0
    assert place(0.999) - place(0.9) > 0.3
    for score in (0.05, 0.5, 0.99, 0.999):
        assert score_at(place(score)) == pytest.approx(score)
    assert score_at(1.0) == 1.0
