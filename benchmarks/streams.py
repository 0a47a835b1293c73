"""How kwspot does in streams of single words: found, false, placed, and how fast.

    python benchmarks/streams.py RUN [--seed N] [--cache DIR]

RUN is the folder of a `kwspot train` run: its model hears the validation clips of the data it was
trained on, at random gaps, over noise that training did not see, and the validation speakers'
running speech without the words. A hit is decided between the word's start and 0.75 s after its
end; everything else is false.
"""

import argparse
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kwspot.audio.source import SAMPLE_RATE_HZ
from kwspot.spotting.detection import Detection
from kwspot.spotting.ladder import Ladder
from kwspot.spotting.spotter import Spotter
from kwspot.train.catalog import Kind, Split
from kwspot.train.corpus import Corpus, default_cache
from kwspot.train.folder import RunFolder
from kwspot.train.plan import plan
from kwspot.train.prepare import prepared
from kwspot.train.streams import debounced, matched, negatives, shares_within, word_stream

CONDITIONS = (
    ("clean, gaps 0.3-2.5 s", None, (0.3, 2.5)),
    ("20 dB, gaps 0.3-2.5 s", 20.0, (0.3, 2.5)),
    ("10 dB, gaps 0.3-2.5 s", 10.0, (0.3, 2.5)),
    ("clean, gaps 0-0.3 s", None, (0.0, 0.3)),
)


def detections(spotter: Spotter, pieces: Iterable[NDArray[np.float32]]) -> list[Detection]:
    ladder = Ladder(spotter, [spotter.detector])
    for piece in pieces:
        ladder.push(piece)
    ladder.finish()
    return ladder.found[0]


def words_in_streams(spotter: Spotter, corpus: Corpus, rng: np.random.Generator) -> None:
    clips = [
        index
        for index, clip in enumerate(corpus.recordings)
        if clip.kind is Kind.WORD and clip.split is Split.VALIDATION and clip.word in spotter.words
    ]
    print(f"{'stream':24} words  found  false/100  start<.25s  end<.25s  latency median, p95")
    for name, snr_db, gap_s in CONDITIONS:
        order = rng.permutation(clips).tolist()
        gaps = rng.uniform(*gap_s, size=len(order))
        samples, said = word_stream(corpus, order, gaps, snr_db, rng)
        result = matched(said, detections(spotter, [samples]))
        start, end = shares_within(result.found, 0.25)
        late_s = [(found.decided - word.end) / SAMPLE_RATE_HZ for word, found in result.found]
        print(
            f"{name:24} {len(said):5}  {len(result.found) / len(said):5.1%}  "
            f"{100 * len(result.false) / len(said):9.2f}  {start:10.1%}  {end:8.1%}  "
            f"{np.median(late_s):.3f} s, {np.percentile(late_s, 95):.3f} s"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("run", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cache", type=Path, default=default_cache())
    options = parser.parse_args()
    folder = RunFolder(options.run)
    corpus = prepared(plan(folder.settings()), options.cache, lambda *_: None, print)
    spotter = Spotter(folder.model, compute="cpu")
    words_in_streams(spotter, corpus, np.random.default_rng(options.seed))
    false = debounced(detections(spotter, negatives(corpus)))
    hours = sum(map(len, negatives(corpus))) / SAMPLE_RATE_HZ / 3600
    print(f"without the words: {hours:.2f} h, {len(false)} false, {len(false) / hours:.1f} an hour")


if __name__ == "__main__":
    main()
