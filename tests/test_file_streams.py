"""Sound from a stream: pipes, standard input, and files that do not know their length."""

import io
import os
import shutil
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from kwspot.audio.files import FileSource
from kwspot.audio.source import Notice
from kwspot.errors import AudioError
from sources import as_floats, read_all, sound, wav_bytes, with_data_size


@pytest.mark.parametrize("coding", ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE"])
@pytest.mark.parametrize("form", ["WAV", "WAVEX", "RF64"])
def test_every_plain_wav_is_read_from_a_stream_as_from_a_file(
    tmp_path: Path, coding: str, form: str
) -> None:
    data = wav_bytes(sound(3_000, 2), 44_100, coding, form)
    (tmp_path / "x.wav").write_bytes(data)
    source = FileSource(io.BytesIO(data))
    heard = read_all(source)
    assert source.sample_rate_hz == 44_100
    assert source.name == "-"
    np.testing.assert_array_equal(heard, read_all(FileSource(tmp_path / "x.wav")))


@pytest.mark.parametrize("size", [0, 0xFFFFFFFF, 0x7FFFFFFF, 0x7FFFF000])
def test_a_stream_or_file_that_does_not_know_its_length_is_read_to_its_end(
    tmp_path: Path, size: int
) -> None:
    samples = sound(100_000)
    data = with_data_size(wav_bytes(samples, 16_000), size)
    (tmp_path / "x.wav").write_bytes(data)
    for path in (io.BytesIO(data), tmp_path / "x.wav"):
        notices: list[Notice] = []
        heard = read_all(FileSource(path, notices.append))
        np.testing.assert_array_equal(heard, as_floats(samples))
        assert not notices


def test_what_follows_the_samples_is_not_heard() -> None:
    samples = sound(1_000)
    data = wav_bytes(samples, 16_000) + b"LIST" + struct.pack("<I", 4_000) + b"\x77" * 4_000
    np.testing.assert_array_equal(read_all(FileSource(io.BytesIO(data))), as_floats(samples))


def test_a_stream_cut_short_is_read_up_to_there_with_a_warning() -> None:
    samples = sound(32_000)
    notices: list[Notice] = []
    data = wav_bytes(samples, 16_000)[: -32_000 + 1]
    heard = read_all(FileSource(io.BytesIO(data), notices.append))
    np.testing.assert_array_equal(heard, as_floats(samples)[:16_000])
    assert "cut short: only its first 1.00 s" in notices[0].message


def test_without_a_header_it_is_raw_16_bit_mono_at_16_khz() -> None:
    samples = sound(5_000)
    source = FileSource(io.BytesIO(samples.tobytes() + b"\x01"))
    np.testing.assert_array_equal(read_all(source), as_floats(samples))
    assert source.sample_rate_hz == 16_000
    short = sound(3)
    np.testing.assert_array_equal(
        read_all(FileSource(io.BytesIO(short.tobytes()))), as_floats(short)
    )


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "standard input holds no audio"),
        (b"\x01", "standard input holds no audio"),
        (wav_bytes(sound(1_000), 16_000)[:30], "ends before its first sample"),
        (wav_bytes(sound(0), 16_000), "holds no samples"),
        (wav_bytes(sound(1_000), 16_000, "ULAW"), r"its coding \(7\) is not plain samples"),
        (wav_bytes(sound(9_000), 16_000, "PCM_16", "FLAC"), "is FLAC, and a stream must be WAV"),
        (wav_bytes(sound(9_000), 16_000, "PCM_16", "AIFF"), "is AIFF, and a stream must be WAV"),
        (wav_bytes(sound(9_000), 16_000, "PCM_16", "CAF"), "is CAF, and a stream must be WAV"),
        (wav_bytes(sound(9_000), 16_000, "PCM_16", "W64"), "is W64, and a stream must be WAV"),
        (b"\0\0\0\x20ftypM4A " + bytes(500), "is MP4, and a stream must be WAV"),
        (
            b"RIFF\xff\xff\xff\xffWAVEjunk\xff\xff\xff\x7f" + b"\0" * 300_000,
            "ends before its first",
        ),
    ],
)
def test_a_bad_stream_gets_one_line(data: bytes, says: str) -> None:
    with pytest.raises(AudioError, match=says) as caught:
        read_all(FileSource(io.BytesIO(data)))
    assert "\n" not in str(caught.value)


@settings(max_examples=40, deadline=None)
@given(cuts=st.lists(st.integers(1, 5_000), max_size=20))
def test_the_pieces_a_pipe_delivers_leave_no_trace(cuts: list[int]) -> None:
    samples = sound(4_000, 3)
    data = wav_bytes(samples, 48_000, "PCM_24")
    reading, writing = os.pipe()

    def write() -> None:
        rest = data
        with os.fdopen(writing, "wb", 0) as pipe:
            for cut in [*cuts, len(data)]:
                pipe.write(rest[:cut])
                rest = rest[cut:]

    thread = threading.Thread(target=write)
    thread.start()
    with os.fdopen(reading, "rb") as stream:
        heard = read_all(FileSource(stream))
    thread.join()
    np.testing.assert_array_equal(heard, read_all(FileSource(io.BytesIO(data))))


_READ_STANDARD_INPUT = """
import numpy as np
from kwspot.audio.files import FileSource
with FileSource("-") as source:
    count, total = 0, 0.0
    while (chunk := source.read()) is not None:
        count += len(chunk.samples)
        total += float(np.abs(chunk.samples).sum())
print(source.sample_rate_hz, count, round(total))
"""


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")
def test_what_ffmpeg_writes_to_a_pipe(tmp_path: Path) -> None:
    samples = sound(100_000)
    soundfile.write(tmp_path / "x.flac", samples, 16_000)
    ffmpeg = subprocess.Popen(
        ["ffmpeg", "-v", "error", "-i", str(tmp_path / "x.flac"), "-f", "wav", "-"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
    )
    done = subprocess.run(
        [sys.executable, "-c", _READ_STANDARD_INPUT],
        stdin=ffmpeg.stdout,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert ffmpeg.wait() == 0
    assert done.stdout.split() == ["16000", "100000", str(round(np.abs(as_floats(samples)).sum()))]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_named_pipe_is_a_stream(tmp_path: Path) -> None:
    path, samples = tmp_path / "pipe", sound(1_000)
    os.mkfifo(path)
    thread = threading.Thread(target=path.write_bytes, args=[wav_bytes(samples, 16_000)])
    thread.start()
    np.testing.assert_array_equal(read_all(FileSource(path)), as_floats(samples))
    thread.join()


@pytest.mark.skipif(sys.platform == "win32", reason="pipes cannot be watched on Windows")
def test_stop_ends_a_read_from_a_silent_pipe() -> None:
    reading, writing = os.pipe()
    os.write(writing, sound(100).tobytes())
    with os.fdopen(reading, "rb") as stream, FileSource(stream) as source:
        heard = 0
        while heard < 100:
            chunk = source.read()
            assert chunk is not None
            heard += len(chunk.samples)
        timer = threading.Timer(0.1, source.stop)
        timer.start()
        began_s = time.monotonic()
        assert source.read() is None
        assert time.monotonic() - began_s < 0.4
        timer.join()
    os.close(writing)
