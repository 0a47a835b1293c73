"""What a run needs to go on after an interruption: weights, their average, the optimiser."""

import json
import os
from pathlib import Path

import safetensors
import safetensors.torch
import torch
from torch import Tensor, nn

from kwspot.errors import ModelError, TrainingError

STATE_FILE = "state.safetensors"
RECIPE_FILE = "recipe.toml"


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


def save_state(
    folder: Path, epoch: int, network: nn.Module, average: Average, optimiser: torch.optim.Optimizer
) -> None:
    """Write everything after a whole epoch, replacing what was there only when it is complete.

    Raises TrainingError where it cannot be written; what was there stays.
    """
    tensors: dict[str, Tensor] = {}
    for name, value in network.state_dict().items():
        tensors[f"network/{name}"] = value.contiguous()
    for name, value in average.values.items():
        tensors[f"average/{name}"] = value.contiguous()
    for place, entry in optimiser.state_dict()["state"].items():
        for name, value in entry.items():
            tensors[f"optimiser/{place}/{name}"] = value.contiguous()
    partial = folder / f"{STATE_FILE}.{os.getpid()}.partial"
    header = {"kwspot-run": json.dumps({"epoch": epoch, "steps": average.steps})}
    try:
        safetensors.torch.save_file(tensors, partial, metadata=header)
        partial.replace(folder / STATE_FILE)
    except (OSError, safetensors.SafetensorError) as error:
        raise TrainingError(
            f"epoch {epoch} cannot be kept in {folder}: {error}; "
            "make room and --resume it: the epoch before is whole"
        ) from error
    finally:
        partial.unlink(missing_ok=True)


def load_state(
    folder: Path, network: nn.Module, average: Average, optimiser: torch.optim.Optimizer
) -> int:
    """Put a saved state back; returns how many epochs are done. Raises ModelError."""
    path = folder / STATE_FILE
    if not path.is_file():
        raise ModelError(f"{folder} holds no run to resume ({STATE_FILE} is missing)")
    try:
        with safetensors.safe_open(path, framework="pt") as file:
            facts = json.loads((file.metadata() or {})["kwspot-run"])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        network.load_state_dict(_under(tensors, "network/"))
        values = _under(tensors, "average/")
        if {name: value.shape for name, value in values.items()} != {
            name: value.shape for name, value in average.values.items()
        }:
            raise ValueError("its averages do not fit the network")
        average.values, average.steps = values, int(facts["steps"])
        state = optimiser.state_dict()
        for name, value in _under(tensors, "optimiser/").items():
            place, _, entry = name.partition("/")
            state["state"].setdefault(int(place), {})[entry] = value
        optimiser.load_state_dict(state)
        return int(facts["epoch"])
    except (OSError, safetensors.SafetensorError, TypeError, KeyError, ValueError) as error:
        raise _damaged(path, error) from error
    except RuntimeError as error:
        # torch lists every tensor that does not fit, a line each.
        raise _damaged(path, "its weights do not fit the network") from error


def _damaged(path: Path, why: object) -> ModelError:
    return ModelError(
        f"{path} is damaged or of another recipe ({why}); begin a new run with "
        f"--recipe {path.with_name(RECIPE_FILE)}"
    )


def _under(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {
        name.removeprefix(prefix): value
        for name, value in tensors.items()
        if name.startswith(prefix)
    }
