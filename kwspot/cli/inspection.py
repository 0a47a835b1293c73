"""`kwspot train --inspect`: what a folder of recordings holds, in numbers and pictures."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from kwspot.errors import OptionError

from .training import option_name

SAMPLES = 3
"""Clips that are drawn where none is named."""
SHOWN = 3
"""Files that are named of a list; --json names all."""


def check_inspection(others: Mapping[str, Any]) -> None:
    """Raise OptionError for an option that only training understands."""
    given = [name for name, value in others.items() if value not in (None, ())]
    if given:
        raise OptionError(f"--inspect trains nothing: leave --{option_name(given[0])} away")


def inspect_folder(
    root: Path, clips: Sequence[Path], out: Path, seed: int, *, as_json: bool
) -> int:
    """Print what a folder holds and draw clips of it; returns the exit code.

    clips: what to draw; a few by `seed` where it is empty. Raises KwspotError for what cannot be
    read or drawn.
    """
    from kwspot.train.inspection import inspect, sample_clips
    from kwspot.train.inspection_pictures import check_out, found_clip, write_pictures

    from .output import write_json
    from .progress import progress_bar, progress_beside_json

    # Before all is read: a mistake is told at once.
    if seed < 0:
        raise OptionError(f"seed is {seed}, it has to be 0 or more")
    check_out(out)
    named = [found_clip(root, clip) for clip in clips]
    with progress_beside_json() if as_json else progress_bar() as bar:
        task = bar.add_task("reading", total=None)
        found = inspect(root, lambda done, total: bar.update(task, completed=done, total=total))
    pictures = write_pictures(named or sample_clips(found, SAMPLES, seed), out)
    facts = {**found.facts(), "pictures": [str(path) for path in pictures]}
    if as_json:
        write_json(facts)
        return 0
    click.echo("\n".join(_lines(facts)))
    return 0


def _lines(facts: Mapping[str, Any]) -> list[str]:
    words, splits = facts["words"], facts["splits"]
    width = max([len("word"), *map(len, words)])
    lines = [
        f"{facts['folder']}: {facts['clips']:,} clips of {len(words)} words by "
        f"{facts['speakers']:,} speakers",
        "",
        f"{'word':<{width}} {'clips':>7} {'speakers':>9}" + "".join(f"{s:>12}" for s in splits),
    ]
    for word, row in words.items():
        parts = "".join(f"{row[split]:>12,}" for split in splits)
        lines.append(f"{word:<{width}} {row['clips']:>7,} {row['speakers']:>9,}{parts}")
    clips = "".join(f"{part['clips']:>12,}" for part in splits.values())
    lines.append(f"{'all':<{width}} {facts['clips']:>7,} {facts['speakers']:>9,}{clips}")
    speakers = "".join(f"{part['speakers']:>12,}" for part in splits.values())
    lines += [f"{'speakers':<{width + 18}}{speakers}", ""]
    if facts["speakers_named"] < facts["clips"]:
        unnamed = facts["clips"] - facts["speakers_named"]
        lines += [
            f"{unnamed:,} file names tell no speaker (SPEAKER_nohash_N): each name counts as one",
            "",
        ]
    return lines + _sounds(facts) + _damage(facts) + _drawn(facts)


def _sounds(facts: Mapping[str, Any]) -> list[str]:
    lines = []
    for name, unit, digits in (("length_s", "s", 2), ("rms_dbfs", "dBFS", 1)):
        spread = facts[name]
        if spread is not None:
            told = ", ".join(f"{key} {value:.{digits}f}" for key, value in spread.items())
            lines.append(f"{'length' if unit == 's' else 'level (RMS)':<13} {told} {unit}")
    for name, title, unit in (
        ("formats", "formats", ""),
        ("rates_hz", "rates", " Hz"),
        ("channels", "channels", ""),
    ):
        told = ", ".join(f"{key}{unit}: {count:,}" for key, count in facts[name].items())
        lines.append(f"{title:<13} {told}")
    if facts["background"]:
        lines.append(f"{'background':<13} {len(facts['background'])} recordings of noise")
    return lines


def _damage(facts: Mapping[str, Any]) -> list[str]:
    unreadable = [f"{path} ({reason})" for path, reason in facts["unreadable"].items()]
    duplicates = [" = ".join(group) for group in facts["duplicates"]]
    lines = []
    for title, files in (
        ("near-silent", facts["near_silent"]),
        ("clipped", facts["clipped"]),
        ("unreadable", unreadable),
        ("empty", facts["empty"]),
        ("duplicates", duplicates),
    ):
        told = f"{len(files):,}{' groups of files with the same sound' * (files is duplicates)}"
        lines.append(f"{title:<13} {told}")
        lines += [f"{'':<13} {file}" for file in files[:SHOWN]]
        if len(files) > SHOWN:
            lines.append(f"{'':<13} and {len(files) - SHOWN:,} more (--json names all)")
    if facts["other_files"]:
        told = ", ".join(f"{ending}: {count:,}" for ending, count in facts["other_files"].items())
        lines.append(f"{'not audio':<13} {told}")
    return lines


def _drawn(facts: Mapping[str, Any]) -> list[str]:
    lines = ["", "pictures: waveform, Fourier transform, spectrograms at three window sizes"]
    return lines + [f"  {path}" for path in facts["pictures"]]
