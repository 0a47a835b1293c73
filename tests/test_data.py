"""What a run hears of its folders: how they are split, and each sound once."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from kwspot.spotting.checkpoint import load
from kwspot.spotting.features import FeatureConfig
from kwspot.train.catalog import Kind, Recording, Split
from kwspot.train.corpus import LONGEST_CLIP, Corpus
from kwspot.train.corpus import load as decoded
from kwspot.train.duplicates import without_duplicates
from kwspot.train.mixing import Mixer
from kwspot.train.random_split import random_split
from kwspot.train.recipe import MixRecipe
from kwspot.train.recipe_file import read_recipe
from kwspot.train.verdicts import heard
from training import begun, complaint
from word_folders import RATE_HZ, WORDS, clip, sound, write_clip, write_words

RNG = np.random.default_rng


def corpus_of(folder: Path, *recordings: Recording) -> Corpus:
    return decoded(recordings, folder / "cache", lambda *_: None)


def rows(run: Path) -> list[dict[str, str]]:
    with (run / "split.tsv").open(newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def test_a_random_split_does_not_depend_on_order_or_place() -> None:
    names = [f"{number:08x}_nohash_0.wav" for number in range(500)]
    clips = [
        Recording(Path("/a", word, name), Kind.WORD, word, "", Split.TRAINING)
        for word in WORDS
        for name in names
    ]
    split = {(entry.word, entry.path.name): entry.split for entry in random_split(clips, 3)}
    counts = [list(split.values()).count(part) for part in Split]
    assert counts == [900, 300, 300]
    moved = [replace(entry, path=Path("/b", entry.word, entry.path.name)) for entry in clips]
    again = {(e.word, e.path.name): e.split for e in random_split(reversed(moved), 3)}
    assert again == split
    assert [e.split for e in random_split(clips, 4)] != [e.split for e in random_split(clips, 3)]
    more = [*clips, replace(clips[0], path=Path("/a/rise/new.wav"))]
    changed = sum(
        one.split is not other.split
        for one, other in zip(random_split(clips, 3), random_split(more, 3), strict=False)
    )
    assert changed <= 3


def test_a_random_split_is_as_asked_and_warned_of(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = write_words(tmp_path / "data", training=10, validation=0)
    write_clip(tmp_path / "extra" / "rise" / "voice.wav", clip("rise", RNG(1)))
    size = ("--epochs", "1", "--batches", "1")
    run = tmp_path / "run"
    options = ("--split-by", "random", "--extra", tmp_path / "extra", "--seed", "3")
    assert begun(data, run, *size, *options) == 0
    assert "one speaker" in capsys.readouterr().err
    assert read_recipe(run / "recipe.toml").values["split_by"] == "random"
    splits = [row["split"] for row in rows(run) if Path(row["path"]).is_relative_to(data)]
    assert [splits.count(part) for part in Split] == [24, 8, 8]
    assert [row["split"] for row in rows(run) if "voice" in row["path"]] == ["training"]
    official = tmp_path / "official"
    assert begun(data, official, *size) == 0
    assert "one speaker" not in capsys.readouterr().err
    assert {row["split"] for row in rows(official)} == {"training"}


def test_a_recipe_that_splits_otherwise_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = write_words(tmp_path / "data", 2, 0)
    assert "--split-by" in complaint(capsys, begun(data, tmp_path / "run", "--split-by", "luck"))
    for text, part in (('"luck"', "official or random, not luck"), ("3", "is a text, not 3")):
        (tmp_path / "odd.toml").write_text(f"split_by = {text}")
        code = begun(data, tmp_path / "run", "--recipe", tmp_path / "odd.toml")
        assert part in complaint(capsys, code)


def doubled(folder: Path, *where: tuple[str, str, Split]) -> Corpus:
    """One sound as (word, name, split) each, and other sounds of the words beside it."""
    entries = []
    for number, (word, name, split) in enumerate(where):
        path = folder / word / name
        write_clip(path, clip("rise", RNG(1)))
        entries.append(Recording(path, Kind.WORD, word, "", split))
        other = folder / word / f"other {number}.wav"
        write_clip(other, clip("rise", RNG(2 + number)))
        entries.append(Recording(other, Kind.WORD, word, "", split))
    return without_duplicates(corpus_of(folder, *entries))


def kept(corpus: Corpus) -> set[str]:
    names = (f"{entry.word}/{entry.path.name}" for entry in corpus.recordings)
    return {name for name in names if "other" not in name}


def lines(corpus: Corpus, folder: Path) -> list[str]:
    return [line.replace(f"{folder}/", "") for line in corpus.skipped]


TRAINING, VALIDATION, TESTING = Split


def test_of_the_same_clip_twice_the_first_trains(tmp_path: Path) -> None:
    corpus = doubled(tmp_path, ("rise", "a.wav", TRAINING), ("rise", "b.wav", TRAINING))
    assert kept(corpus) == {"rise/a.wav"}
    assert lines(corpus, tmp_path) == ["rise/b.wav: is the same as rise/a.wav"]


def test_what_measures_does_not_train(tmp_path: Path) -> None:
    corpus = doubled(
        tmp_path,
        ("rise", "a.wav", TRAINING),
        ("rise", "b.wav", VALIDATION),
        ("rise", "c.wav", TESTING),
    )
    assert kept(corpus) == {"rise/b.wav", "rise/c.wav"}
    assert lines(corpus, tmp_path) == [
        "rise/a.wav: is the same as rise/b.wav, which is for validation",
        "rise/c.wav: is the same as rise/b.wav, which is for validation; it counts all the same",
    ]


def test_a_clip_under_two_words_trains_neither(tmp_path: Path) -> None:
    corpus = doubled(
        tmp_path,
        ("rise", "a.wav", TRAINING),
        ("rise", "b.wav", TRAINING),
        ("fall", "c.wav", TRAINING),
    )
    assert kept(corpus) == set()
    assert lines(corpus, tmp_path) == [
        "rise/a.wav: is the same as fall/c.wav, under another word",
        "rise/b.wav: is the same as fall/c.wav, under another word",
        "fall/c.wav: is the same as rise/a.wav, under another word",
    ]


def test_for_validation_every_clip_counts(tmp_path: Path) -> None:
    corpus = doubled(
        tmp_path,
        ("rise", "a.wav", VALIDATION),
        ("rise", "b.wav", VALIDATION),
        ("fall", "c.wav", VALIDATION),
        ("hiss", "d.wav", TRAINING),
    )
    assert kept(corpus) == {"rise/a.wav", "rise/b.wav", "fall/c.wav"}
    assert len(corpus.skipped) == 3
    assert (
        lines(corpus, tmp_path)[-1] == "hiss/d.wav: is the same as rise/a.wav, under another word"
    )


def test_all_that_is_left_out_is_in_one_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = write_words(tmp_path / "data", training=3, validation=1)
    first = min((data / "rise").iterdir())
    (data / "rise" / "y.wav").write_bytes(first.read_bytes())
    samples, _ = soundfile.read(first, dtype="int16")
    soundfile.write(data / "rise" / "z.flac", samples, RATE_HZ)
    (data / "fall" / "text.wav").write_text("not audio")
    (data / "fall" / "empty.wav").write_bytes(b"")
    (data / "fall" / "link.wav").symlink_to(tmp_path / "nowhere")
    write_clip(data / "fall" / "blip.wav", clip("fall", RNG(1))[5000:5100])
    soundfile.write(data / "fall" / "slow.wav", np.ones(99), 100)
    run = tmp_path / "run"
    assert begun(data, run, "--epochs", "1", "--batches", "1") == 0
    said = capsys.readouterr().err
    assert "cannot be used are left out: 5" in said
    assert "duplicates, which train once at most: 2" in said
    report = (run / "skipped.txt").read_text()
    for name, reason in {
        "text.wav": "Format not recognised",
        "empty.wav": "it is an empty file",
        "link.wav": "No such file",
        "blip.wav": "it lasts 6.2 ms",
        "slow.wav": "a sample rate of 100 Hz",
        "y.wav": f"is the same as {first}",
        "z.flac": f"is the same as {first}",
    }.items():
        (line,) = [line for line in report.splitlines() if f"/{name}: " in line]
        assert reason in line
    assert load(run / "model.safetensors").facts["data"]["training"]["rise"] == 3


def test_too_few_are_told_with_what_was_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = write_words(tmp_path / "data", training=3, validation=0)
    first, *others = sorted((data / "rise").iterdir())
    for path in others:
        path.write_bytes(first.read_bytes())
    line = complaint(capsys, begun(data, tmp_path / "run"))
    assert "rise (1)" in line
    assert f"2 files are left out, the first is {others[0]}: is the same as {first}" in line


def test_of_a_long_recording_the_loudest_second_trains(tmp_path: Path) -> None:
    rng = RNG(1)
    entries = []
    for word, where in (("rise", 100.0), ("fall", 1.0), ("hiss", 149.5)):
        samples = (1e-4 * rng.standard_normal(150 * RATE_HZ)).astype(np.float32)
        begin = int(where * RATE_HZ)
        samples[begin : begin + 6400] += sound(word, rng)
        for number in range(2):
            path = tmp_path / word / f"{number}.wav"
            write_clip(path, samples)
            entries.append(Recording(path, Kind.WORD, word, "", Split.TRAINING))
    corpus = corpus_of(tmp_path, *entries)
    for place in range(len(entries)):
        samples, span = corpus.clip(place)
        assert len(samples) == span.length <= LONGEST_CLIP
        assert span.sound_end - span.sound_start == pytest.approx(6400, abs=700)
        loud = np.abs(samples[span.sound_start : span.sound_end]).mean()
        assert (
            loud > 100 * np.abs(np.delete(samples, np.s_[span.sound_start : span.sound_end])).mean()
        )
    always = MixRecipe(unknown=0.0, silence=0.0, noise=0.0, neighbour=0.0, as_recorded=1.0)
    mixer = Mixer(corpus, WORDS, always, FeatureConfig())
    for number in range(20):
        example = mixer.example(RNG((0, 0, number)))
        assert (example.frames == example.label).sum() > 15


@pytest.mark.parametrize("seconds", [1.25, 1.45, 3.0])
@pytest.mark.parametrize("at_end", [False, True])
def test_of_a_clip_over_a_second_the_word_is_not_cut(
    tmp_path: Path, seconds: float, at_end: bool
) -> None:
    rng = RNG(2)
    samples = (1e-4 * rng.standard_normal(round(seconds * RATE_HZ))).astype(np.float32)
    begin = len(samples) - 6800 if at_end else 400
    samples[begin : begin + 6400] += sound("rise", rng)
    path = tmp_path / "rise" / "0.wav"
    write_clip(path, samples)
    corpus = corpus_of(tmp_path, Recording(path, Kind.WORD, "rise", "", Split.TRAINING))
    clip, span = corpus.clip(0)
    assert len(clip) == span.length == RATE_HZ
    loud = np.flatnonzero(np.abs(heard(path, RATE_HZ)) > 0.1)
    assert loud[-1] - loud[0] == pytest.approx(6400, abs=20)
    np.testing.assert_array_equal(heard(path, RATE_HZ), clip)
