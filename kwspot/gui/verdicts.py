"""Every condition of a detection: what was measured, beside what was asked for."""

from collections.abc import Callable
from dataclasses import dataclass

from kwspot.audio.source import SAMPLE_RATE_HZ
from kwspot.spotting.calibration import score_text
from kwspot.spotting.detector import SHARED
from kwspot.spotting.detector_config import DetectorConfig

from .moments import Moment
from .translation import translate
from .tuner import spoken

MOST_ODDS = 999.0
"""What is above that is as good as certain."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """met: whether it was; name: what was measured; measured, limit: the figures, for people."""

    met: bool
    name: str
    measured: str
    limit: str


def verdicts(moment: Moment) -> list[Verdict]:
    """The conditions of the detector in its order, those of which figures were kept."""
    return [*_of_scores(moment), *_of_evidence(moment)]


def _of_scores(moment: Moment) -> list[Verdict]:
    """What the posteriors of windows have to be."""
    score, rival, others = moment.detection.score, moment.rival, moment.others
    said = [_least(translate("Verdicts", "Score"), score, moment.threshold)]
    if rival is not None:
        name = translate("Verdicts", "Next “{0}”").format(rival[0])
        said.append(_least(name, score, rival[1]))
    if others is not None:
        said.append(_over_others(score, others, moment.config))
    for label, ceiling in moment.config.ceilings.items():
        other = (moment.decisive or {}).get(label)
        if other is not None and ceiling < 1.0:
            said.append(_most(f"“{spoken(label)}”", other, ceiling, score_text))
    return said


def _over_others(score: float, others: float, config: DetectorConfig) -> Verdict:
    """How the word stood to other speech and silence, before the former was weighed by caution.

    With caution as odds, since it leaves of what the score has to be next to nothing.
    """
    name = translate("Verdicts", "Over others")
    needed = others + config.margin / config.caution
    if config.caution <= 1.0:
        return _least(name, score, needed)
    odds = score / max(needed, score / MOST_ODDS)
    text = f"{odds:.0f}" if odds >= 10 else f"{odds:.1f}"
    if needed * MOST_ODDS < score:
        text = f"> {MOST_ODDS:.0f}"
    return Verdict(odds >= 1.0, name, f"{text} ×", "≥ 1 ×")


def _of_evidence(moment: Moment) -> list[Verdict]:
    """What the evidence of frames has to be."""
    found, config, grounds = moment.detection, moment.config, moment.detection.grounds
    length_s = (found.end - found.start) / SAMPLE_RATE_HZ
    said = [_least(translate("Verdicts", "Length"), length_s, config.shortest_s, " s")]
    if grounds is None:
        return said
    over_s = grounds.over / SAMPLE_RATE_HZ
    if over_s >= config.settle_s:
        said.append(_least(translate("Verdicts", "Ended since"), over_s, config.settle_s, " s"))
    else:
        said.append(
            _least(translate("Verdicts", "Going on since"), length_s, config.longest_s, " s")
        )
    return [
        *said,
        _most(translate("Verdicts", "Speech before"), grounds.before, config.before),
        _most(translate("Verdicts", "In last word"), grounds.shared, SHARED),
    ]


def _least(name: str, measured: float, limit: float, unit: str = "") -> Verdict:
    text = "{:.2f}".format if unit else score_text
    return Verdict(measured >= limit, name, f"{text(measured)}{unit}", f"≥ {text(limit)}{unit}")


def _most(
    name: str, measured: float, limit: float, text: Callable[[float], str] = "{:.2f}".format
) -> Verdict:
    return Verdict(measured <= limit, name, text(measured), f"≤ {text(limit)}")
