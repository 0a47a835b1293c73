"""The computing of `scan` alone, without reading and deciding, and how near it comes to the limits.

    python benchmarks/bulk_compute.py [--compute auto] [--streams N] [--seconds S]
        [--tf32] [--graph]

Samples that lie on the processor (a GPU where there is one) go through the spectrogram, the trunk
and both heads, `--streams` stretches of `--seconds` as one batch. The limits are measured in the
same run: multiply-adds of one large matrix product, bytes of one large copy. The work is counted by
shapes: products of the layers (the DFT as 2.5 n log2 n), and each row read and written once by each
layer that uses it. `--graph` replays a CUDA graph, `--tf32` lets a GPU round factors to 10 bits.
"""

import argparse
import math
import statistics
import time
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from kwspot.spotting.classifier import choose_device
from kwspot.spotting.features import FeatureConfig, spectra
from kwspot.spotting.folded import Affine, Folded, fold
from kwspot.spotting.many_rows import ManyRows
from kwspot.spotting.network import Network
from kwspot.spotting.products import Product
from kwspot.spotting.spotter import Spotter

HOP, REPEATS, FLOAT = 5, 7, 4
SIDE, COPIED = 2048, 2**26


class Work(NamedTuple):
    """Of a second of audio."""

    multiply_adds: float
    bytes: float


def work(folded: Folded, config: FeatureConfig) -> Work:
    """By the shapes alone, weights not counted: of a batch they are next to nothing."""
    frames = config.sample_rate_hz / config.hop_samples
    parts, bands = folded.bands.shape
    seen = int((folded.bands != 0).sum())
    products = [folded.stem, *(layer.across for layer in folded.layers), folded.features]
    channels = len(folded.stem.bias)
    kernel = folded.layers[0].taps.shape[0]
    heads = folded.frames.matrix.numel() + folded.windows.matrix.numel() / HOP
    dft = 1.25 * config.n_fft * math.log2(config.n_fft)
    per_frame = dft + parts + seen + sum(part.matrix.numel() for part in products) + heads
    per_frame += len(folded.layers) * kernel * channels

    def moved(product: Affine) -> int:
        return sum(product.matrix.shape)

    # Samples and columns; powers; bands; layers with their taps; what is pooled.
    values = config.hop_samples + 2 * config.n_fft + parts + 2 * parts + parts + 3 * bands
    values += sum(map(moved, products)) + len(folded.layers) * 4 * channels
    values += 3 * len(folded.features.bias)
    return Work(frames * per_frame, FLOAT * frames * values)


def seconds_of(run: Callable[[], object], device: torch.device) -> float:
    """The median of a few runs, after one that is not counted."""
    taken = []
    for _ in range(REPEATS + 1):
        began = time.perf_counter()
        run()
        if device.type == "cuda":
            torch.cuda.synchronize()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken[1:])


def limits(device: torch.device) -> tuple[float, float]:
    """Multiply-adds and bytes a second."""
    left = torch.randn(SIDE, SIDE, device=device)
    # Two libraries may be there for it, one of them quicker.
    product = Product(Affine(left, torch.zeros(SIDE)), device)
    out = torch.empty(1, SIDE, SIDE, device=device)
    ways: tuple[Callable[[], object], ...] = (
        lambda: left @ left,
        lambda: product.into(left.unsqueeze(0), out),
    )
    multiplying = min(seconds_of(way, device) for way in ways)
    block = torch.zeros(COPIED, device=device)
    other = torch.empty_like(block)
    copy = seconds_of(lambda: other.copy_(block), device)
    return SIDE**3 / multiplying, 2 * FLOAT * COPIED / copy


def as_graph(run: Callable[[], object]) -> Callable[[], None]:
    """The same kernels again, launched as one."""
    stream = torch.cuda.Stream()
    with torch.cuda.stream(stream):
        run()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        run()
    return graph.replay


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--compute", default="auto")
    parser.add_argument("--streams", type=int)
    parser.add_argument("--seconds", type=int, default=8)
    parser.add_argument("--tf32", action="store_true")
    parser.add_argument("--graph", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(1)
    device = choose_device(options.compute)
    on_gpu = device.type == "cuda"
    torch.backends.cuda.matmul.allow_tf32 = options.tf32
    torch.backends.cudnn.allow_tf32 = options.tf32
    checkpoint = Spotter(compute="cpu").checkpoint
    network, config = checkpoint.build(), checkpoint.features
    assert isinstance(network, Network)
    folded = fold(network)
    rows = ManyRows(folded, network.config.evidence_frames(config.frames), HOP, device)
    streams = options.streams or (256 if on_gpu else 1)
    length = options.seconds * config.sample_rate_hz + config.window_samples - config.hop_samples
    samples = 0.1 * torch.randn(streams, length, device=device)

    def run() -> Tensor:
        columns = spectra(samples, config).transpose(1, 2).contiguous()
        return rows.advance(contexts, features, columns).posteriors

    with torch.inference_mode():
        context, known = rows.silence()
        contexts = context.expand(streams, -1).contiguous()
        features = known.expand(streams, -1, -1).contiguous()
        step = as_graph(run) if options.graph and on_gpu else run
        taken = seconds_of(step, device)
        most_products, most_bytes = limits(device)
    audio = streams * options.seconds
    done = work(folded, config)
    products, moved = done.multiply_adds * audio / taken, done.bytes * audio / taken
    name = torch.cuda.get_device_name() if on_gpu else "one core of the CPU"
    print(f"{name}: {audio / taken:,.0f} x real time, {streams} x {options.seconds} s at once")
    for what, here, most in (
        ("multiply-adds", products, most_products),
        ("bytes", moved, most_bytes),
    ):
        print(f"  {what:14s} {here:10.3g} a second, {here / most:6.1%} of {most:.3g}")
    bounds = {
        "multiplying": done.multiply_adds / most_products,
        "moving": done.bytes / most_bytes,
    }
    what = max(bounds, key=bounds.__getitem__)
    print(f"  at the limits: {1 / bounds[what]:,.0f} x, by {what}")


if __name__ == "__main__":
    main()
