"""Warnings about a stream: once, not all the time, and taken back."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from kwspot.audio.alarms import DropAlarm, SilenceAlarm


@given(cuts=st.lists(st.integers(1, 50), max_size=20))
def test_silence_is_told_once_and_taken_back_once_however_it_is_cut(cuts: list[int]) -> None:
    samples = np.concatenate((np.ones(10), np.zeros(150), np.ones(1), np.zeros(99), np.ones(5)))
    alarm, told, position = SilenceAlarm(100), [], 0
    for cut in [*cuts, *[1] * len(samples)]:
        piece = samples[position : position + cut].astype(np.float32)
        position += len(piece)
        if alarm.hear(piece):
            told.append(alarm.raised)
    # The last zeros may share a piece with the sound after them, but 100 come before.
    assert told == [True, False]


def test_very_soft_sound_is_not_silence() -> None:
    alarm = SilenceAlarm(100)
    assert not alarm.hear(np.full(1_000, 1e-9, np.float32))


def test_drops_are_told_with_their_total_at_most_once_a_pause() -> None:
    alarm = DropAlarm(100)
    told = [
        (position, alarm.total)
        for position, count in [(10, 0), (20, 5), (30, 5), (90, 1), (125, 0), (130, 0), (300, 2)]
        if alarm.lose(count, position)
    ]
    assert told == [(20, 5), (125, 11), (300, 13)]
