"""Words under hard conditions: the validation clips, changed in ways that recordings differ.

    python benchmarks/conditions.py DATA [--model FILE ...] [--seed 0]

DATA is the Speech Commands folder. Every clip of the model's words in the validation split, as it
is and changed in each of the ways of CONDITIONS: none of them is the code that training changes
clips with, and none is drawn at random but noise. Prints for each model the share named rightly
by the highest score, no threshold, and how many of the speakers are understood in less than four
of five of their clips.
"""

import argparse
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import soxr
import torch
from numpy.typing import NDArray
from torch import Tensor
from torchaudio import functional
from twelve import decoded

from kwspot.audio.source import SAMPLE_RATE_HZ
from kwspot.resources import bundled_model
from kwspot.spotting.checkpoint import SILENCE, UNKNOWN
from kwspot.train.catalog import Split
from kwspot.train.labelled import Clip, labelled
from kwspot.train.scoring import ClipScorer

Samples = NDArray[np.float32]
Change = Callable[[Tensor, torch.Generator], Tensor]
FEW = 0.8
"""Speakers understood in less than this share of their clips are counted."""


def resampled(wave: Tensor, speed: float) -> Tensor:
    """Played `speed` times as fast, pitch and all."""
    return functional.resample(wave, round(SAMPLE_RATE_HZ * speed / 100) * 100, SAMPLE_RATE_HZ)


def voice(wave: Tensor, semitones: int) -> Tensor:
    """At its pace, but all frequencies, formants too, higher or lower."""
    factor = 2.0 ** (semitones / 12)
    window = torch.hann_window(512)
    columns = torch.stft(wave, 512, 128, window=window, return_complex=True)
    advance = torch.linspace(0, torch.pi * 128, 257).unsqueeze(1)
    stretched = torch.istft(
        functional.phase_vocoder(columns, 1.0 / factor, advance), 512, 128, window=window
    )
    played = soxr.resample(stretched.numpy(), SAMPLE_RATE_HZ * factor, SAMPLE_RATE_HZ)
    return torch.from_numpy(played)


def noisy(wave: Tensor, generator: torch.Generator, snr_db: float) -> Tensor:
    """White noise, so much under the loudest fifth of a second's level."""
    power = wave.square().unfold(0, 3200, 160).mean(dim=1).max()
    noise = torch.randn(len(wave), generator=generator) * (power * 10 ** (-snr_db / 10)).sqrt()
    return (wave + noise).clamp(-1.0, 1.0)


def steps(wave: Tensor, peak_db: float) -> Tensor:
    """At a peak level in dB re full scale, in 16-bit steps."""
    level = wave / wave.abs().max().clamp(min=1e-4) * 10 ** (peak_db / 20)
    return (level * 32768.0).round() / 32768.0


def gated(wave: Tensor, under_db: float) -> Tensor:
    """Nothing of what lies further under the loudest 10 ms, but for 20 ms after it."""
    parts = wave[: len(wave) // 160 * 160].view(-1, 160)
    level = parts.square().mean(dim=1)
    heard = level >= level.max() * 10 ** (-under_db / 10)
    late = heard.clone()
    late[1:] |= heard[:-1]
    late[2:] |= heard[:-2]
    return (parts * late.unsqueeze(1)).flatten()


def low(wave: Tensor, hertz: float, times: int) -> Tensor:
    """12 dB an octave less above a frequency, so many times."""
    for _ in range(times):
        wave = functional.lowpass_biquad(wave, SAMPLE_RATE_HZ, hertz)
    return wave


def high(wave: Tensor, hertz: float, times: int) -> Tensor:
    """12 dB an octave less below a frequency, so many times."""
    for _ in range(times):
        wave = functional.highpass_biquad(wave, SAMPLE_RATE_HZ, hertz)
    return wave


CONDITIONS: dict[str, Change] = {
    "as recorded": lambda wave, _: wave,
    "1.3 times as fast": lambda wave, _: resampled(wave, 1.3),
    "0.8 times as fast": lambda wave, _: resampled(wave, 0.8),
    "a voice 4 semitones up": lambda wave, _: voice(wave, 4),
    "a voice 4 semitones down": lambda wave, _: voice(wave, -4),
    "peak at -40 dB": lambda wave, _: steps(wave, -40.0),
    "10 times too loud, clipped": lambda wave, _: (wave * 10.0).clamp(-1.0, 1.0),
    "white noise 10 dB under": lambda wave, generator: noisy(wave, generator, 10.0),
    "a gate 20 dB under": lambda wave, _: gated(wave, 20.0),
    "telephone, 300 to 3,400 Hz": lambda wave, _: high(low(wave, 3400.0, 4), 300.0, 2),
    "nothing above 2 kHz": lambda wave, _: low(wave, 2000.0, 6),
    "muffled from 500 Hz on": lambda wave, _: low(wave, 500.0, 1),
    "boomy, 18 dB below 200 Hz": lambda wave, _: functional.bass_biquad(
        wave / 8.0, SAMPLE_RATE_HZ, 18.0, 200.0
    ),
    "thin, 24 dB an octave below 800 Hz": lambda wave, _: high(wave, 800.0, 2),
}


def poor_speakers(clips: Sequence[Clip], right: NDArray[np.bool_]) -> int:
    """How many speakers are understood in less than FEW of their clips."""
    of: dict[str, list[bool]] = defaultdict(list)
    for clip, hit in zip(clips, right.tolist(), strict=True):
        of[clip.speaker].append(hit)
    return sum(float(np.mean(hits)) < FEW for hits in of.values())


def named_rightly(
    scorer: ClipScorer, clips: Sequence[Clip], waves: Sequence[Samples]
) -> NDArray[np.bool_]:
    """Of each clip, whether its word has the highest score."""
    named: list[int] = []
    for begin in range(0, len(waves), 128):
        named += scorer.posteriors(waves[begin : begin + 128]).argmax(axis=1).tolist()
    pairs = zip(named, clips, strict=True)
    return np.array([scorer.labels[place] == clip.word for place, clip in pairs])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--model", type=Path, action="append")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    scorers = [ClipScorer(model, "cpu") for model in options.model or [bundled_model()]]
    words = [word for word in scorers[0].labels if word not in (UNKNOWN, SILENCE)]
    if any(set(words) - set(scorer.labels) for scorer in scorers):
        parser.error("the models do not know the same words")
    validation = labelled(options.data, None, None).of_split(Split.VALIDATION)
    clips = [clip for clip in validation if clip.word in words]
    waves = [torch.from_numpy(decoded(clip.path)) for clip in clips]
    print(f"{len(clips):,} clips of {len({clip.speaker for clip in clips})} speakers")
    for name, change in CONDITIONS.items():
        generator = torch.Generator().manual_seed(options.seed)
        changed = [change(wave, generator).numpy() for wave in waves]
        shown = []
        for scorer in scorers:
            right = named_rightly(scorer, clips, changed)
            shown.append(f"{right.mean():7.2%} {poor_speakers(clips, right):3}")
        print(f"{name:36}", "  ".join(shown), flush=True)


if __name__ == "__main__":
    main()
