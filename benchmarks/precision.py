"""What rounding the factors of the network's products does to detections: may a GPU round them?

    python benchmarks/precision.py --data SPEECH_COMMANDS [--speech LIBRISPEECH] [--bits 10]
        [--compute cpu]

Streams of the validation clips over faint noise, and of running speech, are scanned twice, as they
are in float32 and with factors rounded to `--bits` of mantissa (10: what tensor cores call TF32;
7: bfloat16), sums in float32 still. On a CPU the rounding is emulated, of all products and
convolutions; with `--compute cuda` the GPU does it where it can, to 10 bits. Told is how many
detections are the same within a hop, and how far scores are apart: at most 0.01 is asked of reduced
precision.
"""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from kwspot.audio.files import FileSource
from kwspot.audio.resample import at_16k
from kwspot.audio.source import Chunk
from kwspot.spotting import many_rows
from kwspot.spotting.classifier import Classifier
from kwspot.spotting.detection import Detection
from kwspot.spotting.products import Product
from kwspot.spotting.spotter import Spotter

MANTISSA = 23
PAUSE_S, NOISE, FALSE_PER_HOUR = 0.5, 0.01, 2.0
PRODUCTS = ("_stem", "_features", "_windows", "_frames")


def nearest(values: Tensor, bits: int) -> Tensor:
    """float32 with so many bits of mantissa, halves to even."""
    drop = MANTISSA - bits
    whole = values.contiguous().view(torch.int32)
    half = (1 << (drop - 1)) - 1 + ((whole >> drop) & 1)
    return ((whole + half) >> drop << drop).view(torch.float32)


class Rounded(Product):
    """A product whose factors have so many bits of mantissa."""

    def __init__(self, exact: Product, bits: int) -> None:
        self._bits = bits
        self.matrix, self.bias = nearest(exact.matrix, bits), exact.bias
        self._transposed = None

    def into(self, rows: Tensor, out: Tensor, *, relu: bool = False) -> Tensor:
        """As exact ones do."""
        return super().into(nearest(rows, self._bits), out, relu=relu)

    def of(self, rows: Tensor) -> Tensor:
        """As exact ones do."""
        return super().of(nearest(rows, self._bits))


def rounded(spotter: Spotter, bits: int) -> Spotter:
    """The same with rounded factors."""
    if spotter.classifier.device.type == "cuda":
        torch.backends.cuda.matmul.allow_tf32 = True
        torch.backends.cudnn.allow_tf32 = True
        return spotter
    assert isinstance(spotter.classifier, Classifier)
    rows = spotter.classifier._many
    for name in PRODUCTS:
        setattr(rows, name, Rounded(getattr(rows, name), bits))
    rows._across = [Rounded(product, bits) for product in rows._across]
    multiply, convolve = many_rows._multiply, many_rows.conv2d

    def multiplied(left: Tensor, matrix: Tensor, out: Tensor) -> Tensor:
        return multiply(nearest(left, bits), nearest(matrix, bits), out)

    def convolved(image: Tensor, taps: Tensor, groups: int) -> Tensor:
        # In the layout they have in memory.
        factors = [nearest(each.permute(0, 2, 3, 1), bits) for each in (image, taps)]
        return convolve(*(each.permute(0, 3, 1, 2) for each in factors), groups=groups)

    many_rows._multiply, many_rows.conv2d = multiplied, convolved  # type: ignore[assignment]
    return spotter


def read(path: Path) -> np.ndarray:
    with at_16k(FileSource(path)) as source:
        chunks = []
        while (chunk := source.read()) is not None:
            chunks.append(chunk.samples)
    return np.concatenate(chunks)


def clips(data: Path) -> Iterator[np.ndarray]:
    """The validation clips in a drawn order, a pause after each, over faint noise."""
    rng = np.random.default_rng(0)
    names = (data / "validation_list.txt").read_text().split()
    for name in rng.permutation(names):
        padded = np.pad(read(data / name), (0, round(PAUSE_S * 16_000)))
        yield padded + NOISE * rng.standard_normal(len(padded)).astype(np.float32)


def found(spotter: Spotter, samples: np.ndarray) -> list[Detection]:
    stream = spotter.detections()
    return stream.push(Chunk(0, samples)) + stream.finish()


def compare(name: str, exact: Sequence[Detection], other: Sequence[Detection], hop: int) -> None:
    apart = []
    for one in exact:
        near = [
            two for two in other if two.label == one.label and abs(two.start - one.start) <= hop
        ]
        apart += [min(abs(two.score - one.score) for two in near)] if near else []
    print(
        f"{name}: {len(exact)} detections, {len(other)} with rounded factors, {len(apart)} the "
        f"same within a hop; scores apart {np.median(apart or [0]):.1g} (median), "
        f"{max(apart, default=0):.2g} at most, {sum(each > 0.01 for each in apart)} by over 0.01"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--speech", type=Path)
    parser.add_argument("--bits", type=int, default=10)
    parser.add_argument("--compute", choices=("cpu", "cuda"), default="cpu")
    options = parser.parse_args()
    if options.compute == "cuda" and options.bits != 10:
        parser.error("a GPU rounds to 10 bits: other numbers are emulated on the CPU")
    torch.set_num_threads(1)
    streams = {"clips": np.concatenate([*clips(options.data)])}
    if options.speech is not None:
        paths = sorted(
            path for path in options.speech.rglob("*") if path.suffix in (".wav", ".flac")
        )
        streams["speech"] = np.concatenate([read(path) for path in paths])
    spotter = Spotter(compute=options.compute, false_per_hour=FALSE_PER_HOUR)
    exact = {name: found(spotter, samples) for name, samples in streams.items()}
    spotter = rounded(spotter, options.bits)
    for name, samples in streams.items():
        other = found(spotter, samples)
        compare(f"{name}, {len(samples) / 57.6e6:.2f} h", exact[name], other, 800)


if __name__ == "__main__":
    main()
