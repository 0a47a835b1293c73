"""How many clips a second train the default network, and how many that of the seed, side by side.

    python benchmarks/training_speed.py [--batch 128] [--repeats 7] [--words 17]

Forward, backward and the optimiser's step on equal batches of spectrograms, as `kwspot train` does
them for either recipe, on one thread; drawing clips and making spectrograms are left out. The two
take turns, so that what else the machine does meets both, and time is that of the processor: on an
idle machine that of the clock. The ratio is given for each turn.
"""

import argparse
import statistics
import time
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from kwspot.spotting.heap import keep_all_memory
from kwspot.spotting.network import Network, NetworkConfig
from kwspot.spotting.seed_network import SeedNetwork
from kwspot.train.recipe import Recipe
from kwspot.train.seed_recipe import SeedRecipe
from kwspot.train.state import Average

FRAMES = 101


def default_step(words: tuple[str, ...], columns: Tensor) -> Callable[[], None]:
    """One step of the default recipe: both losses, clipped gradients, AdamW, averaged weights."""
    recipe = Recipe(words=words)
    config = NetworkConfig(
        labels=len(recipe.labels),
        bands=recipe.bands,
        channels=recipe.channels,
        features=recipe.features,
        dropout=recipe.dropout,
    )
    network = Network(config).train()
    average = Average(network, recipe.ema)
    optimiser = torch.optim.AdamW(network.parameters(), lr=recipe.rate, weight_decay=recipe.decay)
    labels = torch.randint(0, config.labels, (len(columns),))
    frames = FRAMES - config.receptive_frames + 1
    targets = torch.randint(0, config.labels, (len(columns), frames)).flatten()

    def step() -> None:
        features = network.trunk(columns)
        loss = functional.cross_entropy(
            network.head(features), labels, label_smoothing=recipe.smoothing
        )
        frame_loss = functional.cross_entropy(network.evidence(features).flatten(0, 1), targets)
        optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss + recipe.frame_weight * frame_loss)
        torch.nn.utils.clip_grad_norm_(network.parameters(), 2.0)
        optimiser.step()
        average.update(network)

    return step


def seed_step(words: tuple[str, ...], columns: Tensor) -> Callable[[], None]:
    """One step of the seed recipe."""
    recipe = SeedRecipe(words=words)
    network = SeedNetwork(recipe.network()).train()
    optimiser = torch.optim.Adam(network.parameters(), lr=recipe.rate)
    labels = torch.randint(0, len(words), (len(columns),))

    def step() -> None:
        loss = functional.cross_entropy(network(columns), labels)
        optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        optimiser.step()

    return step


def seconds(step: Callable[[], None], times: int) -> float:
    """Processor time of one step, the mean of several."""
    began = time.process_time()
    for _ in range(times):
        step()
    return (time.process_time() - began) / times


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--words", type=int, default=17)
    options = parser.parse_args()
    # As the command does it.
    keep_all_memory()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    words = tuple(f"word {place}" for place in range(options.words))
    columns = torch.randn(options.batch, 2, 257, FRAMES)
    ours, theirs = default_step(words, columns), seed_step(words, columns)
    seconds(ours, 3)
    # Until the memory has grown to what a step takes.
    seconds(theirs, 3)
    pairs = []
    for turn in range(options.repeats):
        # Four of ours take about as long as one of theirs; their mean is steadier.
        pair = (seconds(ours, 4), seconds(theirs, 1))
        pairs.append(pair)
        speeds = [options.batch / spent for spent in pair]
        print(
            f"turn {turn + 1}: default {speeds[0]:.0f} clips/s, seed {speeds[1]:.1f} clips/s, "
            f"{pair[1] / pair[0]:.1f} times",
            flush=True,
        )
    ratios = sorted(theirs / ours for ours, theirs in pairs)
    middle = [statistics.median(options.batch / pair[which] for pair in pairs) for which in (0, 1)]
    print(
        f"median of {len(pairs)}: default {middle[0]:.0f} clips/s, seed {middle[1]:.1f} clips/s; "
        f"{statistics.median(ratios):.1f} times as many ({ratios[0]:.1f} to {ratios[-1]:.1f}), "
        f"batch {options.batch}, one thread, torch {torch.__version__}"
    )


if __name__ == "__main__":
    main()
