"""Choosing a model's thresholds on validation streams, by what they find and what they invent."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from kwspot.audio.source import SAMPLE_RATE_HZ
from kwspot.spotting.checkpoint import SILENCE, UNKNOWN, Checkpoint, DetectorConfig
from kwspot.spotting.detector import Detection, Detector
from kwspot.spotting.spotter import STRETCH_SAMPLES, Spotter

from .catalog import Kind, Split
from .corpus import Corpus
from .recipe import Recipe
from .streams import Matched, Said, empty_stream, matched, word_stream

GRID = tuple(round(float(value), 2) for value in np.arange(0.4, 0.86, 0.05))
CLIPS = 40
"""The most clips of a word in a stream."""
BIAS = "window_scores.bias"
INVENTED = 2.0
"""How many missed words one invented word weighs as much as."""
SNRS_DB = (None, 20.0, 10.0)


@dataclass(frozen=True, slots=True)
class Heard:
    """What the network says of a stream, before anything is decided."""

    posteriors: NDArray[np.float32]
    evidence: NDArray[np.float32]


def heard(spotter: Spotter, samples: NDArray[np.float32]) -> Heard:
    """Run the network over a stream once; deciding can then be repeated at no cost."""
    stretch = spotter.stretch(0)
    scores = []
    starts = range(0, len(samples), STRETCH_SAMPLES)
    pieces = (samples[first : first + STRETCH_SAMPLES] for first in starts)
    for piece in (*pieces, None):
        # The last piece may be too short to complete a hop.
        columns = stretch.flush() if piece is None else stretch.take(piece)
        if columns.shape[1]:
            scores += spotter.classifier.advance([(stretch.state, columns)])
    return Heard(
        np.concatenate([score.posteriors for score in scores]),
        np.concatenate([score.evidence for score in scores]),
    )


def decide(spotter: Spotter, stream: Heard, config: DetectorConfig) -> list[Detection]:
    """What a detector makes of a stream; `decided` is the newest frame's centre."""
    hop = spotter.hop_frames
    detector = Detector(spotter.labels, config, spotter.words, spotter.timing)
    found = []
    for place, posteriors in enumerate(stream.posteriors):
        evidence = stream.evidence[place * hop : (place + 1) * hop]
        hit = detector.push((place - 1) * hop, posteriors, evidence)
        if hit is not None:
            found.append(hit)
    return found


@dataclass(frozen=True, slots=True)
class Trial:
    """A configuration tried on every stream. invented: false words by label, on all streams."""

    words: tuple[Matched, ...]
    empty: tuple[Detection, ...]

    def cost(self, word: str) -> float:
        """Missed utterances of a word, and invented ones of it, weighted."""
        missed = sum(said.word == word for part in self.words for said in part.missed)
        invented = Counter(hit.label for part in self.words for hit in part.false)
        invented.update(hit.label for hit in self.empty)
        return missed + INVENTED * invented[word]


def _streams(corpus: Corpus, words: Sequence[str]) -> list[tuple[NDArray[np.float32], list[Said]]]:
    rng = np.random.default_rng(0)
    clips = []
    for word in words:
        own = [
            index
            for index, clip in enumerate(corpus.recordings)
            if clip.kind is Kind.WORD and clip.split is Split.VALIDATION and clip.word == word
        ]
        clips += rng.permutation(own)[:CLIPS].tolist()
    if not clips:
        return []
    return [
        word_stream(corpus, rng.permutation(clips).tolist(), (0.3, 2.0), snr_db, rng)
        for snr_db in SNRS_DB
    ]


def with_less_prior(weights: Mapping[str, Tensor], recipe: Recipe) -> dict[str, Tensor]:
    """Weights whose window scores owe less to how often each label was drawn.

    A share `recipe.prior` of the logarithm of how much more often unknown and silence are drawn
    than a word is taken off their scores: logit adjustment, after Menon et al. 2021.
    """
    mix = recipe.mix_of(recipe.epochs - 1)
    word = (1.0 - mix.unknown - mix.silence) / len(recipe.words)
    bias = weights[BIAS].clone()
    for label, share in ((UNKNOWN, mix.unknown), (SILENCE, mix.silence)):
        if share > 0.0:
            bias[recipe.labels.index(label)] -= recipe.prior * math.log(share / word)
    return {**weights, BIAS: bias}


def tuned(checkpoint: Checkpoint, corpus: Corpus) -> Checkpoint:
    """The checkpoint with a threshold for each word, and what they find on validation streams.

    The network hears each stream once; then every threshold of GRID is tried. A word gets the
    one with the lowest cost: utterances missed, and INVENTED times the false ones, on clips of the
    validation split in noise and on sound without the words. Without validation clips nothing
    changes. What is measured here is what was chosen on: optimistic, and called so.
    """
    spotter = Spotter(checkpoint, compute="cpu")
    streams = _streams(corpus, checkpoint.words)
    if not streams:
        return checkpoint
    sounds = [heard(spotter, samples) for samples, _ in streams]
    empty_samples = empty_stream(corpus)
    empty = heard(spotter, empty_samples)

    def tried(config: DetectorConfig) -> Trial:
        words = tuple(
            matched(said, decide(spotter, sound, config))
            for sound, (_, said) in zip(sounds, streams, strict=True)
        )
        return Trial(words, tuple(decide(spotter, empty, config)))

    base = replace(checkpoint.detector, thresholds={})
    trials = {value: tried(replace(base, threshold=value)) for value in GRID}
    chosen = {word: _cheapest(trials, word) for word in checkpoint.words}
    config = replace(base, thresholds=chosen)
    final = tried(config)
    facts = {**checkpoint.facts, "streams": _facts(final, len(empty_samples) / SAMPLE_RATE_HZ)}
    return replace(checkpoint, detector=config, facts=facts)


def _cheapest(trials: Mapping[float, Trial], word: str) -> float:
    """The threshold with the lowest cost for a word; the middle one where several have it."""
    costs = {threshold: trial.cost(word) for threshold, trial in trials.items()}
    lowest = [threshold for threshold, cost in costs.items() if cost == min(costs.values())]
    return lowest[len(lowest) // 2]


def _facts(trial: Trial, empty_s: float) -> dict[str, object]:
    """What the chosen thresholds reach, for the model file."""
    facts: dict[str, object] = {"note": "the streams the thresholds were chosen on"}
    for snr_db, part in zip(SNRS_DB, trial.words, strict=True):
        total = len(part.found) + len(part.missed)
        name = "clean" if snr_db is None else f"{snr_db:g} dB"
        facts[name] = {
            "words": total,
            "found": round(len(part.found) / total, 4),
            "false": len(part.false),
        }
    facts["without words"] = {
        "hours": round(empty_s / 3600, 2),
        "false": len(trial.empty),
    }
    return facts
