"""A model as ONNX: from samples to posteriors, front end included, without complex tensors."""

import json
import math
import os
import warnings
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from kwspot.errors import ModelError, OptionError

from .checkpoint import SEED_KIND, Checkpoint
from .features import FeatureConfig, as_channels, spectra
from .network import Network
from .seed_network import SeedNetwork

OPSET = 17
PARITY = 1e-4
"""How far ONNX may be from torch, in posteriors."""
_MISSING = "`kwspot export` needs two more packages: pip install onnx onnxruntime"


class SpectraByConvolution(nn.Module):
    """The short-time Fourier transform as one strided convolution with windowed cosines and sines.

    float32 (B, n) -> real and imaginary part (B, 2, bins, t), as `as_channels(spectra(...))`.
    """

    basis: Tensor

    def __init__(self, config: FeatureConfig) -> None:
        super().__init__()
        self._hop, self._bins = config.hop_samples, config.bins
        window = torch.hann_window(config.window_samples, dtype=torch.float64)
        window /= window.square().sum().sqrt()
        # The window sits in the middle of the DFT; see `spectra`.
        place = torch.arange(config.window_samples) + (config.n_fft - config.window_samples) // 2
        turns = torch.outer(torch.arange(config.bins), place) % config.n_fft
        angle = turns.double() * (2.0 * math.pi / config.n_fft)
        basis = torch.cat((torch.cos(angle), -torch.sin(angle))) * window
        self.register_buffer("basis", basis.float().unsqueeze(1))

    def forward(self, samples: Tensor) -> Tensor:
        """float32 (B, n) -> float32 (B, 2, bins, t)."""
        columns = functional.conv1d(samples.unsqueeze(1), self.basis, stride=self._hop)
        return columns.reshape(columns.shape[0], 2, self._bins, columns.shape[2])


def outputs(network: Network | SeedNetwork, columns: Tensor) -> tuple[Tensor, ...]:
    """Of windows of columns (B, 2, F, T): posteriors (B, labels), 0..1; and where the network has
    evidence of its frames, that: (B, t, labels), 0..1."""
    if isinstance(network, SeedNetwork):
        return (network(columns).softmax(dim=1),)
    features = network.trunk(columns)
    return network.head(features).softmax(dim=1), network.evidence(features).softmax(dim=2)


class WindowModel(nn.Module):
    """One window of samples, float32 (B, span + window) -> `outputs`."""

    def __init__(self, network: Network | SeedNetwork, features: FeatureConfig) -> None:
        super().__init__()
        self.spectra, self.network = SpectraByConvolution(features), network

    def forward(self, samples: Tensor) -> tuple[Tensor, ...]:
        """float32 (B, span + window) -> `outputs`."""
        return outputs(self.network, self.spectra(samples))


def export_onnx(checkpoint: Checkpoint, path: Path) -> float:
    """Write a model as ONNX, checked against torch; returns the largest difference found.

    Input `samples`: float32 (batch, span_samples + window_samples), 16 kHz: the window and what
    its first and last frame see. Outputs `posteriors` (batch, labels) and `evidence` (batch,
    frames, labels). Labels and settings are in the file's metadata. Raises OptionError where the
    packages are missing, ModelError where the file cannot be written or differs.
    """
    try:
        import onnx
        import onnxruntime  # noqa: F401 -- the check below needs it
    except ImportError as error:
        raise OptionError(_MISSING) from error
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        _write(checkpoint, partial)
        model = onnx.load(partial)
        onnx.helper.set_model_props(model, _metadata(checkpoint))
        onnx.checker.check_model(model, full_check=True)
        onnx.save(model, partial)
        difference = _difference(checkpoint, partial)
        if not difference <= PARITY:
            raise ModelError(f"the exported model is off by {difference:.1e}; nothing was written")
        partial.replace(path)
    except OSError as error:
        raise ModelError(f"{path} cannot be written: {error.strerror or error}") from error
    finally:
        partial.unlink(missing_ok=True)
    return difference


def _write(checkpoint: Checkpoint, path: Path) -> None:
    features = checkpoint.features
    whole = WindowModel(checkpoint.build(), features).eval()
    names = ["posteriors"] if checkpoint.kind == SEED_KIND else ["posteriors", "evidence"]
    length = features.span_samples + features.window_samples
    with warnings.catch_warnings():
        # The exporter that needs no further package calls itself the old one.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            whole,
            (torch.zeros(2, length),),
            path,
            input_names=["samples"],
            output_names=names,
            dynamic_axes={name: {0: "batch"} for name in ("samples", *names)},
            opset_version=OPSET,
            dynamo=False,
        )


def _metadata(checkpoint: Checkpoint) -> dict[str, str]:
    detector = asdict(checkpoint.detector)
    return {
        "labels": json.dumps(checkpoint.labels),
        "features": json.dumps(asdict(checkpoint.features)),
        "detector": json.dumps(detector),
    }


def _probes(length: int) -> NDArray[np.float32]:
    """Windows to compare on: noise at several levels, tones, a click and digital silence."""
    rng = np.random.default_rng(0)
    noise = rng.standard_normal((6, length)) * np.logspace(-4, -0.5, 6)[:, None]
    time = np.arange(length) / 16_000
    tones = [0.3 * np.sin(2 * np.pi * hertz * time) for hertz in (110.0, 1000.0, 6500.0)]
    click = np.zeros(length)
    click[length // 2] = 1.0
    return np.concatenate((noise, tones, [click, np.zeros(length)])).astype(np.float32)


@torch.inference_mode()
def _difference(checkpoint: Checkpoint, path: Path) -> float:
    """The largest difference between the file and torch's own front end and network."""
    import onnxruntime

    features = checkpoint.features
    samples = _probes(features.span_samples + features.window_samples)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    heard = session.run(None, {"samples": samples})
    columns = as_channels(spectra(torch.from_numpy(samples), features))
    expected = outputs(checkpoint.build(), columns)
    return max(
        float(np.abs(one - other.numpy()).max()) for one, other in zip(heard, expected, strict=True)
    )
