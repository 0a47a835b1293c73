"""What a run needs to go on after an interruption: weights, their average, the optimiser, and how
far it has come. Of the two newest states both are kept: where one is damaged, the other serves.
"""

import json
import os
import zlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
import torch
from torch import Tensor, nn

from kwspot.errors import ModelError, TrainingError

STATE_FILE = "state.safetensors"
PREVIOUS_FILE = "state-previous.safetensors"
RECIPE_FILE = "recipe.toml"
HEADER = "kwspot-run"
HARD = "hard"


class Average:
    """Exponential moving average of a network's weights and batch-norm statistics."""

    def __init__(self, network: nn.Module, decay: float) -> None:
        self._decay = decay
        self.values = {name: value.detach().clone() for name, value in network.state_dict().items()}
        self.steps = 0

    def update(self, network: nn.Module) -> None:
        """Move towards the network; faster over the first steps, which are worth forgetting."""
        self.steps += 1
        decay = min(self._decay, self.steps / (self.steps + 10.0))
        for name, value in network.state_dict().items():
            if value.is_floating_point():
                self.values[name].lerp_(value, 1.0 - decay)
            else:
                self.values[name].copy_(value)


@dataclass(frozen=True, slots=True)
class Tally:
    """What an epoch has come to. batches: that are done; loss: the sum of their means; right:
    examples that were named rightly; seconds: that it took."""

    batches: int = 0
    loss: float = 0.0
    right: int = 0
    seconds: float = 0.0


NOTHING = Tally()
"""An epoch that has not begun."""


@dataclass(frozen=True, slots=True)
class Place:
    """How far a run has come. epoch: whole epochs; tally: of the one after these; recipe: values
    by name, JSON's types; teachers: what tells them from others; material: what tells the
    recordings from others, empty where that is not known."""

    epoch: int
    tally: Tally = NOTHING
    recipe: Mapping[str, Any] = field(default_factory=dict)
    teachers: Sequence[str] = ()
    material: str = ""


@dataclass(frozen=True, slots=True)
class Loaded:
    """Where a run goes on, and what had to be passed over for that, None where nothing; hard: the
    places that were hard for it."""

    place: Place
    hard: Tensor | None
    warning: str | None


def save_state(
    folder: Path, place: Place, network: nn.Module, average: Average,
    optimiser: torch.optim.Optimizer, hard: Tensor | None = None,
) -> None:  # fmt: skip
    """Write everything; the state before is kept beside it, and at each moment one is whole.

    Raises TrainingError where it cannot be written; what was there stays.
    """
    tensors: dict[str, Tensor] = {} if hard is None else {HARD: hard}
    for name, value in network.state_dict().items():
        tensors[f"network/{name}"] = value
    for name, value in average.values.items():
        tensors[f"average/{name}"] = value
    for number, entry in optimiser.state_dict()["state"].items():
        for name, value in entry.items():
            tensors[f"optimiser/{number}/{name}"] = value
    tensors = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
    facts = {**asdict(place), "steps": average.steps, "checksum": _checksum(tensors)}
    partial = folder / f"{STATE_FILE}.{os.getpid()}.partial"
    try:
        safetensors.torch.save_file(tensors, partial, metadata={HEADER: json.dumps(facts)})
        with partial.open("rb") as file:
            os.fsync(file.fileno())
        _keep_previous(folder)
        partial.replace(folder / STATE_FILE)
    except (OSError, safetensors.SafetensorError) as error:
        raise TrainingError(
            f"the state of the run cannot be kept in {folder}: {error}; make room and "
            f"go on with --resume {folder}: what was kept before is whole"
        ) from error
    finally:
        partial.unlink(missing_ok=True)


def _keep_previous(folder: Path) -> None:
    """Give the newest state a second name, unless it is damaged: then the one before is better."""
    newest, previous = folder / STATE_FILE, folder / PREVIOUS_FILE
    if _facts(newest) is None:
        return
    link = folder / f"{PREVIOUS_FILE}.{os.getpid()}.partial"
    try:
        link.unlink(missing_ok=True)
        link.hardlink_to(newest)
        link.replace(previous)
        # Where both names were of one file already, nothing is renamed.
        link.unlink(missing_ok=True)
    except (OSError, NotImplementedError):
        # No links here. For a moment the newest state is the previous one, and none the newest.
        link.unlink(missing_ok=True)
        newest.replace(previous)


def load_state(
    folder: Path, network: nn.Module, average: Average, optimiser: torch.optim.Optimizer
) -> Loaded:
    """Put back the newest state that is whole. Raises ModelError where none is."""
    reasons: list[str] = []
    for name in (STATE_FILE, PREVIOUS_FILE):
        path = folder / name
        try:
            facts, tensors = _read(path)
            place = _put_back(facts, tensors, network, average, optimiser)
            hard = tensors.get(HARD)
        except FileNotFoundError:
            reasons.append(f"{name} is missing")
        except (OSError, safetensors.SafetensorError, TypeError, KeyError, ValueError) as error:
            reasons.append(f"{name} is damaged or of another recipe ({error})")
        except RuntimeError:
            # torch lists every tensor that does not fit, a line each.
            reasons.append(f"{name} is of another recipe (its weights do not fit the network)")
        else:
            warning = f"{folder}: {reasons[0]}; the state before it serves" if reasons else None
            return Loaded(place, hard, warning)
    if reasons[1].endswith("missing"):
        reasons.pop()
    raise ModelError(
        f"{folder}: {', '.join(reasons)}; begin a new run with --recipe {folder / RECIPE_FILE}"
    )


def place_of(folder: Path) -> Place | None:
    """How far the run in a folder has come, None where no whole state says so."""
    for name in (STATE_FILE, PREVIOUS_FILE):
        facts = _facts(folder / name)
        if facts is not None:
            return _place(facts)
    return None


def _facts(path: Path) -> dict[str, Any] | None:
    """The header of a state, None where that is damaged."""
    with suppress(OSError, safetensors.SafetensorError, TypeError, KeyError, ValueError):
        facts, _ = _read(path)
        return facts
    return None


def _read(path: Path) -> tuple[dict[str, Any], dict[str, Tensor]]:
    with safetensors.safe_open(path, framework="pt") as file:
        facts = json.loads((file.metadata() or {})[HEADER])
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    if facts.get("checksum", _checksum(tensors)) != _checksum(tensors):
        raise ValueError("its checksum differs")
    return facts, tensors


def _checksum(tensors: Mapping[str, Tensor]) -> int:
    """Of every byte: the file's format sees what is cut off, not what has changed."""
    total = 0
    for name in sorted(tensors):
        total = zlib.crc32(tensors[name].numpy().tobytes(), zlib.crc32(name.encode(), total))
    return total


def _place(facts: Mapping[str, Any]) -> Place:
    tally, recipe = Tally(**facts.get("tally", {})), facts.get("recipe", {})
    teachers, material = facts.get("teachers", ()), str(facts.get("material", ""))
    return Place(int(facts["epoch"]), tally, recipe, teachers, material)


def _put_back(
    facts: Mapping[str, Any], tensors: dict[str, Tensor], network: nn.Module, average: Average,
    optimiser: torch.optim.Optimizer,
) -> Place:  # fmt: skip
    network.load_state_dict(_under(tensors, "network/"))
    values = _under(tensors, "average/")
    if {name: value.shape for name, value in values.items()} != {
        name: value.shape for name, value in average.values.items()
    }:
        raise ValueError("its averages do not fit the network")
    for name, value in values.items():
        average.values[name].copy_(value)
    average.steps = int(facts["steps"])
    state = optimiser.state_dict()
    for name, value in _under(tensors, "optimiser/").items():
        number, _, entry = name.partition("/")
        state["state"].setdefault(int(number), {})[entry] = value
    optimiser.load_state_dict(state)
    return _place(facts)


def _under(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {
        name.removeprefix(prefix): value
        for name, value in tensors.items()
        if name.startswith(prefix)
    }
