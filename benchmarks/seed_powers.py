"""Phase or compression: the seed recipe on complex spectrograms, on power and on its logarithm.

    python benchmarks/seed_powers.py OUT --data SPEECH_COMMANDS [--epochs 20]
        [--powers complex,2,log] [--precision bfloat16] [--seed 0]

One run after the other, alike but for what the network sees, to the end of the one cycle whatever
the validation loss does on the way; a run that is there already is not made again, and one that was
stopped goes on. Prints for each what its best epoch names rightly of the clips that no run saw (a
random split: of voices that it did), with 95 % Wilson intervals, and how long its epochs took.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

from kwspot.spotting.checkpoint import load
from kwspot.train.intervals import wilson

WORDS = (
    "yes", "no", "up", "down", "left", "right", "on", "off", "stop", "go",
    "zero", "one", "five", "eight", "bed", "cat", "happy",
)  # fmt: skip


def trained(power: str, options: argparse.Namespace) -> Path:
    """The folder of a finished run."""
    run: Path = options.out / power
    if "testing" in facts_of(run):
        return run
    command = [sys.executable, "-m", "kwspot", "train"]
    if (run / "recipe.toml").exists():
        command += ["--resume", str(run)]
    else:
        values = {
            "recipe": "seed",
            "words": list(WORDS),
            "power": power,
            "precision": options.precision,
            "epochs": options.epochs,
            "patience": options.epochs,
            "finder_steps": 30,
            "seed": options.seed,
        }
        recipe = options.out / f"{power}.toml"
        lines = [f"{name} = {json.dumps(value)}\n" for name, value in values.items()]
        recipe.write_text("".join(lines))
        command += ["--recipe", str(recipe), "--data", str(options.data), "--out", str(run)]
    subprocess.run([*command, "--threads", str(options.threads)], check=True)
    return run


def facts_of(run: Path) -> dict[str, object]:
    """What the model of a run says of itself, nothing where there is none yet."""
    model = run / "model.safetensors"
    return dict(load(model).facts) if model.exists() else {}


def row(power: str, run: Path) -> str:
    """A line of the table."""
    facts = facts_of(run)
    test, validation = facts["testing"], facts["validation"]
    assert isinstance(test, dict)
    assert isinstance(validation, dict)
    low, high = wilson(test["right"], test["clips"])
    lines = (run / "metrics.jsonl").read_text().splitlines()
    epochs = [facts for facts in map(json.loads, lines) if "seconds" in facts]
    minutes = sum(facts["seconds"] for facts in epochs) / 60
    return (
        f"{power:8}  {validation['accuracy']:6.2%}  {test['accuracy']:6.2%}  "
        f"{low:.1%} to {high:.1%} of {test['clips']}  {test['mean_word_accuracy']:6.2%}  "
        f"{test['loss']:.3f}  {len(epochs)} in {minutes:.0f} min"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--powers", default="complex,2,log")
    parser.add_argument("--precision", choices=("float32", "bfloat16"), default="bfloat16")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    rows = [row(power, trained(power, options)) for power in options.powers.split(",")]
    print("sees      valid.   test    interval              of words  loss   epochs")
    print("\n".join(rows))


if __name__ == "__main__":
    main()
