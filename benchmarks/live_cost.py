"""What `kwspot listen` costs while it runs, how soon it decides, and what the network's step costs.

    python benchmarks/live_cost.py [--seconds S] [--hop MS]

Replays the bundled sample over and over at the pace of a microphone. The share of a core is that of
the process from "listening" on; memory is what it has beyond an interpreter that has imported
torch and torchaudio; a decision's delay runs from when the newest sample it used was due, to when
its line was printed, and includes the 20 ms in which samples arrive. The steps are those of one
hop: processor time in a row, and with pauses in which other programs use the caches.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import numpy as np
import psutil
import soundfile
import torch

from kwspot.resources import sample_recording
from kwspot.spotting.features import as_channels
from kwspot.spotting.few_rows import FewRows
from kwspot.spotting.folded import fold
from kwspot.spotting.many_rows import ManyRows
from kwspot.spotting.network import Network
from kwspot.spotting.spotter import Spotter

TURNS = 40
BARE = "import torch, torchaudio, psutil; print(psutil.Process().memory_info().rss)"


def listen(path: Path, seconds: float, hop_ms: int) -> None:
    bare = int(subprocess.run([sys.executable, "-c", BARE], capture_output=True, check=True).stdout)
    command = [sys.executable, "-m", "kwspot", "listen", "--json", "--replay", str(path)]
    options = ["--hop", str(hop_ms), "--duration", str(seconds)]
    began_s = time.time()
    process = subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    told = psutil.Process(process.pid)
    since_s, before_s, memory, delays_ms = 0.0, 0.0, 0, []
    for line in process.stdout:
        facts = json.loads(line)
        at_s = datetime.fromisoformat(facts["time"]).timestamp()
        if facts.get("state") == "listening":
            print(f"start to listening  {at_s - began_s:.2f} s")
            since_s, before_s = at_s, sum(told.cpu_times()[:2])
        elif facts["type"] == "detection":
            delays_ms.append(1000 * (at_s - since_s - facts["decided"]))
            used_s, memory = sum(told.cpu_times()[:2]) - before_s, told.memory_info().rss
            lasted_s = time.time() - since_s
    process.wait()
    late = np.percentile(delays_ms, [50, 95])
    print(f"processor           {100 * used_s / lasted_s:.2f} % of a core, over {lasted_s:.0f} s")
    print(f"memory              {(memory - bare) / 1e6:.0f} MB beyond {bare / 1e6:.0f} MB")
    print(f"decision            {late[0]:.0f} ms, p95 {late[1]:.0f} ms, {len(delays_ms)} words")


def steps(hop_ms: int) -> dict[str, Callable[[], object]]:
    """One hop through the trunk and the heads, in several ways."""
    checkpoint = Spotter(compute="cpu").checkpoint
    network = checkpoint.build()
    assert isinstance(network, Network)
    folded, hop, bins = fold(network), hop_ms // 10, checkpoint.features.bins
    pooled = checkpoint.features.frames - folded.receptive + 1
    device = torch.device("cpu")
    many, few = ManyRows(folded, pooled, hop, device), FewRows(folded, pooled, hop)
    context, features = many.silence()
    known = features.T[None].contiguous()
    new = torch.randn(1, hop, bins, dtype=torch.complex64) * 0.1
    seen = torch.randn(1, bins, folded.receptive - 1 + hop, dtype=torch.complex64) * 0.1
    wide = as_channels(seen).contiguous()

    class Step(torch.nn.Module):
        """The network as it was trained, on all that the new features see."""

        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, columns: torch.Tensor, before: torch.Tensor) -> tuple[torch.Tensor, ...]:
            fresh = self.network.trunk(columns)
            window = torch.cat((before, fresh), dim=2)[:, :, -pooled:]
            return self.network.head(window).softmax(1), self.network.evidence(fresh).softmax(2)

    step = Step().eval()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        began_s = time.perf_counter()
        frozen = torch.jit.freeze(torch.jit.trace(step, (wide, known)))
    print(f"tracing and freezing took {time.perf_counter() - began_s:.1f} s")
    rows = context.numpy(), np.ascontiguousarray(features.numpy()), new[0].numpy()
    ways: dict[str, Callable[[], object]] = {
        "as trained, eager": lambda: step(wide, known),
        "as trained, traced and frozen": lambda: frozen(wide, known),
        "rows, torch": lambda: many.advance(context[None], features[None], new),
        "rows, numpy": lambda: few.advance(*rows),
    }
    for name in ("as trained, eager", "rows, torch"):
        if (quicker := compiled(ways[name])) is not None:
            ways[f"{name.split(',')[0]}, compiled"] = quicker
    return ways


def compiled(way: Callable[[], object]) -> Callable[[], object] | None:
    """The same by torch.compile, which needs a C++ compiler; None where it cannot be had."""
    began_s = time.perf_counter()
    quicker = torch.compile(way)
    try:
        with torch.inference_mode(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            quicker()
    except Exception as error:  # whatever is missing, the other ways are compared all the same
        print(f"not compiled: {str(error).strip().splitlines()[0]}")
        return None
    print(f"compiling took {time.perf_counter() - began_s:.1f} s")
    return quicker


def compare(hop_ms: int) -> None:
    torch.set_num_threads(1)
    ways = steps(hop_ms)
    hot, cold = dict.fromkeys(ways, 0.0), dict.fromkeys(ways, 0.0)
    with torch.inference_mode():
        for _ in range(TURNS):
            for name, step in ways.items():
                for _ in range(5):
                    step()
                began = time.thread_time_ns()
                for _ in range(10):
                    step()
                hot[name] += (time.thread_time_ns() - began) / 10e3 / TURNS
                time.sleep(0.04)
                began = time.thread_time_ns()
                step()
                cold[name] += (time.thread_time_ns() - began) / 1e3 / TURNS
    for name in ways:
        print(f"{name:30} {hot[name]:6.0f} us in a row, {cold[name]:6.0f} us after pauses")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--hop", type=int, default=50)
    options = parser.parse_args()
    samples, rate_hz = soundfile.read(sample_recording(), dtype="int16")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sample.wav"
        times = int(np.ceil((options.seconds + 5) * rate_hz / len(samples)))
        soundfile.write(path, np.tile(samples, times), rate_hz)
        listen(path, options.seconds, options.hop)
    compare(options.hop)


if __name__ == "__main__":
    main()
