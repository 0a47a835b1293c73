"""Decoded audio: once, whole or not at all, any format and rate, bad files set aside."""

import pickle
from pathlib import Path

import numpy as np
import pytest
import soundfile

from kwspot.errors import AudioError
from kwspot.train.catalog import Kind, Recording, Split
from kwspot.train.corpus import Corpus, load, sound_bounds
from word_folders import RATE_HZ, write_clip

TONE = (0.5 * np.sin(2 * np.pi * 440 * np.arange(RATE_HZ) / RATE_HZ)).astype(np.float32)


def recordings(*paths: Path) -> list[Recording]:
    return [Recording(path, Kind.WORD, "yes", "", Split.TRAINING) for path in paths]


def loaded(folder: Path, *paths: Path) -> tuple[Corpus, list[int]]:
    """The corpus, and the counts of decoded files that were reported."""
    counts: list[int] = []
    corpus = load(recordings(*paths), folder / "cache", lambda done, _total: counts.append(done))
    return corpus, counts


def test_rates_formats_and_channels_become_16_khz_mono(tmp_path: Path) -> None:
    time = np.arange(44_100) / 44_100
    tone = 0.5 * np.sin(2 * np.pi * 440 * time)
    soundfile.write(tmp_path / "a.flac", np.stack((tone, tone), axis=1), 44_100)
    write_clip(tmp_path / "b.wav", TONE)
    corpus, _ = loaded(tmp_path, tmp_path / "a.flac", tmp_path / "b.wav")
    first, second = corpus.audio(0), corpus.audio(1)
    assert abs(len(first) - RATE_HZ) <= 1
    assert np.abs(first[2000:14_000] - second[2000:14_000]).max() < 0.01


def test_files_that_cannot_be_used_are_set_aside_with_a_reason(tmp_path: Path) -> None:
    write_clip(tmp_path / "good.wav", TONE)
    write_clip(tmp_path / "silent.wav", np.zeros(RATE_HZ, dtype=np.float32))
    write_clip(tmp_path / "empty.wav", TONE[:0])
    (tmp_path / "text.wav").write_text("not audio")
    samples = TONE.copy()
    samples[7] = np.nan
    soundfile.write(tmp_path / "nan.wav", samples, RATE_HZ, subtype="FLOAT")
    names = ("silent", "empty", "text", "nan", "gone", "good")
    corpus, counts = loaded(tmp_path, *(tmp_path / f"{name}.wav" for name in names))
    assert [recording.path.stem for recording in corpus.recordings] == ["good"]
    assert [Path(line.split(": ")[0]).stem for line in corpus.skipped] == list(names[:-1])
    assert counts == [1, 2, 3, 4, 5, 6]


def test_nothing_is_decoded_twice(tmp_path: Path) -> None:
    write_clip(tmp_path / "a.wav", TONE)
    first, decoded = loaded(tmp_path, tmp_path / "a.wav")
    second, again = loaded(tmp_path, tmp_path / "a.wav")
    assert (decoded, again) == ([1], [])
    assert np.array_equal(first.audio(0), second.audio(0))


def test_an_interruption_leaves_nothing_that_looks_whole(tmp_path: Path) -> None:
    paths = [tmp_path / "a.wav", tmp_path / "b.wav"]
    for path in paths:
        write_clip(path, TONE)

    def interrupt(done: int, _total: int) -> None:
        if done == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load(recordings(*paths), tmp_path / "cache", interrupt)
    assert [path for path in (tmp_path / "cache").rglob("*") if path.is_file()] == []
    corpus, counts = loaded(tmp_path, *paths)
    assert counts == [1, 2]
    assert len(corpus.recordings) == 2


def test_a_damaged_cache_is_made_anew(tmp_path: Path) -> None:
    write_clip(tmp_path / "a.wav", TONE)
    loaded(tmp_path, tmp_path / "a.wav")
    (samples,) = (tmp_path / "cache").rglob("*.int16")
    samples.write_bytes(samples.read_bytes()[:-100])
    corpus, counts = loaded(tmp_path, tmp_path / "a.wav")
    assert counts == [1]
    assert len(corpus.audio(0)) == RATE_HZ


def test_nothing_readable_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "text.wav").write_text("not audio")
    with pytest.raises(AudioError, match=r"none of the recordings can be read.*text\.wav"):
        loaded(tmp_path, tmp_path / "text.wav")


def test_a_loader_process_maps_the_samples_instead_of_copying_them(tmp_path: Path) -> None:
    write_clip(tmp_path / "a.wav", np.tile(TONE, 20))
    corpus, _ = loaded(tmp_path, tmp_path / "a.wav")
    parcel = pickle.dumps(corpus)
    assert len(parcel) < 5_000
    assert np.array_equal(pickle.loads(parcel).audio(0), corpus.audio(0))


@pytest.mark.parametrize("start", [0, 3200, 9600])
def test_bounds_bracket_the_loudest_sound(start: int) -> None:
    samples = (1e-3 * np.random.default_rng(2).standard_normal(RATE_HZ)).astype(np.float32)
    samples[start : start + 4800] += TONE[:4800]
    first, last = sound_bounds(samples)
    assert first == pytest.approx(start, abs=480)
    assert last == pytest.approx(start + 4800, abs=480)
