"""What the contestants of `benchmarks/peers.py` hear and answer, but for those of Silicon Labs."""

import tempfile
from collections.abc import Callable
from typing import Any

import numpy as np

RATE_HZ = 16_000
KNOWN = "yes no up down left right on off stop go zero one five eight bed cat happy"
WORDS = KNOWN.split(" ")
"""What kwspot's bundled model knows."""
Samples = np.ndarray[Any, Any]
Hear = Callable[[Samples], object]
"""Takes int16 samples of any number, in turn."""


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
