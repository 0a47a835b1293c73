"""The figures and facts of a report, as people read them."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kwspot.spotting.checkpoint import SILENCE, UNKNOWN

from .facts import COMPLETE
from .intervals import wilson
from .pictures.page import Headline
from .pictures.per_word import word_scores
from .verdicts import Verdicts

Facts = Mapping[str, Any]


def duration(seconds: float) -> str:
    """A time as people say it: 12 s, 3 min 20 s, 2 h 5 min; a unit stays with its number."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole}\N{NO-BREAK SPACE}s"
    if whole < 3600:
        return f"{whole // 60}\N{NO-BREAK SPACE}min {whole % 60}\N{NO-BREAK SPACE}s"
    return f"{whole // 3600}\N{NO-BREAK SPACE}h {whole % 3600 // 60}\N{NO-BREAK SPACE}min"


def headlines(facts: Facts, lines: Sequence[Facts], verdicts: Verdicts | None) -> list[Headline]:
    """The figures that stand on top, those there are."""
    found = [] if verdicts is None else _measured(verdicts)
    found += _tested(facts.get("testing"))
    found += _streams(facts.get("streams"))
    if "parameters" in facts:
        work = facts.get("multiplies_per_window")
        note = f"{work / 1e6:.1f} million multiplies a window" if work else ""
        found.append(Headline("parameters", f"{facts['parameters']:,}", note))
    spent = sum(float(line.get("seconds", 0.0)) for line in lines)
    if lines:
        speed = float(np.median([float(line.get("clips_per_second", 0.0)) for line in lines]))
        found.append(Headline("training time", duration(spent), f"{speed:.0f} clips per second"))
    return found


def _measured(verdicts: Verdicts) -> list[Headline]:
    scores = word_scores(verdicts.confusion(), verdicts.labels)
    words = [score for score in scores if score.word not in (UNKNOWN, SILENCE)]
    found = []
    if words:
        right, clips = sum(word.right for word in words), sum(word.clips for word in words)
        low, high = wilson(right, clips)
        note = f"{right:,} of {clips:,} clips of words; 95 %: {low:.2%} to {high:.2%}"
        found.append(Headline("validation accuracy", f"{right / clips:.2%}", note))
        mean = sum(word.recall for word in words) / len(words)
        found.append(Headline("mean of words", f"{mean:.2%}", f"over {len(words)} words"))
        worst = words[0]
        low, high = wilson(worst.right, worst.clips)
        note = f"{worst.recall:.1%} of {worst.clips} clips; 95 %: {low:.0%} to {high:.0%}"
        found.append(Headline("worst word", worst.word, note))
    for other in scores:
        if other.word == UNKNOWN:
            note = f"{other.right} of {other.clips} clips of other words kept from being words"
            found.append(Headline("other words", f"{other.recall:.1%}", note))
    return found


def _tested(testing: Any) -> list[Headline]:
    """What a run that has test clips named rightly of them in the end."""
    if not isinstance(testing, Mapping) or not testing.get("clips"):
        return []
    right, clips = testing["right"], testing["clips"]
    low, high = wilson(right, clips)
    note = f"{right:,} of {clips:,} clips; 95 %: {low:.2%} to {high:.2%}"
    return [Headline("test accuracy", f"{right / clips:.2%}", note)]


def _streams(streams: Any) -> list[Headline]:
    """What the thresholds were chosen on: words found in streams, false alarms without words."""
    found = []
    for name, part in streams.items() if isinstance(streams, Mapping) else ():
        if not isinstance(part, Mapping) or "false" not in part:
            continue
        if "found" in part:
            note = f"{part['words']} words, {part['false']} false"
            found.append(Headline(f"found in streams, {name}", f"{part['found']:.1%}", note))
        else:
            found.append(
                Headline(f"false alarms, {name}", str(part["false"]), f"in {part['hours']} h")
            )
    return found


def learning_text(facts: Facts, lines: Sequence[Facts]) -> str:
    """What is told beside the learning curves; of a finished run also why the figure on top is
    another than the last one of a curve.
    """
    told = (
        "Training is measured while it goes on, on clips as the recipe draws them (over noise, "
        "shifted, masked, where it does so); validation on clips as they are."
    )
    prior, finished = facts.get("recipe", {}).get("prior"), facts.get("validation") or {}
    curve = next(
        (line.get("validation") for line in lines if line.get("epoch") == facts.get("epochs")), None
    )
    if COMPLETE not in facts or not prior or curve is None or "accuracy" not in finished:
        return told
    return (
        f"{told} No curve shows the last step: what {UNKNOWN} and {SILENCE} owe to how often they "
        f"were drawn is taken from their scores (prior = {prior:g}). With it the model of epoch "
        f"{facts['epochs']} names {finished['accuracy']:.2%} of the validation clips of words "
        f"rightly, without it {curve:.2%}."
    )


def fact_tables(facts: Facts, environment: Facts, lines: Sequence[Facts]) -> dict[str, Any]:
    """Tables of the data, the run and the machine by heading, as texts."""
    tables = {"Data": _data(facts.get("data", {})), "Run": _run(facts, lines)}
    tables["Environment"] = _environment(environment)
    return {heading: rows for heading, rows in tables.items() if rows}


def _data(data: Facts) -> dict[str, str]:
    rows = {}
    for name, value in data.items():
        if name == "folders":
            rows["folders"] = ", ".join(value)
        elif isinstance(value, Mapping) and all(isinstance(n, int) for n in value.values()):
            counts = ", ".join(f"{word} {count:,}" for word, count in value.items())
            rows[name] = f"{sum(value.values()):,} recordings: {counts}"
        elif isinstance(value, Mapping):
            rows[name] = "; ".join(f"{key}: {entry}" for key, entry in value.items())
        else:
            rows[name] = str(value)
    return {name.replace("_", " "): text for name, text in rows.items()}


def _run(facts: Facts, lines: Sequence[Facts]) -> dict[str, str]:
    rows = {name: str(facts[name]) for name in ("date", "seed") if name in facts}
    if "split" in facts:
        rows["split"] = str(facts["split"])
    if "epochs" in facts:
        rows["model"] = f"of epoch {facts['epochs']}"
    if lines:
        first, last = lines[0].get("epoch"), lines[-1].get("epoch")
        spent = sum(float(line.get("seconds", 0.0)) for line in lines)
        rows["recorded"] = f"epochs {first} to {last}, {spent:,.0f} s"
    if "versions" in facts:
        rows["trained by"] = _versions(facts["versions"])
    return rows


def _environment(environment: Facts) -> dict[str, str]:
    cpu = environment.get("cpu", {})
    cores, threads = _counted(cpu.get("cores"), "core"), _counted(cpu.get("threads"), "thread")
    memory = f", {cpu['memory_gib']} GiB" if cpu.get("memory_gib") else ""
    # An old run's own machine is not known: say whose facts these are.
    when = {"training": "when training began", "report": "when the report was made"}
    recorded = environment.get("recorded", "")
    return {
        "noted": f"{when.get(recorded, recorded)}, {environment.get('date', '')}",
        "versions": _versions(environment.get("versions", {})),
        "system": str(environment.get("system", "")),
        "CPU": f"{cpu.get('name')}, {cores}, {threads}{memory}",
        "GPU": ", ".join(environment.get("gpus", ())) or "none",
    }


def _counted(count: Any, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _versions(versions: Facts) -> str:
    return ", ".join(f"{name} {number}" for name, number in versions.items())
