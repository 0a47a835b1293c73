"""Controls that show what is chosen, and change it only where that was meant."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QMenu, QSpinBox, QWidget

from gui import ended, live, opened, wait_until
from kwspot.gui import hearing
from kwspot.gui.main_window import MainWindow
from kwspot.gui.phase import Phase
from kwspot.gui.scale import score_at
from kwspot.gui.score_bar import STEPS, ScoreBar
from kwspot.gui.settings_dialog import show_settings
from kwspot.resources import bundled_model, sample_recording
from kwspot.spotting.calibration import LADDER
from kwspot.spotting.checkpoint import Checkpoint
from kwspot.spotting.room import Room


def turn(widget: QWidget, place: QPointF, angle: int, *, ctrl: bool = False) -> QWheelEvent:
    """Turn the wheel over a place of a widget."""
    event = QWheelEvent(
        place, widget.mapToGlobal(place), QPoint(), QPoint(0, angle), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.ControlModifier if ctrl else Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(widget, event)
    return event


def bar_of(window: MainWindow, label: str) -> ScoreBar:
    wait_until(lambda: window.display.words.rows)
    return next(row.bar for row in window.display.words.rows if row.label == label)


def action_of(window: MainWindow, title: str) -> QAction:
    return next(
        found for found in window.findChildren(QAction) if found.text().replace("&", "") == title
    )


@pytest.mark.parametrize("label", ["yes", "_silence_"])
def test_every_mark_can_be_reached_and_left_by_keyboard(tmp_path: Path, label: str) -> None:
    with opened(tmp_path) as window:
        bar = bar_of(window, label)
        for sensitivity in (0.0, 0.17):
            window.tuner.set_sensitivity(sensitivity)
            lowest = bar.minimum() + 20
            window.tuner.set_threshold(label, score_at(lowest / STEPS))
            found = [bar.value()]
            while bar.value() < STEPS - 21:
                QTest.keyClick(bar, Qt.Key.Key_Right)
                found.append(bar.value())
            assert found == list(range(lowest, STEPS - 20))


def test_the_wheel_over_a_threshold_scrolls_and_changes_nothing(tmp_path: Path) -> None:
    with opened(tmp_path) as window:
        bar = bar_of(window, "yes")
        before = bar.value()
        assert not turn(bar, QPointF(bar.rect().center()), -120).isAccepted()
        assert bar.value() == before


def test_a_touchpad_turns_the_wheel_by_parts_and_ends_with_nothing(heard: MainWindow) -> None:
    picture, viewport = heard.display.spectrogram, heard.display.viewport
    middle = picture.plot.center()
    scale = QPointF(picture.width() - 5, middle.y())
    viewport.go_live()
    for ctrl in (False, True):
        turn(picture, middle, 0, ctrl=ctrl)
    turn(picture, scale, 0)
    assert viewport.live
    assert (viewport.span_s, heard.preferences.low_db) == (10.0, -85.0)
    for _ in range(3):
        turn(picture, scale, 30)
    assert heard.preferences.low_db == -85.0
    turn(picture, scale, 30)
    assert heard.preferences.low_db == -80.0
    for _ in range(8):
        turn(picture, middle, -15, ctrl=True)
    assert viewport.span_s > 10.0


def test_menus_and_settings_follow_each_other(tmp_path: Path) -> None:
    with opened(tmp_path) as window:
        large, dark, light = (action_of(window, title) for title in ("Large text", "Dark", "Light"))
        dialog = show_settings(window)
        assert show_settings(window) is dialog, "one is enough"
        box = next(box for box in dialog.findChildren(QCheckBox) if box.text() == "Large text")
        box.click()
        assert large.isChecked()
        large.trigger()
        assert not box.isChecked()
        assert not window.preferences.large_text
        window.apply(replace(window.preferences, theme="dark"))
        assert (dark.isChecked(), light.isChecked()) == (True, False)
        window.apply(replace(window.preferences, clip_limit_mb=321, low_db=-60.0))
        assert {321, -60} <= {spin.value() for spin in dialog.findChildren(QSpinBox)}
        dialog.close()
        live(0.1)
        window.apply(replace(window.preferences, large_text=True))
        assert large.isChecked()


def test_a_number_counts_when_it_is_typed_out(tmp_path: Path) -> None:
    with opened(tmp_path) as window:
        dialog = show_settings(window)
        limit = next(spin for spin in dialog.findChildren(QSpinBox) if spin.suffix() == " MB")
        limit.selectAll()
        limits = []
        window.preferences_changed.connect(lambda: limits.append(window.preferences.clip_limit_mb))
        QTest.keyClicks(limit, "500")
        QTest.keyClick(limit, Qt.Key.Key_Return)
        assert limits == [500]


def test_a_model_that_is_chosen_again_is_read_again(tmp_path: Path) -> None:
    model = tmp_path / "mine.safetensors"
    model.write_bytes(bundled_model().read_bytes())
    with opened(tmp_path, model=str(model)) as window:
        wait_until(lambda: window.engine.spotter)
        first = window.engine.spotter
        window.choose_model(str(model))
        wait_until(lambda: window.engine.spotter is not first)
        model.write_bytes(b"nothing")
        window.choose_model(str(model))
        wait_until(lambda: window.engine.phase is Phase.FAILED)
        assert "mine.safetensors" in window.display.banner.text


def test_a_recording_is_heard_without_the_room_of_the_microphone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def noisy(checkpoint: Checkpoint, device: str | None) -> Room:
        counts = dict.fromkeys(checkpoint.words, (1000,) * len(LADDER))
        return Room.empty(checkpoint, device or "").heard(1.0, counts)

    monkeypatch.setattr(hearing, "saved_room", noisy)
    with opened(tmp_path) as window:
        wait_until(lambda: window.engine.spotter)
        in_the_room = window.tuner.threshold("no")
        window.open_recording(sample_recording())
        wait_until(lambda: ended(window))
        assert window.tuner.threshold("no") < in_the_room


def test_the_list_of_microphones_is_what_the_engine_listens_to(tmp_path: Path) -> None:
    with opened(tmp_path) as window:
        window.devices.stop()
        controls, box = window.display.controls, window.display.controls.device
        window.devices.labels = ["Desk@ALSA", "USB Audio@ALSA", "USB Audio@JACK"]
        window.devices.changed.emit()
        for wanted, shown in (
            ("desk", "Desk  ·  ALSA"),
            ("usb audio@jack", "USB Audio  ·  JACK"),
            ("usb@jack", "USB Audio  ·  JACK"),
            ("alsa", "alsa (not there)"),  # the name of no microphone
            ("usb", "usb (not there)"),  # there are two
            ("gone@ALSA", "gone (not there)"),
        ):
            controls.show_device(wanted)
            assert box.currentText() == shown
        inserted = []
        box.model().rowsInserted.connect(lambda *_: inserted.append(1))
        window.display.show_phase(Phase.OPENING)
        assert inserted == []
        box.showPopup()
        box.view().setCurrentIndex(box.model().index(2, 0))
        window.devices.labels.insert(0, "Another@ALSA")
        window.devices.changed.emit()
        assert inserted
        assert box.view().currentIndex().data(Qt.ItemDataRole.UserRole) == "USB Audio@ALSA"
        box.hidePopup()


def test_what_was_shown_is_not_kept_in_memory(heard: MainWindow) -> None:
    def menus() -> list[QMenu]:
        return heard.findChildren(QMenu, options=Qt.FindChildOption.FindDirectChildrenOnly)

    before = len(menus())
    heard.history.ask_missed(heard.engine.timeline, ("yes", "no"), 16_000.0, QPoint(10, 10))
    assert len(menus()) == before + 1
    menus()[-1].close()
    wait_until(lambda: len(menus()) == before)


def test_the_conditions_of_a_word_have_the_colours_of_the_theme(heard: MainWindow) -> None:
    heard.apply(replace(heard.preferences, theme="light"))
    heard.history.table.selectRow(0)
    light = heard.history.why.reasons
    heard.apply(replace(heard.preferences, theme="dark"))
    assert heard.history.why.reasons != light
