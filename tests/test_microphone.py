"""The microphone, against a real sound server: exact, true in time, and hard to kill."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from queue import Empty, Queue
from typing import Any, Self

import numpy as np
import pytest
import soundfile

from virtual_microphone import DEVICE, VirtualMicrophone

_LISTEN = """
import json, sys, threading, time
import numpy as np
from kwspot.audio import capture
from kwspot.audio.microphone import MicrophoneSource
from kwspot.audio.resample import Resampled

def say(**event):
    print(json.dumps(event), flush=True)

def notify(notice):
    say(event=notice.state, level=notice.level, message=notice.message,
        reading=threading.current_thread() is reader)

def obey():
    for line in sys.stdin:
        if line == "stop\\n":
            source.stop()
        if line == "pause\\n":
            awake.clear()
        if line == "resume\\n":
            awake.set()

capture._RING_S = int(sys.argv[3])
reader = threading.current_thread()
awake = threading.Event()
awake.set()
source = Resampled(MicrophoneSource(sys.argv[1], notify))
heard = []
with source:
    threading.Thread(target=obey, daemon=True).start()
    end = 0
    while (chunk := source.read()) is not None:
        if chunk.start != end:
            say(event="jump", by=chunk.start - end, lost=source.lost_samples)
        if not heard:
            say(event="first", name=source.name, rate=source.sample_rate_hz)
        end = chunk.end
        heard.append(chunk.samples)
        awake.wait()
    say(event="end", end=end, lost=source.lost_samples)
np.save(sys.argv[2], np.concatenate(heard))
say(event="closed")
"""


class Listening:
    """A program that listens; `wait_for` gives its events as they come."""

    def __init__(self, microphone: VirtualMicrophone, heard: Path, ring_s: int = 8) -> None:
        self.said: list[dict[str, Any]] = []
        self._heard = heard
        self._lines: Queue[dict[str, Any]] = Queue()
        self.process = subprocess.Popen(
            [sys.executable, "-c", _LISTEN, DEVICE, str(heard), str(ring_s)],
            env=microphone.env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._thread = threading.Thread(target=self._collect)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        self._thread.join()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()

    def tell(self, word: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{word}\n")
        self.process.stdin.flush()

    def wait_for(self, event: str, timeout_s: float) -> dict[str, Any]:
        deadline_s = time.monotonic() + timeout_s
        while True:
            try:
                said = self._lines.get(timeout=max(0.0, deadline_s - time.monotonic()))
            except Empty:
                raise AssertionError(f"no {event!r} within {timeout_s} s: {self.said}") from None
            self.said.append(said)
            if said["event"] == event:
                return said

    def stop(self, timeout_s: float = 1.0) -> float:
        """Stop it; the seconds until the program is gone."""
        began_s = time.monotonic()
        self.tell("stop")
        self.wait_for("closed", timeout_s)
        assert self.process.wait(timeout_s) == 0
        return time.monotonic() - began_s

    def chatter(self) -> str:
        """What the ended program wrote to standard error."""
        assert self.process.stderr is not None
        return self.process.stderr.read()

    def heard(self) -> np.ndarray:
        samples: np.ndarray = np.load(self._heard)
        return samples

    def _collect(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(json.loads(line))


@pytest.fixture
def listening(virtual_microphone: VirtualMicrophone, tmp_path: Path) -> Iterator[Listening]:
    with Listening(virtual_microphone, tmp_path / "heard.npy") as program:
        first = program.wait_for("first", 20.0)
        assert first["name"] == f"{DEVICE}@ALSA"
        assert first["rate"] == 16_000
        yield program


def noise(path: Path, seconds: float) -> np.ndarray:
    """int16 noise, written as a WAV and returned."""
    generator = np.random.default_rng(7)
    samples = generator.integers(-20_000, 20_000, int(16_000 * seconds)).astype(np.int16)
    soundfile.write(path, samples, 16_000)
    return samples


def test_what_was_played_is_heard_bit_for_bit(
    virtual_microphone: VirtualMicrophone, listening: Listening, tmp_path: Path
) -> None:
    played = noise(tmp_path / "x.wav", 2.0).astype(np.float32) / 2**15
    virtual_microphone.play(tmp_path / "x.wav")
    time.sleep(0.5)  # what is on its way still arrives
    listening.stop()
    heard = listening.heard()
    (starts,) = np.nonzero((heard[:-1] == played[0]) & (heard[1:] == played[1]))
    assert len(starts) == 1
    np.testing.assert_array_equal(heard[starts[0] : starts[0] + len(played)], played)
    assert not heard[: starts[0]].any()
    assert not heard[starts[0] + len(played) :].any()
    assert [said["event"] for said in listening.said] == [
        *("opening", "opened", "first", "end", "closed")
    ]
    assert listening.chatter() == ""


def test_a_killed_server_is_told_waited_for_and_its_absence_keeps_the_time(
    virtual_microphone: VirtualMicrophone, listening: Listening
) -> None:
    time.sleep(0.5)
    virtual_microphone.kill()
    killed_s = time.monotonic()
    lost = listening.wait_for("lost", 3.0)
    assert lost["level"] == "warning"
    assert f"{DEVICE}@ALSA" in lost["message"]
    first = listening.wait_for("reconnecting", 1.0)
    second = listening.wait_for("reconnecting", 2.0)
    assert "attempt 1" in first["message"]
    assert "attempt 2" in second["message"]
    virtual_microphone.start()
    back = listening.wait_for("listening", 10.0)
    away_s = time.monotonic() - killed_s
    assert back["level"] == "status"
    jump = listening.wait_for("jump", 1.0)
    # The last block before may be as old as the buffer is long; the first after is told at once.
    assert jump["by"] / 16_000 == pytest.approx(away_s, abs=0.3)
    assert jump["lost"] == jump["by"]
    time.sleep(0.5)
    listening.stop()
    end = next(said for said in listening.said if said["event"] == "end")
    assert end["end"] == len(listening.heard()) + jump["by"]
    assert all(said["reading"] for said in listening.said if "reading" in said)
    assert listening.chatter() == ""


def test_it_stops_at_once_with_the_device_gone(
    virtual_microphone: VirtualMicrophone, listening: Listening
) -> None:
    virtual_microphone.kill()
    listening.wait_for("lost", 3.0)
    listening.wait_for("reconnecting", 1.0)
    listening.wait_for("reconnecting", 2.0)
    assert listening.stop() < 1.0
    assert listening.chatter() == ""


def test_a_server_that_hangs_is_noticed_and_cannot_hold_it_up(
    virtual_microphone: VirtualMicrophone, listening: Listening
) -> None:
    """No callback, no error, and closing the stream blocks for as long as the server hangs."""
    virtual_microphone.hang()
    try:
        assert "nothing for a second" in listening.wait_for("lost", 3.0)["message"]
        time.sleep(0.8)  # by now it is closing the stream
        assert listening.stop(2.0) < 1.0
    finally:
        virtual_microphone.go_on()


def test_a_server_that_hung_is_heard_again(
    virtual_microphone: VirtualMicrophone, listening: Listening
) -> None:
    virtual_microphone.hang()
    listening.wait_for("lost", 3.0)
    virtual_microphone.go_on()
    listening.wait_for("listening", 5.0)
    listening.wait_for("jump", 1.0)
    listening.stop()


def test_a_reader_that_sleeps_too_long_loses_the_oldest_and_is_told(
    virtual_microphone: VirtualMicrophone, tmp_path: Path
) -> None:
    with Listening(virtual_microphone, tmp_path / "heard.npy", ring_s=1) as listening:
        listening.wait_for("first", 20.0)
        listening.tell("pause")
        time.sleep(2.5)
        listening.tell("resume")
        dropped = listening.wait_for("dropped", 2.0)
        jump = listening.wait_for("jump", 1.0)
        assert dropped["level"] == "warning"
        assert 1.0 < jump["by"] / 16_000 < 2.5
        assert jump["lost"] == jump["by"]
        listening.stop()
        # The jump apart, nothing is missing: what was heard ends where the stream does.
        end = next(said for said in listening.said if said["event"] == "end")
        assert end["end"] == len(listening.heard()) + jump["by"]


def test_silence_is_told_and_taken_back(
    virtual_microphone: VirtualMicrophone, listening: Listening, tmp_path: Path
) -> None:
    assert "muted" in listening.wait_for("silent", 7.0)["message"]
    noise(tmp_path / "x.wav", 0.2)
    virtual_microphone.play(tmp_path / "x.wav")
    assert listening.wait_for("sound", 2.0)["level"] == "status"
    listening.stop()
