"""Bad microphones and noise gates, as training hears them."""

import numpy as np
import pytest

from kwspot.train.microphones import DEEPEST_DB, noise_gated, response_db, through_microphone

HERTZ = np.array([50.0, 100.0, 1000.0, 1500.0, 4000.0, 8000.0])


def gains(count: int = 400) -> np.ndarray:
    rng = np.random.default_rng(0)
    return np.array([response_db(rng, HERTZ) for _ in range(count)])


def test_every_kind_of_microphone_is_drawn() -> None:
    drawn = gains()
    boomy, thin = drawn[:, 0] > 0, drawn[:, 0] < 0
    # From 4 to 8 kHz the one falls by 60 dB, as far as it may, the other by 14 at most.
    muffled = (drawn[:, 0] == 0) & (drawn[:, 5] - drawn[:, 4] >= -14.0) & (drawn[:, 4] < 0)
    limited = (drawn[:, 0] == 0) & (drawn[:, 3] == 0) & (drawn[:, 5] <= -59.0)
    assert min(kind.sum() for kind in (muffled, limited, boomy, thin)) > 40
    assert drawn.min() >= DEEPEST_DB
    assert drawn.max() <= 24.0


def tone(hertz: float, length: int = 8000) -> np.ndarray:
    return np.sin(2 * np.pi * hertz * np.arange(length) / 16_000).astype(np.float32)


@pytest.mark.parametrize("seed", range(8))
def test_a_sound_takes_the_response_of_its_microphone(seed: int) -> None:
    expected = response_db(np.random.default_rng(seed), HERTZ)
    # A sine at half the sample rate is all zeros.
    for hertz, gain in zip(HERTZ[:-1], expected[:-1], strict=True):
        out = through_microphone(np.random.default_rng(seed), tone(hertz))
        assert out.dtype == np.float32
        # Its own spectrum is one bin: half a second holds whole periods of it.
        assert 20 * np.log10(np.abs(out).max()) == pytest.approx(gain, abs=0.3)


def test_a_noise_gate_leaves_what_is_loud_and_cuts_what_is_faint() -> None:
    loud, faint = tone(500.0), tone(3000.0) * np.float32(10 ** (-40 / 20))
    sound = np.concatenate((faint, loud, faint, np.zeros(77, dtype=np.float32)))
    for seed in range(20):
        out = noise_gated(np.random.default_rng(seed), sound)
        assert len(out) == len(sound)
        np.testing.assert_array_equal(out[8100:15_900], loud[100:7900])
        # 80 ms after the loud part it is shut for sure.
        for part in (out[:7800], out[16_000 + 1500 : 24_000]):
            assert np.abs(part).max() <= np.abs(faint).max() * 10 ** (-29 / 20)


def test_a_noise_gate_stays_open_over_faint_sounds_it_lets_through() -> None:
    sound = np.concatenate((tone(500.0), tone(500.0) * np.float32(10 ** (-8 / 20))))
    out = noise_gated(np.random.default_rng(1), sound)
    np.testing.assert_array_equal(out, sound)


def test_silence_goes_through_as_silence() -> None:
    nothing = np.zeros(1000, dtype=np.float32)
    assert not noise_gated(np.random.default_rng(0), nothing).any()
    assert not through_microphone(np.random.default_rng(0), nothing).any()
