"""The Speech Commands benchmark of twelve classes: ten commands, unknown and silence.

    python benchmarks/twelve.py DATA [--model FILE] [--seeds 0,1,2]

DATA is the Speech Commands folder. As Warden (2018) has it: every clip of the ten commands in the
validation split; *unknown*, clips of the other words, and *silence*, one second each of
`_background_noise_`, as many as a command has on average, drawn by a seed. The highest score
decides, no threshold. What a model names by a word that is none of the ten counts as unknown.

Where this is not the published benchmark: it is the validation split, on which models here are
chosen, and only the words in DATA, which holds few clips of some. Pieces of noise come from the
last fifth of each file, which training leaves out, so that they overlap. A model that knows some of
the other words by name finds those easier than one that does not: the rest is told apart.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kwspot.audio.files import FileSource
from kwspot.audio.resample import at_16k
from kwspot.audio.source import SAMPLE_RATE_HZ
from kwspot.resources import bundled_model
from kwspot.spotting.checkpoint import SILENCE, UNKNOWN
from kwspot.train.catalog import NOISE_FOLDER, Split, audio_files
from kwspot.train.figures import Share
from kwspot.train.labelled import labelled
from kwspot.train.pools import NOISE_USED
from kwspot.train.scoring import ClipScorer, Posteriors, hear
from kwspot.train.streams import LONG

COMMANDS = ("yes", "no", "up", "down", "left", "right", "on", "off", "stop", "go")
CLASSES = (*COMMANDS, UNKNOWN, SILENCE)
Samples = NDArray[np.float32]


def classes(posteriors: Posteriors, labels: Sequence[str]) -> list[str]:
    """Of each row, the class its highest score counts as."""
    names = (labels[place] for place in posteriors.argmax(axis=1))
    return [name if name in CLASSES else UNKNOWN for name in names]


def decoded(path: Path) -> Samples:
    with at_16k(FileSource(path, lambda _: None)) as source:
        pieces = []
        while (chunk := source.read()) is not None:
            pieces.append(chunk.samples)
    return np.concatenate(pieces)


def held_out(noises: Sequence[Path]) -> list[Samples]:
    """The end of each noise, which training does not hear."""
    wholes = [decoded(path) for path in noises]
    return [whole[int(len(whole) * NOISE_USED) :] for whole in wholes if len(whole) >= LONG]


def silences(ends: Sequence[Samples], count: int, rng: np.random.Generator) -> list[Samples]:
    """Seconds of noise from anywhere in what was held out."""
    found = []
    for _ in range(count):
        end = ends[int(rng.integers(len(ends)))]
        begin = int(rng.integers(len(end) - SAMPLE_RATE_HZ))
        found.append(end[begin : begin + SAMPLE_RATE_HZ])
    return found


def shown(share: Share) -> str:
    low, high = share.interval
    value = share.right / share.total
    return f"{value:8.2%}  {low:7.2%} to {high:7.2%}  {share.right:,} of {share.total:,}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--model", type=Path, default=bundled_model())
    parser.add_argument("--seeds", default="0,1,2")
    options = parser.parse_args()
    scorer = ClipScorer(options.model, "cpu")
    lacking = [word for word in COMMANDS if word not in scorer.labels]
    if lacking:
        parser.error(f"{options.model} does not know {', '.join(lacking)}")
    validation = labelled(options.data, None, None).of_split(Split.VALIDATION)
    heard = hear([scorer], validation, lambda *_: None)
    for line in heard.skipped:
        print(f"left out: {line}")
    named = classes(heard.posteriors[0], scorer.labels)
    pairs = [(clip.word, name) for clip, name in zip(heard.clips, named, strict=True)]
    right = {
        word: Share(sum(name == word for said, name in pairs if said == word), total)
        for word in COMMANDS
        if (total := sum(said == word for said, _ in pairs))
    }
    others = [name == UNKNOWN for said, name in pairs if said not in COMMANDS]
    strange = [name == UNKNOWN for said, name in pairs if said not in scorer.labels]
    said = sum(share.total for share in right.values())
    each = round(said / len(right))
    ends = held_out(sorted(audio_files(options.data / NOISE_FOLDER)))
    seconds = sum(map(len, ends)) / SAMPLE_RATE_HZ
    print(f"{options.model.name}, validation split of {options.data}: {said:,} clips of")
    print(f"{len(right)} commands, {each} of unknown from {len(others)} clips of other words,")
    print(f"{each} seconds of silence from {seconds:.0f} s of {len(ends)} noises")
    print(f"{'':10} {'right':>7}  95 % (Wilson)")
    for word, share in right.items():
        print(f"{word:10} {shown(share)}")
    for what, found in (("of all other words", others), ("without a name", strange)):
        if found:
            print(f"{what}: {shown(Share(sum(found), len(found)))}")
    values = []
    for seed in map(int, options.seeds.split(",")):
        rng = np.random.default_rng(seed)
        drawn = rng.permutation(others)[:each]
        quiet = classes(scorer.posteriors(silences(ends, each, rng)), scorer.labels)
        parts = {
            UNKNOWN: Share(int(drawn.sum()), len(drawn)),
            SILENCE: Share(sum(name == SILENCE for name in quiet), len(quiet)),
        }
        for name, share in parts.items():
            print(f"{name:10} {shown(share)}, seed {seed}")
        every = [*right.values(), *parts.values()]
        whole = Share(sum(share.right for share in every), sum(share.total for share in every))
        values.append(whole.right / whole.total)
        print(f"{'all':10} {shown(whole)}, seed {seed}")
    print(f"mean of {len(values)} seeds: {np.mean(values):.2%} ({min(values):.2%} to "
          f"{max(values):.2%})")  # fmt: skip


if __name__ == "__main__":
    main()
