"""What layers do while a network runs."""

from torch import Tensor, nn


def counting(network: nn.Module) -> list[int]:
    """A list to which every layer with weights adds its multiplications when it runs."""
    counted: list[int] = []

    def count(layer: nn.Module, _given: tuple[Tensor, ...], made: Tensor) -> None:
        assert isinstance(layer, nn.Conv2d | nn.Linear)
        counted.append(made.numel() * layer.weight[0].numel())

    for layer in network.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            layer.register_forward_hook(count)
    return counted
