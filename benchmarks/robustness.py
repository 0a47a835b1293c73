"""What must not matter: how loud, said again, and sounds that are no speech.

    python benchmarks/robustness.py RUN [--model FILE] [--words yes,no] [--seed N]

RUN is the folder of a `kwspot train` run, for its validation clips. Prints, by the model's own
thresholds: misses of the words at peaks from -40 to 0 dB re full scale; how many words that are
heard alone are heard again when they are said twice in a row, and how often one that is said once
fires twice; detections in half an hour of silence, hum, clicks, noise, tones and clipping.
"""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kwspot.audio.source import SAMPLE_RATE_HZ
from kwspot.spotting.ladder import Ladder
from kwspot.spotting.spotter import Spotter
from kwspot.train.catalog import Kind, Split
from kwspot.train.corpus import Corpus, Span, default_cache
from kwspot.train.folder import RunFolder
from kwspot.train.plan import plan
from kwspot.train.prepare import prepared
from kwspot.train.sounds import clicks, coloured_noise, decibels, tones
from kwspot.train.streams import Matched, Said, invented, laid, matched

PEAKS_DB = (-40, -30, -20, -10, 0)
GAPS_S = ((0.3, 0.7), (0.7, 1.5), (1.5, 3.0))
MINUTE = 60 * SAMPLE_RATE_HZ
Samples = NDArray[np.float32]


def found(spotter: Spotter, pieces: Iterator[Samples], said: Sequence[Said]) -> Matched:
    ladder = Ladder(spotter, [spotter.detector])
    for piece in pieces:
        ladder.push(piece)
    ladder.finish()
    return matched(said, ladder.found[0])


def spoken(
    corpus: Corpus, clips: Sequence[int], gaps_s: Sequence[float], peak_db: float | None
) -> tuple[Samples, list[Said]]:
    """Clips with gaps from the end of one word to the start of the next, all of one peak."""

    def gain(samples: Samples, _span: Span) -> float:
        return decibels(peak_db or 0.0) / max(float(np.abs(samples).max()), 1e-4)

    stream, said = laid(corpus, clips, gaps_s, None if peak_db is None else gain)
    return np.pad(np.clip(stream, -1.0, 1.0), (0, 2 * SAMPLE_RATE_HZ)), said


def levels(spotter: Spotter, corpus: Corpus, clips: list[int], rng: np.random.Generator) -> None:
    order = rng.permutation(clips).tolist()
    gaps = rng.uniform(0.7, 2.0, size=len(order)).tolist()
    print(f"peaks, dB re full scale, of {len(order)} words: missed")
    for peak_db in PEAKS_DB:
        stream, said = spoken(corpus, order, gaps, float(peak_db))
        part = found(spotter, iter([stream]), said)
        print(f"  {peak_db:4d} dB  {len(part.missed) / len(said):6.2%}")


def said_again(
    spotter: Spotter, corpus: Corpus, clips: list[int], rng: np.random.Generator
) -> None:
    order = rng.permutation(clips).tolist()
    stream, said = spoken(corpus, order, [2.5] * len(order), None)
    alone = found(spotter, iter([stream]), said)
    heard = {word.start for word, _ in alone.found}
    known = [clip for clip, word in zip(order, said, strict=True) if word.start in heard]
    twice = len(invented(said, alone.false).repeated)
    print(f"said once: {len(known)} of {len(order)} fire, {twice} of them again")
    for low, high in GAPS_S:
        pairs = [clip for clip in known for _ in range(2)]
        gaps = [gap for _ in known for gap in (float(rng.uniform(low, high)), 2.5)]
        stream, said = spoken(corpus, pairs, gaps, None)
        part = found(spotter, iter([stream]), said)
        fired = {word.start for word, _ in part.found}
        first, second = said[::2], said[1::2]
        both = [b.start in fired for a, b in zip(first, second, strict=True) if a.start in fired]
        print(
            f"said again {low:g} to {high:g} s after the end: "
            f"{sum(both)} of {len(both)} fire again ({sum(both) / len(both):.2%})"
        )


def odd_sounds(rng: np.random.Generator) -> dict[str, list[Samples]]:
    """Five minutes each of what is no speech, at several levels."""
    time_s = np.arange(MINUTE) / SAMPLE_RATE_HZ

    def hum(hertz: float) -> Samples:
        waves = [np.sin(2 * np.pi * hertz * k * time_s) / k for k in range(1, 12)]
        return np.asarray(0.1 * np.sum(waves, axis=0), dtype=np.float32)

    def pink() -> Samples:
        spectrum = np.fft.rfft(rng.standard_normal(MINUTE))
        spectrum[1:] /= np.sqrt(np.arange(1, len(spectrum)))
        wave = np.fft.irfft(spectrum, MINUTE)
        return np.asarray(0.1 * wave / wave.std(), dtype=np.float32)

    def white(level: float) -> Samples:
        return np.asarray(level * rng.standard_normal(MINUTE), dtype=np.float32)

    def loud(piece: Samples) -> Samples:
        return np.asarray(np.clip(20.0 * piece, -1.0, 1.0), dtype=np.float32)

    faint = [np.zeros(MINUTE, np.float32), white(1e-5), white(1e-4), white(1e-3), white(3e-3)]
    return {
        "silence": faint,
        "hum": [hum(50.0), hum(60.0), 0.1 * hum(50.0), 3.0 * hum(60.0), hum(100.0)],
        "clicks": [0.3 * clicks(rng, MINUTE) for _ in range(5)],
        "noise": [white(0.01), white(0.1), white(0.3), pink(), 0.1 * coloured_noise(rng, MINUTE)],
        "tones": [0.1 * tones(rng, MINUTE) for _ in range(5)],
        "clipping": [loud(piece) for piece in (hum(50.0), pink(), white(0.1),
            *(tones(np.random.default_rng(seed), MINUTE) for seed in (1, 2)))],
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("run", type=Path)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--words")
    parser.add_argument("--seed", type=int, default=3)
    options = parser.parse_args()
    folder = RunFolder(options.run)
    corpus = prepared(plan(folder.settings()), default_cache(), lambda *_: None, print)
    words = options.words.split(",") if options.words else None
    spotter = Spotter(options.model or folder.model, compute="cpu", words=words)
    clips = [
        index
        for index, clip in enumerate(corpus.recordings)
        if clip.kind is Kind.WORD and clip.split is Split.VALIDATION and clip.word in spotter.words
    ]
    rng = np.random.default_rng(options.seed)
    levels(spotter, corpus, clips, rng)
    said_again(spotter, corpus, clips, rng)
    for name, pieces in odd_sounds(rng).items():
        hits = found(spotter, iter(pieces), ()).false
        minutes = sum(map(len, pieces)) / MINUTE
        names = ", ".join(hit.label for hit in hits)
        print(f"{name:10} {minutes:g} min: {len(hits)} detections  {names}")


if __name__ == "__main__":
    main()
