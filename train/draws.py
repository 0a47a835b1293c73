"""What is drawn for a batch while it is trained on: codec losses, masks, dropout."""

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional


class Draws:
    """Random numbers for the examples of one batch, decided by seed, epoch and place alone.

    They are drawn for the whole batch; a process that trains on some of its rows takes theirs.
    """

    def __init__(self, seed: int, epoch: int, place: int, batch: int, rows: slice) -> None:
        sequence = np.random.SeedSequence((seed, epoch, place), spawn_key=(1,))
        self._generator = torch.Generator().manual_seed(
            int(sequence.generate_state(1, np.uint64)[0] >> np.uint64(1))
        )
        self._batch, self._rows = batch, rows

    def uniform(self, *shape: int) -> Tensor:
        """Float32 (rows, *shape) within [0, 1)."""
        return torch.rand(self._batch, *shape, generator=self._generator)[self._rows]

    def below(self, end: int, *shape: int) -> Tensor:
        """Int64 (rows, *shape) within [0, end)."""
        size = (self._batch, *shape)
        return torch.randint(0, end, size, generator=self._generator)[self._rows]


def masked(bands: Tensor, share: float, draws: Draws) -> Tensor:
    """SpecAugment: up to two stretches of bands and of time put to the mean of their clip.

    bands: float32 (B, bands, T), a `share` of the clips changed. After Park et al. 2019.
    """
    keep = torch.ones(bands.shape, dtype=torch.bool)
    for axis, most in ((1, 10), (2, 12), (1, 10), (2, 12)):
        size = bands.shape[axis]
        length, start = draws.below(most + 1, 1), draws.below(size - most, 1)
        places = torch.arange(size)
        hit = (places >= start) & (places < start + length)
        keep &= ~(hit.unsqueeze(2) if axis == 1 else hit.unsqueeze(1))
    keep |= draws.uniform(1, 1) >= share
    mean = bands.detach().mean(dim=(1, 2), keepdim=True)
    return torch.where(keep.to(bands.device, non_blocking=True), bands, mean)


def coded(columns: Tensor, share: float, draws: Draws) -> Tensor:
    """What a lossy codec drops: bins that lie far under the loudest of those around them.

    columns: complex64 (B, F, T), changed for a `share` of the clips: what is 6 to 26 dB under the
    peak of 9 bins loses 20 dB. So that no class is known by the codec its recordings went through.
    """
    chosen = torch.nonzero(draws.uniform() < share)[:, 0]
    depth_db = draws.uniform(1, 1)[chosen] * 20.0 + 6.0
    if not len(chosen):
        return columns
    chosen = chosen.to(columns.device)
    picked = columns[chosen]
    level = torch.abs(picked)
    peak = functional.max_pool2d(level.unsqueeze(1), (9, 1), 1, (4, 0)).squeeze(1)
    dropped = level < peak * 10.0 ** (-depth_db.to(level.device) / 20.0)
    out = columns.clone()
    out[chosen] = torch.where(dropped, picked * 0.1, picked)
    return out


EDGE = 0.6
"""Up to this share of the band frequencies are scaled evenly: 4.8 of 8 kHz, as by its authors."""


def warped(columns: Tensor, share: float, factors: tuple[float, float], draws: Draws) -> Tensor:
    """Voices from longer and shorter vocal tracts: every formant at `factor` times its frequency.

    columns: complex64 (B, F, T), a `share` of the clips changed, their factors uniform within
    `factors`: over 1 as of a shorter tract, a child's say, at the pace it was said at. Above EDGE
    the scale bends so that the band keeps its end. Vocal tract length perturbation, after Jaitly &
    Hinton 2013, but on the power of the bins; phases are those of the nearest bin.
    """
    if not share:
        return columns
    chosen = torch.nonzero(draws.uniform() < share)[:, 0]
    low, high = factors
    factor = draws.uniform(1)[chosen] * (high - low) + low
    if not len(chosen):
        return columns
    chosen = chosen.to(columns.device)
    last = columns.shape[1] - 1
    place = _unwarped(last, factor).to(columns.device)
    below = place.floor().long().clamp(max=last - 1)
    picked = columns[chosen]

    def at(bins: Tensor, values: Tensor) -> Tensor:
        return values.gather(1, bins.unsqueeze(2).expand(-1, -1, values.shape[2]))

    power = picked.real.square() + picked.imag.square()
    between = (place - below).unsqueeze(2)
    amplitude = torch.lerp(at(below, power), at(below + 1, power), between).sqrt()
    nearest = place.round().long()
    # In real numbers, as not every processor gathers complex ones, and without angles, whose
    # rounding would depend on where in its batch a clip lies.
    real, imag = at(nearest, picked.real), at(nearest, picked.imag)
    size = (real.square() + imag.square()).sqrt()
    real, ratio = torch.where(size > 0.0, real, 1.0), amplitude / torch.where(size > 0.0, size, 1.0)
    out = columns.clone()
    out[chosen] = torch.complex(real * ratio, imag * ratio)
    return out


def _unwarped(last: int, factor: Tensor) -> Tensor:
    """Where in a spectrum what each bin holds after warping was before: (B, 1) -> (B, last + 1)."""
    bins = torch.arange(last + 1, dtype=torch.float32)
    knee = EDGE * last * factor.clamp(max=1.0)
    rest = (last - knee / factor) / (last - knee)
    return torch.where(bins <= knee, bins / factor, last - rest * (last - bins))


class Dropout(nn.Dropout):
    """Dropout by the draws of a batch, which are set before each training step."""

    draws: Draws | None = None

    def forward(self, x: Tensor) -> Tensor:
        """Rows (B, ...) with a share of their values put to 0, the others grown to make up."""
        if not self.training or not self.p:
            return x
        assert self.draws is not None, "a training step sets its draws"
        keep = self.draws.uniform(*x.shape[1:]) >= self.p
        return x * (keep.to(x.device, non_blocking=True) / (1.0 - self.p))
