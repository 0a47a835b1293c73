"""How fast recordings are scanned: times real time, for WAV and FLAC, with one and two jobs.

    python benchmarks/scan_speed.py [--minutes M] [--files N] [--rounds R]
    python benchmarks/scan_speed.py --compute cuda --jobs 1,48 --minutes 3000 --files 200

The audio is the bundled sample over and over. The yardstick is the plain way, one file after the
other through a stream of updates in one thread (on a GPU the first number of jobs); everything is
measured in turns in one run, and the ratios are those of medians. `cpu` is by processor time: what
one core would do that had nothing else to do.
"""

import argparse
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import soundfile
import torch

from kwspot.audio.files import FileSource
from kwspot.audio.resample import at_16k
from kwspot.resources import sample_recording
from kwspot.spotting.batch import Batch, Finished
from kwspot.spotting.detection import Detection
from kwspot.spotting.spotter import Spotter

Scan = Callable[[Spotter, list[Path]], int]


def plain(spotter: Spotter, paths: list[Path]) -> int:
    """Detections, one file after the other."""
    found = 0
    for path in paths:
        stream = spotter.stream()
        with at_16k(FileSource(path)) as source:
            while (chunk := source.read()) is not None:
                found += sum(update.detection is not None for update in stream.push(chunk))
        found += sum(update.detection is not None for update in stream.finish())
    return found


def decode(_: Spotter, paths: list[Path]) -> int:
    """Only read the samples."""
    for path in paths:
        with at_16k(FileSource(path)) as source:
            while source.read() is not None:
                pass
    return 0


def batch(jobs: int) -> Scan:
    """As `kwspot scan --jobs` does it."""

    def run(spotter: Spotter, paths: list[Path]) -> int:
        found = 0
        for item in Batch(spotter, [str(path) for path in paths], jobs).results():
            while not isinstance(event := item.next_event(1.0), Finished):
                found += isinstance(event, Detection)
            if event.error is not None:
                raise event.error
        return found

    return run


def make(folder: Path, suffix: str, minutes: float, files: int) -> list[Path]:
    samples, rate_hz = soundfile.read(sample_recording(), dtype="int16")
    times = max(1, round(minutes * 60 * rate_hz / files / len(samples)))
    paths = [folder / f"{place}.{suffix}" for place in range(files)]
    for path in paths:
        with soundfile.SoundFile(path, "w", rate_hz, 1, subtype="PCM_16") as file:
            for _ in range(times):
                file.write(samples)
    return paths


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--files", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--compute", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--jobs", default="1,2")
    options = parser.parse_args()
    torch.set_num_threads(1)
    spotter = Spotter(compute=options.compute)
    numbers = [int(number) for number in options.jobs.split(",")]
    jobs = {f"{number} job{'s'[: number > 1]}": batch(number) for number in numbers}
    ways = {"plain": plain, **jobs, "decoding": decode}
    if options.compute == "cuda":
        # Hop after hop takes too long there to be worth waiting for.
        del ways["plain"]
    yardstick = next(iter(ways))
    with tempfile.TemporaryDirectory() as name:
        for suffix in ("wav", "flac"):
            paths = make(Path(name), suffix, options.minutes, options.files)
            length_s = sum(soundfile.info(path).duration for path in paths)
            batch(1)(spotter, make(Path(name), "warm.wav", 0.3, 1))
            walls, cpus, counts = defaultdict(list), defaultdict(list), {}
            for _ in range(options.rounds):
                for way, scan in ways.items():
                    wall_s, cpu_s = time.perf_counter(), time.process_time()
                    counts[way] = scan(spotter, paths)
                    walls[way].append(time.perf_counter() - wall_s)
                    cpus[way].append(time.process_time() - cpu_s)
            if len(set(counts.values()) - {0}) > 1:
                print(f"  found not the same: {counts}")
            print(f"{suffix}: {length_s / 60:.0f} minutes in {len(paths)} files")
            for way in ways:
                wall_s, cpu_s = statistics.median(walls[way]), statistics.median(cpus[way])
                ratio = statistics.median(walls[yardstick]) / wall_s
                cpu_ratio = statistics.median(cpus[yardstick]) / cpu_s
                print(
                    f"  {way:9} {length_s / wall_s:7.0f} x real time, {ratio:5.2f} x {yardstick}; "
                    f"cpu {length_s / cpu_s:7.0f} x, {cpu_ratio:5.2f} x"
                )


if __name__ == "__main__":
    main()
