"""The window as a person uses it: what is said appears, and every control does what it says."""

import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QCheckBox,
    QMessageBox,
)

from gui import colours_in, ended, live, opened, wait_until, words_in_history
from kwspot.gui.main_window import MainWindow
from kwspot.gui.settings_dialog import SettingsDialog
from kwspot.gui.vitals import Vitals
from kwspot.resources import sample_recording
from words import said, sample


def test_the_words_of_a_recording_appear_in_the_history_and_the_picture(
    heard: MainWindow,
) -> None:
    assert words_in_history(heard) == [word.word for word in said()]
    assert heard.display.last_word.word == said()[-1].word
    for found, word in zip(heard.engine.timeline.detections, said(), strict=True):
        assert found.start / 16_000 < word.end_s
        assert found.end / 16_000 > word.start_s
    assert colours_in(heard.display.spectrogram.grab().toImage()) > 200


def test_at_the_pace_of_a_microphone_the_picture_follows(tmp_path: Path) -> None:
    with opened(tmp_path, sample_recording(), replay_speed=1.0) as window:
        wait_until(lambda: words_in_history(window) == ["yes"])
        first = window.display.spectrogram.grab().toImage()
        before, began_s = window.display.viewport.right, time.monotonic()
        live(0.5)
        moved_s = (window.display.viewport.right - before) / 16_000
        assert moved_s == pytest.approx(time.monotonic() - began_s, abs=0.25)
        assert window.display.spectrogram.grab().toImage() != first
        assert window.display.health.state.endswith("sample.flac")


def test_pause_holds_the_picture_while_words_still_come(tmp_path: Path) -> None:
    with opened(tmp_path, sample_recording(), replay_speed=4.0) as window:
        wait_until(lambda: words_in_history(window))
        QTest.mouseClick(window.display.controls.pause, Qt.MouseButton.LeftButton)
        live(0.1)
        picture = window.display.spectrogram.grab().toImage()
        count = len(words_in_history(window))
        wait_until(lambda: len(words_in_history(window)) > count + 2)
        assert window.display.spectrogram.grab().toImage() == picture
        QTest.mouseClick(window.display.controls.pause, Qt.MouseButton.LeftButton)
        live(0.1)
        assert window.display.spectrogram.grab().toImage() != picture


def test_dragging_and_keys_look_back_and_end_returns(heard: MainWindow) -> None:
    view = heard.display.spectrogram
    newest = heard.display.viewport.right
    start = view.plot.center().toPoint()
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(view, start + QPoint(50, 0))
    QTest.mouseMove(view, start + QPoint(100, 0))
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=start + QPoint(100, 0))
    dragged = heard.display.viewport.right
    assert dragged < newest - 0.5 * 16_000
    QTest.keyClick(view, Qt.Key.Key_Left)
    assert heard.display.viewport.right < dragged
    QTest.keyClick(view, Qt.Key.Key_End)
    live(0.1)
    assert heard.display.viewport.right == pytest.approx(newest, abs=16_000)


def test_hovering_tells_time_frequency_and_decibels(heard: MainWindow) -> None:
    plot = heard.display.spectrogram.plot
    text = heard.display.spectrogram.readout(
        QPointF(plot.right() - plot.width() / 10, plot.center().y())
    )
    seconds, frequency, power = text.split("  ·  ")
    right_s = heard.display.viewport.right / 16_000
    assert float(seconds.split()[0]) == pytest.approx(right_s - 1.0, abs=0.05)
    assert frequency == "4 kHz"
    assert -110 <= float(power.split()[0]) <= 20


def test_looking_back_reaches_more_than_a_minute(tmp_path: Path) -> None:
    long = tmp_path / "long.wav"
    soundfile.write(long, np.tile(sample(), 4), 16_000)
    with opened(tmp_path, long) as window:
        wait_until(lambda: ended(window), 60.0)
        live(0.1)
        view, newest = window.display.spectrogram, window.display.viewport.right
        began = [found.start for found in window.engine.timeline.detections][:2]
        for _ in range(6):
            QTest.keyClick(view, Qt.Key.Key_PageUp)
        assert window.display.viewport.right == pytest.approx(newest - 60 * 16_000)
        old = view.grab().toImage()
        assert colours_in(old) > 200
        QTest.keyClick(view, Qt.Key.Key_PageUp)
        assert window.display.viewport.left <= began[0] + 16_000
        assert view.grab().toImage() != old


def test_a_hidden_window_loses_no_word(tmp_path: Path) -> None:
    with opened(tmp_path) as window:
        window.showMinimized()
        window.open_recording(sample_recording())
        wait_until(lambda: ended(window))
        assert words_in_history(window) == [word.word for word in said()]


def test_a_word_ages_while_the_window_is_minimised(tmp_path: Path) -> None:
    with opened(tmp_path, sample_recording()) as window:
        wait_until(lambda: ended(window))
        window.showMinimized()
        live(2.5)
        window.showNormal()
        live(0.2)
        assert window.display.last_word.age_s > 2.5


def test_figures_nobody_asks_for_take_no_more_room() -> None:
    vitals = Vitals()
    for window in range(5000):
        vitals.updated(window * 800, 1)
    assert 0 < vitals.figures(0.0).windows_per_s <= 1000


def test_nothing_holds_the_window_up(tmp_path: Path) -> None:
    """A watchdog of the event loop, while a model loads and a source opens, plays and changes.

    What the window's own thread does in one go is bounded; on a busy machine only its own time
    counts.
    """
    steps: list[float] = []
    with opened(tmp_path) as window:
        live(0.5)
        last = [time.thread_time()]

        def step(_elapsed_s: float) -> None:
            steps.append(time.thread_time() - last[0])
            last[0] = time.thread_time()

        window.engine.ticked.connect(step)
        window.apply(replace(window.preferences, hop_ms=100))
        window.open_recording(sample_recording())
        wait_until(lambda: ended(window))
        window.history.table.selectRow(0)
        window.choose_speed(4.0)
        wait_until(lambda: window.display.last_word.word)
        live(1.0)
        window.display.viewport.pan(1.0, 0, window.engine.timeline.newest)
        window.resize(1200, 700)
        live(0.3)
    assert len(steps) > 30
    assert max(steps) < 0.1


def test_a_fault_in_a_view_is_told_once_and_the_rest_lives_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for hook in ((sys, "excepthook"), (threading, "excepthook")):
        monkeypatch.setattr(*hook, getattr(*hook))  # to be put back
    with opened(tmp_path, sample_recording(), replay_speed=4.0) as window:
        window.crashes.install()
        window.display.strip.set_timeline(None)  # type: ignore[arg-type]
        wait_until(lambda: window.crashes.dialog)
        assert window.crashes.dialog is not None
        assert "AttributeError" in window.crashes.dialog.detailedText()
        thread = threading.Thread(target=lambda: 1 // 0)
        thread.start()
        wait_until(lambda: "ZeroDivisionError" in window.crashes.dialog.detailedText())
        wait_until(lambda: ended(window))
        assert words_in_history(window) == [word.word for word in said()]
        assert len(window.findChildren(QMessageBox)) == 2
    log = (tmp_path / "data" / "faults.log").read_text()
    assert log.count("Traceback") == 2


def test_settings_take_effect_at_once(tmp_path: Path) -> None:
    with opened(tmp_path, sample_recording()) as window:
        wait_until(lambda: ended(window))
        dialog = SettingsDialog(window)
        dialog.show()
        wait_until(lambda: "yes" in dialog.card.toPlainText())
        before = window.display.spectrogram.grab().toImage()
        box = next(
            box for box in dialog.findChildren(QCheckBox) if box.text() == "Logarithmic frequencies"
        )
        box.click()
        assert window.display.spectrogram.grab().toImage() != before
        dialog.hop.setCurrentIndex(dialog.hop.findData(100))
        dialog.hop.activated.emit(dialog.hop.currentIndex())
        wait_until(lambda: window.engine.spotter and window.engine.spotter.hop_frames == 10)
        dialog.close()
