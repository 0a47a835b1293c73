"""What a model hears in a room where nobody says its words, and the thresholds that asks for."""

import hashlib
import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from kwspot.errors import ModelError, OptionError
from kwspot.resources import data_folder

from .calibration import LADDER, USUAL_FALSE_PER_HOUR, Calibration
from .checkpoint import Checkpoint

FORMAT = "kwspot room 1"
PRIOR_HOURS = 1.0
"""How many hours in the room the model's own curves weigh as much as."""


@dataclass(frozen=True, slots=True)
class Room:
    """False alarms in a room. model: the digest of whose they are; device: where it was heard;
    hours: for how long; counts: of each word (n,), at each threshold of LADDER; false_per_hour: how
    many are to be put up with, of all words together."""

    model: str
    device: str
    hours: float
    counts: Mapping[str, tuple[int, ...]]
    false_per_hour: float = USUAL_FALSE_PER_HOUR

    @classmethod
    def empty(cls, checkpoint: Checkpoint, device: str) -> "Room":
        """A room of which nothing was heard."""
        nothing = (0,) * len(LADDER)
        counts = dict.fromkeys(checkpoint.words, nothing)
        return cls(digest(checkpoint), device, 0.0, counts)

    def heard(self, hours: float, counts: Mapping[str, Sequence[int]]) -> "Room":
        """The same room after some more time."""
        added = {
            word: tuple(have + more for have, more in zip(row, counts[word], strict=True))
            for word, row in self.counts.items()
        }
        return replace(self, hours=self.hours + hours, counts=added)

    def calibration(self, model: Calibration) -> Calibration:
        """The curves of a model, its false alarms as they are here.

        The model's rates weigh as much as PRIOR_HOURS of listening (the mean of a gamma
        distribution after a Poisson count).
        """
        rates = {}
        for word, curve in model.false_per_hour.items():
            counts = np.interp(model.thresholds, LADDER, self.counts[word])
            here = (counts + PRIOR_HOURS * np.array(curve)) / (self.hours + PRIOR_HOURS)
            rates[word] = tuple(float(f"{rate:.4g}") for rate in np.minimum.accumulate(here))
        return replace(model, false_per_hour=rates, hours=self.hours)

    def false_at(self, thresholds: Mapping[str, float]) -> int:
        """False alarms that were heard at the lowest of LADDER's thresholds that are as high."""
        found = 0
        for word, threshold in thresholds.items():
            place = int(np.searchsorted(LADDER, threshold - 1e-9))
            found += self.counts[word][min(place, len(LADDER) - 1)]
        return found

    def save(self, path: Path) -> None:
        """Write it whole or not at all; raises OptionError where it cannot be written."""
        values = {
            "format": FORMAT,
            "model": self.model,
            "device": self.device,
            "hours": self.hours,
            "false_per_hour": self.false_per_hour,
            "thresholds": list(LADDER),
            "counts": {word: list(row) for word, row in self.counts.items()},
        }
        partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            partial.write_text(json.dumps(values, indent=1), encoding="utf-8")
            partial.replace(path)
        except OSError as error:
            raise OptionError(
                f"the calibration cannot be kept in {path}: {error.strerror or error}"
            ) from error


def load_room(path: Path, checkpoint: Checkpoint) -> Room:
    """Read a calibration; raises OptionError for what is none, or is of another model."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        if values["format"] != FORMAT or tuple(values["thresholds"]) != LADDER:
            raise ValueError("it is of another kwspot")
        room = Room(
            str(values["model"]),
            str(values["device"]),
            float(values["hours"]),
            {str(word): tuple(map(int, row)) for word, row in values["counts"].items()},
            float(values["false_per_hour"]),
        )
        counts = list(room.counts.values())
        known = 0.0 <= room.hours < 1e6 and 0.0 < room.false_per_hour < 1e6
        if not known or any(len(row) != len(LADDER) for row in counts):
            raise ValueError("its numbers do not fit together")
        if any(min(row) < 0 for row in counts):
            raise ValueError("it counts less than nothing")
    except FileNotFoundError as error:
        raise OptionError(
            f"there is no calibration {path}; `kwspot calibrate` makes one, --calibration none "
            "goes without"
        ) from error
    except OSError as error:
        raise OptionError(f"{path} cannot be read: {error.strerror or error}") from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise OptionError(
            f"{path} is no calibration, or damaged ({error}); make it anew by `kwspot calibrate "
            "--fresh`"
        ) from error
    if room.model != digest(checkpoint) or set(room.counts) != set(checkpoint.words):
        raise OptionError(
            f"{path} is of another model; make it anew by `kwspot calibrate --fresh`, or go on "
            "with --calibration none"
        )
    return room


def is_room(path: Path) -> bool:
    """Whether a file looks like a calibration, of whatever kwspot, whole or damaged."""
    try:
        with path.open("rb") as file:
            return FORMAT.rpartition(" ")[0].encode() in file.read(4096)
    except OSError:
        return False


def digest(checkpoint: Checkpoint) -> str:
    """What tells a model from others: of its labels and weights."""
    found = hashlib.sha256("\n".join(checkpoint.labels).encode())
    for name in sorted(checkpoint.weights):
        found.update(name.encode())
        found.update(checkpoint.weights[name].contiguous().numpy().tobytes())
    return found.hexdigest()[:16]


def saved_place(checkpoint: Checkpoint, device: str | None) -> Path:
    """Where the calibration of a model and a microphone, in whatever case, is kept; None: the
    default one."""
    name = device or "default"
    as_named = _place(checkpoint, name)
    # Once the case of a name counted.
    return as_named if as_named.exists() else _place(checkpoint, name.casefold())


def _place(checkpoint: Checkpoint, name: str) -> Path:
    slug = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")[:40].lower()
    mark = hashlib.sha256(name.encode()).hexdigest()[:6]
    return data_folder() / "calibrations" / f"{digest(checkpoint)}-{slug}-{mark}.json"


def saved_room(checkpoint: Checkpoint, device: str | None) -> Room | None:
    """The calibration kept for a model and a microphone, None where there is none to be used."""
    try:
        return load_room(saved_place(checkpoint, device), checkpoint)
    except OptionError:
        return None


def curves_of(checkpoint: Checkpoint) -> Calibration:
    """What a model's thresholds cost; raises ModelError where its file does not say."""
    if checkpoint.calibration is None:
        raise ModelError(
            "the model file does not say what its thresholds cost (it is of an older kwspot, or "
            "was trained without validation clips): use --threshold"
        )
    return checkpoint.calibration
