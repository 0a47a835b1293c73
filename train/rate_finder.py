"""A learning-rate finder: the loss of a network while the rate rises from nothing to too much."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch.nn import functional

from kwspot.errors import TrainingError

from .seed_fit import SeedFitter

LOWEST, HIGHEST = 1e-7, 0.1
"""Where the sweep begins and ends: those of the method."""
SMOOTHING = 0.9


@dataclass(frozen=True, slots=True)
class Sweep:
    """rates: of each step, rising; losses: of the step's batch, before it was learnt from;
    smoothed: their moving average; suggestion: for the maximum rate of a run."""

    rates: tuple[float, ...]
    losses: tuple[float, ...]
    smoothed: tuple[float, ...]
    suggestion: float


def smooth(losses: Sequence[float]) -> tuple[float, ...]:
    """Exponential moving average without the pull of its beginning."""
    average, found = 0.0, []
    for step, loss in enumerate(losses, 1):
        average = SMOOTHING * average + (1.0 - SMOOTHING) * loss
        found.append(average / (1.0 - SMOOTHING**step))
    return tuple(found)


def suggested(rates: Sequence[float], smoothed: Sequence[float]) -> float:
    """A tenth of the rate at which the loss is lowest: there it is about to rise, and the loss
    still falls fast a decade before. After Smith 2017. The first tenth is left out: there the
    average rests on few batches."""
    first = len(rates) // 10
    return rates[min(range(first, len(rates)), key=smoothed.__getitem__)] / 10.0


def sweep(fitter: SeedFitter, steps: int) -> Iterator[int | Sweep]:
    """Train a network of its own while the rate rises: how many steps are done, then the sweep.

    It ends early where the loss is no longer a number. Raises TrainingError where it never was
    one. The network that is trained afterwards knows nothing of it.
    """
    network, optimiser = fitter.fresh()
    network.train()
    rates: list[float] = []
    losses: list[float] = []
    batches = (batch for epoch in range(steps) for batch in fitter.order(epoch))
    for step, indices in zip(range(steps), batches, strict=False):
        rate = LOWEST * (HIGHEST / LOWEST) ** (step / (steps - 1))
        optimiser.param_groups[0]["lr"] = rate
        columns, labels = fitter.batch(indices)
        loss = functional.cross_entropy(fitter.scores(network, columns), labels)
        if not torch.isfinite(loss):
            break
        optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        optimiser.step()
        rates.append(rate)
        losses.append(float(loss.detach()))
        yield step + 1
    if not rates:
        raise TrainingError("the loss is no number from the first batch on: look at the recordings")
    smoothed = smooth(losses)
    yield Sweep(tuple(rates), tuple(losses), smoothed, suggested(rates, smoothed))


def write_sweep(found: Sweep, used: float, path: Path) -> None:
    """Write a sweep and the maximum rate that is used as one JSON object; OSError passes
    through."""
    facts = {**asdict(found), "used": used}
    path.write_text(json.dumps(facts) + "\n", encoding="utf-8")
