"""Recordings as sources; every bad one gets one line that says what to do."""

import os
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import soundfile

from kwspot.audio.files import FileSource
from kwspot.audio.source import Notice
from kwspot.errors import AudioError
from sources import as_floats, read_all, sound, wav_bytes


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
