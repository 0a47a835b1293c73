"""`kwspot` without a command: the window itself, under a real display, and where there is none."""

import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest
import soundfile

import gui  # noqa: F401 -- skips where there is no Qt
from commands import COMMAND, json_lines, run_kwspot
from kwspot.cli.app import reason
from kwspot.errors import KwspotError
from kwspot.gui.history_store import HistoryStore
from kwspot.resources import sample_recording
from virtual_microphone import VirtualMicrophone
from words import said, sample

ONLY_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="other systems have a display")


@pytest.fixture
def display() -> Iterator[str]:
    """A display of its own."""
    if shutil.which("Xvfb") is None:
        pytest.skip("Xvfb is not installed (Debian: xvfb)")
    reading, writing = os.pipe()
    with subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x800x24", "-nolisten", "tcp"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    ) as server:
        os.close(writing)
        try:
            number = os.read(reading, 20).decode().strip()
            assert number, "Xvfb did not start"
            yield f":{number}"
        finally:
            os.close(reading)
            server.terminate()


def environment(home: Path, **more: str) -> dict[str, str]:
    """A user of their own: no settings, no history, no display but the one given."""
    own = {
        name: value
        for name, value in os.environ.items()
        if name not in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY")
    }
    own["HOME"] = own["XDG_CONFIG_HOME"] = own["XDG_DATA_HOME"] = str(home)
    return {**own, **more}


def listening_environment(
    home: Path, display: str, microphone: VirtualMicrophone
) -> dict[str, str]:
    """The same, with a display and a microphone."""
    own = environment(home, DISPLAY=display)
    kept = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "DISPLAY")
    env = {**own, **microphone.env, **{name: own[name] for name in kept}}
    env.pop("QT_QPA_PLATFORM", None)
    return env


def wait_for_words(home: Path, words: list[str], timeout_s: float = 60.0) -> None:
    """Wait until the history of a home holds these words."""
    file = home / "kwspot" / "history.sqlite"
    deadline_s = time.monotonic() + timeout_s
    found: list[str] = []
    while found != words:
        assert time.monotonic() < deadline_s, f"{found}, not {words}"
        time.sleep(0.2)
        if file.exists():
            with suppress(KwspotError, sqlite3.Error), HistoryStore(file, read_only=True) as store:
                found = [entry.word for entry in store.entries()]


def wait_for_file(file: Path, timeout_s: float = 30.0) -> None:
    """Wait until the window, which makes this file, is there."""
    deadline_s = time.monotonic() + timeout_s
    while not file.exists():
        assert time.monotonic() < deadline_s
        time.sleep(0.1)


@contextmanager
def running(*arguments: str, env: dict[str, str]) -> "Iterator[subprocess.Popen[str]]":
    """The app, which does not outlive a test that fails."""
    with subprocess.Popen(
        [*COMMAND, *arguments], env=env, stderr=subprocess.PIPE, text=True
    ) as app:
        try:
            yield app
        finally:
            app.kill()


def finish(app: "subprocess.Popen[str]") -> str:
    """Close the app as a session's end does; returns what it said."""
    app.send_signal(signal.SIGTERM)
    _, complaints = app.communicate(timeout=30)
    assert app.returncode == 0, complaints
    return complaints


@ONLY_LINUX
@pytest.mark.parametrize(
    ("display_name", "said_so"),
    [("", "there is no display"), (":9876", "the display :9876 cannot be reached")],
)
def test_without_a_display_one_line_says_so(
    tmp_path: Path, display_name: str, said_so: str
) -> None:
    env = environment(tmp_path, DISPLAY=display_name)
    done = run_kwspot(env=env)
    assert done.returncode == 2
    assert said_so in done.stderr
    assert "kwspot listen" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@ONLY_LINUX
def test_a_platform_that_qt_lacks_is_one_line_too(tmp_path: Path) -> None:
    done = run_kwspot(env=environment(tmp_path, QT_QPA_PLATFORM="nonsense"))
    assert done.returncode == 2
    assert re.search(r"^kwspot: the app .*apt install", done.stderr)
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("complaint", "package"),
    [
        ("ImportError: libEGL.so.1: cannot open shared object file: No such file", "libegl1"),
        ("ImportError: libGL.so.1: cannot open shared object file: No such file", "libgl1"),
        (
            "qt.qpa.plugin: From 6.5.0, xcb-cursor0 or libxcb-cursor0 is needed to load the Qt xcb "
            "platform plugin.",
            "libxcb-cursor0",
        ),
        ("ImportError: libglib-2.0.so.0: cannot open shared object file", "libglib2.0-0"),
        ("ImportError: libxkbcommon.so.0: cannot open shared object file", "libxkbcommon0"),
    ],
)
def test_what_qt_lacks_is_named_with_its_package(complaint: str, package: str) -> None:
    assert f"apt install {package})" in reason(complaint)


@pytest.mark.parametrize("option", ["--model", "--replay"])
def test_a_file_that_is_not_there_is_one_line(tmp_path: Path, option: str) -> None:
    done = run_kwspot(option, tmp_path / "missing", env=environment(tmp_path))
    assert done.returncode == 2
    assert "missing" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_options_of_the_app_are_not_for_commands() -> None:
    done = run_kwspot("--replay", "x.wav", "devices")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1


@ONLY_LINUX
def test_a_recording_is_heard_in_a_real_window(tmp_path: Path, display: str) -> None:
    env = environment(tmp_path, DISPLAY=display)
    (tmp_path / "kwspot").mkdir()
    remembered = tmp_path / "kwspot" / "kwspot.ini"
    remembered.write_text("[preferences]\nreplay_speed=0\ntheme=dark\n")
    words = [word.word for word in said()]
    with running("--replay", str(sample_recording()), env=env) as app:
        wait_for_words(tmp_path, words)
        assert psutil.Process(app.pid).net_connections("inet") == []
        assert finish(app) == ""
    assert "theme=dark" in remembered.read_text()
    printed = json_lines(run_kwspot("history", "--json", env=env).stdout)
    assert [line["word"] for line in printed] == words


@ONLY_LINUX
def test_reset_settings_forgets_what_was_chosen(tmp_path: Path) -> None:
    env = environment(tmp_path, QT_QPA_PLATFORM="offscreen")
    (tmp_path / "kwspot").mkdir()
    remembered = tmp_path / "kwspot" / "kwspot.ini"
    remembered.write_text("[preferences]\nreplay_speed=0\ntheme=dark\nhop_ms=100\n")
    recording = tmp_path / "said.wav"
    end = round(16_000 * (said()[0].end_s + 0.4))
    soundfile.write(recording, sample()[:end], 16_000, subtype="PCM_16")
    with running("--reset-settings", "--replay", str(recording), env=env) as app:
        wait_for_words(tmp_path, [said()[0].word])
        assert finish(app) == ""
    lines = remembered.read_text().splitlines()
    assert {"theme=system", "hop_ms=50", "replay_speed=1"} <= set(lines)


@ONLY_LINUX
def test_the_microphone_is_heard_in_a_real_window(
    tmp_path: Path, display: str, virtual_microphone: VirtualMicrophone
) -> None:
    recording = tmp_path / "said.wav"
    few = said()[:3]
    end = round(16_000 * (few[-1].end_s + 0.4))
    soundfile.write(recording, sample()[:end], 16_000, subtype="PCM_16")
    env = listening_environment(tmp_path, display, virtual_microphone)
    with running(env=env) as app:
        virtual_microphone.wait_for_listener()
        virtual_microphone.play(recording)
        wait_for_words(tmp_path, [word.word for word in few])
        assert finish(app) == ""


@ONLY_LINUX
def test_a_microphone_that_comes_later_is_heard(
    tmp_path: Path, display: str, virtual_microphone: VirtualMicrophone
) -> None:
    recording = tmp_path / "said.wav"
    end = round(16_000 * (said()[0].end_s + 0.4))
    soundfile.write(recording, sample()[:end], 16_000, subtype="PCM_16")
    env = listening_environment(tmp_path, display, virtual_microphone)
    virtual_microphone.kill()
    with running(env=env) as app:
        wait_for_file(tmp_path / "kwspot" / "history.sqlite")
        time.sleep(2.0)
        virtual_microphone.start()
        virtual_microphone.wait_for_listener()
        virtual_microphone.play(recording)
        wait_for_words(tmp_path, [said()[0].word])
        assert finish(app) == ""
