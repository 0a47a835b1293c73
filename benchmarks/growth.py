"""What more of everything costs: streams, words, decisions a second, hours.

    python benchmarks/growth.py [--hours H] [--rounds R] [--picture docs/performance.png]

One thing grows, the others stay as they are: one stream, the bundled model, a hop of 50 ms. Costs
are processor time of one thread for each second of audio, medians over rounds that go through all
sizes in turn; a busy machine shows less in them than in the clock. Networks of other numbers of
words are untrained: the work is the same. The sound of a long file is made while it is read: the
bundled sample over and over in noise that does not repeat. Each length is scanned in a process of
its own, which says the most memory it had while it scanned.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import soundfile
import torch
from matplotlib.axes import Axes
from matplotlib.ticker import NullLocator
from numpy.typing import NDArray

from kwspot.audio.source import SAMPLE_RATE_HZ, Chunk
from kwspot.resources import sample_recording
from kwspot.spotting.checkpoint import SILENCE, UNKNOWN, Checkpoint
from kwspot.spotting.network import Network, NetworkConfig
from kwspot.spotting.spotter import Spotter
from kwspot.train.pictures.style import BLUE, FAINT, INK, ORANGE, drawing, grid, plain_numbers, png

STREAMS = (1, 2, 4, 8, 16, 32, 64)
WORDS = (10, 17, 30, 50, 70, 100)
HOPS_MS = (10, 20, 50, 100, 200)
LENGTHS_S = (1, 10, 60, 600, 3600, 36_000)
LENGTH = "length of the file, s"
LIVE_S, BULK_S = 10, 60
TICK = 320
"""Samples that come at a time where streams are listened to, or a hop, where that is longer."""
PIECE = 65_536
Sound = NDArray[np.float32]


def sound(seconds: float) -> Iterator[Chunk]:
    """The sample over and over in fresh noise, in pieces as a recording is read."""
    words, _ = soundfile.read(sample_recording(), dtype="float32")
    noise, at = np.random.default_rng(7), 0
    while at < (samples := round(seconds * SAMPLE_RATE_HZ)):
        places = np.arange(at, min(at + PIECE, samples)) % len(words)
        piece = words[places] + 1e-3 * noise.standard_normal(len(places), np.float32)
        yield Chunk(at, piece.astype(np.float32))
        at += len(places)


def whole(seconds: float) -> Sound:
    return np.concatenate([chunk.samples for chunk in sound(seconds)])


def live(spotter: Spotter, streams: int, samples: Sound) -> float:
    """Processor seconds for each second in which `streams` are listened to, one batch a tick."""
    tick = max(TICK, spotter.hop_frames * 160)
    each = [spotter.stretch(0) for _ in range(streams)]
    spent = 0.0
    for first in range(0, len(samples) - tick, tick):
        began_s = time.process_time()
        pieces = [samples[first : first + tick]] * streams
        taken = [stretch.take(piece) for stretch, piece in zip(each, pieces, strict=True)]
        spotter.advance(list(zip(each, taken, strict=True)))
        spent += time.process_time() - began_s
    return spent / (len(samples) / SAMPLE_RATE_HZ)


def bulk(spotter: Spotter, samples: Sound) -> float:
    """Processor seconds for each second of a recording."""
    stream = spotter.detections()
    began_s = time.process_time()
    stream.push(Chunk(0, samples))
    stream.finish()
    return (time.process_time() - began_s) / (len(samples) / SAMPLE_RATE_HZ)


def knowing(count: int) -> Checkpoint:
    """An untrained model of the bundled one's shape for `count` words."""
    model = Spotter(compute="cpu").checkpoint
    assert isinstance(model.network, NetworkConfig)
    labels = (*(f"word {number}" for number in range(count)), UNKNOWN, SILENCE)
    config = replace(model.network, labels=len(labels))
    detector = replace(model.detector, thresholds={})
    weights = Network(config).state_dict()
    return Checkpoint(labels, model.features, config, detector, {}, weights)


def of_length(seconds: float) -> None:
    """In a process of its own: scan a file of this length, and say what that took."""
    torch.set_num_threads(1)
    spotter = Spotter(compute="cpu")
    warm = spotter.detections()
    warm.push(next(sound(PIECE / SAMPLE_RATE_HZ)))
    stream, spent_s, found = spotter.detections(), 0.0, 0
    forget_peak()
    for chunk in sound(seconds):
        began_s = time.process_time()
        found += len(stream.push(chunk))
        spent_s += time.process_time() - began_s
    began_s = time.process_time()
    found += len(stream.finish())
    spent_s += time.process_time() - began_s
    print(json.dumps({"s": spent_s, "peak_mb": peak_mb(), "found": found}))


def forget_peak() -> None:
    """From here on the peak is that of what follows, where Linux lets one say so."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def peak_mb() -> float:
    """The most memory of this process; what getrusage says may be that of its parent (Linux)."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1000
    raise SystemExit("peak memory is measured on Linux only")


@dataclass(frozen=True)
class Growth:
    """How one thing grew. sizes; costs: by kind, ms of processor time for each second of audio."""

    title: str
    axis: str
    sizes: Sequence[float]
    costs: dict[str, list[float]]

    def table(self) -> str:
        kinds = list(self.costs)
        lines = [f"| {self.axis} | {' | '.join(kinds)} |", "|---|" + "---|" * len(kinds)]
        for place, size in enumerate(self.sizes):
            cells = " | ".join(f"{self.costs[kind][place]:.3g}" for kind in kinds)
            lines.append(f"| {size:g} | {cells} |")
        grown = self.sizes[-1] / self.sizes[0]
        lines += [
            f"\n{kind}: {grown:g} times as much, {costs[-1] / costs[0]:.2f} times that."
            for kind, costs in self.costs.items()
        ]
        return "\n".join(lines)


Runs = dict[float, dict[str, Callable[[], float]]]


def grown(title: str, axis: str, runs: Runs, rounds: int) -> Growth:
    found: dict[tuple[str, float], list[float]] = defaultdict(list)
    for place in range(rounds + 1):
        for size, kinds in runs.items():
            for kind, run in kinds.items():
                cost_s = run()
                if place:  # the first round warms up
                    found[kind, size].append(1000 * cost_s)
    kinds = list(next(iter(runs.values())))
    costs = {kind: [statistics.median(found[kind, size]) for size in runs] for kind in kinds}
    return Growth(title, axis, list(runs), costs)


def lengths(longest_s: float, rounds: int) -> tuple[Growth, Growth]:
    sizes = [length for length in LENGTHS_S if length <= longest_s]
    spent, peaks = defaultdict(list), defaultdict(list)
    for place in range(rounds):
        for size in sizes:
            if size > 3600 and place:
                continue  # long enough to be its own median
            command = [sys.executable, __file__, "--length", str(size)]
            told = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
            spent[size].append(told["s"])
            peaks[size].append(told["peak_mb"])
    seconds = [statistics.median(spent[size]) for size in sizes]
    memory = [statistics.median(peaks[size]) for size in sizes]
    return (
        Growth("Length of a file", LENGTH, sizes, {"processor time, s": seconds}),
        Growth("Memory", LENGTH, sizes, {"peak memory, MB": memory}),
    )


def panel(axes: Axes, growth: Growth, unit: str) -> None:
    """Costs on logarithmic axes, beside the line of what would be exactly linear."""
    name = growth.axis.removesuffix(", s")
    axes.set(title=growth.title, xlabel=name, ylabel=unit, xscale="log", yscale="log")
    for (kind, costs), colour in zip(growth.costs.items(), (BLUE, ORANGE), strict=False):
        axes.plot(growth.sizes, costs, "o-", color=colour, markersize=4, label=kind)
    if growth.title != "Memory":
        top = [max(costs) for costs in zip(*growth.costs.values(), strict=True)]
        line = [top[0] * size / growth.sizes[0] for size in growth.sizes]
        axes.plot(growth.sizes, line, ":", color="#8a919b", label="linear", zorder=1)
        low = min(min(costs) for costs in growth.costs.values())
        axes.set_ylim(low / 2, max(*line, *top) * 1.6)
    else:
        axes.set_yscale("linear")
        axes.set_ylim(0, 1.4 * max(next(iter(growth.costs.values()))))
    grid(axes)
    for axis in (axes.xaxis, axes.yaxis):
        plain_numbers(axis)
        axis.set_minor_locator(NullLocator())
    axes.set_xticks(growth.sizes)
    if growth.axis == LENGTH:
        axes.set_xticks(growth.sizes, [length_text(size) for size in growth.sizes])
    axes.legend(loc="upper left", labelcolor=INK, edgecolor=FAINT)


def length_text(seconds: float) -> str:
    for unit, name in ((3600, "h"), (60, "min")):
        if seconds >= unit:
            return f"{seconds / unit:g} {name}"
    return f"{seconds:g} s"


def draw(growths: Sequence[Growth], out: Path) -> None:
    units = ("ms of processor time per s of sound",) * 3 + ("s of processor time", "MB at most")
    with drawing(11.0, 6.4) as figure:
        places = figure.subplot_mosaic([["a", "b", "c"], ["d", "d", "e"]])
        for axes, growth, unit in zip(places.values(), growths, units, strict=True):
            panel(axes, growth, unit)
        out.write_bytes(png(figure))


def measured(longest_s: float, rounds: int) -> list[Growth]:
    torch.set_num_threads(1)
    short, long = whole(LIVE_S), whole(BULK_S)
    spotter = Spotter(compute="cpu")
    spotter.warm_up()
    streams: Runs = {
        count: {"live, all streams": lambda n=count: live(spotter, n, short)}  # type: ignore[misc]
        for count in STREAMS
    }
    words, rates = {}, {}
    for count in WORDS:
        words[count] = both(Spotter(knowing(count), compute="cpu"), short, long)
    for hop_ms in reversed(HOPS_MS):
        rates[1000 / hop_ms] = both(Spotter(compute="cpu", hop_ms=hop_ms), short, long)
    return [
        grown("Streams", "streams at once", streams, rounds),
        grown("Words", "words of the model", words, rounds),
        grown("Hop (200 to 10 ms)", "decisions a second", rates, rounds),
        *lengths(longest_s, rounds),
    ]


def both(spotter: Spotter, short: Sound, long: Sound) -> dict[str, Callable[[], float]]:
    return {
        "live": lambda: live(spotter, 1, short),
        "in bulk": lambda: bulk(spotter, long),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--hours", type=float, default=10.0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--picture", type=Path, default=Path("docs/performance.png"))
    parser.add_argument("--length", type=float, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.length is not None:
        of_length(options.length)
        return
    growths = measured(3600 * options.hours, options.rounds)
    for growth in growths:
        print(f"### {growth.title}\n\n{growth.table()}\n")
    draw(growths, options.picture)


if __name__ == "__main__":
    main()
