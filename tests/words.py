"""The bundled sample, and what is said in it."""

import csv
import io
from dataclasses import dataclass

import numpy as np
import soundfile
from numpy.typing import NDArray

from kwspot.audio.source import Chunk
from kwspot.resources import sample_recording
from kwspot.spotting.detection import Detection
from kwspot.spotting.spotter import Spotter
from kwspot.spotting.stretch import Update


@dataclass(frozen=True)
class Said:
    word: str
    start_s: float
    end_s: float


def sample() -> NDArray[np.float32]:
    samples, rate_hz = soundfile.read(sample_recording(), dtype="float32")
    assert rate_hz == 16_000
    return samples


def said() -> list[Said]:
    table = sample_recording().with_suffix(".tsv").read_text()
    rows = csv.DictReader(io.StringIO(table), delimiter="\t")
    return [Said(row["word"], float(row["start"]), float(row["end"])) for row in rows]


def spot(spotter: Spotter, samples: NDArray[np.float32], cuts: list[int]) -> list[Update]:
    """Updates for samples that come in pieces ending at `cuts` and at their end."""
    stream = spotter.stream()
    updates: list[Update] = []
    first = 0
    for last in [*cuts, len(samples)]:
        updates += stream.push(Chunk(first, samples[first:last]))
        first = last
    return updates + stream.finish()


def detections(updates: list[Update]) -> list[Detection]:
    return [update.detection for update in updates if update.detection is not None]
