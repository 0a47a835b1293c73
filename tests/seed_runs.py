"""Running `kwspot train --recipe seed` on made words."""

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from kwspot.train.seed_fit import SeedFitter
from training import trained
from word_folders import WORDS

SMALL_SEED = """
recipe = "seed"
channels = [4, 8, 8, 16, 64]
hidden = 256
batch = 6
finder_steps = 10
"""


def begun(data: Path, out: Path, *arguments: str | Path, more: str = "") -> int:
    """Begin a small run of the seed on the made words."""
    out.parent.mkdir(exist_ok=True)
    recipe = out.parent / "small-seed.toml"
    recipe.write_text(SMALL_SEED + more)
    given = ("--data", data, "--words", ",".join(WORDS), "--recipe", recipe, "--out", out)
    return trained(out.parent, *given, *arguments)


def press_ctrl_c_at(monkeypatch: pytest.MonkeyPatch, *batches: int) -> None:
    """Press Ctrl-C at batches counted from here on."""
    batch = SeedFitter.batch
    calls = 0

    def pressed(self: SeedFitter, indices: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls in batches:
            os.kill(os.getpid(), signal.SIGINT)
        return batch(self, indices)

    monkeypatch.setattr(SeedFitter, "batch", pressed)
