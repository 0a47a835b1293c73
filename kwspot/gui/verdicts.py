"""Every condition of a detection: what was measured, beside what was asked for."""

from dataclasses import dataclass

from kwspot.audio.source import SAMPLE_RATE_HZ
from kwspot.spotting.calibration import score_text
from kwspot.spotting.detector import SHARED

from .moments import Moment
from .translation import translate


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
        needed = (others + moment.config.margin) / moment.config.caution
        said.append(_least(translate("Verdicts", "Over others"), score, needed))
    return said


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


def _most(name: str, measured: float, limit: float) -> Verdict:
    return Verdict(measured <= limit, name, f"{measured:.2f}", f"≤ {limit:.2f}")
