"""The network: unpadded, so that a window's features are a slice of the stream's, and small."""

import pytest
import torch

from kwspot.resources import bundled_model
from kwspot.spotting.checkpoint import load
from kwspot.spotting.network import Network, NetworkConfig

CONFIG = NetworkConfig(labels=5, bands=20, channels=16, features=24)


@pytest.fixture
def network() -> Network:
    torch.manual_seed(0)
    built = Network(CONFIG)
    with torch.no_grad():  # statistics of a network in use, not those of a new one
        built.train()(torch.randn(8, 2, 257, 101))
    return built.eval().requires_grad_(False)


def test_features_of_a_window_are_a_slice_of_the_streams(network: Network) -> None:
    columns = torch.randn(1, 2, 257, 400)
    stream = network.trunk(columns)
    for start in (0, 7, 123, 299):
        window = network.trunk(columns[..., start : start + 101])
        torch.testing.assert_close(window, stream[..., start : start + 51], atol=1e-4, rtol=1e-4)


def test_a_feature_sees_its_receptive_field_and_no_more(network: Network) -> None:
    columns = torch.randn(1, 2, 257, 151)
    changed = columns.clone()
    changed[..., 75] += 10.0
    differs = (network.trunk(columns) != network.trunk(changed)).any(dim=1)[0]
    first = 75 - CONFIG.receptive_frames + 1
    assert differs.nonzero().flatten().tolist() == list(range(first, 76))


def test_scores_do_not_depend_on_the_rest_of_the_batch(network: Network) -> None:
    columns = torch.randn(4, 2, 257, 101)
    torch.testing.assert_close(network(columns)[2], network(columns[2:3])[0], atol=1e-5, rtol=1e-4)


def test_bands_stay_within_their_triangles(network: Network) -> None:
    network.train().requires_grad_(True)
    before = network.bands.weight.detach() == 0
    optimiser = torch.optim.SGD(network.parameters(), lr=0.1)
    network(torch.randn(4, 2, 257, 101)).square().mean().backward()
    optimiser.step()
    assert bool((network.bands.weight[before] == 0).all())
    assert bool((network.bands.weight[~before] != 0).any())


def test_every_band_hears_something(network: Network) -> None:
    assert bool((network.bands.weight.abs().sum(dim=1) > 0).all())


@pytest.mark.parametrize("sizes", [{"labels": 0}, {"kernel": 4}, {"lookahead": 99}])
def test_sizes_that_make_no_network_are_refused(sizes: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"size|odd|receptive"):
        NetworkConfig(**{"labels": 5, **sizes})


def test_the_bundled_network_is_small() -> None:
    checkpoint = load(bundled_model())
    assert sum(tensor.numel() for tensor in checkpoint.weights.values()) <= 500_000
    assert bundled_model().stat().st_size < 8_000_000
    assert checkpoint.features.bins == 257
    assert checkpoint.features.frames == 101
