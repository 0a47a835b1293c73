"""The figures of an evaluation: a page for people, one object for programs."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from kwspot.train.evaluation import Evaluation
    from kwspot.train.figures import Named, Share, Speakers
    from kwspot.train.labelled import Labelled

PAIRS = 10
"""How many of the confused pairs are shown."""
LOWEST = 10
"""How many of the speakers with the lowest shares are told of in JSON."""


def evaluation_facts(
    found: "Evaluation", data: "Labelled", models: Sequence[Path], split: str
) -> dict[str, Any]:
    """An evaluation as `--json` prints it; shares within 0..1, intervals hold 95 %."""
    scored = found.scored
    return {
        "type": "evaluation",
        "model": str(models[0]),
        "data": str(data.root),
        "split": split,
        "split_by": data.rule,
        **_accuracy_facts(scored),
        "mean_word_accuracy": mean_of_words(scored),
        "per_word": _word_facts(scored),
        "folders": {
            folder: {"clips": share.total, "right": share.right}
            for folder, share in scored.by_folder().items()
        },
        "confusion": scored.confusion(),
        "calibration": _calibration_facts(found, data),
        "speakers": _speaker_facts(scored),
        "against": _against_facts(found, models),
        "skipped": found.skipped,
        "damaged": found.damaged,
    }


def mean_of_words(scored: "Named") -> float:
    """The mean over words of the share of their clips that is named rightly, 0..1."""
    values = [share.right / share.total for share in scored.recalls().values()]
    return _rounded(sum(values) / len(values))


def show(found: "Evaluation", data: "Labelled", models: Sequence[Path], split: str) -> None:
    """Print an evaluation for people."""
    scored = found.scored
    which = f"{'all clips' if split == 'all' else f'{split} split'}; splits by {data.rule}"
    click.echo(f"{models[0]} on {data.root}, {which}")
    accuracy = scored.accuracy
    click.echo(
        f"accuracy       {_share_text(accuracy)}  {accuracy.right:,} of {accuracy.total:,} clips"
    )
    click.echo(f"mean of words  {mean_of_words(scored):7.2%}")
    click.echo()
    _show_words(scored)
    _show_confused(scored)
    _show_calibration(found, data)
    _show_speakers(scored)
    _show_against(found, models)


def _accuracy_facts(scored: "Named") -> dict[str, Any]:
    share = scored.accuracy
    return {
        "clips": share.total,
        "right": share.right,
        "accuracy": _rounded(share.right / share.total),
        "interval": _interval(share),
    }


def _word_facts(scored: "Named") -> dict[str, Any]:
    precisions = scored.precisions()
    return {
        word: {
            "clips": recall.total,
            "right": recall.right,
            "recall": _rounded(recall.right / recall.total),
            "interval": _interval(recall),
            "named": precisions[word].total,
            "precision": _optional(precisions[word].value),
            "precision_interval": _interval(precisions[word]),
        }
        for word, recall in scored.recalls().items()
    }


def _calibration_facts(found: "Evaluation", data: "Labelled") -> dict[str, Any]:
    from kwspot.train.figures import calibration

    figures = calibration(found.scored, found.validation)
    return {
        "error": _rounded(figures.error),
        "temperature": _optional(figures.temperature),
        "error_at_temperature": _optional(figures.error_tempered),
        "fitted_on": {"split": "validation", "by": data.rule, "clips": figures.fitted_on},
    }


def _speaker_facts(scored: "Named") -> dict[str, Any]:
    from kwspot.train.figures import speakers

    spread = speakers(scored)
    known = sum(share.total for _, share in spread.shares)
    facts: dict[str, Any] = {
        "speakers": len(spread.shares),
        "clips": known,
        "clips_without_speaker": len(scored.clips) - known,
    }
    if spread.shares:
        facts |= {
            "worst": _rounded(spread.percentile(0.0)),
            "percentile_10": _rounded(spread.percentile(10.0)),
            "median": _rounded(spread.percentile(50.0)),
            "all_right": _all_right(spread),
            "lowest": [
                {"speaker": name, "clips": share.total, "right": share.right}
                for name, share in spread.shares[:LOWEST]
            ],
        }
    return facts


def _against_facts(found: "Evaluation", models: Sequence[Path]) -> dict[str, Any] | None:
    from kwspot.train.paired import paired

    if found.against is None:
        return None
    pairs = paired(found.scored.right, found.against.right)
    return {
        "model": str(models[1]),
        **_accuracy_facts(found.against),
        "both_right": pairs.both,
        "only_model_right": pairs.only_first,
        "only_against_right": pairs.only_second,
        "neither_right": pairs.neither,
        "test": "McNemar, exact, two-sided",
        "p": float(f"{pairs.p:.6g}"),
    }


def _show_words(scored: "Named") -> None:
    recalls, precisions = scored.recalls(), scored.precisions()
    wide = max(len("word"), *map(len, recalls))
    click.echo(
        f"{'word':<{wide}}  {'clips':>6}  {'recall':>7}  {'95 % interval':<16}  "
        f"{'precision':>9}  95 % interval"
    )
    for word, recall in recalls.items():
        precision = precisions[word]
        named = _share_text(precision, width=9) if precision.total else f"{'never named':>9}"
        line = f"{word:<{wide}}  {recall.total:6,}  {_share_text(recall)}  {named}"
        click.echo(line.rstrip())


def _show_confused(scored: "Named") -> None:
    pairs = scored.confused()
    if not pairs:
        return
    shown = ", ".join(f"{said} as {named} {count}" for said, named, count in pairs[:PAIRS])
    more = f", and {len(pairs) - PAIRS} rarer pairs (--json has all)" if len(pairs) > PAIRS else ""
    click.echo()
    _paragraph("confused", shown + more)


def _show_calibration(found: "Evaluation", data: "Labelled") -> None:
    from kwspot.train.figures import calibration

    figures = calibration(found.scored, found.validation)
    text = f"the scores are off by {figures.error:.2%} (expected calibration error)"
    if not found.validation.clips:
        text += f"; no clip is in the validation split by {data.rule}, so no temperature is fitted"
    elif figures.temperature is None or figures.error_tempered is None:
        text += (
            f"; the {figures.fitted_on:,} clips of the validation split do not decide a temperature"
        )
    else:
        text += (
            f"; by {figures.error_tempered:.2%} at the temperature {figures.temperature:.2f}, "
            f"fitted on the {figures.fitted_on:,} clips of the validation split"
        )
        if not set(found.validation.clips).isdisjoint(found.scored.clips):
            text += ", which are among the clips scored"
    _paragraph("calibration", text)


def _show_speakers(scored: "Named") -> None:
    from kwspot.train.figures import speakers

    spread = speakers(scored)
    if not spread.shares:
        return _paragraph("speakers", "not known: no file is named SPEAKER_nohash_NUMBER")
    name, worst = spread.shares[0]
    return _paragraph(
        "speakers",
        f"{len(spread.shares):,}, of whom {_all_right(spread):,} without an error; worst "
        f"{spread.percentile(0.0):.1%} ({name}, {worst.total} clips), 10th percentile "
        f"{spread.percentile(10.0):.1%}, median {spread.percentile(50.0):.1%}",
    )


def _show_against(found: "Evaluation", models: Sequence[Path]) -> None:
    from kwspot.train.paired import paired

    if found.against is None:
        return
    pairs, other = paired(found.scored.right, found.against.right), found.against.accuracy
    _paragraph(
        "against",
        f"{models[1]} names {other.right / other.total:.2%} rightly; {pairs.only_first:,} clips "
        f"only the first, {pairs.only_second:,} only this one: p = {pairs.p:.2g} (exact McNemar "
        "test, two-sided)",
    )


def _paragraph(name: str, text: str) -> None:
    click.echo(click.wrap_text(f"{name:<12} {text}", 98, subsequent_indent=" " * 13))


def _share_text(share: "Share", width: int = 7) -> str:
    low, high = share.interval
    value = share.right / share.total
    return f"{value:{width}.2%}  {low:6.2%} to {high:<7.2%}"


def _all_right(spread: "Speakers") -> int:
    return sum(share.right == share.total for _, share in spread.shares)


def _interval(share: "Share") -> list[float]:
    return [_rounded(bound) for bound in share.interval]


def _optional(value: float | None) -> float | None:
    return None if value is None else _rounded(value)


def _rounded(value: float) -> float:
    return round(value, 6)
