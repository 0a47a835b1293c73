"""Recordings: the samples as heard, at their times, and never at another file's cost."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from kwspot.audio.files import FileSource
from kwspot.audio.recorder import Recorder
from kwspot.audio.source import Chunk
from kwspot.errors import AudioError


def noise(count: int) -> np.ndarray:
    return np.random.default_rng(count).uniform(-0.9, 0.9, count).astype(np.float32)


def samples_of(path: Path) -> np.ndarray:
    with FileSource(path) as source:
        chunks = []
        while (chunk := source.read()) is not None:
            chunks.append(chunk.samples)
    return np.concatenate(chunks)


def test_a_wav_holds_exactly_what_was_heard(tmp_path: Path) -> None:
    samples = noise(40_000)
    samples[:3] = (1.5, -2.0, 1e-30)  # beyond full scale, and far below 16 bits
    path = tmp_path / "heard.wav"
    with Recorder(path) as recorder:
        for start in range(0, len(samples), 777):
            recorder.write(Chunk(start, samples[start : start + 777]))
        assert not path.exists()
    np.testing.assert_array_equal(samples_of(path), samples)
    assert [file.name for file in tmp_path.iterdir()] == ["heard.wav"]


@pytest.mark.parametrize(("suffix", "error"), [(".flac", 2**-23), (".ogg", 0.2), (".WAV", 0.0)])
def test_the_name_chooses_the_format(tmp_path: Path, suffix: str, error: float) -> None:
    samples = noise(20_000)
    path = tmp_path / f"heard{suffix}"
    with Recorder(path) as recorder:
        recorder.write(Chunk(0, samples))
    heard = samples_of(path)
    assert len(heard) == len(samples)
    assert np.sqrt(np.mean((heard - samples) ** 2)) <= error
    assert soundfile.info(path).format == suffix[1:].upper()


def test_lost_audio_becomes_zeros_so_that_times_stay_true(tmp_path: Path) -> None:
    path = tmp_path / "gap.wav"
    first, second = noise(500), noise(700)
    with Recorder(path) as recorder:
        recorder.write(Chunk(100, first))
        recorder.write(Chunk(200_000, second))
    heard = samples_of(path)
    assert len(heard) == 200_700
    np.testing.assert_array_equal(heard[100:600], first)
    np.testing.assert_array_equal(heard[200_000:], second)
    assert not heard[:100].any()
    assert not heard[600:200_000].any()


def test_a_chunk_from_the_past_is_a_bug(tmp_path: Path) -> None:
    with Recorder(tmp_path / "x.wav") as recorder:
        recorder.write(Chunk(0, noise(100)))
        with pytest.raises(ValueError, match="before 100"):
            recorder.write(Chunk(99, noise(10)))


def test_nothing_heard_leaves_no_file(tmp_path: Path) -> None:
    with Recorder(tmp_path / "x.wav"):
        pass
    assert not list(tmp_path.iterdir())


def test_what_was_heard_before_a_failure_is_kept(tmp_path: Path) -> None:
    samples = noise(1_000)

    def fail() -> None:
        with Recorder(tmp_path / "x.wav") as recorder:
            recorder.write(Chunk(0, samples))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    np.testing.assert_array_equal(samples_of(tmp_path / "x.wav"), samples)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("there.wav", "exists already"),
        ("cut.wav", r"cut\.wav\.partial exists already"),
        ("no/such/x.wav", "there is no folder .*such"),
        ("x.mp3", r"end its name in \.wav, \.flac or \.ogg"),
        ("x", r"end its name in \.wav"),
        ("there.wav/x.wav", "cannot record to .*not a directory"),
    ],
)
def test_what_cannot_be_recorded_to_is_refused_before_anything_is_heard(
    tmp_path: Path, name: str, says: str
) -> None:
    (tmp_path / "there.wav").write_bytes(b"precious")
    (tmp_path / "cut.wav.partial").write_bytes(b"precious")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(AudioError, match=says) as caught, Recorder(tmp_path / name):
        pass
    assert "\n" not in str(caught.value)
    assert sorted(tmp_path.rglob("*")) == before
    assert (tmp_path / "there.wav").read_bytes() == b"precious"


def test_a_file_made_meanwhile_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "x.wav"
    samples = noise(100)

    def record() -> None:
        with Recorder(path) as recorder:
            recorder.write(Chunk(0, samples))
            path.write_bytes(b"precious")

    with pytest.raises(AudioError, match=r"the recording is .*x\.wav\.partial"):
        record()
    assert path.read_bytes() == b"precious"
    partial = tmp_path / "x.wav.partial"
    np.testing.assert_array_equal(soundfile.read(partial, dtype="float32")[0], samples)


def test_a_folder_one_may_not_write_to(closed_folder: Path) -> None:
    with pytest.raises(AudioError, match="permission denied"), Recorder(closed_folder / "x.wav"):
        pass


_FILL_THE_DISK = """
import resource, sys
from pathlib import Path
import numpy as np
from kwspot.audio.recorder import Recorder
from kwspot.audio.source import Chunk
from kwspot.errors import AudioError
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
noise = np.random.default_rng(400_000).uniform(-0.9, 0.9, 400_000).astype(np.float32)
try:
    with Recorder(Path(sys.argv[1])) as recorder:
        for start in range(0, len(noise), 1_600):
            recorder.write(Chunk(start, noise[start : start + 1_600]))
except AudioError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no limit for the size of files there")
@pytest.mark.parametrize("suffix", [".wav", ".flac", ".ogg"])
def test_a_full_disk_is_told_and_what_was_written_is_kept(tmp_path: Path, suffix: str) -> None:
    """A limit for the size of files stands in for the disk: writing fails the same way."""
    path = tmp_path / f"x{suffix}"
    done = subprocess.run(
        [sys.executable, "-c", _FILL_THE_DISK, str(path)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert "is the disk full?" in done.stdout
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""
    heard = samples_of(path)
    assert len(heard) > 16_000
    error = np.sqrt(np.mean((heard - noise(400_000)[: len(heard)]) ** 2))
    assert error < (0.2 if suffix == ".ogg" else 1e-6)
