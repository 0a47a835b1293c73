"""Beginning a run from a model that is there, instead of from nothing."""

from collections.abc import Sequence
from pathlib import Path

import torch

from kwspot.errors import OptionError
from kwspot.spotting.checkpoint import load
from kwspot.spotting.network import Network, NetworkConfig

HEADS = ("window_scores", "frame_scores")
"""The layers that have a row for each label."""


def begin_from(path: Path, network: Network, labels: Sequence[str]) -> None:
    """Give a network the weights of a model file; a label that both have keeps what is known of it.

    Raises ModelError for a file that is no model, OptionError for one of another shape.
    """
    checkpoint = load(path)
    known = checkpoint.network
    if not isinstance(known, NetworkConfig):
        raise OptionError(f"--from {path} is a model of the seed recipe; name one of the default")
    mine = network.config
    for name in ("bins", "bands", "channels", "features", "pairs", "kernel", "stem_kernel"):
        here, there = getattr(mine, name), getattr(known, name)
        if here != there:
            raise OptionError(
                f"--from {path} has {there} {name} and the recipe {here}: "
                f"set {name} = {there} in the recipe"
            )
    given = dict(checkpoint.build().state_dict())
    own = network.state_dict()
    shared = [label for label in labels if label in checkpoint.labels]
    to = torch.tensor([labels.index(label) for label in shared], dtype=torch.long)
    source = torch.tensor([checkpoint.labels.index(label) for label in shared], dtype=torch.long)
    for head in HEADS:
        for part in ("weight", "bias"):
            row = own[f"{head}.{part}"].clone()
            row[to] = given[f"{head}.{part}"][source]
            given[f"{head}.{part}"] = row
    network.load_state_dict(given)
