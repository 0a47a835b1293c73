"""Frames: what torchaudio computes, each once, whatever the cuts."""

import numpy as np
import pytest
import torch
import torchaudio
from hypothesis import given, settings
from hypothesis import strategies as st

from kwspot.spotting.features import FeatureConfig, FrameStream, clip_spectra, power_db, spectra

CONFIG = FeatureConfig()


def noise(samples: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(samples, generator=torch.Generator().manual_seed(seed)) * 0.1


def test_a_window_is_257_by_101_and_complex() -> None:
    columns = clip_spectra(noise(16_000), CONFIG)
    assert columns.shape == (257, 101)
    assert columns.dtype == torch.complex64


def test_frames_are_those_of_torchaudio() -> None:
    samples = noise(8_000)
    theirs = torchaudio.transforms.Spectrogram(
        n_fft=512, win_length=480, hop_length=160, power=None, normalized=True, center=False
    )
    # Theirs pads the window within the DFT, so its frame begins 16 samples before ours.
    torch.testing.assert_close(
        spectra(samples[16:], CONFIG)[:, :40], theirs(samples)[:, :40], atol=1e-5, rtol=1e-4
    )


def test_white_noise_has_its_variance_as_power() -> None:
    power = spectra(noise(160_000), CONFIG).abs().square()
    assert float(power[5:250].mean()) == pytest.approx(0.01, rel=0.05)


def test_a_tone_stands_at_its_frequency() -> None:
    time = torch.arange(16_000) / 16_000
    columns_db = power_db(clip_spectra(torch.sin(2 * torch.pi * 1000.0 * time), CONFIG))
    assert int(columns_db[:, 50].argmax()) == 32  # 1000 Hz / (16000 Hz / 512)


def test_frame_t_sees_240_samples_on_either_side_of_160_t() -> None:
    for sample, seen in ((1600 - 239, True), (1600 + 239, True), (1600 - 241, False)):
        samples = torch.zeros(3200)
        samples[sample] = 1.0
        assert bool(clip_spectra(samples, CONFIG)[:, 10].abs().max() > 1e-6) == seen


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 3000), min_size=1, max_size=8))
def test_cuts_do_not_matter(sizes: list[int]) -> None:
    samples = noise(sum(sizes))
    whole = FrameStream(CONFIG, lead_frames=9).push(samples)
    stream = FrameStream(CONFIG, lead_frames=9)
    parts = [stream.push(part) for part in torch.split(samples, sizes)]
    torch.testing.assert_close(torch.cat(parts, dim=1), whole, atol=1e-6, rtol=1e-5)


def test_a_stream_and_a_clip_have_the_same_frames() -> None:
    samples = noise(16_000)
    stream = FrameStream(CONFIG, lead_frames=9)
    columns = torch.cat((stream.push(samples), stream.push(torch.zeros(240))), dim=1)
    torch.testing.assert_close(columns[:, 9:110], clip_spectra(samples, CONFIG))


def test_less_than_a_frame_is_refused() -> None:
    with pytest.raises(ValueError, match="less than one frame"):
        spectra(torch.zeros(479), CONFIG)


@pytest.mark.parametrize("sizes", [{"window_samples": 600}, {"hop_samples": 0}, {"n_fft": 511}])
def test_sizes_that_do_not_fit_are_refused(sizes: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"spectrogram|even"):
        FeatureConfig(**sizes)


def test_power_has_a_floor() -> None:
    silence = torch.zeros(257, 3, dtype=torch.complex64)
    assert np.allclose(power_db(silence).numpy(), -120.0)
