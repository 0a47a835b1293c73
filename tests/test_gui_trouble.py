"""The window when something is wrong: it says so as long as it is so, where it can be seen."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import soundfile
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton

from gui import live, opened, wait_until
from kwspot.audio.source import Notice
from kwspot.gui import banner, engine
from kwspot.gui.banner import Banner, sentence
from kwspot.gui.countdown import Countdown
from kwspot.gui.main_window import MainWindow
from kwspot.gui.phase import Phase
from kwspot.resources import sample_recording
from virtual_microphone import VirtualMicrophone
from words import said, sample


def close_message(shown: Banner) -> None:
    button = shown.findChild(QToolButton)
    assert button is not None
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


@pytest.fixture
def waiting(tmp_path: Path) -> Iterator[MainWindow]:
    """A window whose microphone is not there."""
    with opened(tmp_path, device="no such microphone", start_listening=True) as window:
        wait_until(lambda: "trying again in 3 s" in window.display.banner.text)
        yield window


def test_a_countdown_that_was_closed_stays_closed_and_goes_on_in_the_strip(
    waiting: MainWindow,
) -> None:
    close_message(waiting.display.banner)
    wait_until(lambda: "trying again in 1 s" in waiting.display.health.state)
    assert waiting.display.banner.text == ""
    bad = sample_recording().with_name("missing.wav")
    waiting.open_recording(bad)
    wait_until(lambda: waiting.engine.phase is Phase.FAILED)
    assert "missing.wav" in waiting.display.banner.text
    assert waiting.display.banner.kind == "error"


def test_what_was_done_is_told_for_a_while_and_hides_no_trouble_for_good(
    waiting: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(banner, "PASSING_MS", 300)
    waiting.history.export_to(Path(waiting.settings.path).with_name("out.csv"))
    wait_until(lambda: "Saved" in waiting.display.banner.text)
    assert waiting.display.banner.kind == "info"
    wait_until(lambda: "trying again in" in waiting.display.banner.text)
    assert waiting.display.banner.kind == "warning"


def test_a_trouble_is_announced_once_not_with_every_second_of_its_countdown(
    waiting: MainWindow,
) -> None:
    wait_until(lambda: "microphone" in waiting.announcer.last)
    first = waiting.announcer.last
    wait_until(lambda: "trying again in 1 s" in waiting.display.banner.text)
    live(0.3)
    assert waiting.announcer.last == first


@pytest.mark.parametrize(
    ("message", "said_so"),
    [
        ("microphone default@ALSA was lost", "The default microphone was lost"),
        ("USB Mic@Windows WASAPI delivers nothing", "USB Mic delivers nothing"),
        ("somebody@home.wav is not audio", "Somebody@home.wav is not audio"),
    ],
)
def test_devices_are_called_as_people_call_them(message: str, said_so: str) -> None:
    assert sentence(message) == said_so


WINDOW = """
import json, sys
from pathlib import Path
import numpy as np
from gui import opened, wait_until, words_in_history
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from kwspot.gui.phase import Phase

def tell(**facts):
    print(json.dumps(facts), flush=True)

with opened(Path(sys.argv[1]), start_listening=True) as window:
    display, chronicle = window.display, window.chronicle
    wait_until(lambda: "digital silence" in display.banner.text, 60.0)
    tell(state=display.health.state, banner=display.banner.text)
    wait_until(lambda: words_in_history(window), 60.0)
    tell(state=display.health.state, banner=display.banner.text)
    window.history.table.selectRow(0)
    wait_until(window.history.why.play.isEnabled)
    QTest.mouseClick(window.history.why.play, Qt.MouseButton.LeftButton)
    wait_until(lambda: len(words_in_history(window)) == 2)
    wait_until(lambda: chronicle.moment(chronicle.model.entry_at(0)[0]))
    clip = chronicle.moment(chronicle.model.entry_at(1)[0]).samples
    timeline = window.engine.timeline
    heard = timeline.samples(max(0, timeline.heard - 10 * 16_000), timeline.heard)
    first = int(np.flatnonzero(clip)[0])
    begins = np.flatnonzero(heard == clip[first]) - first
    same = [begin for begin in begins if begin >= 0 and
            np.array_equal(heard[begin : begin + len(clip)], clip)]
    tell(words=words_in_history(window), heard_as_it_is=len(same) > 0)
"""


def test_silence_is_said_and_the_clip_of_a_word_is_played_as_it_was_heard(
    tmp_path: Path, virtual_microphone: VirtualMicrophone
) -> None:
    recording = tmp_path / "word.wav"
    soundfile.write(recording, sample()[: round(16_000 * (said()[0].end_s + 0.4))], 16_000)
    env = {**virtual_microphone.env, "PYTHONPATH": ":".join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", WINDOW, str(tmp_path)], env=env, stdout=subprocess.PIPE, text=True
    ) as window:
        assert window.stdout is not None
        lines = (json.loads(line) for line in window.stdout)
        silent = next(lines)
        assert silent["state"] == "⚠  No sound comes from the microphone"
        assert silent["banner"].startswith("The default microphone delivers only digital silence")
        virtual_microphone.play(recording)
        assert next(lines) == {"state": "●  Listening to the default microphone", "banner": ""}
        # Its loudspeaker is its microphone: what is played is heard.
        assert next(lines) == {"words": [said()[0].word] * 2, "heard_as_it_is": True}
    assert window.returncode == 0


def test_a_countdown_ends_with_the_attempt_which_may_take_its_time() -> None:
    countdown = Countdown()
    countdown.source_tries(2.0)
    now_s = time.monotonic()
    assert [countdown.seconds(now_s + later_s) for later_s in (0.3, 1.3, 2.3, 9.0)] == [2, 1, 0, 0]
    countdown.clear()
    assert countdown.seconds(now_s) is None


def test_that_the_machine_was_too_busy_is_told_for_as_long_as_it_is(
    heard: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_PASSED_S", 0.5)
    heard.engine._notice(Notice("warning", "dropped", "0.05 s of audio were dropped"))
    assert "were dropped" in heard.display.banner.text
    wait_until(lambda: not heard.engine.problem)
    assert heard.display.banner.text == ""
