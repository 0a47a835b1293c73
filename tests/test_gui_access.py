"""The window for everybody: keyboard, screen reader, large text, small windows, two themes."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QComboBox,
    QSpinBox,
    QTableView,
    QTabWidget,
    QTextBrowser,
    QWidget,
)

from gui import ended, live, nothing_is_cut_off, opened, wait_until
from kwspot.gui.main_window import MainWindow
from kwspot.gui.settings import Settings
from kwspot.gui.settings_dialog import SettingsDialog
from kwspot.resources import sample_recording
from words import said


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
