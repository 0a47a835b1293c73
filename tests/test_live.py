"""The main job, for real: a microphone hears words, loses its sound server, and hears again."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
import soundfile

from commands import Running, Terminal, json_lines, run_kwspot
from virtual_microphone import VirtualMicrophone
from words import said, sample


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "said.wav"
    soundfile.write(path, sample(), 16_000, subtype="PCM_16")
    return path


@pytest.fixture
def beginning(tmp_path: Path) -> Path:
    path = tmp_path / "beginning.wav"
    soundfile.write(path, sample()[:60_000], 16_000, subtype="PCM_16")
    return path


def labels(lines: list[dict[str, object]]) -> list[object]:
    return [line["label"] for line in lines if line["type"] == "detection"]


def test_it_hears_words_and_the_recording_of_them_is_heard_alike(
    virtual_microphone: VirtualMicrophone, recording: Path, tmp_path: Path
) -> None:
    heard = tmp_path / "heard.wav"
    with Running(
        "listen", "--json", "--record", heard, "--duration", "22", env=virtual_microphone.env
    ) as listening:
        listening.wait_for(type="status", state="listening")
        virtual_microphone.play(recording)
        code, chatter = listening.finish(40.0)
    assert code == 0
    assert chatter == ""
    live = [line for line in listening.said if line["type"] == "detection"]
    assert labels(live) == [word.word for word in said()]

    scanned = json_lines(run_kwspot("scan", "--json", heard).stdout)
    assert labels(scanned) == labels(live)
    for one, other in zip(live, scanned, strict=True):
        for time_s in ("start", "end", "decided"):
            assert one[time_s] == other[time_s]
        assert one["score"] == pytest.approx(other["score"], abs=1e-4)
    played = json_lines(run_kwspot("scan", "--json", recording).stdout)
    assert labels(played) == labels(live)


def test_a_lost_sound_server_is_told_waited_for_and_resumed(
    virtual_microphone: VirtualMicrophone, recording: Path
) -> None:
    with Running("listen", "--json", env=virtual_microphone.env) as listening:
        listening.wait_for(type="status", state="listening")
        virtual_microphone.kill()
        lost = listening.wait_for(5.0, type="warning", state="lost")
        assert "\n" not in lost["message"]
        listening.wait_for(5.0, type="status", state="reconnecting")
        listening.wait_for(5.0, type="status", state="reconnecting")
        virtual_microphone.start()
        listening.wait_for(15.0, type="status", state="listening")
        virtual_microphone.play(recording)
        first = listening.wait_for(10.0, type="detection")
        assert first["label"] == said()[0].word
        listening.process.send_signal(signal.SIGINT)
        began = time.monotonic()
        code, chatter = listening.finish(5.0)
        assert time.monotonic() - began < 1.0
    assert code == 0
    assert chatter == ""


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_within_a_second_with_the_device_gone(
    virtual_microphone: VirtualMicrophone, ending: signal.Signals
) -> None:
    with Running("listen", "--json", env=virtual_microphone.env) as listening:
        listening.wait_for(type="status", state="listening")
        virtual_microphone.kill()
        listening.wait_for(5.0, type="warning", state="lost")
        listening.process.send_signal(ending)
        began = time.monotonic()
        code, _ = listening.finish(5.0)
        assert time.monotonic() - began < 1.0
    assert code == 0


def test_a_timed_run_ends_with_the_device_gone(virtual_microphone: VirtualMicrophone) -> None:
    with Running("listen", "--json", "--duration", "3", env=virtual_microphone.env) as listening:
        listening.wait_for(type="status", state="listening")
        began = time.monotonic()
        virtual_microphone.kill()
        code, _ = listening.finish(10.0)
    assert code == 0
    assert 2.5 < time.monotonic() - began < 5.0


def test_two_microphones_are_heard_lost_and_found_each_by_itself(
    virtual_microphone: VirtualMicrophone, beginning: Path
) -> None:
    here, there = "virtualmic@ALSA", "othermic@ALSA"
    with VirtualMicrophone() as other:
        virtual_microphone.also_reach(other, "othermic")
        devices = ("--device", "virtualmic", "--device", "OTHERmic@alsa")
        with Running("listen", "--json", *devices, env=virtual_microphone.env) as listening:
            for _ in devices[::2]:
                listening.wait_for(type="status", state="listening")
            other.kill()
            listening.wait_for(5.0, type="warning", state="lost", source=there)
            virtual_microphone.play(beginning)
            other.start()
            listening.wait_for(15.0, type="status", state="listening", source=there)
            other.play(beginning)
            time.sleep(0.5)  # what is on its way still arrives
            listening.process.send_signal(signal.SIGINT)
            code, chatter = listening.finish(5.0)
    assert (code, chatter) == (0, "")
    words = [word.word for word in said()[:2]]
    for source in (here, there):
        assert labels([line for line in listening.said if line["source"] == source]) == words
    lost = [line["source"] for line in listening.said if line.get("state") == "lost"]
    assert lost == [there]


def test_one_microphone_named_twice_is_told(virtual_microphone: VirtualMicrophone) -> None:
    devices = ("--device", "virtualmic", "--device", "VIRTUALm@alsa")
    done = run_kwspot("listen", *devices, env=virtual_microphone.env)
    assert done.returncode == 2
    assert "are the same microphone, virtualmic@ALSA" in done.stderr
    assert done.stderr.count("\n") == 1
    done = run_kwspot("listen", *devices[:3], "no such", env=virtual_microphone.env)
    assert done.returncode == 2
    assert "no microphone matches 'no such'" in done.stderr


def test_channels_of_a_microphone_are_streams(
    virtual_microphone: VirtualMicrophone, beginning: Path
) -> None:
    options = ("--channels", "1,2", "--json")
    with Running("listen", *options, env=virtual_microphone.env) as listening:
        listening.wait_for(type="status", state="listening")
        virtual_microphone.play(beginning)
        time.sleep(0.5)
        listening.process.send_signal(signal.SIGINT)
        code, chatter = listening.finish(5.0)
    assert (code, chatter) == (0, "")
    one, two = (
        labels([line for line in listening.said if line["source"] == f"default@ALSA channel {n}"])
        for n in (1, 2)
    )
    assert one == two == [word.word for word in said()[:2]]


def test_devices_lists_the_microphone(virtual_microphone: VirtualMicrophone) -> None:
    done = run_kwspot("devices", "--json", env=virtual_microphone.env)
    assert done.returncode == 0
    assert done.stderr == ""
    devices = json_lines(done.stdout)
    assert any("virtualmic" in device["name"] for device in devices)
    assert all(device["host_api"] and device["channels"] >= 1 for device in devices)
    assert 16_000 in next(d for d in devices if "virtualmic" in d["name"])["rates_hz"]
    for people in (run_kwspot("devices", env=virtual_microphone.env),):
        assert "virtualmic@ALSA" in people.stdout


def test_devices_does_not_wait_for_a_server_that_hangs(
    virtual_microphone: VirtualMicrophone,
) -> None:
    virtual_microphone.hang()
    try:
        began = time.monotonic()
        done = run_kwspot("devices", env=virtual_microphone.env)
        assert time.monotonic() - began < 12.0
        assert done.returncode == 2
        assert done.stdout == ""
        assert done.stderr == (
            "kwspot: the sound system does not answer; restart it, then try again\n"
        )
        with Running("devices", env=virtual_microphone.env) as waiting:
            with pytest.raises(subprocess.TimeoutExpired):
                waiting.process.wait(3.0)
            waiting.process.send_signal(signal.SIGINT)
            assert waiting.finish(1.0)[0] == 130
    finally:
        virtual_microphone.go_on()


def test_a_device_is_chosen_by_part_of_its_name(virtual_microphone: VirtualMicrophone) -> None:
    options = ("--device", "VIRTUALm@alsa", "--duration", "1", "--json")
    done = run_kwspot("listen", *options, env=virtual_microphone.env)
    assert done.returncode == 0
    [source] = [line["source"] for line in json_lines(done.stdout) if line["state"] == "listening"]
    assert source == "virtualmic@ALSA"


def test_a_device_that_is_not_there_is_told_with_the_candidates(
    virtual_microphone: VirtualMicrophone,
) -> None:
    done = run_kwspot("listen", "--device", "no such", "--json", env=virtual_microphone.env)
    assert done.returncode == 2
    assert "no microphone matches 'no such'" in done.stderr
    assert "virtualmic@ALSA" in done.stderr
    assert done.stderr.count("\n") == 1


WATCHED = """
import socket, sys
def watch(event, arguments):
    if event == "socket.connect" or event == "socket.bind" or event == "socket.getaddrinfo":
        print("SOCKET", event, arguments, file=sys.stderr)
    if event == "socket.__new__" and arguments[1] in (socket.AF_INET, socket.AF_INET6):
        print("SOCKET", event, arguments, file=sys.stderr)
sys.addaudithook(watch)
from kwspot.cli import main
sys.exit(main(["listen", "--json", "--duration", "5"]))
"""


def test_nothing_leaves_the_machine(virtual_microphone: VirtualMicrophone, recording: Path) -> None:
    """From start to end Python opens no internet socket, and none is there while it hears."""
    listening = subprocess.Popen(
        [sys.executable, "-c", WATCHED],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=virtual_microphone.env,
    )
    assert listening.stdout is not None
    while '"listening"' not in listening.stdout.readline():
        assert listening.poll() is None
    virtual_microphone.play(recording)
    process = psutil.Process(listening.pid)
    assert process.net_connections(kind="inet") == []
    assert process.children() == []
    heard, chatter = listening.communicate(timeout=30)
    assert said()[0].word in heard
    assert chatter == ""


@pytest.mark.skipif(os.name == "nt", reason="needs a pseudo terminal")
def test_a_person_at_a_terminal_sees_the_status_line_and_the_words(
    virtual_microphone: VirtualMicrophone, recording: Path
) -> None:
    shown = Terminal("listen", "--duration", "7", env=virtual_microphone.env)
    shown.wait_for("listening to")
    virtual_microphone.play(recording)
    code, text = shown.finish()
    assert code == 0, text
    assert " dB" in text
    assert "dropped 0.0 s" in text
    assert said()[0].word in text
    assert "error" not in text
