"""What a model file of the seed says about itself."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from kwspot.spotting.detector_config import DetectorConfig
from kwspot.spotting.features import FeatureConfig
from kwspot.spotting.seed_network import SeedNetwork

from .catalog import Recording
from .facts import clip_counts, licence_note, versions
from .seed_plan import SeedPlan

SEED_DETECTOR = DetectorConfig(longest_s=0.45)
"""How its posteriors become detections. In noise its evidence goes on for as long as windows hold
the word, and the posteriors are gone when it ends: the word is reported while both are there."""
SPLITS = {
    "random": "random over clips, 60/20/20: speakers are in several parts, figures come out high",
    "official": "by speaker, as published: no speaker is in two parts",
}


def seed_facts(
    plan: SeedPlan, recordings: Iterable[Recording], network: SeedNetwork, epoch: int
) -> dict[str, Any]:
    """The facts of a model after some epochs, JSON values, but for what it reached."""
    recipe, folder = plan.recipe, plan.folders.data
    note = licence_note(folder)
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "epochs": epoch,
        "seed": recipe.seed,
        "parameters": sum(value.numel() for value in network.parameters()),
        "multiplies_per_window": network.config.multiplies(FeatureConfig().frames),
        "split": SPLITS[recipe.split_by],
        "data": {
            "folders": [folder.resolve().name],
            **({"licences": {folder.resolve().name: note}} if note else {}),
            **clip_counts(recordings, recipe.words),
        },
        "recipe": {"recipe": "seed", **asdict(recipe)},
        "versions": versions(),
    }
