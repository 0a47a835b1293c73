"""Whether a model knows words by their sound or by the codec their recordings went through.

    python benchmarks/codecs.py DATA [--model FILE] [--clips N] [--seed N] [--cache DIR]

DATA is a folder of word folders. Its validation clips, those of words the model does not know as
unknown, are named as they are and after Opus and MP3 at several rates, by the highest score and
without a threshold. The training clips of Speech Commands are stored as Opus near 40 kbit/s and
running speech near 20, what a microphone gives went through neither: a model that has learnt
"coded means unknown" turns words into unknown here, or unknown into words.
"""

import argparse
import io
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from kwspot.audio.source import SAMPLE_RATE_HZ
from kwspot.resources import bundled_model
from kwspot.spotting.checkpoint import UNKNOWN, load
from kwspot.train.catalog import Kind, Split, word_clips
from kwspot.train.corpus import default_cache
from kwspot.train.corpus import load as decoded
from kwspot.train.evaluate import named

Clips = list[NDArray[np.float32]]

CODECS = (
    ("Opus", "OGG", "OPUS", 0.970),
    ("Opus", "OGG", "OPUS", 0.937),
    ("Opus", "OGG", "OPUS", 0.875),
    ("MP3", "MP3", "MPEG_LAYER_III", 0.9),
    ("MP3", "MP3", "MPEG_LAYER_III", 0.3),
)
"""Name, libsndfile's format and subtype, and its compression level, from 0 (least) to 1."""
PAUSE = SAMPLE_RATE_HZ // 4


def coded(clips: Clips, form: str, subtype: str, level: float) -> tuple[Clips, float]:
    """Clips after a codec, and its kbit/s. One file, with pauses: each has its header once."""
    pause = np.zeros(PAUSE, dtype=np.float32)
    whole = np.concatenate([part for clip in clips for part in (clip, pause)])
    file = io.BytesIO()
    soundfile.write(
        file, whole, SAMPLE_RATE_HZ, format=form, subtype=subtype, compression_level=level
    )
    kilobits = 8 * file.tell() / 1000 / (len(whole) / SAMPLE_RATE_HZ)
    file.seek(0)
    back, rate_hz = soundfile.read(file, dtype="float32")
    assert rate_hz == SAMPLE_RATE_HZ
    back = back[delay(whole, back) :]
    back = np.pad(back, (0, max(0, len(whole) - len(back))))
    out, position = [], 0
    for clip in clips:
        out.append(back[position : position + len(clip)])
        position += len(clip) + PAUSE
    return out, kilobits


def delay(whole: NDArray[np.float32], back: NDArray[np.float32]) -> int:
    """By how many samples a decoder begins late: the peak of the correlation of the beginnings."""
    length = min(len(whole), len(back), 1 << 18)
    spectrum = np.fft.rfft(back[:length], 2 * length)
    spectrum *= np.fft.rfft(whole[:length], 2 * length).conj()
    return int(np.fft.irfft(spectrum)[:4096].argmax())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--model", type=Path, default=bundled_model())
    parser.add_argument("--clips", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cache", type=Path, default=default_cache())
    options = parser.parse_args()
    checkpoint = load(options.model)
    network, labels = checkpoint.build(), checkpoint.labels
    chosen = [
        clip
        for clip in word_clips(options.data)
        if clip.kind is Kind.WORD and clip.split is Split.VALIDATION
    ]
    order = np.random.default_rng(options.seed).permutation(len(chosen))[: options.clips]
    corpus = decoded([chosen[place] for place in order], options.cache, lambda *_: None)
    clips = [corpus.clip(place)[0] for place in range(len(corpus.recordings))]
    unknown = labels.index(UNKNOWN)
    truth = np.array(
        [labels.index(entry.word) if entry.word in labels else unknown
         for entry in corpus.recordings]
    )  # fmt: skip
    before = named(network, clips, checkpoint.features)
    word = truth != unknown
    print(f"{options.model.name}: {word.sum()} clips of words, {(~word).sum()} of others")
    print("codec      kbit/s    words   others  right word to unknown  unknown to right word")
    print(f"{'PCM':8} {256:8.1f} {(before == truth)[word].mean():8.2%}"
          f" {(before == truth)[~word].mean():8.2%}")  # fmt: skip
    for name, form, subtype, level in CODECS:
        heard, kilobits = coded(clips, form, subtype, level)
        after = named(network, heard, checkpoint.features)
        lost = word & (before == truth) & (after == unknown)
        gained = word & (before == unknown) & (after == truth)
        right = after == truth
        print(
            f"{name:8} {kilobits:8.1f} {right[word].mean():8.2%} {right[~word].mean():8.2%}"
            f" {lost.sum():22} {gained.sum():22}"
        )


if __name__ == "__main__":
    main()
