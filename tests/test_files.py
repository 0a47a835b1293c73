"""Recordings, streams and arrays as sources; every bad one gets one line that says what to do."""

import io
import os
import shutil
import struct
import subprocess
import sys
import threading
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from kwspot.audio.files import ArraySource, FileSource
from kwspot.audio.paced import Paced
from kwspot.audio.source import Notice, Source
from kwspot.errors import AudioError, OptionError


def sound(count: int, channels: int = 1) -> np.ndarray:
    """int16 (n, channels): quiet noise, another one for each channel."""
    generator = np.random.default_rng(count)
    return generator.integers(-9_000, 9_000, (count, channels)).astype(np.int16)


def as_floats(samples: np.ndarray) -> np.ndarray:
    mean: np.ndarray = samples.astype(np.float32).mean(axis=1, dtype=np.float32)
    return mean / np.float32(2**15)


def read_all(source: Source) -> np.ndarray:
    """All samples, whose chunks must follow each other from 0 on."""
    with source:
        chunks, end = [np.zeros(0, np.float32)], 0
        while (chunk := source.read()) is not None:
            assert chunk.start == end
            assert len(chunk.samples)
            chunks.append(chunk.samples)
            end = chunk.end
        assert source.read() is None
    return np.concatenate(chunks)


def wav_bytes(
    samples: np.ndarray, rate_hz: int, coding: str = "PCM_16", form: str = "WAV"
) -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, rate_hz, format=form, subtype=coding)
    return buffer.getvalue()


def with_data_size(wav: bytes, size: int) -> bytes:
    at = wav.index(b"data") + 4
    return wav[:at] + struct.pack("<I", size) + wav[at + 4 :]


# Files


@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 44_100, 48_000])
@pytest.mark.parametrize("channels", [1, 2, 6])
@pytest.mark.parametrize("suffix", [".wav", ".flac"])
def test_lossless_files_come_as_they_are(
    tmp_path: Path, rate_hz: int, channels: int, suffix: str
) -> None:
    path, samples = tmp_path / f"x{suffix}", sound(70_001, channels)
    soundfile.write(path, samples, rate_hz)
    source = FileSource(path)
    with source:
        assert source.sample_rate_hz == rate_hz
        assert source.total_samples == 70_001
        assert source.name == str(path)
        assert source.lost_samples == 0
    np.testing.assert_allclose(read_all(FileSource(path)), as_floats(samples), atol=2e-7)


@pytest.mark.parametrize(
    ("suffix", "coding"), [(".ogg", "VORBIS"), (".opus", "OPUS"), (".mp3", None)]
)
def test_lossy_files_come_nearly_as_they_are(
    tmp_path: Path, suffix: str, coding: str | None
) -> None:
    path = tmp_path / f"x{suffix}"
    tone = 0.3 * np.sin(2 * np.pi * 440 * np.arange(96_000) / 48_000)
    soundfile.write(path, tone, 48_000, format={".mp3": "MP3"}.get(suffix, "OGG"), subtype=coding)
    heard = read_all(FileSource(path))
    assert len(heard) == len(tone)
    assert np.abs(heard[2_000:-2_000] - tone[2_000:-2_000]).max() < 0.03


def test_a_mono_file_is_exact(tmp_path: Path) -> None:
    samples = np.random.default_rng(1).standard_normal(5_000).astype(np.float32)
    soundfile.write(tmp_path / "x.wav", samples, 16_000, subtype="FLOAT")
    np.testing.assert_array_equal(read_all(FileSource(tmp_path / "x.wav")), samples)


def test_a_long_file_needs_no_more_memory_than_a_short_one(tmp_path: Path) -> None:
    def peak(seconds: int) -> int:
        path = tmp_path / f"{seconds}.wav"
        soundfile.write(path, np.zeros((seconds * 16_000, 1), np.int16), 16_000)
        tracemalloc.start()
        with FileSource(path) as source:
            while source.read() is not None:
                pass
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert peak(300) < peak(30) + 200_000


def test_stop_ends_reading(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "x.wav", sound(200_000), 16_000)
    with FileSource(tmp_path / "x.wav") as source:
        assert source.read() is not None
        source.stop()
        source.stop()
        assert source.read() is None


# Bad files


def nothing(path: Path) -> None:
    assert not path.exists()


def not_audio(path: Path) -> None:
    path.write_text("Dear diary, today I recorded nothing.\n" * 50)


def zero_samples(path: Path) -> None:
    soundfile.write(path, np.zeros((0, 1), np.int16), 16_000)


def nan_samples(path: Path) -> None:
    samples = np.zeros(40_000, np.float32)
    samples[24_000] = np.nan
    soundfile.write(path, samples, 16_000, subtype="FLOAT")


def infinite_samples(path: Path) -> None:
    samples = np.zeros((40_000, 2), np.float32)
    samples[24_000, 1] = np.inf
    soundfile.write(path, samples, 16_000, subtype="FLOAT")


def header_only(path: Path) -> None:
    path.write_bytes(wav_bytes(sound(1_000), 16_000)[:30])


def odd_rate(path: Path) -> None:
    soundfile.write(path, sound(1_000), 50)


@pytest.mark.parametrize(
    ("make", "name", "says"),
    [
        (nothing, "x.wav", "there is no such file"),
        (Path.mkdir, "x.wav", "is a folder"),
        (Path.touch, "x.wav", "is empty"),
        (not_audio, "x.wav", "is not audio"),
        (not_audio, "x.mp3", "is not audio"),
        (not_audio, "x.raw", "is not audio"),
        (not_audio, "x", "is not audio"),
        (header_only, "x.wav", "cut off in its header"),
        (zero_samples, "x.wav", "holds no samples"),
        (nan_samples, "x.wav", r"sample at 1\.500 s is not a finite number"),
        (infinite_samples, "x.wav", r"sample at 1\.500 s is not a finite number"),
        (odd_rate, "x.wav", "sample rate of 50 Hz"),
    ],
)
def test_a_bad_file_gets_one_line(tmp_path: Path, make, name: str, says: str) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / name
    make(path)
    with pytest.raises(AudioError, match=says) as caught:
        read_all(FileSource(path))
    message = str(caught.value)
    assert name in message
    assert "\n" not in message
    assert len(message) < 200 + len(str(tmp_path))


def test_a_name_no_file_can_have() -> None:
    with pytest.raises(AudioError, match="cannot be opened"):
        read_all(FileSource("x\0.wav"))


def test_a_file_one_may_not_read(closed_folder: Path) -> None:
    with pytest.raises(AudioError, match="permission denied"):
        read_all(FileSource(closed_folder / "x.wav"))


@pytest.mark.parametrize(
    ("suffix", "kept", "least", "most"),
    [
        (".wav", 0.5, 0.49, 0.5),
        (".flac", 0.5, 0.4, 0.5),
        (".ogg", 0.5, 0.4, 0.52),
        (".mp3", 0.5, 0.4, 0.55),
    ],
)
def test_a_truncated_file_is_read_up_to_there_with_a_warning(
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    suffix: str,
    kept: float,
    least: float,
    most: float,
) -> None:
    path = tmp_path / f"x{suffix}"
    samples = sound(160_000)
    soundfile.write(path, samples, 16_000)
    whole = read_all(FileSource(path))
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * kept)])
    notices: list[Notice] = []
    heard = read_all(FileSource(path, notices.append))
    assert least <= len(heard) / len(samples) <= most
    # The MP3 decoder fades in what it finds at the very end.
    sure = len(heard) - 2_000
    np.testing.assert_allclose(heard[:sure], whole[:sure], atol=1e-6)
    (notice,) = notices
    assert (notice.level, notice.state) == ("warning", "damaged")
    assert f"{len(heard) / 16_000:.2f} s" in notice.message
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("suffix", [".flac", ".ogg", ".mp3", ".wav", ".opus"])
def test_a_whole_file_gets_no_warning(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"x{suffix}"
    form = "OGG" if suffix == ".opus" else None
    soundfile.write(path, sound(50_000), 16_000, format=form, subtype="OPUS" if form else None)
    notices: list[Notice] = []
    assert len(read_all(FileSource(path, notices.append))) == 50_000
    assert not notices


def test_the_decoders_own_chatter_stays_off_the_terminal(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "x.mp3"
    soundfile.write(path, sound(160_000), 16_000)
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 4_000] = np.random.default_rng(1).bytes(4_000)
    path.write_bytes(data)
    with pytest.raises(soundfile.SoundFileError):
        soundfile.read(path)
    assert "mpg123" in capfd.readouterr().err  # so there is something to keep off
    notices: list[Notice] = []
    read_all(FileSource(path, notices.append))
    assert "is damaged" in notices[0].message
    os.write(2, b"what others write gets through\n")
    assert capfd.readouterr().err == "what others write gets through\n"


# Streams


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


# Arrays


@settings(max_examples=40, deadline=None)
@given(count=st.integers(1, 3_000), size=st.integers(1, 4_000), channels=st.integers(1, 3))
def test_an_array_comes_in_chunks_of_any_size(count: int, size: int, channels: int) -> None:
    samples = sound(count, channels)
    floats = (samples / 2**15).astype(np.float32)
    for array in (samples, floats, floats.astype(np.float64)):
        heard = read_all(ArraySource(array, 8_000, chunk_samples=size))
        np.testing.assert_allclose(heard, as_floats(samples), atol=1e-7)


@pytest.mark.parametrize(
    ("array", "rate_hz", "says"),
    [
        (np.zeros(0, np.float32), 16_000, "shape"),
        (np.zeros((3, 3, 3), np.float32), 16_000, "shape"),
        (np.zeros(100, np.uint8), 16_000, "uint8"),
        (np.zeros(100, np.complex64), 16_000, "complex64"),
        (np.full(100, np.nan, np.float32), 16_000, r"sample at 0\.000 s is not a finite"),
        (np.zeros(100, np.float32), 0, "sample rate of 0 Hz"),
    ],
)
def test_a_bad_array_gets_one_line(array: np.ndarray, rate_hz: int, says: str) -> None:
    with pytest.raises(AudioError, match=says):
        read_all(ArraySource(array, rate_hz))


# Pace


def test_a_pace_changes_no_sample() -> None:
    samples = sound(16_000)
    heard = read_all(Paced(ArraySource(samples, 16_000, chunk_samples=1_111), 50.0))
    np.testing.assert_array_equal(heard, as_floats(samples))


def test_nothing_comes_before_its_time_and_little_after() -> None:
    """What a microphone would have heard by now, give or take a piece, is what came."""
    speed = 4.0
    source = Paced(ArraySource(sound(32_000), 16_000), speed)
    with source:
        began_s = time.monotonic()
        late_s, count = [], 0
        while (chunk := source.read()) is not None:
            now = (time.monotonic() - began_s) * speed
            late_s.append(now - chunk.end / 16_000)
            count += 1
    assert min(late_s) > -0.001
    assert np.median(late_s) < 0.1
    assert count > 20


def test_a_reader_that_needs_more_is_woken_less_often() -> None:
    """Pieces come together, when the last of them has been heard, and no later."""
    source = Paced(ArraySource(sound(16_000), 16_000, chunk_samples=8_000), 2.0)
    source.want(900)
    lengths, late_s = [], []
    with source:
        began_s = time.monotonic()
        while (chunk := source.read()) is not None:
            late_s.append((time.monotonic() - began_s) - chunk.end / 32_000)
            lengths.append(len(chunk.samples))
    assert sum(lengths) == 16_000
    # Shorter only at the end of what the source itself delivers.
    assert all(length >= 960 for length in lengths[:8])
    assert len(lengths) <= 18
    assert min(late_s) > -0.001
    assert np.median(late_s) < 0.1


def test_a_late_reader_gets_all_that_is_due() -> None:
    with Paced(ArraySource(sound(32_000), 16_000), 1.0) as source:
        first = source.read()
        time.sleep(0.3)
        second = source.read()
    assert first is not None
    assert second is not None
    # One block, or some more where this machine was late itself.
    assert 0 < first.end < 4800
    assert second.start == first.end
    assert len(second.samples) >= 14 * 320


def test_stop_ends_a_wait_at_once() -> None:
    with Paced(ArraySource(sound(32_000), 16_000), 0.001) as source:
        timer = threading.Timer(0.05, source.stop)
        timer.start()
        began_s = time.monotonic()
        assert source.read() is None
        assert time.monotonic() - began_s < 1.0
        timer.join()


@pytest.mark.parametrize("speed", [0.0, -1.0, float("nan"), float("inf")])
def test_a_pace_must_go_forward(speed: float) -> None:
    with pytest.raises(OptionError, match="replay speed"):
        Paced(ArraySource(sound(10), 16_000), speed)
