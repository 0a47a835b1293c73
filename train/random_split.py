"""Clips put into training, validation and testing at random, whoever speaks in them."""

import hashlib
import os
from collections.abc import Iterable
from dataclasses import replace

from .catalog import Kind, Recording, Split

TRAINING_SHARE, VALIDATION_SHARE = 0.6, 0.2
"""What is left is for testing."""


def random_split(recordings: Iterable[Recording], seed: int) -> tuple[Recording, ...]:
    """The same recordings in the same order, the clips of words split 60/20/20 over them all.

    Speakers are in several parts at once, so figures come out higher than for voices that are
    new. Which part a clip is in is decided by the seed and by the word and file names, neither by
    the order of the clips nor by where their folder lies. Other recordings keep their split.
    """
    whole = tuple(recordings)
    clips = [place for place, entry in enumerate(whole) if entry.kind is Kind.WORD]
    clips.sort(key=lambda place: _lot(whole[place], seed))
    training = round(TRAINING_SHARE * len(clips))
    validation = training + round(VALIDATION_SHARE * len(clips))
    found = dict.fromkeys(clips[:training], Split.TRAINING)
    found |= dict.fromkeys(clips[training:validation], Split.VALIDATION)
    found |= dict.fromkeys(clips[validation:], Split.TESTING)
    return tuple(
        replace(entry, split=found.get(place, entry.split)) for place, entry in enumerate(whole)
    )


def _lot(clip: Recording, seed: int) -> tuple[bytes, str]:
    # The path decides between clips of one name in several folders of a word.
    name = f"{seed}/{clip.word}/{clip.path.name}"
    return hashlib.sha256(os.fsencode(name)).digest(), str(clip.path)
