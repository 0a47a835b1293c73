"""Rows times a matrix: most of what the network does, by whatever is the quickest at it here."""

import torch
from torch import Tensor

from .folded import Affine

MANY_ROWS = 400
"""From so many on, oneDNN is quicker than the library behind torch.bmm: up to twice on an AMD, and
it adds the bias on the way. For each new number of rows it first thinks for half a millisecond,
which fewer would not be worth."""


class Product:
    """`rows @ matrix + bias` for rows (B, T, in), written where they are needed.

    affine: matrix (in, out) and bias (out,); device: where to run.
    """

    def __init__(self, affine: Affine, device: torch.device) -> None:
        self.matrix, self.bias = affine.matrix.to(device), affine.bias.to(device)
        self._transposed = self.matrix.T.contiguous() if _has_onednn(device) else None

    def into(self, rows: Tensor, out: Tensor, *, relu: bool = False) -> Tensor:
        """Write (B, T, out), negative values as 0 where that is asked for."""
        if self._transposed is not None and rows.shape[0] * rows.shape[1] >= MANY_ROWS:
            after = "relu" if relu else "none"
            return out.copy_(_onednn(rows, self._transposed, self.bias, after))
        # With the bias in the product, that would first be filled with it: one more way through
        # memory.
        torch.bmm(rows, self.matrix.expand(len(rows), -1, -1), out=out).add_(self.bias)
        return out.relu_() if relu else out

    def of(self, rows: Tensor) -> Tensor:
        """The same as a new tensor."""
        if self._transposed is not None and rows.shape[0] * rows.shape[1] >= MANY_ROWS:
            return _onednn(rows, self._transposed, self.bias, "none")
        return torch.matmul(rows, self.matrix).add_(self.bias)


def _onednn(rows: Tensor, transposed: Tensor, bias: Tensor, after: str) -> Tensor:
    # What torch compiles linear layers to; of float32 it gives them to another library by itself.
    result: Tensor = torch.ops.mkldnn._linear_pointwise(rows, transposed, bias, after, [], "")
    return result


def _has_onednn(device: torch.device) -> bool:
    """Whether this torch has it for this processor."""
    if device.type != "cpu":
        return False
    square = torch.eye(2)
    try:
        with torch.inference_mode():
            return torch.equal(_onednn(square, square, torch.zeros(2), "relu"), square)
    except (AttributeError, RuntimeError):
        return False
