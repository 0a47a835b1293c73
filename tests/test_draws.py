"""What is drawn for a batch is decided by seed and place, whoever trains on which of its rows."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from kwspot.spotting.features import FeatureConfig
from kwspot.spotting.network import Network, NetworkConfig
from kwspot.train.batches import Second, Targets, overlaid
from kwspot.train.draws import Draws, Dropout, coded, masked, warped
from kwspot.train.fit import Fitter
from kwspot.train.mixing import Example
from kwspot.train.recipe import Recipe

BATCH = 7
WHOLE = slice(0, BATCH)


def changed(rows: slice, place: int = 3) -> tuple[Tensor, ...]:
    """Other voices, codec losses, masks and dropout of some rows of a batch."""
    rng = torch.Generator().manual_seed(1)
    columns = torch.randn(BATCH, 20, 30, dtype=torch.complex64, generator=rng)
    bands = torch.randn(BATCH, 24, 40, generator=rng)
    draws = Draws(1, 2, place, BATCH, rows)
    dropout = Dropout(0.5)
    dropout.draws = draws
    return (
        warped(columns[rows], 0.5, (0.8, 1.25), draws),
        coded(columns[rows], 0.5, draws),
        masked(bands[rows], 0.5, draws),
        dropout(torch.ones(BATCH, 50)[rows]),
    )


def test_rows_of_a_batch_are_changed_as_in_the_whole_batch() -> None:
    parts = [changed(rows) for rows in (slice(0, 3), slice(3, 7))]
    for whole, *shares in zip(changed(WHOLE), *parts, strict=True):
        assert torch.equal(whole, torch.cat(shares))


def test_every_place_has_numbers_of_its_own() -> None:
    kinds = [(1, 2, 3), (2, 2, 3), (1, 3, 3), (1, 2, 4), (1, 2, 0), (0, 0, 0)]
    first = {tuple(Draws(*kind, BATCH, WHOLE).uniform(3).flatten().tolist()) for kind in kinds}
    assert len(first) == len(kinds)
    one, other = changed(WHOLE, 3), changed(WHOLE, 4)
    assert not any(torch.equal(mine, theirs) for mine, theirs in zip(one, other, strict=True))


def tone(place: int) -> Tensor:
    """A tone in one bin of 257, and a little in the next, complex64 (64, 257, 3)."""
    columns = torch.zeros(64, 257, 3, dtype=torch.complex64)
    columns[:, place], columns[:, place + 1] = 1j, 0.5j
    return columns


@pytest.mark.parametrize("factor", [0.85, 1.0, 1.2])
def test_of_another_vocal_tract_every_frequency_is_scaled(factor: float) -> None:
    for place in (20, 60, 110):
        out = warped(tone(place), 1.0, (factor, factor), Draws(0, 0, 0, 64, slice(None))).abs()
        assert abs(int(out[0, :, 0].argmax()) - place * factor) <= 1.0
        assert torch.equal(out[:, :, :1].expand_as(out), out)


def test_a_band_keeps_its_ends_and_its_order_under_another_vocal_tract() -> None:
    ramp = torch.arange(257.0).to(torch.complex64).view(1, 257, 1)
    for factor in (0.5, 0.85, 1.2, 2.0):
        out = warped(ramp, 1.0, (factor, factor), Draws(0, 0, 0, 1, slice(None))).real.flatten()
        assert out[[0, -1]].tolist() == pytest.approx([0.0, 256.0], abs=1e-3)
        assert (out.diff() > 0).all()


def test_only_a_share_has_another_vocal_tract_and_each_one_of_its_own() -> None:
    columns = torch.randn(200, 257, 2, dtype=torch.complex64, generator=torch.manual_seed(1))
    for shape in (columns, tone(60).repeat(4, 1, 1)[:200]):
        out = warped(shape, 0.3, (0.85, 1.2), Draws(5, 0, 0, 200, slice(None)))
        hit = (out != shape).flatten(1).any(dim=1)
        assert 35 <= int(hit.sum()) <= 85
    peaks = {int(row.argmax()) for row in out.abs()[:, :, 0]}
    assert min(peaks) < 56
    assert max(peaks) > 66
    assert warped(columns, 0.0, (0.85, 1.2), Draws(5, 0, 0, 200, slice(None))) is columns


def test_dropout_drops_its_share_and_keeps_the_mean() -> None:
    dropout = Dropout(0.25)
    dropout.draws = Draws(0, 0, 0, 1000, slice(0, 1000))
    out = dropout(torch.ones(1000, 200))
    assert out.unique().tolist() == [0.0, pytest.approx(4 / 3)]
    assert (out == 0).float().mean().item() == pytest.approx(0.25, abs=0.005)
    assert torch.equal(dropout.eval()(torch.ones(2, 3)), torch.ones(2, 3))


def example(label: int, level: float) -> Example:
    rng = np.random.default_rng(label)
    wave = (level * rng.standard_normal(16_480)).astype(np.float32)
    return Example(wave, label, np.full(101, label), np.ones(257, dtype=np.float32))


def test_of_two_waves_each_counts_by_its_energy() -> None:
    loud, faint = example(1, 0.1), example(2, 0.05)
    pair = overlaid(faint, loud)
    assert pair.louder is loud
    assert pair.fainter is faint
    assert pair.share == pytest.approx(0.2, abs=0.01)
    np.testing.assert_allclose(pair.wave, loud.wave + faint.wave)
    assert overlaid(example(1, 0.0), example(2, 0.0)).share == 0.0


def test_a_second_sound_takes_its_share_of_the_loss() -> None:
    recipe = Recipe(words=("yes", "no"), batch=3)
    network = Network(NetworkConfig(labels=4, channels=8, features=8))
    fit = Fitter(recipe, {}, network, 0)
    rng = torch.Generator().manual_seed(0)
    scores, evidence = torch.randn(3, 4, generator=rng), torch.randn(3, 51, 4, generator=rng)
    frames = FeatureConfig().frames
    one, other = (Targets(torch.full((3,), n), torch.full((3, frames), n)) for n in (0, 3))
    share = torch.tensor([0.0, 0.5, 0.25])
    mixed = fit._sums(scores, evidence, one, Second(other, share))
    for row in range(3):
        rows = slice(row, row + 1)
        alone = [
            fit._sums(scores[rows], evidence[rows], Targets(t.labels[rows], t.frames[rows]), None)
            for t in (one, other)
        ]
        weights = (1.0 - share[row], share[row])
        parts = [weights[0] * a + weights[1] * b for a, b in zip(*alone, strict=True)]
        mixed = tuple(left - part for left, part in zip(mixed, parts, strict=True))
    assert all(left.abs().item() < 1e-3 for left in mixed)
    assert isinstance(network.dropout, nn.Dropout)
