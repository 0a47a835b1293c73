"""The mean of several models' weights, one model again: `python benchmarks/average.py OUT RUN ...`

    python benchmarks/average.py OUT RUN ... [--with MODEL] [--prior P] [--rare R]
        [--caution C]

Runs that began from the same weights (`kwspot train --from`) with other seeds lie close enough
together for the mean of their weights to be better than each (Wortsman et al. 2022, "model soups").
A run that is named twice counts twice.
OUT: the model file to be written. RUN: folders of finished runs of one recipe; the validation clips
and the sound without words of the last one decide the thresholds, as at the end of a run. --with:
more models to average, that which the runs began from, say, of the same prior. --prior: how much
more of what unknown and silence owe to being drawn often is taken back, see `prior` of a recipe.
--rare: how much words of few training clips gain and those of many lose, as other runs than the
last may have drawn them as often as they are found: R times the log of how many clips they have
beside the others, 0 by itself.
--caution: the detector's, beside which more is tried; what gives back what all priors took where
not given.
"""

import argparse
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import torch

from kwspot.spotting.checkpoint import Checkpoint, load, save
from kwspot.spotting.detector_config import DetectorConfig
from kwspot.train.catalog import Kind, Split
from kwspot.train.corpus import Corpus, default_cache
from kwspot.train.evaluate import score_clips
from kwspot.train.facts import score_facts
from kwspot.train.finals import MISSED
from kwspot.train.folder import RunFolder
from kwspot.train.plan import plan
from kwspot.train.prepare import prepared
from kwspot.train.tuning import BIAS, missed_at_budget, tuned, with_less_prior


def mean(models: Sequence[Checkpoint]) -> dict[str, torch.Tensor]:
    """Of each weight, over the models; counts are the last model's."""
    first = models[-1].weights
    return {
        name: torch.stack([model.weights[name].double() for model in models]).mean(0).to(kept.dtype)
        if kept.is_floating_point()
        else kept
        for name, kept in first.items()
    }


def evened(
    weights: Mapping[str, torch.Tensor], model: Checkpoint, rare: float
) -> dict[str, torch.Tensor]:
    """Weights whose scores of words depend less, by `rare`, on how many clips they had: logit
    adjustment, after Menon et al. 2021, around the mean of the words."""
    counts = model.facts["data"]["training"]
    logs = {word: math.log(counts[word]) for word in model.words}
    mean_log = sum(logs.values()) / len(logs)
    bias = weights[BIAS].clone()
    for word, log in logs.items():
        bias[model.labels.index(word)] += rare * (mean_log - log)
    return {**weights, BIAS: bias}


def scored(model: Checkpoint, corpus: Corpus) -> Checkpoint:
    """The model, its facts saying what it makes of the validation clips."""
    clips = tuple(
        place
        for place, clip in enumerate(corpus.recordings)
        if clip.kind is Kind.WORD and clip.split is Split.VALIDATION and clip.word in model.words
    )
    score = score_clips(model.build(), corpus, clips, model.labels, model.features)
    print(f"{score.right} of {score.clips} right, mean of words {score.mean_word_accuracy:.2%}")
    return replace(model, facts={**model.facts, "validation": score_facts(score)})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("runs", type=Path, nargs="+")
    parser.add_argument("--with", dest="others", type=Path, action="append", default=[])
    parser.add_argument("--prior", type=float, default=0.0)
    parser.add_argument("--rare", type=float, default=0.0)
    parser.add_argument("--caution", type=float)
    options = parser.parse_args()
    trained = [load(RunFolder(run).model) for run in options.runs]
    models = [*map(load, options.others), *trained]
    planned = plan(RunFolder(options.runs[-1]).settings())
    corpus = prepared(planned, default_cache(), lambda *_: None, print)
    weights = with_less_prior(mean(models), replace(planned.recipe, prior=options.prior))
    weights = evened(weights, trained[-1], options.rare)
    # The runs have taken back `prior` of their recipe, this takes more.
    together = replace(planned.recipe, prior=planned.recipe.prior + options.prior)
    facts = {
        **models[-1].facts,
        "owed": together.owed(models[-1].facts["epochs"], finished=True),
        "averaged": {
            "models": len(models),
            "seeds": [model.facts["recipe"]["seed"] for model in trained],
            "epochs": [model.facts["recipe"]["epochs"] for model in trained],
            "prior": options.prior,
            "rare": options.rare,
        },
    }
    caution = together.caution if options.caution is None else options.caution
    detector = DetectorConfig(caution=caution)
    model = replace(models[-1], weights=weights, facts=facts, detector=detector, calibration=None)
    model = scored(model, corpus)
    missed = missed_at_budget(model, corpus)
    # What the last run missed says nothing of the mean.
    facts = {name: value for name, value in model.facts.items() if name != MISSED}
    facts |= {} if missed is None else {MISSED: missed}
    save(tuned(replace(model, facts=facts), corpus), options.out)


if __name__ == "__main__":
    main()
