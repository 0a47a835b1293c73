"""What `kwspot listen` costs with many streams at once.

    python benchmarks/many_streams.py [--seconds S] [--hop MS] [--counts 1,2,4 ...]

Replays the bundled sample over and over at the pace of a microphone, each stream from another
place in it. The share of a core is that of the process, from the time all are listened to; a
decision's delay runs from when the newest sample it used was due, to when its line was printed, and
includes the 20 ms in which samples arrive; a missing word is one that the first stream's count
leads to expect. Below, the processor time of one hop of all streams without threads: spectra,
network and detectors.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import datetime
from pathlib import Path

import numpy as np
import psutil
import soundfile
import torch
from numpy.typing import NDArray

from kwspot.audio.source import Chunk
from kwspot.resources import sample_recording
from kwspot.spotting.lane import Lane, run_abreast
from kwspot.spotting.spotter import Spotter

TICKS = 200


def listen(paths: list[Path], seconds: float, hop_ms: int) -> str:
    named = [part for path in paths for part in ("--replay", str(path))]
    options = ["--hop", str(hop_ms), "--duration", str(seconds)]
    command = [sys.executable, "-m", "kwspot", "listen", "--json", *named, *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    told = psutil.Process(process.pid)
    since_s: dict[str, float] = {}
    began_s = before_s = share = 0.0
    memory = 0
    delays_ms, words = [], Counter[str]()
    for line in process.stdout:
        facts = json.loads(line)
        at_s = datetime.fromisoformat(facts["time"]).timestamp()
        if facts.get("state") == "listening":
            since_s[facts["source"]] = at_s
            began_s, before_s = time.time(), sum(told.cpu_times()[:2])
        elif facts["type"] == "detection":
            delays_ms.append(1000 * (at_s - since_s[facts["source"]] - facts["decided"]))
            words[facts["source"]] += 1
            share = (sum(told.cpu_times()[:2]) - before_s) / (time.time() - began_s)
            memory = told.memory_info().rss
    process.wait()
    late = np.percentile(delays_ms, [50, 95])
    fewest, most = min(words[str(path)] for path in paths), max(words.values())
    return (
        f"{100 * share:8.1f} % {100 * share / len(paths):8.2f} % {late[0]:7.0f} {late[1]:6.0f} ms "
        f"{memory / 1e6:8.0f} MB   {fewest}-{most}"
    )


def tick_us(spotter: Spotter, count: int, samples: NDArray[np.float32]) -> float:
    """Processor time of a hop of all streams."""
    hop = spotter.hop_frames * spotter.checkpoint.features.hop_samples
    lanes = [Lane(spotter, str(number), None) for number in range(count)]
    used = 0
    for tick in range(TICKS):
        start = tick * hop
        for number, lane in enumerate(lanes):
            place = (start + 5000 * number) % (len(samples) - hop)
            lane.hear(Chunk(start, samples[place : place + hop]))
        began = time.thread_time_ns()
        for _ in run_abreast(spotter, lanes):
            pass
        used += (time.thread_time_ns() - began) if tick >= TICKS // 4 else 0
    return used / 1e3 / (TICKS - TICKS // 4)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--hop", type=int, default=50)
    parser.add_argument("--counts", default="1,2,4,8,16,32,64")
    options = parser.parse_args()
    counts = [int(part) for part in options.counts.split(",")]
    samples, rate_hz = soundfile.read(sample_recording(), dtype="int16")
    times = int(np.ceil((options.seconds + 5) * rate_hz / len(samples)))
    print("streams   of a core  per stream   delay p50, p95       memory   words")
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for number in range(max(counts)):
            paths.append(Path(folder) / f"{number}.wav")
            turned = np.roll(samples, -number * len(samples) // max(counts))
            soundfile.write(paths[-1], np.tile(turned, times), rate_hz)
        for count in counts:
            print(f"{count:7} {listen(paths[:count], options.seconds, options.hop)}", flush=True)
    torch.set_num_threads(1)
    spotter = Spotter(compute="cpu", hop_ms=options.hop)
    heard = samples.astype(np.float32) / 2**15
    for count in counts:
        used = tick_us(spotter, count, heard)
        share = 100 * used / (1000 * options.hop)
        print(f"{count:7} {used:8.0f} us a hop, {used / count:6.0f} us a stream, {share:5.2f} %")


if __name__ == "__main__":
    main()
