"""Choosing how a model decides, on validation streams, and what each threshold costs there."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from torch import Tensor

from kwspot.audio.source import SAMPLE_RATE_HZ
from kwspot.spotting.calibration import LADDER, USUAL_FALSE_PER_HOUR, Calibration
from kwspot.spotting.checkpoint import Checkpoint
from kwspot.spotting.detector_config import MOST_CAUTION, DetectorConfig
from kwspot.spotting.spotter import Spotter

from .corpus import Corpus
from .recipe import Recipe
from .streams import Said
from .sweep import Heard, Swept, at, calibrated, decided
from .tuning_material import CLIPS, SNRS_DB, Material, clips_of, hours_without, material_of

CHOSEN_ON = 2
"""How many of these, from the first on, thresholds are chosen on; the others are only told of."""
COARSE = LADDER[::3]
FEWEST_HOURS = 0.1
INVENTED = 2.0
"""How many missed words one invented word weighs as much as."""
BIAS = "window_scores.bias"
CAUTIONS = (20.0, 60.0, 150.0)
"""How many times as much caution as the checkpoint has is tried."""
TRIALS: tuple[tuple[str, tuple[float, ...]], ...] = (
    ("smoothing_s", (0.1, 0.2, 0.25)),
    ("before", (0.5, 0.9)),
)
"""What else is tried then, one after another, against what the detector does by itself."""


def with_less_prior(weights: Mapping[str, Tensor], recipe: Recipe) -> dict[str, Tensor]:
    """Weights whose window scores owe less to how often each label was drawn.

    `Recipe.taken` is taken off the scores of unknown and silence: logit adjustment, after Menon et
    al. 2021.
    """
    bias = weights[BIAS].clone()
    for label, taken in recipe.taken.items():
        bias[recipe.labels.index(label)] -= taken
    return {**weights, BIAS: bias}


def tuned(checkpoint: Checkpoint, corpus: Corpus) -> Checkpoint:
    """The checkpoint with the way to decide that misses the fewest words of validation streams at
    USUAL_FALSE_PER_HOUR, what every threshold costs there, and what the chosen ones find.

    The network hears each stream once. With less than FEWEST_HOURS of sound without words nobody
    can say what a threshold costs: each word then gets the one with the fewest misses and
    inventions together. Without validation clips nothing changes. What is measured here is what was
    chosen on: optimistic, and called so.
    """
    spotter = Spotter(checkpoint, compute="cpu")
    clips = clips_of(corpus, checkpoint.words)
    if not clips:
        return checkpoint
    material = material_of(spotter, corpus, clips)
    known = material.hours >= FEWEST_HOURS
    config = _searched(spotter, material) if known else checkpoint.detector
    spoken, without = _swept(spotter, material, config, LADDER)
    calibration = None
    if known:
        calibration = calibrated(checkpoint.words, spoken[:CHOSEN_ON], without, material.hours)
        thresholds = calibration.thresholds_for(checkpoint.words, USUAL_FALSE_PER_HOUR)
    else:
        thresholds = _cheapest(checkpoint.words, spoken, _first(without, material.hours))
    streams = _facts(spoken, _first(without, material.hours), thresholds)
    facts = {**checkpoint.facts, "streams": streams}
    detector = replace(config, thresholds=thresholds)
    return replace(checkpoint, detector=detector, calibration=calibration, facts=facts)


def _cheapest(words: Sequence[str], spoken: Sequence[Swept], without: Swept) -> dict[str, float]:
    """For each word the threshold with the fewest utterances missed, and INVENTED times as many
    false detections; the middle one where several have them."""
    costs = {word: np.zeros(len(without.thresholds)) for word in words}
    for stream in (*spoken, without):
        for place, part in enumerate(stream.matched()):
            for utterance in part.missed:
                costs[utterance.word][place] += 1
            for hit in part.false:
                costs[hit.label][place] += INVENTED
    lowest = {word: np.flatnonzero(cost == cost.min()) for word, cost in costs.items()}
    return {word: without.thresholds[int(row[len(row) // 2])] for word, row in lowest.items()}


def missed_at_budget(checkpoint: Checkpoint, corpus: Corpus) -> float | None:
    """The mean over words of the share of utterances that is missed where all words together are
    false USUAL_FALSE_PER_HOUR, on part of the streams that `tuned` has; None without clips, or with
    less than FEWEST_HOURS of sound without words, which cannot tell one model from another."""
    clips = clips_of(corpus, checkpoint.words, CLIPS // 2)
    if not clips:
        return None
    spotter = Spotter(checkpoint, compute="cpu")
    if hours_without(corpus) < FEWEST_HOURS:
        return None
    material = material_of(spotter, corpus, clips, SNRS_DB[:CHOSEN_ON])
    spoken, without = _swept(spotter, material, checkpoint.detector, COARSE)
    curves = calibrated(checkpoint.words, spoken, without, material.hours)
    return expected_misses(curves, checkpoint.words, USUAL_FALSE_PER_HOUR)


def _first(without: Swept, hours: float) -> Swept:
    """The beginning of a stream, so long: sound without words at its own speed."""
    samples = round(hours * 3600 * SAMPLE_RATE_HZ)
    found = (tuple(hit for hit in hits if hit.decided <= samples) for hits in without.found)
    return replace(without, found=tuple(found), samples=samples)


def _swept(
    spotter: Spotter, material: Material, config: DetectorConfig, thresholds: Sequence[float]
) -> tuple[list[Swept], Swept]:
    configs = [replace(config, threshold=value, thresholds={}) for value in thresholds]

    def ladder(sound: Heard, said: Sequence[Said]) -> Swept:
        found = decided(spotter, sound, configs)
        return Swept(tuple(thresholds), tuple(said), found, sound.samples)

    spoken = [ladder(sound, said) for sound, said in material.spoken]
    return spoken, ladder(material.without, ())


def _searched(spotter: Spotter, material: Material) -> DetectorConfig:
    """The detector's own values, each exchanged where that misses fewer words."""
    best = replace(spotter.checkpoint.detector, thresholds={})
    known = replace(material, spoken=material.spoken[:CHOSEN_ON])

    def missed(config: DetectorConfig) -> float:
        spoken, without = _swept(spotter, known, config, COARSE)
        curves = calibrated(spotter.words, spoken, without, material.hours)
        return expected_misses(curves, spotter.words, USUAL_FALSE_PER_HOUR)

    fewest = missed(best)
    cautions = tuple(min(MOST_CAUTION, best.caution * factor) for factor in CAUTIONS)
    for name, values in (("caution", cautions), *TRIALS):
        for value in values:
            changed: dict[str, Any] = {name: value}
            other = replace(best, **changed)
            cost = missed(other)
            if cost < fewest:
                best, fewest = other, cost
    return best


def expected_misses(curves: Calibration, words: Sequence[str], false_per_hour: float) -> float:
    """The mean over words of the share that is missed where all are false so often together."""
    thresholds = curves.thresholds_for(words, false_per_hour)
    shares = [curves.expected(word, value)[1] for word, value in thresholds.items()]
    return sum(shares) / len(shares)


def _facts(
    spoken: Sequence[Swept], without: Swept, thresholds: Mapping[str, float]
) -> dict[str, object]:
    """What the chosen thresholds reach, for the model file."""
    facts: dict[str, object] = {"note": "the streams the thresholds were chosen on"}
    for snr_db, stream in zip(SNRS_DB, spoken, strict=True):
        part = replace(stream, found=(at(stream, thresholds),), thresholds=(0.0,)).matched()[0]
        total = len(part.found) + len(part.missed)
        name = "clean" if snr_db is None else f"{snr_db:g} dB"
        facts[name] = {
            "words": total,
            "found": round(len(part.found) / total, 4),
            "false": len(part.false),
        }
    facts["without words"] = {
        "hours": round(without.hours, 2),
        "false": len(at(without, thresholds)),
    }
    return facts
