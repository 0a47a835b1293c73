"""The figures of an evaluation on streams, as one object for programs."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kwspot.spotting.calibration import Calibration

from .intervals import wilson
from .stream_evaluation import (
    BUDGETS,
    FalseAlarms,
    Outcome,
    StreamEvaluation,
    total,
)
from .streams import Matched

DET_RATES = tuple(float(f"{rate:.3g}") for rate in np.geomspace(0.05, 50.0, 25))


def stream_facts(found: StreamEvaluation, thresholds: Mapping[str, float]) -> dict[str, Any]:
    """An evaluation on streams in JSON's types; shares within 0..1, intervals hold 95 %.

    thresholds: the model's own, by which it was judged.
    """
    curves, counted = found.curves(), found.curves(counted=True)
    own = total(found.false_at(outcome, None) for outcome in found.counted)
    hours = sum(outcome.swept.hours for outcome in (*found.spoken, *found.without))
    return {
        "type": "stream evaluation",
        "words": list(found.words),
        "thresholds": {word: thresholds[word] for word in found.words},
        "heard": {"hours": round(hours, 4), "seconds": round(found.seconds, 3)},
        "streams": {outcome.name: _stream(outcome) for outcome in found.spoken},
        "without_words": {
            **{
                outcome.name: _false(found.false_at(outcome, None), found.words)
                for outcome in found.without
            },
            **({"together": _false(own, found.words)} if found.counted else {}),
        },
        "at_budget": [] if curves is None else [_budget(found, curves, rate) for rate in BUDGETS],
        "at_count": [] if counted is None else [_budget(found, counted, rate) for rate in BUDGETS],
        "det": [] if curves is None else det(found, curves),
    }


def det(found: StreamEvaluation, curves: Calibration) -> list[dict[str, Any]]:
    """Misses of each stream against false alarms an hour, each word with the same share of them;
    rates that no threshold is high enough for are left out."""
    points = []
    for rate in DET_RATES:
        thresholds = curves.thresholds_for(found.words, rate)
        if not _reached(curves, thresholds, rate):
            continue
        points.append(
            {
                "false_per_hour": rate,
                "missed": {
                    outcome.name: _missed_share(outcome.at(thresholds)) for outcome in found.spoken
                },
            }
        )
    return points


def _reached(curves: Calibration, thresholds: Mapping[str, float], rate: float) -> bool:
    """Whether all words together are expected to be false no more often than that an hour."""
    expected = sum(curves.expected(word, value)[0] for word, value in thresholds.items())
    return expected <= 1.02 * rate


def _missed_share(part: Matched) -> float:
    return round(len(part.missed) / max(1, len(part.missed) + len(part.found)), 5)


def _share(count: int, of: int) -> dict[str, Any]:
    low, high = wilson(count, of)
    return {
        "count": count,
        "of": of,
        "share": round(count / of, 5),
        "interval": [round(low, 5), round(high, 5)],
    }


def _missed(part: Matched) -> dict[str, Any]:
    missed = Counter(word.word for word in part.missed)
    said = Counter(word.word for word, _ in part.found) + missed
    return {
        **_share(len(part.missed), said.total()),
        "per_word": {word: _share(missed[word], count) for word, count in sorted(said.items())},
    }


def _stream(outcome: Outcome) -> dict[str, Any]:
    """A stream with words, judged by the model's own thresholds."""
    part, extra = outcome.at_own(), outcome.invented()
    late_s = outcome.latencies_s()
    wrong = Counter((word.word, hit.label) for word, hit in extra.wrong)
    said = len(outcome.said)
    return {
        "hours": round(outcome.swept.hours, 4),
        "said": said,
        "missed": _missed(part),
        "wrong": {
            "count": len(extra.wrong),
            "per_100": round(100 * len(extra.wrong) / said, 3),
            "pairs": [[one, other, count] for (one, other), count in wrong.most_common()],
        },
        "repeated": {
            "count": len(extra.repeated),
            "per_100": round(100 * len(extra.repeated) / said, 3),
        },
        "stray": {"count": len(extra.stray), "per_100": round(100 * len(extra.stray) / said, 3)},
        "latency_s": {
            "median": _percentile(late_s, 50.0),
            "p95": _percentile(late_s, 95.0),
        },
    }


def _percentile(values: Sequence[float], at: float) -> float | None:
    return round(float(np.percentile(values, at)), 4) if values else None


def _false(alarms: FalseAlarms, words: Sequence[str]) -> dict[str, Any]:
    low, high = alarms.interval
    return {
        "hours": round(alarms.hours, 4),
        "false": alarms.events,
        "per_hour": round(alarms.rate, 4),
        "interval": [round(low, 4), round(high, 4)],
        "per_word": {word: alarms.by_word[word] for word in words if alarms.by_word[word]},
    }


def _budget(found: StreamEvaluation, curves: Calibration, rate: float) -> dict[str, Any]:
    """Misses where all words together may be false so often; what was false then, in fact."""
    thresholds = curves.thresholds_for(found.words, rate)
    false = total(found.false_at(outcome, thresholds) for outcome in found.counted)
    return {
        "false_per_hour": rate,
        "reached": _reached(curves, thresholds, rate),
        "thresholds": thresholds,
        "missed": {outcome.name: _missed(outcome.at(thresholds)) for outcome in found.spoken},
        "false": _false(false, found.words),
    }
