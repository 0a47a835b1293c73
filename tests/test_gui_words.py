"""What the window tells of a word it has heard, and what of it can be kept."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QTextDocument
from PySide6.QtTest import QTest

from gui import colours_in, ended, live, opened, wait_until, words_in_history
from kwspot.gui import moments
from kwspot.gui.clips import NOT_A_WORD
from kwspot.gui.main_window import MainWindow
from kwspot.gui.moments import Moment
from kwspot.resources import sample_recording
from kwspot.spotting.calibration import score_text
from kwspot.spotting.detector import SHARED
from kwspot.train.catalog import word_clips
from words import said


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


def test_what_is_looked_at_is_kept_however_many_words_come(
    heard: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moments, "KEPT", 2)
    heard.history.table.selectRow(5)
    key, _ = heard.chronicle.model.entry_at(5)
    heard.open_recording(sample_recording())
    wait_until(lambda: len(words_in_history(heard)) == 2 * len(said()) and ended(heard))
    live(0.1)
    assert heard.chronicle.moment(key) is not None
    other, _ = heard.chronicle.model.entry_at(20)
    assert heard.chronicle.moment(other) is None
    # Of one whose sound is not known any more nobody says that it was kept.
    told: list[str] = []
    heard.history.said.connect(lambda text, _kind: told.append(text))
    heard.history._key = other
    heard.history.why.marked.emit("right", "yes")
    wait_until(lambda: heard.chronicle.entry(other).mark == "right")  # type: ignore[union-attr]
    live(0.2)
    assert told == []


def test_why_a_kept_clip_tells_nothing_is_said(tmp_path: Path) -> None:
    with opened(tmp_path, sample_recording(), keep_clips=True) as window:
        wait_until(lambda: ended(window))
        wait_until(lambda: all(entry.clip for entry in window.chronicle.model.entries))
    with opened(tmp_path) as window:
        wait_until(lambda: window.history.spotter is not None and words_in_history(window))
        _, newest = window.chronicle.model.entry_at(0)
        Path(newest.clip).write_bytes(b"nothing")
        _, second = window.chronicle.model.entry_at(1)
        Path(second.clip).unlink()
        for row, text in ((0, "is not audio"), (1, "was not kept")):
            window.history.table.selectRow(row)
            wait_until(lambda text=text: text in window.history.why.plot.message)
