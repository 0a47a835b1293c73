"""The exported model says what kwspot says."""

import json
import os
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch

from commands import run_kwspot
from kwspot.resources import bundled_model
from kwspot.spotting.checkpoint import Checkpoint, load, save
from kwspot.spotting.detector_config import DetectorConfig
from kwspot.spotting.features import FeatureConfig, as_channels, clip_spectra
from kwspot.spotting.network import Network
from kwspot.spotting.seed_network import SeedConfig, SeedNetwork
from words import sample


def test_it_hears_the_same_words_as_kwspot(tmp_path: Path) -> None:
    out = tmp_path / "words.onnx"
    done = run_kwspot("export", "--onnx", out)
    assert (done.returncode, done.stderr) == (0, "")
    assert str(out) in done.stdout
    checkpoint = load(bundled_model())
    side = checkpoint.features.context_samples
    heard = sample()
    starts = range(side, len(heard) - 16_000 - side, 1_600)
    windows = np.stack([heard[start : start + 16_000] for start in starts])
    with torch.inference_mode():
        network = checkpoint.build()
        assert isinstance(network, Network)
        columns = clip_spectra(torch.from_numpy(windows), checkpoint.features)
        expected = network(as_channels(columns)).softmax(dim=1).numpy()
    session = onnxruntime.InferenceSession(str(out), providers=["CPUExecutionProvider"])
    posteriors, evidence = session.run(None, {"samples": np.pad(windows, ((0, 0), (side, side)))})
    np.testing.assert_allclose(posteriors, expected, atol=1e-4)
    # Not a comparison of nothing with nothing: words are among what is heard.
    assert len({int(row.argmax()) for row in posteriors if row.max() > 0.9}) >= 4
    assert evidence.shape[0] == len(windows)
    assert evidence.shape[2] == len(checkpoint.labels)


def test_the_file_knows_its_labels_and_holds_no_complex_number(tmp_path: Path) -> None:
    out = tmp_path / "words.onnx"
    assert run_kwspot("export", "--onnx", out).returncode == 0
    model = onnx.load(out)
    facts = {entry.key: entry.value for entry in model.metadata_props}
    assert json.loads(facts["labels"]) == list(load(bundled_model()).labels)
    complex_types = {onnx.TensorProto.COMPLEX64, onnx.TensorProto.COMPLEX128}
    assert not complex_types & {tensor.data_type for tensor in model.graph.initializer}
    assert not {"STFT", "DFT"} & {node.op_type for node in model.graph.node}


def test_a_model_of_the_seed_recipe_is_exported_too(tmp_path: Path) -> None:
    config = SeedConfig(labels=3)
    network = SeedNetwork(config).eval()
    weights = network.state_dict()
    labels = ("yes", "no", "up")
    checkpoint = Checkpoint(labels, FeatureConfig(), config, DetectorConfig(), {}, weights)
    save(checkpoint, tmp_path / "seed.safetensors")
    done = run_kwspot("export", "--model", tmp_path / "seed.safetensors", "--onnx", tmp_path / "s")
    assert (done.returncode, done.stderr) == (0, "")
    session = onnxruntime.InferenceSession(str(tmp_path / "s"), providers=["CPUExecutionProvider"])
    assert [entry.name for entry in session.get_outputs()] == ["posteriors"]


def test_what_cannot_be_exported_is_told_in_a_line(tmp_path: Path) -> None:
    text = tmp_path / "text.safetensors"
    text.write_text("no model")
    (tmp_path / "stub").mkdir()
    (tmp_path / "stub" / "onnx.py").write_text("raise ImportError('not here')")
    path = os.pathsep.join([str(tmp_path / "stub"), os.environ.get("PYTHONPATH", "")])
    for arguments, env, says in (
        (("--onnx", tmp_path / "no" / "m.onnx"), None, "cannot be written: No such file"),
        (("--onnx", tmp_path / "m.onnx", "--model", text), None, "no safetensors file"),
        (("--onnx", tmp_path / "m.onnx"), {**os.environ, "PYTHONPATH": path}, "pip install onnx"),
        ((), None, "--onnx"),
    ):
        done = run_kwspot("export", *arguments, env=env)
        assert done.returncode == 2
        assert says in done.stderr
        assert len(done.stderr.splitlines()) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["stub", "text.safetensors"]
