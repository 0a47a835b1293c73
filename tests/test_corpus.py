"""Decoded audio: once, whole or not at all, any format and rate, bad files set aside."""

import hashlib
import os
import pickle
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from kwspot.errors import AudioError
from kwspot.train import contents
from kwspot.train import corpus as corpus_module
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
    os.mkfifo(tmp_path / "pipe.wav")
    names = ("silent", "empty", "text", "nan", "gone", "pipe", "good")
    corpus, counts = loaded(tmp_path, *(tmp_path / f"{name}.wav" for name in names))
    assert [recording.path.stem for recording in corpus.recordings] == ["good"]
    assert [Path(line.split(": ")[0]).stem for line in corpus.skipped] == list(names[:-1])
    # What is gone has nothing to decode, and a pipe nobody writes into would be waited for.
    assert counts == [3, 4, 5, 6, 7]


def test_nothing_is_decoded_twice(tmp_path: Path) -> None:
    write_clip(tmp_path / "a.wav", TONE)
    first, decoded = loaded(tmp_path, tmp_path / "a.wav")
    second, again = loaded(tmp_path, tmp_path / "a.wav")
    assert (decoded, again) == ([1], [])
    assert np.array_equal(first.audio(0), second.audio(0))


def test_an_interruption_leaves_nothing_that_looks_whole(tmp_path: Path) -> None:
    paths = [tmp_path / "a.wav", tmp_path / "b.wav"]
    for level, path in enumerate(paths, 1):
        write_clip(path, TONE / level)

    def interrupt(done: int, _total: int) -> None:
        if done == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load(recordings(*paths), tmp_path / "cache", interrupt)
    assert [path for path in (tmp_path / "cache").rglob("*") if path.is_file()] == []
    corpus, counts = loaded(tmp_path, *paths)
    assert counts == [1, 2]
    assert len(corpus.recordings) == 2


def test_other_names_and_times_are_no_reason_to_decode(tmp_path: Path) -> None:
    for level, name in enumerate(("a", "b", "c"), 1):
        write_clip(tmp_path / f"{name}.wav", TONE / level)
    first, _ = loaded(tmp_path, *(tmp_path / f"{name}.wav" for name in "abc"))
    (tmp_path / "moved").mkdir()
    for name, other in (("a", "z"), ("b", "y"), ("c", "x")):
        (tmp_path / f"{name}.wav").rename(tmp_path / "moved" / f"{other}.wav")
        os.utime(tmp_path / "moved" / f"{other}.wav", (1e9, 1e9))
    second, counts = loaded(tmp_path, *(tmp_path / "moved" / f"{name}.wav" for name in "xyz"))
    assert counts == []
    for place, before in enumerate((2, 1, 0)):
        assert np.array_equal(second.audio(place), first.audio(before))


def test_of_a_set_that_has_grown_only_what_is_new_is_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [tmp_path / f"{name}.wav" for name in "abc"]
    for level, path in enumerate(paths, 1):
        write_clip(path, TONE / level)
    loaded(tmp_path, *paths[:2])
    read = []
    whole = corpus_module.decode
    monkeypatch.setattr(corpus_module, "decode", lambda path: (read.append(path), whole(path))[1])
    corpus, _ = loaded(tmp_path, *paths)
    assert read == paths[2:]
    for level in (1, 2, 3):
        assert np.abs(corpus.audio(level - 1) - TONE / level).max() < 1e-3


def test_an_unchanged_file_is_not_even_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_clip(tmp_path / "a.wav", TONE)
    monkeypatch.setattr(contents, "SETTLED_S", -1.0)
    loaded(tmp_path, tmp_path / "a.wav")
    read = []
    digest = hashlib.file_digest
    monkeypatch.setattr(hashlib, "file_digest", lambda *given: (read.append(1), digest(*given))[1])
    first, _ = loaded(tmp_path, tmp_path / "a.wav")
    assert read == []
    # The same size, time and path, yet another file.
    facts = (tmp_path / "a.wav").stat()
    write_clip(tmp_path / "b.wav", -TONE)
    os.utime(tmp_path / "b.wav", ns=(facts.st_atime_ns, facts.st_mtime_ns))
    (tmp_path / "b.wav").replace(tmp_path / "a.wav")
    second, counts = loaded(tmp_path, tmp_path / "a.wav")
    assert counts == [1]
    assert np.abs(second.audio(0) + first.audio(0)).max() < 1e-3


def test_the_same_sound_lies_there_once(tmp_path: Path) -> None:
    write_clip(tmp_path / "a.wav", TONE)
    soundfile.write(tmp_path / "b.flac", *soundfile.read(tmp_path / "a.wav", dtype="int16"))
    (tmp_path / "c.wav").write_bytes((tmp_path / "a.wav").read_bytes())
    corpus, _ = loaded(tmp_path, *(tmp_path / name for name in ("a.wav", "b.flac", "c.wav")))
    assert corpus.spans[0] == corpus.spans[1] == corpus.spans[2]
    assert len(corpus.samples) == RATE_HZ


@pytest.mark.parametrize("damage", ["cut", "grown", "no index", "wild index", "strange index"])
def test_a_damaged_cache_is_made_anew(tmp_path: Path, damage: str) -> None:
    write_clip(tmp_path / "a.wav", TONE)
    loaded(tmp_path, tmp_path / "a.wav")
    (samples,) = (tmp_path / "cache").rglob("samples.int16")
    index = samples.with_name("index.json")
    match damage:
        case "cut":
            samples.write_bytes(samples.read_bytes()[:-100])
        case "grown":
            samples.write_bytes(samples.read_bytes() + b"more")
        case "no index":
            index.unlink()
        case "wild index":
            index.write_text(index.read_text().replace("[0, 16000,", "[5, 16000,"))
        case "strange index":
            index.write_text("[1, 2]")
    corpus, counts = loaded(tmp_path, tmp_path / "a.wav")
    assert counts == [1]
    assert len(corpus.audio(0)) == RATE_HZ
    assert loaded(tmp_path, tmp_path / "a.wav")[1] == []


def test_two_processes_may_decode_at_once(tmp_path: Path) -> None:
    for level in range(1, 40):
        write_clip(tmp_path / "clips" / f"{level}.wav", TONE / level)
    script = """
import sys
from pathlib import Path
from kwspot.train.catalog import Kind, plain
from kwspot.train.corpus import load
folder = Path(sys.argv[1])
corpus = load(plain(folder / "clips", Kind.NOISE), folder / "cache", lambda *_: None)
print(len(corpus.samples), sum(abs(corpus.audio(place)).sum() for place in range(39)))
"""
    command = [sys.executable, "-c", script, str(tmp_path)]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate(timeout=60)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert said[0] == said[1] != ""
    assert list((tmp_path / "cache").glob("*.partial")) == []


def test_what_a_killed_process_has_left_is_swept_up(tmp_path: Path) -> None:
    write_clip(tmp_path / "a.wav", TONE)
    for name, age_s in (("old", 2 * 86_400), ("young", 60)):
        folder = tmp_path / "cache" / f"{name}.partial"
        folder.mkdir(parents=True)
        (folder / "samples.int16").write_bytes(b"half")
        for path in (folder / "samples.int16", folder):
            os.utime(path, (time.time() - age_s,) * 2)
    loaded(tmp_path, tmp_path / "a.wav")
    assert [path.name for path in (tmp_path / "cache").glob("*.partial")] == ["young.partial"]


def test_a_cache_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    write_clip(tmp_path / "a.wav", TONE)
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(AudioError, match=r"decoded audio cannot be kept in .*--cache"):
        loaded(tmp_path, tmp_path / "a.wav")


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
