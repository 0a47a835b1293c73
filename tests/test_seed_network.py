"""The network of the seed: its sizes, what it sees, and how it hears a stream."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import safetensors
import safetensors.torch
import torch
from torch import nn
from torchaudio.transforms import Spectrogram

from kwspot.audio.source import Chunk
from kwspot.errors import ModelError
from kwspot.spotting.checkpoint import Checkpoint, load, save
from kwspot.spotting.detector_config import DetectorConfig
from kwspot.spotting.features import FeatureConfig, as_channels, clip_spectra, spectra
from kwspot.spotting.seed_network import POWER_FLOOR, SeedConfig, SeedNetwork
from kwspot.spotting.spotter import Spotter
from kwspot.spotting.stretch import Update
from kwspot.spotting.window_classifier import LOUD_AFTER, LOUD_BEFORE, loudness
from layers import counting

SMALL = SeedConfig(labels=3, channels=(2, 2, 3, 4, 5), hidden=6)


def small_model(config: SeedConfig = SMALL) -> Checkpoint:
    torch.manual_seed(1)
    network = SeedNetwork(config)
    # Scores far enough apart for posteriors that move.
    network.classifier[4].weight.data *= 20.0
    labels = ("fall", "hiss", "rise")
    weights = network.state_dict()
    return Checkpoint(labels, FeatureConfig(), config, DetectorConfig(longest_s=0.45), {}, weights)


def test_the_network_has_the_published_size() -> None:
    config = SeedConfig(labels=30)
    network = SeedNetwork(config).eval()
    parameters = sum(value.numel() for value in network.parameters())
    assert parameters == pytest.approx(1.85e6, rel=0.01)
    assert config.multiplies(101) == pytest.approx(310e6, rel=0.01)
    counted = counting(network)
    assert network(torch.zeros(1, 2, 257, 101)).shape == (1, 30)
    assert config.multiplies(101) == sum(counted)


def test_the_layers_are_those_of_the_method() -> None:
    network = SeedNetwork(SeedConfig(labels=30))
    convolutions = [layer for layer in network.modules() if isinstance(layer, nn.Conv2d)]
    assert [layer.out_channels for layer in convolutions] == [32, 64, 128, 256, 512]
    assert {layer.kernel_size for layer in convolutions} == {(3, 3)}
    assert {layer.padding for layer in convolutions} == {(0, 0)}
    kinds = [type(layer).__name__ for layer in network.convolutions]
    block = ["Conv2d", "BatchNorm2d", "ReLU", "MaxPool2d", "Dropout2d"]
    assert kinds[:20] == block * 4
    assert kinds[20:] == ["Conv2d", "BatchNorm2d", "ReLU", "AdaptiveAvgPool2d", "Dropout2d"]
    assert [layer.p for layer in network.modules() if isinstance(layer, nn.Dropout2d)] == [0.2] * 5
    assert [layer.p for layer in network.modules() if isinstance(layer, nn.Dropout)] == [0.5]
    linear = [layer for layer in network.modules() if isinstance(layer, nn.Linear)]
    assert [(one.in_features, one.out_features) for one in linear] == [(512, 512), (512, 30)]


@pytest.mark.parametrize("power", ["2", "1", "0.5", "log", "complex"])
def test_it_sees_the_spectrogram_of_the_method(power: str) -> None:
    waves = 0.1 * torch.randn(2, 16_000, generator=torch.Generator().manual_seed(4))
    columns = as_channels(clip_spectra(waves, FeatureConfig()))
    seen = SeedNetwork(replace(SMALL, power=power)).picture(columns)
    number = {"log": 2.0, "complex": None}.get(power, float(power) if power[0] in "012" else None)
    transform = Spectrogram(
        n_fft=512,
        win_length=480,
        hop_length=160,
        power=number,
        normalized=True,
        pad_mode="constant",
    )
    made = transform(waves)
    if power == "complex":
        assert seen.shape == (2, 2, 257, 101)
        torch.testing.assert_close(torch.complex(seen[:, 0], seen[:, 1]), made, atol=1e-5, rtol=0)
        return
    assert seen.shape == (2, 1, 257, 101)
    expected = torch.log(made + POWER_FLOOR) if power == "log" else made
    torch.testing.assert_close(seen[:, 0], expected, atol=1e-4, rtol=1e-4)


def test_zeros_around_a_clip_change_four_frames_of_the_mirrored_ones() -> None:
    wave = 0.1 * torch.randn(1, 16_000, generator=torch.Generator().manual_seed(4))
    ours = clip_spectra(wave, FeatureConfig())
    mirrored = Spectrogram(
        n_fft=512, win_length=480, hop_length=160, power=None, normalized=True
    )(wave)  # fmt: skip
    differ = (ours - mirrored).abs().amax(dim=(0, 1)) > 1e-4
    assert torch.nonzero(differ)[:, 0].tolist() == [0, 1, 99, 100]


def sounds(seconds: float) -> np.ndarray:
    """Bursts of noise over faint noise."""
    rng = np.random.default_rng(8)
    samples = 1e-4 * rng.standard_normal(int(16_000 * seconds))
    for start in range(8_000, len(samples) - 8_000, 12_000):
        samples[start : start + 6_000] += rng.uniform(0.1, 0.5) * rng.standard_normal(6_000)
    return samples.astype(np.float32)


def heard(spotter: Spotter, samples: np.ndarray, cuts: list[int]) -> list[Update]:
    stream, updates = spotter.stream(), []
    for first, last in zip([0, *cuts], [*cuts, len(samples)], strict=True):
        updates += stream.push(Chunk(first, samples[first:last]))
    return updates + stream.finish()


def test_a_window_in_a_stream_is_that_window_alone() -> None:
    spotter = Spotter(small_model(), compute="cpu")
    samples = sounds(3.0)
    network = spotter.checkpoint.build()
    padded = np.pad(samples, (16_240, 17_000))
    checked = 0
    for update in heard(spotter, samples, [])[3::9]:
        piece = torch.from_numpy(padded[update.end : update.end + 16_480])
        columns = as_channels(spectra(piece, FeatureConfig()).unsqueeze(0))
        scores = network(columns).softmax(dim=1)[0]
        np.testing.assert_allclose(scores.numpy(), update.posteriors, atol=1e-4)
        checked += 1
    assert checked > 6


@pytest.mark.parametrize("size", [160, 1000, 7_777])
def test_how_a_stream_is_cut_does_not_matter(size: int) -> None:
    spotter = Spotter(small_model(), compute="cpu", threshold=0.3)
    samples = sounds(3.0)
    whole = heard(spotter, samples, [])
    cut = heard(spotter, samples, list(range(size, len(samples), size)))
    assert [update.end for update in cut] == [update.end for update in whole]
    for one, other in zip(cut, whole, strict=True):
        np.testing.assert_allclose(one.posteriors, other.posteriors, atol=1e-4)
        assert (one.detection is None) == (other.detection is None)
    assert any(update.detection for update in whole)


def test_several_streams_at_once_are_each_as_they_are_alone() -> None:
    spotter = Spotter(small_model(), compute="cpu")
    loud = torch.from_numpy(sounds(1.0))
    alone, jobs = [], []
    for gain in (1.0, 0.05):
        stretch, twin = spotter.stretch(0), spotter.stretch(0)
        samples = (gain * loud).numpy()
        alone.append(spotter.classifier.advance([(stretch.state, stretch.take(samples))])[0])
        jobs.append((twin.state, twin.take(samples)))
    for one, other in zip(alone, spotter.classifier.advance(jobs), strict=True):
        np.testing.assert_allclose(one.posteriors, other.posteriors, atol=1e-5)
        np.testing.assert_allclose(one.evidence, other.evidence, atol=1e-5)


def test_only_what_is_loud_beside_its_surroundings_is_sound() -> None:
    levels = torch.full((1, LOUD_BEFORE + 100 + LOUD_AFTER), -60.0)
    levels[0, LOUD_BEFORE + 50] = -20.0
    levels[0, LOUD_BEFORE + 60] = -40.0
    found = loudness(levels)[0]
    assert found.shape == (100,)
    assert found[50] == 1.0
    assert found[60] == 1.0
    assert found[30] == 0.0
    # Far from the peak, -60 dB is measured against the quietest level that counts.
    assert loudness(torch.full((1, 300), -60.0)).eq(1.0).all()
    assert loudness(torch.full((1, 300), -75.0)).eq(0.0).all()


def test_the_file_names_the_kind_and_gives_the_same_network_back(tmp_path: Path) -> None:
    model = small_model()
    save(model, tmp_path / "m.safetensors")
    loaded = load(tmp_path / "m.safetensors")
    assert loaded.kind == "seed"
    assert loaded.network == SMALL
    columns = torch.randn(2, 2, 257, 101, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(loaded.build()(columns), model.build()(columns), atol=0, rtol=0)


def changed(path: Path, change: dict[str, object]) -> None:
    """Rewrite a model file's header."""
    with safetensors.safe_open(path, "pt") as file:
        header = dict(file.metadata())
    facts = json.loads(header["kwspot"])
    for name, value in change.items():
        facts[name] = {**facts[name], **value} if isinstance(value, dict) else value
    header["kwspot"] = json.dumps(facts)
    weights = {name: tensor.contiguous() for name, tensor in small_model().weights.items()}
    safetensors.torch.save_file(weights, path, metadata=header)


@pytest.mark.parametrize("kind", ["transformer", 3, ["seed"]])
def test_a_kind_that_is_not_known_is_of_a_newer_kwspot(tmp_path: Path, kind: object) -> None:
    path = tmp_path / "m.safetensors"
    save(small_model(), path)
    changed(path, {"kind": kind})
    with pytest.raises(ModelError, match="of a newer kwspot"):
        load(path)


@pytest.mark.parametrize(
    "change",
    [
        {"network": {"channels": [2, 2, 3, 4]}},
        {"network": {"channels": [2, 2, 3, 4, 10_000_000]}},
        {"network": {"channels": [2, 2, 3, 4, 0]}},
        {"network": {"channels": 5}},
        {"network": {"channels": [2.5, 2, 3, 4, 5]}},
        {"network": {"hidden": 10_000_000}},
        {"network": {"power": "3"}},
        {"network": {"power": "2"}},
        {"network": {"bins": 70}},
        {"network": {"lookahead": 3}},
        {"network": {"conv_dropout": 4.0}},
        {"features": {"frames": 60}},
        {"kind": None},
    ],
    ids=str,
)
def test_a_header_that_makes_no_sense_is_told(tmp_path: Path, change: dict[str, object]) -> None:
    path = tmp_path / "m.safetensors"
    save(small_model(), path)
    changed(path, change)
    with pytest.raises(ModelError, match="damaged"):
        load(path).build()
