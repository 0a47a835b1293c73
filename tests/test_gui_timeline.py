"""What the views draw from: rings that keep the newest, and pixels computed once."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

import gui  # noqa: F401 -- skips where there is no Qt
from kwspot.audio.source import Chunk
from kwspot.gui.colour_maps import NAMES, colour_map
from kwspot.gui.picture import Look, Picture, row_weights
from kwspot.gui.timeline import SECONDS, Timeline, decode_db, encode_db
from kwspot.gui.viewport import Viewport
from kwspot.spotting.features import power_db
from kwspot.spotting.stretch import Update

BINS, HOP = 257, 5


def update(end: int, level: float, labels: int = 3) -> Update:
    """A window's update whose five columns all have one amplitude."""
    scores = np.full(labels, level, np.float32)
    columns = torch.full((BINS, HOP), level, dtype=torch.complex64)
    return Update(end, scores, scores / 2, columns, None)


def timeline() -> Timeline:
    return Timeline(BINS, ("a", "b", "c"), HOP)


def test_codes_are_decibels_to_half_a_decibel() -> None:
    columns = torch.randn(BINS, 40, dtype=torch.complex64) * 0.01
    codes = encode_db(columns.numpy())
    exact = power_db(columns).numpy().T
    decoded = np.vectorize(decode_db)(codes.astype(float))
    assert np.abs(decoded - np.maximum(exact, -110.0)).max() <= 0.5 + 1e-3


def test_columns_lie_where_their_time_is() -> None:
    kept = timeline()
    kept.push_updates([update(800 * n, 10.0 ** -(n % 3)) for n in range(1, 10)])
    assert kept.newest == 800 * 9
    for number in range(1, 10):
        codes = kept.columns(5 * number - 4, 5 * number + 1)
        assert {decode_db(float(code)) for code in codes.ravel()} == {-20.0 * (number % 3)}


def test_lost_audio_is_a_gap_in_columns_samples_and_peaks() -> None:
    kept = timeline()
    kept.push_updates([update(800, 1.0), update(4800, 1.0)])
    assert (kept.columns(6, 26) == 0).all()
    assert (kept.columns(26, 31) > 0).all()
    kept.push_chunk(Chunk(0, np.full(800, 0.5, np.float32)))
    kept.push_chunk(Chunk(3200, np.full(1600, 0.25, np.float32)))
    assert kept.peaks(0, 30).tolist() == [0.5] * 5 + [0.0] * 15 + [0.25] * 10
    assert kept.samples(700, 3300).sum() == pytest.approx(50 + 25)


def test_only_the_newest_are_kept_and_nothing_else_is_told() -> None:
    kept = timeline()
    frames = SECONDS * 100
    kept.push_updates([update(800 * n, 1.0) for n in range(1, frames // 5 + 101)])
    assert kept.newest == 160 * (frames + 500)
    assert kept.oldest == 160 * 501
    assert (kept.columns(400, 501) == 0).all()
    assert (kept.columns(501, 600) > 0).all()
    ends, posteriors, smoothed = kept.curves(0, 10**9)
    assert ends.tolist() == [800 * n for n in range(101, frames // 5 + 101)]
    assert (posteriors == 1.0).all()
    assert (smoothed == 0.5).all()


def test_curves_are_those_of_the_stretch() -> None:
    kept = timeline()
    kept.push_updates([update(800 * n, n / 100) for n in range(1, 50)])
    ends, posteriors, _ = kept.curves(8000, 12_000)
    assert ends.tolist() == [800 * n for n in range(10, 15)]
    assert posteriors[:, 0] == pytest.approx([n / 100 for n in range(10, 15)])


def test_a_frozen_copy_stands_still() -> None:
    kept = timeline()
    kept.push_updates([update(800, 1.0)])
    copy = kept.frozen()
    kept.push_updates([update(1600, 1.0)])
    assert (copy.newest, kept.newest) == (800, 1600)


@pytest.mark.parametrize("logarithmic", [False, True])
@pytest.mark.parametrize("height", [50, 257, 900])
def test_rows_are_means_of_bins_in_order(logarithmic: bool, height: int) -> None:
    weights = row_weights(Look(height=height, logarithmic=logarithmic), BINS)
    assert weights.sum(axis=0) == pytest.approx(1.0)
    centres = np.arange(BINS) @ weights
    assert (np.diff(centres) <= 1e-3).all()
    top = Look(logarithmic=logarithmic).frequency(1.0 - 0.5 / height) * 256 / 8000
    assert centres[0] == pytest.approx(top, abs=3.0)
    assert centres[-1] < 5


@pytest.mark.parametrize("px_samples", [53.0, 160.0, 161.7, 600.0])
def test_pixels_are_the_same_however_time_goes_on(px_samples: float) -> None:
    """The ring, filled bit by bit, shows what a picture drawn at once does."""
    rng = np.random.default_rng(1)
    kept = timeline()
    for number in range(1, 200):
        columns = torch.from_numpy(rng.normal(size=(BINS, HOP)).astype(np.complex64))
        scores = np.zeros(3, np.float32)
        kept.push_updates([Update(800 * number, scores, scores, columns, None)])
    look = Look(width=97, height=40, px_samples=px_samples)
    steady, fresh = Picture(), Picture()
    for picture in (steady, fresh):
        picture.set_look(look)
        picture.show(kept)
    last = int(kept.newest // px_samples) - 3
    for right in [*range(last - 150, last, 7), last]:
        steady.pieces(right)
    assert np.array_equal(pixels(steady, last), pixels(fresh, last))
    assert np.array_equal(pixels(steady, last - 60), pixels(fresh, last - 60))


def pixels(picture: Picture, right_px: int) -> NDArray[np.uint32]:
    """What the pieces show, side by side."""
    shown = np.zeros((picture.look.height, picture.look.width), np.uint32)
    for x, image, first, count in picture.pieces(right_px):
        whole = np.frombuffer(image.constBits(), np.uint32)
        whole = whole.reshape(image.height(), image.bytesPerLine() // 4)
        shown[:, x : x + count] = whole[:, first : first + count]
    return shown


def test_louder_is_brighter_in_every_map() -> None:
    for name in NAMES:
        colours = colour_map(name)
        red, green, blue = (colours >> shift & 255 for shift in (16, 8, 0))
        brightness = 0.2126 * red + 0.7152 * green + 0.0722 * blue
        assert (np.diff(brightness) > -1.0).all()
        assert brightness[-1] - brightness[0] > 150


def test_the_viewport_moves_evenly_although_columns_come_in_bursts() -> None:
    view = Viewport()
    newest, steps = 16_000, []
    view.follow(newest, 0.016, 1.0)
    for number in range(400):
        if number % 6 == 0:  # about every tenth of a second
            newest += 6 * 256
        before = view.right
        view.follow(newest, 0.016, 1.0)
        steps.append(view.right - before)
        assert view.right <= newest
    assert np.mean(steps[100:]) == pytest.approx(256, rel=0.02)
    assert max(steps[100:]) < 1.5 * 256
    assert min(steps[100:]) > 0.5 * 256


def test_looking_back_stays_within_what_is_there() -> None:
    view = Viewport()
    view.follow(160_000, 0.016, 0.0)
    view.pan(100.0, 0, 160_000)
    assert not view.live
    assert view.left == 0.0
    view.pan(-100.0, 0, 160_000)
    assert view.right == 160_000
