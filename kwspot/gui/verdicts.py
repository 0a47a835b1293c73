"""Every condition of a detection: what was measured, beside what was asked for."""

from PySide6.QtCore import QCoreApplication

from kwspot.audio.source import SAMPLE_RATE_HZ
from kwspot.spotting.detector import SHARED

from .moments import Moment

Verdict = tuple[bool, str]
"""Whether a condition was met, and in which figures."""


def verdicts(moment: Moment) -> list[Verdict]:
    """The conditions of the detector in its order, those of which figures were kept."""
    return [*_of_scores(moment), *_of_evidence(moment)]


def _of_scores(moment: Moment) -> list[Verdict]:
    """What the posteriors of windows have to be."""
    tr = QCoreApplication.translate
    score, rival, others = moment.detection.score, moment.rival, moment.others
    text = tr("Verdicts", "Score {0}: {1} or more")
    said = [(score >= moment.threshold, _filled(text, score, moment.threshold))]
    if rival is not None:
        text = tr("Verdicts", "Highest of all words: next is “{0}” with {1}")
        said.append((score >= rival[1], _filled(text, rival[0], rival[1])))
    if others is not None:
        ahead, margin = score - others, moment.config.margin
        text = tr("Verdicts", "Ahead of other speech and silence by {0}: {1} or more")
        said.append((ahead >= margin, _filled(text, ahead, margin)))
    return said


def _of_evidence(moment: Moment) -> list[Verdict]:
    """What the evidence of frames has to be."""
    tr = QCoreApplication.translate
    found, config, grounds = moment.detection, moment.config, moment.detection.grounds
    length_s = (found.end - found.start) / SAMPLE_RATE_HZ
    text = tr("Verdicts", "{0} s long: {1} s or more")
    said = [(length_s >= config.shortest_s, _filled(text, length_s, config.shortest_s))]
    if grounds is None:
        return said
    over_s = grounds.over / SAMPLE_RATE_HZ
    settled = over_s >= config.settle_s
    if settled or length_s <= config.longest_s:
        text = tr("Verdicts", "Over for {0} s when decided: {1} s or more")
        said.append((settled, _filled(text, over_s, config.settle_s)))
    else:
        text = tr("Verdicts", "Decided before its end, {0} s long: over {1} s")
        said.append((True, _filled(text, length_s, config.longest_s)))
    text = tr("Verdicts", "Other speech before it {0}: {1} or less")
    said.append((grounds.before <= config.before, _filled(text, grounds.before, config.before)))
    text = tr("Verdicts", "Shared with the word before {0}: {1} or less")
    said.append((grounds.shared <= SHARED, _filled(text, grounds.shared, SHARED)))
    return said


def _filled(text: str, *values: float | str) -> str:
    return text.format(*(v if isinstance(v, str) else f"{v:.2f}" for v in values))
