"""What a user may choose of a model, checked: the words to report, and from which score on."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches

from kwspot.errors import OptionError

from .calibration import USUAL_FALSE_PER_HOUR
from .checkpoint import SILENCE, UNKNOWN, Checkpoint
from .detector_config import DetectorConfig
from .room import Room, curves_of


def known_words(checkpoint: Checkpoint, words: Sequence[str]) -> tuple[str, ...]:
    """These words, each once. Raises OptionError for none, and for one the model does not know."""
    known = checkpoint.words
    for word in words:
        if word not in known:
            near = get_close_matches(word, known, 1)
            hint = f"did you mean {near[0]!r}? It" if near else "it"
            raise OptionError(
                f"the model does not know the word {word!r}; {hint} knows {', '.join(known)}"
            )
    if not words:
        raise OptionError(f"name at least one word; the model knows {', '.join(known)}")
    return tuple(dict.fromkeys(words))


def thresholds_at_rate(
    checkpoint: Checkpoint, words: Sequence[str], false_per_hour: float | None, room: Room | None
) -> dict[str, float]:
    """Thresholds by what they cost; none where nothing asks for others than the model's own.

    Raises OptionError for a number of false alarms that is none.
    """
    if false_per_hour is not None and not 0.0 < false_per_hour < math.inf:
        raise OptionError(
            f"false alarms an hour are a number above 0, 0.5 say, not {false_per_hour:g}"
        )
    if checkpoint.calibration is None and false_per_hour is None and room is None:
        return {}
    curves = curves_of(checkpoint)
    if false_per_hour is not None:
        return curves.thresholds_for(words, false_per_hour)
    if room is not None:
        return room.calibration(curves).thresholds_for(words, room.false_per_hour)
    return curves.thresholds_for(words, USUAL_FALSE_PER_HOUR)


def deciding(
    checkpoint: Checkpoint, threshold: float | None, single: Mapping[str, float]
) -> DetectorConfig:
    """The model's way to decide, with these thresholds: `threshold` of every word, and `single`
    ones of words, and of `_unknown_` and `_silence_` those above which no word is reported.

    Raises OptionError for words that the model does not know and scores that are none.
    """
    ceilings = {name: score for name, score in single.items() if name in (UNKNOWN, SILENCE)}
    thresholds = {word: score for word, score in single.items() if word not in ceilings}
    known_words(checkpoint, [*thresholds] or checkpoint.words)
    for value in (*single.values(), *(() if threshold is None else (threshold,))):
        if not 0.0 <= value <= 1.0:
            raise OptionError(f"a threshold lies within 0..1, not at {value:g}")
    config = checkpoint.detector
    if threshold is not None:
        config = replace(config, threshold=threshold, thresholds={})
    return replace(
        config,
        thresholds={**config.thresholds, **thresholds},
        ceilings={**config.ceilings, **ceilings},
    )
