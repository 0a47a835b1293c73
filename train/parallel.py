"""Training over several processes, as torchrun starts them: who they are and what they share.

Each process holds the same weights and trains on its own rows of every batch. What one process
alone would compute over the whole batch (sums, batch-norm statistics, gradients) is added up over
all of them, so that their number changes nothing but rounding.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import torch
from torch import Tensor, distributed, nn
from torch.distributed.rendezvous import rendezvous
from torch.nn import functional

from kwspot.errors import OptionError, TrainingError
from kwspot.spotting.classifier import Compute, choose_device

TIMEOUT = timedelta(hours=2)
"""How long the others wait for the first one: it decodes every recording and scores alone."""


@contextmanager
def _together() -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:
        raise TrainingError(
            "another process of this training has ended or hangs; see what it said, then --resume"
        ) from error


@dataclass(frozen=True, slots=True)
class World:
    """All processes of a training, seen from one of them. device: where this one computes;
    rank: 0 for the first, which alone writes and speaks; local: the place on its machine."""

    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    rank: int = 0
    size: int = 1
    local: int = 0
    store: Any = field(default=None, compare=False, repr=False)

    @property
    def first(self) -> bool:
        """Whether this process writes and speaks."""
        return self.rank == 0

    def rows(self, batch: int) -> slice:
        """The rows of a batch that are this process's; the shares differ by one at most."""
        return slice(batch * self.rank // self.size, batch * (self.rank + 1) // self.size)

    def add(self, values: Tensor) -> Tensor:
        """The sum over all processes, in place. Raises TrainingError where one has ended."""
        if self.size > 1:
            with _together():
                distributed.all_reduce(values)
        return values

    def any(self, flag: bool) -> bool:
        """Whether the flag is set in any process; all of them have to ask."""
        return flag if self.size == 1 else bool(self.add(torch.tensor([int(flag)]))[0])

    def agree(self, numbers: Iterable[int]) -> bool:
        """Whether every process has the same numbers; all of them have to ask."""
        mine = torch.tensor([*numbers], dtype=torch.int64)
        sums = self.add(torch.stack((mine, mine.square())))
        # The square of a sum of n numbers is n times the sum of their squares only if all are one.
        return bool((sums[0].square() == self.size * sums[1]).all())

    def wait(self) -> None:
        """Wait until all processes have come here."""
        self.any(False)

    def copy(self, tensors: Iterable[Tensor]) -> None:
        """Take over the first process's values, in place."""
        if self.size > 1:
            with _together():
                for tensor in tensors:
                    distributed.broadcast(tensor, 0)

    def add_gradients(self, parameters: Iterable[nn.Parameter], more: Tensor) -> Tensor:
        """Add up gradients, and some further numbers (n,) on the way; returns the latter."""
        if self.size == 1:
            return more
        grads = [p.grad for p in parameters if p.grad is not None]
        summed = self.add(torch.cat([*(grad.flatten() for grad in grads), more.to(self.device)]))
        parts = torch.split(summed, [*(grad.numel() for grad in grads), len(more)])
        for grad, part in zip(grads, parts, strict=False):
            grad.copy_(part.view_as(grad))
        return parts[-1]

    def fails_first(self) -> bool:
        """Whether this process is the first to fail, and so the one that knows why."""
        try:
            return self.store is None or int(self.store.add("failed", 1)) == 1
        except RuntimeError:
            # Whoever keeps the count has ended before: nobody has told anything here.
            return self.first

    def leave(self) -> None:
        """Say goodbye to the others."""
        if self.store is not None and distributed.is_initialized():
            distributed.destroy_process_group()


def join(compute: Compute) -> World:
    """The world the environment tells of (RANK, WORLD_SIZE, LOCAL_RANK, MASTER_ADDR, MASTER_PORT);
    this process alone where it tells of none.

    Raises OptionError where the processor is not there or cannot train with others, TrainingError
    where the others cannot be found.
    """
    try:
        size = int(os.environ.get("WORLD_SIZE", "1"))
        rank, local = (int(os.environ.get(name, "0")) for name in ("RANK", "LOCAL_RANK"))
    except ValueError as error:
        raise OptionError(f"WORLD_SIZE, RANK and LOCAL_RANK are numbers: {error}") from error
    device = choose_device(compute)
    if size == 1:
        return World(device)
    if device.type == "mps":
        if compute == "mps":
            raise OptionError("--compute mps trains in one process; use cpu, or start one process")
        device = torch.device("cpu")
    if device.type == "cuda":
        if local >= torch.cuda.device_count():
            raise OptionError(
                f"there are {torch.cuda.device_count()} CUDA devices for process {local + 1} of "
                "this machine: start one process for each, or use --compute cpu"
            )
        device = torch.device("cuda", local)
        torch.cuda.set_device(device)
    # Flags and counts lie on the CPU everywhere.
    backend = "cpu:gloo,cuda:nccl" if device.type == "cuda" else "gloo"
    try:
        store, rank, size = next(rendezvous("env://", timeout=TIMEOUT))
        distributed.init_process_group(
            backend, store=store, rank=rank, world_size=size, timeout=TIMEOUT
        )
    except (ValueError, RuntimeError) as error:
        reason = str(error).partition("\n")[0]
        raise TrainingError(
            f"the {size} processes of WORLD_SIZE do not find each other ({reason}); "
            "torchrun starts them so that they do"
        ) from error
    return World(device, rank, size, local, store)


class _Sum(torch.autograd.Function):
    """The sum over all processes: each one's values reach the losses of all."""

    @staticmethod
    def forward(ctx: Any, values: Tensor, world: World) -> Tensor:
        ctx.world = world
        return world.add(values.clone())

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        world: World = ctx.world
        return world.add(gradient.clone()), None


class SharedNorm(nn.BatchNorm1d):
    """Batch norm over the rows of all processes, (B, C, ...); torch's own refuses a CPU."""

    def __init__(self, norm: nn.BatchNorm1d | nn.BatchNorm2d, world: World) -> None:
        super().__init__(norm.num_features, norm.eps, norm.momentum)
        self.load_state_dict(norm.state_dict())
        self._world = world

    def forward(self, x: Tensor) -> Tensor:
        """The same as batch norm's over the whole batch, in float32 inside."""
        assert self.running_mean is not None
        assert self.running_var is not None
        if not self.training:
            return functional.batch_norm(
                x, self.running_mean, self.running_var, self.weight, self.bias, eps=self.eps
            )
        values, width = x.float(), x.shape[1]
        count = x.numel() // width
        variance, mean = torch.var_mean(values, dim=[0, *range(2, x.ndim)], correction=0)
        # Squares of means are large beside variances: single precision would lose these.
        mean, variance = mean.double(), variance.double()
        own = (mean * count, (variance + mean.square()) * count, mean.new_tensor([count]))
        sums: Tensor = _Sum.apply(torch.cat(own), self._world)  # type: ignore[no-untyped-call]
        total = sums[-1].detach()
        mean = sums[:width] / total
        variance = (sums[width:-1] / total - mean.square()).clamp(min=0.0)
        self._remember(mean.detach(), variance.detach() * total / (total - 1))
        scale = self.weight * (variance + self.eps).rsqrt().float()
        shift = self.bias - mean.float() * scale
        shape = (width, *[1] * (x.ndim - 2))
        return (values * scale.view(shape) + shift.view(shape)).to(x.dtype)

    @torch.no_grad()
    def _remember(self, mean: Tensor, variance: Tensor) -> None:
        assert self.running_mean is not None
        assert self.running_var is not None
        assert self.num_batches_tracked is not None
        assert self.momentum is not None
        self.running_mean.lerp_(mean.float(), self.momentum)
        self.running_var.lerp_(variance.float(), self.momentum)
        self.num_batches_tracked += 1


def share_norms(network: nn.Module, world: World) -> None:
    """Let every batch norm of a network look at the rows of all processes; names stay the same."""
    for module in list(network.modules()):
        for name, child in list(module.named_children()):
            if isinstance(child, nn.BatchNorm1d | nn.BatchNorm2d):
                setattr(module, name, SharedNorm(child, world))
