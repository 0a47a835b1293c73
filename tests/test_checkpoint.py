"""Model files: what was saved is loaded, and nothing else is."""

import json
import pickle
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
import safetensors.torch
import torch

from kwspot.errors import ModelError
from kwspot.resources import bundled_model
from kwspot.spotting.checkpoint import Checkpoint, load, save
from kwspot.spotting.detector_config import DetectorConfig
from kwspot.spotting.features import FeatureConfig
from kwspot.spotting.network import Network, NetworkConfig


@pytest.fixture
def checkpoint() -> Checkpoint:
    config = NetworkConfig(labels=4, bands=8, channels=8, features=8)
    return Checkpoint(
        labels=("yes", "no", "_unknown_", "_silence_"),
        features=FeatureConfig(),
        network=config,
        detector=DetectorConfig(thresholds={"yes": 0.7}),
        facts={"licence": "none", "figures": {"accuracy": 0.5}},
        weights=Network(config).state_dict(),
    )


def test_what_is_saved_is_loaded(checkpoint: Checkpoint, tmp_path: Path) -> None:
    save(checkpoint, tmp_path / "m.safetensors")
    loaded = load(tmp_path / "m.safetensors")
    assert replace(loaded, weights={}) == replace(checkpoint, weights={})
    assert all(torch.equal(loaded.weights[k], v) for k, v in checkpoint.weights.items())
    assert loaded.words == ("yes", "no")
    assert loaded.detector.threshold_of("yes") == 0.7
    assert loaded.detector.threshold_of("no") == loaded.detector.threshold
    assert [path.name for path in tmp_path.iterdir()] == ["m.safetensors"]


def test_a_model_that_cannot_be_written_leaves_the_old_one(
    checkpoint: Checkpoint, tmp_path: Path
) -> None:
    with pytest.raises(ModelError, match="cannot be written"):
        save(checkpoint, tmp_path / "missing" / "m.safetensors")


def test_the_bundled_model_loads_and_says_where_it_comes_from() -> None:
    checkpoint = load(bundled_model())
    ten = ["yes", "no", "up", "down", "left", "right", "on", "off", "stop", "go"]
    more = ["zero", "one", "five", "eight", "bed", "cat", "happy"]
    assert checkpoint.words == (*ten, *more)
    assert {"_unknown_", "_silence_"} < set(checkpoint.labels)
    assert "CC BY 4.0" in json.dumps(dict(checkpoint.facts))


def damaged(path: Path, kind: str, checkpoint: Checkpoint) -> None:
    good = path.with_name("good.safetensors")
    save(checkpoint, good)
    match kind:
        case "truncated":
            path.write_bytes(good.read_bytes()[:-100])
        case "empty":
            path.write_bytes(b"")
        case "text":
            path.write_text("not a model")
        case "pickle":
            path.write_bytes(pickle.dumps({"weights": [1]}))
        case "torch":
            with zipfile.ZipFile(path, "w") as archive:
                archive.writestr("data.pkl", b"x")
        case "foreign":
            safetensors.torch.save_file({"w": torch.zeros(3)}, path)
        case "newer":
            header = {"format": "99", "kwspot": "{}"}
            safetensors.torch.save_file({"w": torch.zeros(3)}, path, metadata=header)
        case "header":
            header = {"format": "1", "kwspot": '{"labels": 3}'}
            safetensors.torch.save_file({"w": torch.zeros(3)}, path, metadata=header)
        case "nan":
            weights = dict(checkpoint.weights) | {"stem.1.bias": torch.full((8,), float("nan"))}
            save(replace(checkpoint, weights=weights), path)


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("missing", "there is no model file"),
        ("truncated", "truncated"),
        ("empty", "truncated"),
        ("text", "truncated"),
        ("pickle", "pickle"),
        ("torch", "pickle"),
        ("foreign", "not a kwspot model"),
        ("newer", "install the newest kwspot"),
        ("header", "damaged header"),
        ("nan", "not finite"),
    ],
)
def test_a_file_that_is_no_model_is_told(
    checkpoint: Checkpoint, tmp_path: Path, kind: str, says: str
) -> None:
    path = tmp_path / "model.safetensors"
    damaged(path, kind, checkpoint)
    with pytest.raises(ModelError, match=says) as caught:
        load(path)
    assert "\n" not in str(caught.value)


def test_a_folder_in_the_place_of_a_model_is_told_with_what_to_name(
    checkpoint: Checkpoint, tmp_path: Path
) -> None:
    with pytest.raises(ModelError, match=r"is a folder; name a model file, which ends in"):
        load(tmp_path)
    save(checkpoint, tmp_path / "best.safetensors")
    with pytest.raises(ModelError, match=r"is a folder; name .*best\.safetensors$"):
        load(tmp_path)
    # A run folder holds more of them: its model is the one that is meant.
    save(checkpoint, tmp_path / "model.safetensors")
    with pytest.raises(ModelError, match=r"is a folder; name .*model\.safetensors$"):
        load(tmp_path)


def test_a_pickle_is_never_run(tmp_path: Path) -> None:
    mark = tmp_path / "ran"

    class Trap:
        def __reduce__(self) -> tuple[object, tuple[object, ...]]:
            return Path.touch, (mark,)

    path = tmp_path / "model.safetensors"
    path.write_bytes(pickle.dumps(Trap()))
    with pytest.raises(ModelError):
        load(path)
    assert not mark.exists()


def test_weights_of_another_shape_are_told(checkpoint: Checkpoint, tmp_path: Path) -> None:
    weights = dict(checkpoint.weights)
    weights["window_scores.bias"] = torch.zeros(9)
    save(replace(checkpoint, weights=weights), tmp_path / "m.safetensors")
    with pytest.raises(ModelError, match="do not fit"):
        load(tmp_path / "m.safetensors").build()


def test_a_header_whose_length_looks_like_a_pickle_is_no_pickle(
    checkpoint: Checkpoint, tmp_path: Path
) -> None:
    path = tmp_path / "m.safetensors"
    for padding in range(0, 256, 8):  # headers are padded to multiples of 8
        save(replace(checkpoint, facts={"padding": "x" * padding}), path)
        if path.read_bytes()[0] == 0x80:
            break
    else:
        raise AssertionError("no length began with the byte of a pickle")
    assert load(path).facts["padding"] == "x" * padding


HEADERS = [
    {"facts": [1]},
    {"labels": [1, 2, 3, 4]},
    {"features": {"hop_samples": 7}},
    {"features": {"n_fft": 1024}},
    {"features": {"frames": 101.5}},
    {"features": {"sample_rate_hz": 8000}},
    {"network": {"bins": 300}},
    {"network": {"dropout": 7.0}},
    {"network": {"channels": 10_000_000}},
    {"network": {"pairs": 10_000_000}},
    {"detector": {"smoothing_s": float("nan")}},
    {"detector": {"longest_s": 1e12}},
    {"detector": {"thresholds": [0.5]}},
    {"detector": {"thresholds": {"maybe": 0.5}}},
]


@pytest.mark.parametrize("change", HEADERS, ids=str)
def test_a_header_that_makes_no_sense_is_told(
    checkpoint: Checkpoint, tmp_path: Path, change: dict[str, object]
) -> None:
    path = tmp_path / "m.safetensors"
    save(checkpoint, path)
    with safetensors.safe_open(path, "pt") as file:
        header = dict(file.metadata())
    facts = json.loads(header["kwspot"])
    for name, value in change.items():
        facts[name] = {**facts[name], **value} if isinstance(value, dict) else value
    header["kwspot"] = json.dumps(facts)
    weights = {name: tensor.contiguous() for name, tensor in checkpoint.weights.items()}
    safetensors.torch.save_file(weights, path, metadata=header)
    with pytest.raises(ModelError, match=r"damaged"):
        load(path).build()


@pytest.mark.parametrize("values", [{"threshold": 1.5}, {"smoothing_s": -1.0}])
def test_detector_values_out_of_range_are_refused(values: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"0\.\.1|negative"):
        DetectorConfig(**values)
