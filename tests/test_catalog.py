"""What is found in folders, and which split each recording is in."""

from pathlib import Path

import numpy as np
import pytest

from kwspot.errors import AudioError, OptionError
from kwspot.train.catalog import (
    Kind,
    Split,
    extra_clips,
    hash_split,
    speaker_of,
    word_clips,
)
from kwspot.train.material import gather
from kwspot.train.recipe_file import Folders
from kwspot.train.speech import running_speech, speech_without
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


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("Yes", "OH YES"),
        ("yes", "\N{LEFT DOUBLE QUOTATION MARK}Yes, please.\N{RIGHT DOUBLE QUOTATION MARK}"),
        ("don't", "I don\N{RIGHT SINGLE QUOTATION MARK}t know"),
        ("turn_on", "turn the light on"),
        ("No", "who knows"),
    ],
)
def test_words_are_found_in_transcripts_however_they_are_written(
    tmp_path: Path, word: str, text: str
) -> None:
    far = tmp_path / "far"
    write_clip(far / "1-1-0.wav", NOISE)
    write_clip(far / "1-1-1.wav", NOISE)
    (far / "1-1.trans.txt").write_text(f"1-1-0 {text}\n1-1-1 SOMETHING ELSE", encoding="utf-8")
    speech = tmp_path / "speech"
    speech.mkdir()
    (speech / "here").symlink_to(far, target_is_directory=True)
    said = {clip.path.stem: clip.said for clip in running_speech(speech, frozenset({word}))}
    assert said == {"1-1-0": {word}, "1-1-1": frozenset()}
    assert all(clip.transcribed for clip in running_speech(speech, frozenset({word})))


def test_extra_clips_are_of_the_word_above_them_however_far(tmp_path: Path) -> None:
    for name in ("yes/a.wav", "yes/voice1/b.wav", "voice2/yes/c.wav", "maybe/d.wav"):
        write_clip(tmp_path / name, NOISE)
    found = {clip.path.stem: clip.word for clip in extra_clips(tmp_path, ("no", "yes"))}
    assert found == {"a": "yes", "b": "yes", "c": "yes", "d": "maybe"}


def test_lists_hold_names_with_blanks(tmp_path: Path) -> None:
    for name in ("a 1.wav", "b 2.wav", "c.wav"):
        write_clip(tmp_path / "hey you" / name, NOISE)
    (tmp_path / "validation_list.txt").write_text("hey you/a 1.wav\n")
    (tmp_path / "testing_list.txt").write_text("hey you/b 2.wav\r\n")
    splits = [clip.split for clip in word_clips(tmp_path)]
    assert splits == [Split.VALIDATION, Split.TESTING, Split.TRAINING]


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
