"""What is found in folders, and which split each recording is in."""

from pathlib import Path

import numpy as np
import pytest

from kwspot.errors import AudioError, OptionError
from kwspot.train.catalog import (
    Kind,
    Split,
    hash_split,
    running_speech,
    speaker_of,
    speech_without,
    word_clips,
)
from kwspot.train.material import gather
from kwspot.train.recipe_file import Folders
from word_folders import write_background, write_clip, write_words

NOISE = (0.1 * np.random.default_rng(1).standard_normal(8_000)).astype(np.float32)


@pytest.mark.parametrize(
    ("name", "split"),
    [
        # From the lists of the published data set.
        ("0d82fd99_nohash_0.wav", Split.VALIDATION),
        ("026290a7_nohash_0.wav", Split.VALIDATION),
        ("060cd039_nohash_1.wav", Split.VALIDATION),
        ("9b8a7439_nohash_3.wav", Split.TRAINING),
        ("00176480_nohash_0.wav", Split.TRAINING),
        ("004ae714_nohash_0.wav", Split.TRAINING),
    ],
)
def test_published_clips_are_in_their_published_split(name: str, split: Split) -> None:
    assert hash_split(speaker_of(Path(name))) is split


def test_the_rule_gives_a_tenth_to_validation_and_to_testing() -> None:
    splits = [hash_split(f"speaker {number}") for number in range(4000)]
    assert splits.count(Split.VALIDATION) == pytest.approx(400, abs=60)
    assert splits.count(Split.TESTING) == pytest.approx(400, abs=60)


def splits_of(root: Path) -> dict[str, Split]:
    return {f"{clip.word}/{clip.path.name}": clip.split for clip in word_clips(root)}


def test_lists_win_over_the_rule(tmp_path: Path) -> None:
    for name in ("0d82fd99_nohash_0.wav", "9b8a7439_nohash_3.wav", "004ae714_nohash_0.wav"):
        write_clip(tmp_path / "yes" / name, NOISE)
    (tmp_path / "testing_list.txt").write_text("yes/9b8a7439_nohash_3.wav\n")
    assert splits_of(tmp_path) == {
        "yes/0d82fd99_nohash_0.wav": Split.TRAINING,
        "yes/9b8a7439_nohash_3.wav": Split.TESTING,
        "yes/004ae714_nohash_0.wav": Split.TRAINING,
    }


def test_linked_word_folders_are_followed_and_background_is_no_word(tmp_path: Path) -> None:
    real = tmp_path / "elsewhere"
    write_clip(real / "a_nohash_0.wav", NOISE)
    data = tmp_path / "data"
    write_background(data)
    (data / "yes").symlink_to(real, target_is_directory=True)
    assert [(clip.word, clip.speaker) for clip in word_clips(data)] == [("yes", "a")]


def test_a_closed_folder_is_told_of(closed_folder: Path) -> None:
    with pytest.raises(AudioError, match="cannot be read: Permission denied"):
        word_clips(closed_folder)


def test_a_link_back_to_its_own_folder_is_not_followed_for_ever(tmp_path: Path) -> None:
    write_clip(tmp_path / "yes" / "a_nohash_0.wav", NOISE)
    write_clip(tmp_path / "no" / "a_nohash_0.wav", NOISE)
    for name, target in (("again", tmp_path / "yes"), ("above", tmp_path)):
        (tmp_path / "yes" / name).symlink_to(target, target_is_directory=True)
    assert [(clip.word, clip.path.parent.name) for clip in word_clips(tmp_path)] == [
        ("no", "no"), ("yes", "yes")
    ]  # fmt: skip


def test_running_speech_with_a_word_or_its_homophone_is_left_out(tmp_path: Path) -> None:
    texts = {"1-1-0": "WE KNOW IT", "1-1-1": "SAY NO", "2-1-0": "A FINE DAY", "3-1-0": None}
    for stem in texts:
        write_clip(tmp_path / f"{stem}.wav", NOISE)
    lines = [f"{stem} {text}" for stem, text in texts.items() if text]
    (tmp_path / "1-1.trans.txt").write_text("\n".join(lines))
    found = {clip.path.stem: clip for clip in speech_without(tmp_path, frozenset({"no"}))}
    assert {stem: clip.transcribed for stem, clip in found.items()} == {
        "2-1-0": True,
        "3-1-0": False,
    }
    assert found["3-1-0"].split is Split.VALIDATION, "as a transcribed one of this speaker"
    every = {clip.path.stem: clip for clip in running_speech(tmp_path, frozenset({"no", "day"}))}
    assert {stem: (clip.kind, clip.said) for stem, clip in every.items()} == {
        "1-1-0": (Kind.SPOKEN, {"no"}),
        "1-1-1": (Kind.SPOKEN, {"no"}),
        "2-1-0": (Kind.SPOKEN, {"day"}),
        "3-1-0": (Kind.SPEECH, set()),
    }


def test_running_speech_that_is_full_of_words_is_refused(tmp_path: Path) -> None:
    write_clip(tmp_path / "talk.wav", NOISE)
    (tmp_path / "t.trans.txt").write_text("talk THEY SAID NO")
    with pytest.raises(AudioError, match="free of the words"):
        speech_without(tmp_path, frozenset({"no"}))


def test_recordings_come_in_the_order_they_are_drawn_from(tmp_path: Path) -> None:
    data = write_background(write_words(tmp_path / "data", 1, 1))
    first, second = tmp_path / "b", tmp_path / "a"
    for root in (first, second):
        write_clip(root / "rise" / "voice.wav", NOISE)
    hum = tmp_path / "hum"
    write_clip(hum / "fan.wav", NOISE)
    folders = Folders(data, extra=(first, second), noise=(hum,))
    material = gather(folders, ("rise", "fall"))
    assert material.words == ("rise", "fall")
    rises = [clip.path for clip in material.recordings if clip.word == "rise"]
    assert [path.parents[1] for path in rises] == [data, data, first, second]
    noises = [clip.path.name for clip in material.recordings if clip.kind is Kind.NOISE]
    assert noises == ["wind.wav", "fan.wav"]


def test_all_words_are_spotted_where_none_is_named(tmp_path: Path) -> None:
    data = write_words(tmp_path / "data", 1, 1)
    write_clip(data / "_unknown_" / "x.wav", NOISE)
    (data / "empty").mkdir()
    assert gather(Folders(data), ()).words == ("buzz", "fall", "hiss", "rise")


def test_a_word_without_a_folder_is_named_with_those_there_are(tmp_path: Path) -> None:
    data = write_words(tmp_path / "data", 1, 1)
    with pytest.raises(OptionError, match=r"no recordings of jump; its words are buzz, fall"):
        gather(Folders(data), ("rise", "jump"))
