"""The model file: one safetensors file whose JSON header says all a listener has to know."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
import torch
from torch import Tensor

from kwspot.audio.source import SAMPLE_RATE_HZ
from kwspot.errors import ModelError

from .calibration import Calibration
from .detector_config import DetectorConfig
from .features import FeatureConfig
from .network import Network, NetworkConfig
from .seed_network import SeedConfig, SeedNetwork

FORMAT_VERSION = 1
SEED_KIND = "seed"
UNKNOWN, SILENCE = "_unknown_", "_silence_"
"""The labels that are never reported: other speech, and no speech."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a model file holds. network: of either kind, the seed's being the one without evidence
    of its own; facts: how it was trained and what it reached, JSON values; calibration: what each
    threshold costs, None where that was not measured.

    Raises ValueError where the parts do not fit together.
    """

    labels: tuple[str, ...]
    features: FeatureConfig
    network: NetworkConfig | SeedConfig
    detector: DetectorConfig
    facts: Mapping[str, Any]
    weights: Mapping[str, Tensor]
    calibration: Calibration | None = None

    def __post_init__(self) -> None:
        if not all(isinstance(label, str) for label in self.labels):
            raise ValueError("labels are texts")
        if not isinstance(self.facts, Mapping):
            raise ValueError("facts are values by name")
        if len(set(self.labels)) != len(self.labels) or len(self.labels) != self.network.labels:
            raise ValueError("labels differ from each other, one for each output of the network")
        if not self.words:
            raise ValueError("a model knows at least one word")
        if self.network.receptive_frames > self.features.frames:
            raise ValueError("a feature sees no more frames than a window has")
        if self.network.bins != self.features.bins:
            raise ValueError("the network takes as many bins as a frame has")
        if self.features.sample_rate_hz != SAMPLE_RATE_HZ or self.features.hop_samples % 16:
            raise ValueError("frames follow at whole milliseconds of 16 kHz audio")
        if not set(self.detector.thresholds) <= set(self.words):
            raise ValueError("thresholds are for words of the model")
        if not set(self.detector.ceilings) <= {UNKNOWN, SILENCE}:
            raise ValueError(f"ceilings are for {UNKNOWN} and {SILENCE}")
        if self.calibration and set(self.calibration.false_per_hour) != set(self.words):
            raise ValueError("the calibration is for the words of the model")

    def _check_sizes(self) -> None:
        """Compare the layers that decide about memory, before a damaged header claims any."""
        for name, shape in self.network.sizes().items():
            if tuple(self.weights[name].shape) != shape:
                raise ValueError(f"{name} is {tuple(self.weights[name].shape)}, not {shape}")

    @property
    def words(self) -> tuple[str, ...]:
        """The labels that are reported."""
        return tuple(label for label in self.labels if label not in (UNKNOWN, SILENCE))

    @property
    def kind(self) -> str:
        """Which of the two networks it is: `seed`, or `default`."""
        return SEED_KIND if isinstance(self.network, SeedConfig) else "default"

    def build(self) -> Network | SeedNetwork:
        """The network with its weights, ready to run; raises ModelError where they do not fit."""
        try:
            self._check_sizes()
            config = self.network
            network: Network | SeedNetwork = (
                SeedNetwork(config) if isinstance(config, SeedConfig) else Network(config)
            )
            network.load_state_dict(dict(self.weights))
        except (RuntimeError, ValueError, TypeError, KeyError) as error:
            raise ModelError(
                "the weights do not fit the network the model file describes: it is damaged; "
                "get it again or train it anew"
            ) from error
        return network.eval().requires_grad_(False)


def save(checkpoint: Checkpoint, path: Path) -> None:
    """Write a model file whole or not at all; raises ModelError where it cannot be written."""
    # Files that name no kind have the network that all had before there were kinds.
    more: dict[str, Any] = {}
    if isinstance(checkpoint.network, SeedConfig):
        more["kind"] = SEED_KIND
    if checkpoint.calibration is not None:
        more["calibration"] = checkpoint.calibration.plain()
    header = {
        "format": str(FORMAT_VERSION),
        "kwspot": json.dumps(
            {
                **more,
                "labels": checkpoint.labels,
                "features": asdict(checkpoint.features),
                "network": asdict(checkpoint.network),
                "detector": asdict(checkpoint.detector),
                "facts": dict(checkpoint.facts),
            }
        ),
    }
    weights = {name: tensor.contiguous() for name, tensor in checkpoint.weights.items()}
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        safetensors.torch.save_file(weights, partial, metadata=header)
        partial.chmod(0o644)  # safetensors makes it private
        partial.replace(path)
    except (OSError, safetensors.SafetensorError) as error:
        partial.unlink(missing_ok=True)
        raise ModelError(f"the model cannot be written to {path}: {error}") from error


def load(path: Path) -> Checkpoint:
    """Read a model file: data only, nothing in it is ever run.

    Raises ModelError for a missing, damaged, foreign or newer file, saying which.
    """
    header, weights = _read(path)
    if "kwspot" not in header:
        raise ModelError(f"{path} is not a kwspot model; `kwspot train` makes one")
    version = header.get("format", "")
    if version != str(FORMAT_VERSION):
        raise ModelError(
            f"{path} has model format {version or 'unknown'}, this kwspot reads format "
            f"{FORMAT_VERSION}; install the newest kwspot"
        )
    try:
        facts = json.loads(header["kwspot"])
        kind = facts.get("kind")
        if kind not in (None, SEED_KIND):
            raise ModelError(
                f"{path} has a network of the kind {kind!r}, which this kwspot does not know: it "
                "is of a newer kwspot; install that"
            )
        network = NetworkConfig if kind is None else SeedConfig
        return Checkpoint(
            labels=tuple(facts["labels"]),
            features=FeatureConfig(**facts["features"]),
            network=network(**facts["network"]),
            detector=DetectorConfig(**facts["detector"]),
            facts=facts["facts"],
            weights=weights,
            calibration=_calibration(facts.get("calibration")),
        )
    except (ValueError, TypeError, KeyError, AttributeError, ArithmeticError) as error:
        raise ModelError(f"{path} has a damaged header ({error}); get it again") from error


def _calibration(values: Any) -> Calibration | None:
    return None if values is None else Calibration.of_plain(values)


def _model_of(folder: Path) -> str:
    """What to name in the place of a folder: the model of a run, or the only one that is there."""
    run, models = folder / "model.safetensors", sorted(folder.glob("*.safetensors"))
    if run.is_file():
        return str(run)
    return str(models[0]) if len(models) == 1 else "a model file, which ends in .safetensors"


def _read(path: Path) -> tuple[dict[str, str], dict[str, Tensor]]:
    try:
        with path.open("rb") as file:
            start = file.read(9)
        # A safetensors file begins with the length of its header, which may be any eight bytes.
        if start[8:] != b"{" and (start[:4] == b"PK\x03\x04" or start[:1] == b"\x80"):
            raise ModelError(
                f"{path} is a pickle, which can run code when it is read; kwspot reads safetensors "
                "files only"
            )
        with safetensors.safe_open(path, framework="pt") as file:
            header = dict(file.metadata() or {})
            weights: dict[str, Tensor] = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except FileNotFoundError as error:
        raise ModelError(
            f"there is no model file {path}; `kwspot model` shows the bundled one"
        ) from error
    except OSError as error:
        if path.is_dir():
            raise ModelError(f"{path} is a folder; name {_model_of(path)}") from error
        raise ModelError(f"{path} cannot be read: {error.strerror or error}") from error
    except safetensors.SafetensorError as error:
        raise ModelError(
            f"{path} is truncated, damaged or no safetensors file; get it again"
        ) from error
    if not all(torch.isfinite(tensor).all() for tensor in weights.values()):
        raise ModelError(f"{path} holds weights that are not finite numbers; get it again")
    return header, weights
