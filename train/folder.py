"""The folder of a run: what is in it, and that nothing in it is lost or half written.

recipe.toml         every setting, and where the recordings were
split.tsv           the clips of words: path, word, speaker, split
skipped.txt         files that cannot be used, and duplicates, and why; absent where there are none
metrics.jsonl       one JSON object for each epoch
model.safetensors   the model, from averaged weights, after every epoch; in the end, the best one
best.safetensors    of the models near the end, the one that misses the fewest words in streams
state.safetensors   what --resume needs, after every epoch and where a run was stopped; written
                    last; state-previous.safetensors is the one before

A run of the seed has more (see `seed_run`): lr_finder.json, lr_finder.png, epochs/.
"""

import csv
import io
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kwspot.errors import ModelError, OptionError, TrainingError
from kwspot.spotting.checkpoint import load

from .catalog import Kind
from .corpus import Corpus
from .facts import COMPLETE
from .plan import Plan
from .recipe import Recipe
from .recipe_file import Settings, read_recipe, write_recipe
from .seed_plan import SeedPlan
from .state import PREVIOUS_FILE, RECIPE_FILE, STATE_FILE, place_of


class RunFolder:
    """Reads and writes the files of a run; raises TrainingError where writing fails."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.model = path / "model.safetensors"
        self.best = path / "best.safetensors"

    def check_new(self) -> None:
        """Raise OptionError where something is there already."""
        path = self.path
        with self._reading():
            if path.is_dir() and any(path.iterdir()):
                run = (path / RECIPE_FILE).is_file()
                go_on = f"go on with it by --resume {path}, or " if run else ""
                raise OptionError(f"{path} exists and is not empty: {go_on}name another --out")
            if path.exists() and not path.is_dir():
                raise OptionError(f"--out {path} is a file; name a new folder")

    def settings(self) -> Settings:
        """What the run was begun with; raises OptionError where no run is."""
        recipe = self.path / RECIPE_FILE
        with self._reading():
            there = recipe.is_file()
        if not there:
            raise OptionError(
                f"{self.path} holds no run to resume ({RECIPE_FILE} is missing); "
                "begin one with --data DIR --out RUN"
            )
        return read_recipe(recipe)

    @property
    def has_epochs(self) -> bool:
        """Whether a state was kept, or has to have been: that of the first epoch may not have come
        to the disk behind its metrics."""
        states = (self.path / STATE_FILE, self.path / PREVIOUS_FILE)
        return any(state.exists() for state in states) or len(self._metrics()) > 1

    def finished(self) -> bool:
        """Whether nothing is left to do: every epoch is done, and the model's thresholds chosen.

        Raises OptionError where no run is, or its recipe names no words.
        """
        values = self.settings().values
        if "words" not in values:
            raise OptionError(
                f"{self.path / RECIPE_FILE} names no words: put back what the run was begun with"
            )
        recipe = Recipe(**values)
        place = place_of(self.path)
        if place is None or place.epoch < recipe.epochs or recipe.differs(place.recipe):
            return False
        try:
            facts = load(self.model).facts
        except ModelError:
            return False
        return COMPLETE in facts

    def begin(self, plan: Plan | SeedPlan, corpus: Corpus) -> None:
        """Write what is known before the first step, the recipe last."""
        with self._writing():
            self.path.mkdir(parents=True, exist_ok=True)
            if corpus.skipped:
                self._replace("skipped.txt", "\n".join(corpus.skipped) + "\n")
            if not (self.path / "split.tsv").exists():
                self._replace("split.tsv", split_table(corpus))
            if not (self.path / RECIPE_FILE).exists():
                partial = self.path / f"{RECIPE_FILE}.partial"
                write_recipe(partial, plan.recipe, plan.folders)
                partial.replace(self.path / RECIPE_FILE)

    def other_clips(self, corpus: Corpus) -> bool:
        """Whether the clips differ from those the run was begun with."""
        path = self.path / "split.tsv"
        return path.is_file() and path.read_text(encoding="utf-8") != split_table(corpus)

    def forget_after(self, epoch: int) -> None:
        """Drop the metrics of epochs that will be run again, and files that were half written."""
        kept = [line for line in self._metrics() if line["epoch"] <= epoch]
        with self._writing():
            for partial in self.path.glob("*.partial"):
                partial.unlink(missing_ok=True)
            text = "".join(json.dumps(line) + "\n" for line in kept)
            self._replace("metrics.jsonl", text)

    def add_metrics(self, line: Mapping[str, Any]) -> None:
        """Append the figures of an epoch."""
        with self._writing(), (self.path / "metrics.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    def metrics(self) -> list[dict[str, Any]]:
        """The figures of the epochs so far."""
        return self._metrics()

    @contextmanager
    def whole(self, name: str) -> Iterator[Path]:
        """Where to write a file that appears under its name when it is complete."""
        partial = self.path / f"{name}.{os.getpid()}.partial"
        with self._writing():
            try:
                yield partial
                partial.replace(self.path / name)
            finally:
                partial.unlink(missing_ok=True)

    def _metrics(self) -> list[dict[str, Any]]:
        """The epochs so far; they end where a line was cut off, or is damaged."""
        path = self.path / "metrics.jsonl"
        found = []
        text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
        for line in text.splitlines():
            try:
                facts = json.loads(line)
            except ValueError:
                break
            if not isinstance(facts, dict) or not isinstance(facts.get("epoch"), int):
                break
            found.append(facts)
        return found

    def _replace(self, name: str, text: str) -> None:
        partial = self.path / f"{name}.{os.getpid()}.partial"
        # newline="": the same bytes on every system, as they are compared.
        try:
            partial.write_text(text, encoding="utf-8", newline="")
            partial.replace(self.path / name)
        finally:
            partial.unlink(missing_ok=True)

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise OptionError(
                f"{self.path} cannot be used: {error.strerror}; name another folder"
            ) from error

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise TrainingError(
                f"{self.path} cannot be written: {error.strerror}; make room or name another --out"
            ) from error


def split_table(corpus: Corpus) -> str:
    """The clips of words as tab-separated lines under a header: path, word, speaker, split."""
    out = io.StringIO()
    table = csv.writer(out, delimiter="\t", lineterminator="\n")
    table.writerow(("path", "word", "speaker", "split"))
    for clip in corpus.recordings:
        if clip.kind is Kind.WORD:
            table.writerow((clip.path, clip.word, clip.speaker, clip.split))
    return out.getvalue()
