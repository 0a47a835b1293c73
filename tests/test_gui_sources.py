"""Recordings, models and microphones that come, go or fail while the window is open."""

import os
import time
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest

from gui import ended, live, opened, wait_until, words_in_history
from kwspot.gui.phase import Phase
from kwspot.gui.settings_dialog import SettingsDialog
from kwspot.resources import bundled_model, sample_recording
from words import said


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
