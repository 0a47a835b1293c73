"""What each ingredient of the recipe brings: short runs, each with one of them left out.

    python benchmarks/ablation.py OUT --data DATA [--extra DIR ...] [--epochs 12] [--only 'A;B']

Every run has the same epochs and batches, and the same seed but for two that tell what another
seed does; a run that is there already is not made again, and one that was stopped goes on. Prints
a table: accuracy on the validation clips, the mean over words of it, the mean over words of what
is missed in validation streams (clean and 20 dB) at FALSE_PER_HOUR, and what is found in them by
the thresholds that were chosen.
"""

import argparse
import json
import re
import subprocess
import sys
from pathlib import Path

from kwspot.spotting.checkpoint import load
from kwspot.train.tuning import expected_misses

WORDS = (
    "yes", "no", "up", "down", "left", "right", "on", "off", "stop", "go",
    "zero", "one", "five", "eight", "bed", "cat", "happy",
)  # fmt: skip
WITHOUT: dict[str, dict[str, object]] = {
    "everything": {},
    "everything, seed 1": {"seed": 1},
    "everything, seed 2": {"seed": 2},
    "noise": {"noise": 0.0},
    "rooms, responses, codecs": {"room": 0.0, "filtered": 0.0, "coded": 0.0},
    "rooms": {"room": 0.0},
    "speed": {"sped": 0.0},
    "gating": {"gated": 0.0},
    "placing anywhere": {"as_recorded": 1.0},
    "neighbours": {"neighbour": 0.0},
    "bad microphones": {"muffled": 0.0},
    "noise gates": {"noise_gate": 0.0},
    "vocal tracts": {"warped": 0.0},
    "frequency responses": {"filtered": 0.0},
    "codec losses": {"coded": 0.0},
    "SpecAugment": {"masked": 0.0},
    "no hard places (with them)": {"mine_every": 2},
    "fragments of speech": {"fragments": 0.0},
    "running speech": {"running": 0.0, "others": 0.51},
    "parts of words": {"running": 0.7, "others": 0.3, "joined": 0.0},
    "a milder end": {"finish": 0.0},
    "averaged weights": {"ema": 0.0},
    "label smoothing": {"smoothing": 0.0},
    "words drawn alike": {"balance": 0.5},
    "less prior": {"prior": 0.0},
    "no mixup (a fifth mixed)": {"mixup": 0.2},
}
"""What is left out -> the values that leave it out, of the recipe or of both its mixes."""
OF_THE_RUN = frozenset({"finish", "ema", "smoothing", "prior", "mine_every", "seed"})
FALSE_PER_HOUR = 2.0
"""Of all words together, at which misses are told: less often than that, the sound says little."""


def recipe_text(values: dict[str, object], epochs: int, batches: int) -> str:
    """The TOML file of a run."""
    own = {"words": list(WORDS), "epochs": epochs, "batches": batches, "mine_every": 0}
    own |= {name: value for name, value in values.items() if name in OF_THE_RUN}
    mix = {name: value for name, value in values.items() if name not in OF_THE_RUN}
    tables = {"mix": {"noise": 0.85, "snr_db": [-5.0, 35.0], **mix}, "finish_mix": mix}
    lines = [f"{name} = {json.dumps(value)}" for name, value in own.items()]
    for name, table in tables.items():
        lines += [
            "",
            f"[{name}]",
            *(f"{key} = {json.dumps(value)}" for key, value in table.items()),
        ]
    return "\n".join(lines) + "\n"


def trained(name: str, folder: Path, options: argparse.Namespace) -> Path:
    """The folder of a finished run."""
    run = folder / re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    command = [sys.executable, "-m", "kwspot", "train"]
    if (run / "recipe.toml").exists():
        command += ["--resume", str(run)]
    else:
        recipe = folder / f"{run.name}.toml"
        recipe.write_text(recipe_text(WITHOUT[name], options.epochs, options.batches))
        command += ["--recipe", str(recipe), "--data", str(options.data), "--out", str(run)]
        for kind in ("extra", "speech", "noise", "rooms"):
            for place in getattr(options, kind):
                command += [f"--{kind}", str(place)]
    subprocess.run([*command, "--threads", str(options.threads)], check=True)
    return run


def row(name: str, run: Path) -> str:
    """A line of the table."""
    model = load(run / "model.safetensors")
    facts, curves = model.facts, model.calibration
    per_word = facts["validation"]["per_word"].values()
    mean = sum(part["accuracy"] for part in per_word) / len(per_word)
    missed = "-" if curves is None else f"{expected_misses(curves, WORDS, FALSE_PER_HOUR):.1%}"
    found = "  ".join(
        f"{facts['streams'][kind]['found']:6.1%}" for kind in ("clean", "20 dB", "10 dB")
    )
    return f"{name:26}  {facts['validation']['accuracy']:6.2%}  {mean:6.2%}  {missed:>6}  {found}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    for kind in ("extra", "speech", "noise", "rooms"):
        parser.add_argument(f"--{kind}", type=Path, action="append", default=[])
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--batches", type=int, default=100)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--only", default=";".join(WITHOUT))
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    rows = [row(name, trained(name, options.out, options)) for name in options.only.split(";")]
    print("without                     clips   words   missed  clean   20 dB   10 dB")
    print("\n".join(rows))


if __name__ == "__main__":
    main()
