"""Thresholds that are dragged in the window, and the sensitivity."""

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractSlider,
    QCheckBox,
)

from gui import ended, opened, wait_until, words_in_history
from kwspot.gui import scale
from kwspot.gui.verdicts import verdicts
from kwspot.resources import sample_recording
from words import said


def test_a_threshold_that_is_dragged_up_silences_the_word_at_once(tmp_path: Path) -> None:
    with opened(tmp_path, sample_recording(), replay_speed=4.0) as window:
        wait_until(lambda: words_in_history(window))
        row = next(row for row in window.display.words.rows if row.label == said()[-1].word)
        assert isinstance(row.bar, QAbstractSlider)
        row.bar.setFocus()
        QTest.keyClick(row.bar, Qt.Key.Key_End)
        off = next(row for row in window.display.words.rows if row.label == said()[-2].word)
        assert isinstance(off.name, QCheckBox)
        off.name.click()
        wait_until(lambda: ended(window))
        assert words_in_history(window) == [word.word for word in said()[:-2]]


def test_the_mark_of_a_threshold_is_dragged_with_the_mouse(tmp_path: Path) -> None:
    with opened(tmp_path) as window:
        wait_until(lambda: window.display.words.rows)
        row = next(row for row in window.display.words.rows if row.label == "yes")
        height = row.bar.height() // 2
        start, end = QPoint(row.bar.width() - 10, height), QPoint(row.bar.width() // 2, height)
        QTest.mousePress(row.bar, Qt.MouseButton.LeftButton, pos=start)
        QTest.mouseMove(row.bar, end)
        QTest.mouseRelease(row.bar, Qt.MouseButton.LeftButton, pos=end)
        # Half way along a scale of log odds from -4 to 9.
        assert scale.place(window.tuner.threshold("yes")) == pytest.approx(0.5, abs=0.02)
        assert window.engine.spotter is not None
        assert window.engine.spotter.detector.thresholds["yes"] == window.tuner.threshold("yes")


@pytest.mark.parametrize("label", ["_unknown_", "_silence_"])
def test_other_speech_and_silence_have_marks_above_which_no_word_is_reported(
    tmp_path: Path, label: str
) -> None:
    with opened(tmp_path) as window:
        wait_until(lambda: window.display.words.rows)
        assert window.tuner.ceilings == {"_unknown_": 1.0, "_silence_": 1.0}
        row = next(row for row in window.display.words.rows if row.label == label)
        title = row.name.text()
        assert row.bar.accessibleName() == f"Ceiling of {title}"
        assert "Drag the mark" in row.bar.toolTip()
        height = row.bar.height() // 2
        start, end = QPoint(row.bar.width() - 5, height), QPoint(row.bar.width() // 2, height)
        QTest.mousePress(row.bar, Qt.MouseButton.LeftButton, pos=start)
        QTest.mouseMove(row.bar, end)
        QTest.mouseRelease(row.bar, Qt.MouseButton.LeftButton, pos=end)
        ceiling = window.tuner.ceilings[label]
        assert scale.place(ceiling) == pytest.approx(0.5, abs=0.02)
        assert "No word is reported while" in row.bar.toolTip()
        # Sensitivity is for words.
        window.display.controls.sensitivity.setValue(20)
        assert window.tuner.ceilings[label] == ceiling
        assert window.engine.spotter is not None
        assert window.engine.spotter.detector.ceilings == window.tuner.ceilings
    with opened(tmp_path, sample_recording()) as window:
        wait_until(lambda: ended(window))
        assert window.tuner.ceilings[label] == pytest.approx(ceiling)
        moment = window.chronicle.moment(window.chronicle.model.entry_at(0)[0])
        assert moment is not None
        names = [verdict.name for verdict in verdicts(moment) if verdict.met]
        assert f"“{title}”" in names


def test_sensitivity_moves_every_threshold_and_is_remembered(tmp_path: Path) -> None:
    with opened(tmp_path) as window:
        wait_until(lambda: window.display.words.rows)
        before = window.tuner.thresholds
        window.display.controls.sensitivity.setValue(20)
        for word, threshold in window.tuner.thresholds.items():
            assert threshold < before[word]
        rate = window.tuner.false_per_hour
        told = window.display.controls.sensitivity.toolTip()
        assert "Every threshold" in told if rate is None else f"About {rate:.2g} false" in told
        assert window.engine.spotter is not None
        assert window.engine.spotter.detector.thresholds == window.tuner.thresholds
        moved = window.tuner.thresholds
    with opened(tmp_path) as window:
        wait_until(lambda: window.display.words.rows)
        assert window.tuner.thresholds == pytest.approx(moved)
