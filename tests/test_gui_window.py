"""The window as a person uses it: what is said appears, and every control does what it says."""

import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QAccessible, QDropEvent, QImage, QTextDocument
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QCheckBox,
    QComboBox,
    QMessageBox,
    QSpinBox,
    QTableView,
    QTabWidget,
    QTextBrowser,
    QWidget,
)

from gui import live, nothing_is_cut_off, opened, wait_until, words_in_history
from kwspot.gui import scale
from kwspot.gui.clips import NOT_A_WORD
from kwspot.gui.main_window import MainWindow
from kwspot.gui.moments import Moment
from kwspot.gui.phase import Phase
from kwspot.gui.settings import Settings
from kwspot.gui.settings_dialog import SettingsDialog
from kwspot.gui.verdicts import verdicts
from kwspot.gui.vitals import Vitals
from kwspot.resources import bundled_model, sample_recording
from kwspot.spotting.calibration import score_text
from kwspot.spotting.detector import SHARED
from kwspot.train.catalog import word_clips
from words import said, sample


def ended(window: MainWindow) -> bool:
    return window.engine.phase is Phase.ENDED


def colours_in(image: QImage) -> int:
    """How many different colours a picture has, of a coarse sample."""
    return len(
        {image.pixel(x, y) for x in range(0, image.width(), 7) for y in range(0, image.height(), 7)}
    )


@pytest.fixture
def heard(tmp_path: Path) -> Iterator[MainWindow]:
    """A window that has heard the sample."""
    with opened(tmp_path, sample_recording()) as window:
        wait_until(lambda: ended(window))
        live(0.1)
        yield window


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


def test_choosing_a_word_shows_why_it_fired(heard: MainWindow) -> None:
    rows = heard.chronicle.model.rowCount()
    heard.history.table.selectRow(rows - 1)
    key, entry = heard.chronicle.model.entry_at(rows - 1)
    moment = heard.chronicle.moment(key)
    assert moment is not None
    assert entry.word == "yes"
    place = moment.labels.index("yes")
    assert moment.smoothed[:, place].max() >= moment.threshold
    assert moment.others is not None
    needed = moment.others + moment.config.margin / moment.config.caution
    assert moment.detection.score >= needed
    assert_every_condition_has_its_figures(moment, heard.history.why.reasons)
    found = moment.detection
    sound = moment.samples[found.start - moment.start : found.end - moment.start]
    assert np.abs(sound).max() == np.abs(moment.samples).max()
    assert heard.history.why.right.isEnabled()
    assert colours_in(heard.history.why.plot.grab().toImage()) > 100


def assert_every_condition_has_its_figures(moment: Moment, shown: str) -> None:
    """What was measured stands beside what the model's detector asks for."""
    found, config, grounds = moment.detection, moment.config, moment.detection.grounds
    assert grounds is not None
    assert moment.others is not None
    assert moment.rival is not None
    text = score_text
    odds = found.score / (moment.others + config.margin / config.caution)
    assert odds > 10
    length_s, over_s = (found.end - found.start) / 16_000, grounds.over / 16_000
    expected = [
        ("Score", text(found.score), f"≥ {text(moment.threshold)}"),
        (f"Next “{moment.rival[0]}”", text(found.score), f"≥ {text(moment.rival[1])}"),
        ("Over others", f"{odds:.0f} ×" if odds < 999 else "> 999 ×", "≥ 1 ×"),
        ("Length", f"{length_s:.2f} s", f"≥ {config.shortest_s:.2f} s"),
        ("Ended since", f"{over_s:.2f} s", f"≥ {config.settle_s:.2f} s"),
        ("Speech before", f"{grounds.before:.2f}", f"≤ {config.before:.2f}"),
        ("In last word", f"{grounds.shared:.2f}", f"≤ {SHARED:.2f}"),
    ]
    document = QTextDocument()
    document.setHtml(shown)
    cells = document.toPlainText().split("\n")
    cells = [cell.strip() for cell in cells if cell.strip()]
    assert [tuple(cells[row : row + 4]) for row in range(0, len(cells), 4)] == [
        ("✓", *condition) for condition in expected
    ]


def test_a_click_on_a_word_in_the_picture_chooses_it(heard: MainWindow) -> None:
    found = heard.engine.timeline.detections[-1]
    view = heard.display.spectrogram
    part = ((found.start + found.end) / 2 - heard.display.viewport.left) / (10 * 16_000)
    x = view.plot.left() + part * view.plot.width()
    QTest.mouseClick(
        view, Qt.MouseButton.LeftButton, pos=QPoint(round(x), round(view.plot.center().y()))
    )
    assert heard.history.table.currentIndex().row() == 0
    assert view.selected == found


def test_marked_words_are_clips_that_training_takes(heard: MainWindow) -> None:
    why = heard.history.why
    heard.history.table.selectRow(0)
    QTest.mouseClick(why.right, Qt.MouseButton.LeftButton)
    heard.history.table.selectRow(1)
    why.marked.emit("wrong", "up")
    heard.history.mark_missed(heard.engine.timeline, 16_000.0, "yes")
    labelled = heard.chronicle.clips.labelled
    wait_until(lambda: len(list(labelled.glob("*/*.wav"))) == 3)
    assert {clip.word for clip in word_clips(labelled)} == {said()[-1].word, "up", "yes"}
    for path in labelled.glob("*/*.wav"):
        samples, rate_hz = soundfile.read(path)
        assert (rate_hz, len(samples)) == (16_000, 16_000)
        assert np.abs(samples).max() > 0.01
    wait_until(lambda: heard.chronicle.model.entry_at(0)[1].clip)
    assert heard.chronicle.model.entry_at(0)[1].mark == "right"
    assert heard.chronicle.model.entry_at(1)[1].mark == "wrong"


def test_a_word_that_is_marked_anew_is_a_clip_of_that_alone(heard: MainWindow) -> None:
    why, labelled = heard.history.why, heard.chronicle.clips.labelled
    heard.history.table.selectRow(0)
    for truth in (said()[-1].word, "up", NOT_A_WORD, NOT_A_WORD):
        why.marked.emit("right" if truth == said()[-1].word else "wrong", truth)
        wait_until(lambda truth=truth: list(labelled.glob(f"{truth}/*.wav")))
        wait_until(lambda: len(list(labelled.glob("*/*.wav"))) == 1)
    key, _ = heard.chronicle.model.entry_at(0)
    wait_until(lambda: Path(heard.chronicle.entry(key).clip).is_file())  # type: ignore[union-attr]


@pytest.mark.parametrize("name", ["out.csv", "out.jsonl"])
def test_the_history_is_exported(heard: MainWindow, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    heard.history.export_to(path)
    wait_until(path.exists)
    lines = path.read_text().splitlines()
    if name.endswith(".csv"):
        assert lines[0].startswith("time,word,score,start,end")
        found = [line.split(",")[1] for line in lines[1:]]
    else:
        found = [json.loads(line)["word"] for line in lines]
    assert found == [word.word for word in said()]
    wait_until(lambda: "Saved" in heard.display.banner.text)


def test_the_sound_is_saved(heard: MainWindow, tmp_path: Path) -> None:
    heard.history.table.selectRow(0)
    heard.history.save_to(tmp_path / "word.wav")
    wait_until((tmp_path / "word.wav").exists)
    samples, rate_hz = soundfile.read(tmp_path / "word.wav")
    assert rate_hz == 16_000
    assert len(samples) > 16_000


def test_the_history_outlives_the_window_and_kept_clips_explain_it(tmp_path: Path) -> None:
    with opened(tmp_path, sample_recording(), keep_clips=True) as window:
        wait_until(lambda: ended(window))
        wait_until(lambda: all(entry.clip for entry in window.chronicle.model.entries))
    with opened(tmp_path) as window:
        wait_until(lambda: words_in_history(window) == [word.word for word in said()])
        wait_until(lambda: window.history.spotter is not None)
        window.history.table.selectRow(0)
        wait_until(window.history.why.play.isEnabled)
        key, entry = window.chronicle.model.entry_at(0)
        moment = window.chronicle.moment(key)
        assert moment is not None
        place = moment.labels.index(entry.word)
        assert moment.smoothed[:, place].max() == pytest.approx(entry.score, abs=0.05)
        assert moment.detection.grounds is not None
        assert moment.detection.grounds.before <= moment.config.before
        window.history.clear_now()
        wait_until(lambda: not list(window.chronicle.clips.kept.glob("*.wav")))
        assert words_in_history(window) == []
    with opened(tmp_path) as window:
        live(0.3)
        assert words_in_history(window) == []


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


def test_a_recording_is_dropped_onto_the_window(tmp_path: Path) -> None:
    with opened(tmp_path) as window:
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(sample_recording()))])
        drop = QDropEvent(
            QPointF(300, 300),
            Qt.DropAction.CopyAction,
            data,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
        window.dropEvent(drop)
        wait_until(lambda: ended(window))
        assert words_in_history(window) == [word.word for word in said()]


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


def test_a_recording_that_cannot_be_read_is_said_and_the_next_one_works(tmp_path: Path) -> None:
    bad = tmp_path / "bad.wav"
    bad.write_bytes(b"no audio at all, only text that goes on for a while")
    with opened(tmp_path, bad) as window:
        wait_until(lambda: window.engine.phase is Phase.FAILED)
        assert "bad.wav" in window.display.banner.text
        assert not window.engine.active
        window.open_recording(sample_recording())
        wait_until(lambda: ended(window))
        assert window.display.banner.text == ""
        assert words_in_history(window) == [word.word for word in said()]


def test_a_model_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    bad = tmp_path / "bad.safetensors"
    bad.write_bytes(b"nothing")
    with opened(tmp_path, model=str(bad)) as window:
        wait_until(lambda: window.engine.phase is Phase.FAILED)
        assert "bad.safetensors" in window.display.banner.text


def test_after_a_model_that_cannot_be_read_another_one_works(tmp_path: Path) -> None:
    bad = tmp_path / "bad.safetensors"
    bad.write_bytes(b"nothing")
    with opened(tmp_path, model=str(bad)) as window:
        wait_until(lambda: window.engine.phase is Phase.FAILED)
        window.menus.models.actions()[0].trigger()
        wait_until(lambda: window.engine.spotter is not None)
        assert window.display.banner.text == ""
        window.open_recording(sample_recording())
        wait_until(lambda: ended(window))
        assert words_in_history(window) == [word.word for word in said()]
        assert window.preferences.recent_models == ()


def test_models_used_lately_are_in_the_menu_and_missing_ones_cannot_be_chosen(
    tmp_path: Path,
) -> None:
    copies = [tmp_path / name for name in ("first.safetensors", "second & third.safetensors")]
    for copy in copies:
        copy.write_bytes(bundled_model().read_bytes())
    with opened(tmp_path) as window:
        for copy in copies:
            window.menus.models.choose(str(copy))
            wait_until(
                lambda copy=copy: (
                    window.engine.spotter and window.preferences.recent_models[:1] == (str(copy),)
                )
            )
    copies[0].unlink()
    with opened(tmp_path) as window:
        window.menus.models.aboutToShow.emit()
        bundled, second, first, _, _ = window.menus.models.actions()
        assert (second.text(), second.isEnabled()) == ("&1 second && third.safetensors", True)
        assert (first.text(), first.isEnabled()) == ("&2 first.safetensors (not there)", False)
        assert second.isChecked()
        bundled.trigger()
        assert window.preferences.model == ""
        wait_until(lambda: window.engine.spotter and window.engine.choice.path is None)
        dialog = SettingsDialog(window)
        assert [dialog.model.itemData(row) for row in range(dialog.model.count())] == [
            "",
            str(copies[1]),
        ]


def test_without_its_microphone_the_window_says_so_and_tries_again(tmp_path: Path) -> None:
    with opened(tmp_path, device="no such microphone", start_listening=True) as window:
        wait_until(lambda: window.engine.phase is Phase.WAITING)
        wait_until(lambda: "trying again in" in window.display.banner.text)
        assert window.engine.active
        window.open_recording(sample_recording())
        wait_until(lambda: ended(window))
        assert words_in_history(window) == [word.word for word in said()]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a named pipe")
def test_a_source_that_never_opens_holds_nothing_up(tmp_path: Path) -> None:
    pipe = tmp_path / "never.wav"
    os.mkfifo(pipe)
    with opened(tmp_path, pipe) as window:
        wait_until(lambda: window.engine.phase is Phase.OPENING)
        ticks: list[float] = []
        window.engine.ticked.connect(ticks.append)
        live(0.5)
        assert len(ticks) > 5
        began_s = time.monotonic()
        window.close()
        assert time.monotonic() - began_s < 1.5


def test_closing_stops_everything_within_a_second(tmp_path: Path) -> None:
    with opened(tmp_path, sample_recording(), replay_speed=1.0) as window:
        wait_until(lambda: words_in_history(window))
        began_s = time.monotonic()
        window.close()
        assert time.monotonic() - began_s < 1.0


def test_stop_and_start_again(tmp_path: Path) -> None:
    with opened(tmp_path, sample_recording(), replay_speed=1.0) as window:
        wait_until(lambda: words_in_history(window))
        QTest.mouseClick(window.display.controls.start, Qt.MouseButton.LeftButton)
        wait_until(lambda: window.engine.phase is Phase.STOPPED)
        assert window.display.controls.start.text() == "Start"
        QTest.mouseClick(window.display.controls.start, Qt.MouseButton.LeftButton)
        wait_until(lambda: len(words_in_history(window)) == 2)
        assert words_in_history(window) == ["yes", "yes"]


def test_every_control_has_a_name_and_can_be_reached_by_keyboard(tmp_path: Path) -> None:
    with opened(tmp_path) as window:
        wait_until(lambda: window.display.words.rows)
        for kind in (QAbstractButton, QComboBox, QAbstractSlider):
            for control in window.findChildren(kind):
                if not control.isVisible() or control.parent() is None or is_inner(control):
                    continue
                name = control.accessibleName() or getattr(control, "text", str)()
                assert name, f"{control} has no name"
                if control.isEnabled():
                    assert control.focusPolicy() & Qt.FocusPolicy.TabFocus, name


def test_the_tab_key_comes_to_every_control_and_round_again(tmp_path: Path) -> None:
    with opened(tmp_path, sample_recording()) as window:
        wait_until(lambda: ended(window))
        window.history.table.selectRow(0)
        wait_until(window.history.why.play.isEnabled)
        window.activateWindow()
        window.display.controls.start.setFocus()
        came: list[QWidget] = []
        while (control := window.focusWidget()) not in came:
            came.append(control)
            QTest.keyClick(control, Qt.Key.Key_Tab)
        assert control is window.display.controls.start
        wanted: list[QWidget] = [window.display.spectrogram, window.history.table]
        for kind in (QAbstractButton, QComboBox, QAbstractSlider):
            wanted += [each for each in window.findChildren(kind) if not is_inner(each)]
        for control in wanted:
            if control.isVisible() and control.isEnabled():
                assert control in came, control.accessibleName() or control
        assert len(came) > 40


def test_screen_readers_are_told_what_every_control_is_and_does(tmp_path: Path) -> None:
    with opened(tmp_path) as window:
        wait_until(lambda: window.display.words.rows)
        dialog = SettingsDialog(window)
        dialog.show()
        kinds = (QAbstractButton, QComboBox, QAbstractSlider, QSpinBox, QTableView, QTextBrowser)
        pages = dialog.findChild(QTabWidget)
        assert pages is not None
        seen: set[QWidget] = set()
        for page in range(pages.count()):
            pages.setCurrentIndex(page)
            for control in [each for kind in kinds for each in window.findChildren(kind)]:
                if not control.isVisible() or is_inner(control):
                    continue
                told = QAccessible.queryAccessibleInterface(control)
                name = told.text(QAccessible.Text.Name)
                assert name, control
                if name != "Close":
                    assert told.text(QAccessible.Text.Description), name
                seen.add(control)
        assert len(seen) > 60
        dialog.close()


def is_inner(control: QWidget) -> bool:
    """Whether Qt itself made it: scroll bars, buttons of docks and tabs."""
    inner = control.metaObject().className() in ("QScrollBar", "QDockWidgetTitleButton")
    return inner or control.objectName() in ("ScrollLeftButton", "ScrollRightButton")


def test_words_are_announced_but_not_faster_than_one_can_listen(heard: MainWindow) -> None:
    wait_until(lambda: heard.announcer.last.endswith(said()[-1].word))
    first = heard.announcer.last
    assert len(first.split(", ")) <= 8


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


def test_dark_and_light_differ_and_large_text_is_larger(tmp_path: Path) -> None:
    with opened(tmp_path, theme="light") as window:
        light = window.grab().toImage().pixelColor(5, 5).lightness()
        height = window.fontMetrics().height()
        window.apply(replace(window.preferences, theme="dark", large_text=True))
        assert window.grab().toImage().pixelColor(5, 5).lightness() < light - 100
        assert window.fontMetrics().height() > height
        window.apply(replace(window.preferences, theme="light", large_text=False))


@pytest.mark.parametrize("large", [False, True])
def test_in_a_small_window_nothing_that_matters_is_cut_off(tmp_path: Path, large: bool) -> None:
    with opened(tmp_path, sample_recording(), large_text=large) as window:
        wait_until(lambda: ended(window))
        live(0.6)  # the figures of the strip come twice a second
        table, words = window.history.table, window.display.words
        longest = max(table.fontMetrics().horizontalAdvance(word.word) for word in said())
        assert table.columnWidth(1) > longest
        assert table.horizontalScrollBar().maximum() == 0
        for row in words.rows:
            right = row.number.mapTo(words.viewport(), row.number.rect().topRight())
            assert right.x() < words.viewport().width()
        # What was said this very moment is laid out in the next.
        wait_until(lambda: nothing_is_cut_off(window.display.health))
        table.selectRow(0)
        live(0.1)
        conditions = window.history.why.conditions
        assert conditions.widget().sizeHint().width() <= conditions.viewport().width()
        for button in (window.display.controls.start, window.display.controls.open):
            assert button.width() >= button.sizeHint().width()
        assert window.width() <= 1000
        window.apply(replace(window.preferences, large_text=False))


def test_the_window_and_its_parts_keep_their_place(tmp_path: Path) -> None:
    with opened(tmp_path) as window:
        window.resize(790, 600)  # Qt's screen in memory is no larger
        window.docks[2].close()
        window.display.viewport.set_span(30.0)
        live(0.05)
    settings = Settings(tmp_path / "settings.ini")
    again = MainWindow(settings, tmp_path / "data")
    again.show()
    assert (again.width(), again.height()) == (790, 600)
    assert again.docks[2].isHidden()
    assert again.display.viewport.span_s == 30.0
    again.close()


def test_numbers_in_the_settings_can_be_read(heard: MainWindow) -> None:
    dialog = SettingsDialog(heard)
    dialog.show()
    pages = dialog.findChild(QTabWidget)
    assert pages is not None
    seen = []
    for page in range(pages.count()):
        pages.setCurrentIndex(page)
        live(0.05)
        for box in pages.currentWidget().findChildren(QSpinBox):
            needed = box.fontMetrics().horizontalAdvance(box.text())
            assert box.lineEdit().width() > needed
            seen.append(box.text())
    assert seen == ["-85 dB", "5 dB", "90 days", "200 MB"]
    dialog.close()
