"""What a model file says about itself: how it was trained, on what, and what it reached."""

import re
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from torch import Tensor

from kwspot.resources import bundled_model
from kwspot.spotting.network import NetworkConfig

from .catalog import Kind, Recording, Split
from .evaluate import Score
from .plan import Plan

COMPLETE = "complete"
"""Among the facts of a model for which nothing is left to do."""


def multiplies(config: NetworkConfig, frames: int) -> int:
    """Multiplications for one window of `frames` columns, by the shapes alone.

    The bands as a dense product with every bin, each convolution at each frame it yields, both
    heads. Squares, logarithms and batch norms, which fold into the convolutions, are left out.
    """
    count = config.bins * config.bands * frames
    frames -= config.stem_kernel - 1
    count += config.bands * config.channels * config.stem_kernel * frames
    for _ in range(2 * config.pairs):
        # Depthwise and pointwise see the same frames: only the former is unpadded.
        frames -= config.kernel - 1
        count += (config.channels * config.kernel + config.channels**2) * frames
    count += config.channels * config.features * frames
    frame_scores = config.features * config.labels * frames
    return count + frame_scores + 2 * config.features * config.labels


def clip_counts(recordings: Iterable[Recording], words: tuple[str, ...]) -> dict[str, Any]:
    """For each split: clips of each word, of other words, and recordings of other kinds."""
    counts: dict[Split, Counter[str]] = {split: Counter() for split in Split}
    for recording in recordings:
        name = recording.kind.value
        if recording.kind is Kind.WORD:
            name = recording.word if recording.word in words else "other words"
        counts[recording.split][name] += 1
    order = (*words, "other words", *(kind.value for kind in Kind))
    return {
        split.value: {name: found[name] for name in order if found[name]}
        for split, found in counts.items()
        if found
    }


def licence_note(folder: Path) -> str | None:
    """The first sentence of a folder's README that speaks of a licence, None where none does."""
    for path in sorted(folder.glob("README*")):
        text = " ".join(path.read_text(encoding="utf-8", errors="replace").split())
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
        # A sentence ends before a space: "BY 4.0" and file names go on.
        for sentence in re.split(r"(?<=[.!?])\s", plain):
            if re.search(r"licen[cs]", sentence, re.IGNORECASE):
                return sentence[:200]
    return None


def data_facts(plan: Plan, recordings: Iterable[Recording]) -> dict[str, Any]:
    """What a model was trained on: folders by name, licences where they say, counts."""
    folders = plan.folders
    roots = [folders.data, *folders.extra, *folders.speech, *folders.noise, *folders.rooms]
    notes = {root.resolve().name: licence_note(root) for root in roots}
    licences = {name: note for name, note in notes.items() if note}
    recordings = tuple(recordings)
    untold = any(not entry.transcribed for entry in recordings)
    filtered_by = (folders.filter_model or bundled_model()).name
    return {
        "folders": list(notes),
        **({"speech_filtered_by": filtered_by} if untold else {}),
        **({"licences": licences} if licences else {}),
        **clip_counts(recordings, plan.recipe.words),
    }


def score_facts(score: Score | None) -> dict[str, Any] | None:
    """Figures on the validation split, per word with counts; None where it holds no clip."""
    if score is None:
        return None
    return {
        "accuracy": round(score.accuracy, 5),
        "mean_word_accuracy": round(score.mean_word_accuracy, 5),
        "clips": score.clips,
        "right": score.right,
        "per_word": {
            word: {"accuracy": round(right / clips, 4), "clips": clips}
            for word, (right, clips) in score.per_word.items()
        },
    }


def model_facts(
    plan: Plan,
    data: Mapping[str, Any],
    network: NetworkConfig,
    weights: Mapping[str, Tensor],
    frames: int,
    epochs: int,
) -> dict[str, Any]:
    """The facts of a model after some epochs, JSON values, but for what it reached."""
    trained = [value for name, value in weights.items() if "running_" not in name]
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "epochs": epochs,
        "seed": plan.recipe.seed,
        **({} if plan.folders.start is None else {"began_from": plan.folders.start.name}),
        **({"teachers": _names(plan.folders.teacher)} if plan.folders.teacher else {}),
        "parameters": sum(value.numel() for value in trained if value.is_floating_point()),
        "multiplies_per_window": multiplies(network, frames),
        "data": dict(data),
        "recipe": asdict(plan.recipe),
        "versions": versions(),
    }


def _names(models: Iterable[Path]) -> list[str]:
    """Of model files, which are mostly called the same: with their run's folder."""
    return [f"{path.parent.name}/{path.name}" for path in models]


def versions() -> dict[str, str]:
    """Of what decides about the figures of a run."""
    return {
        **{name: version(name) for name in ("kwspot", "torch", "numpy")},
        "python": ".".join(map(str, sys.version_info[:3])),
    }
