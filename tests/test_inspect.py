"""`kwspot train --inspect`: what it counts, what it draws, what it refuses."""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from kwspot.cli import main
from kwspot.train.catalog import Split
from pictures import assert_picture
from training import complaint
from word_folders import clip, speakers, write_background, write_clip, write_words


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six good clips of two words in several formats, and one file of every kind of trouble."""
    root = write_background(tmp_path_factory.mktemp("mixed"))
    rng = np.random.default_rng(3)
    training, validation = speakers(Split.TRAINING, 2), speakers(Split.VALIDATION, 1)
    for word in ("fall", "rise"):
        write_clip(root / word / f"{training[0]}_nohash_0.wav", clip(word, rng))
        write_clip(root / word / f"{validation[0]}_nohash_0.wav", clip(word, rng))
    stereo = np.stack((clip("rise", rng),) * 2, axis=1)[:12_000]
    soundfile.write(root / "rise" / f"{training[1]}_nohash_0.flac", stereo, 24_000)
    # The same sound once more, in another format.
    again, rate_hz = soundfile.read(root / "fall" / f"{training[0]}_nohash_0.wav")
    soundfile.write(root / "fall" / f"{training[1]}_nohash_0.flac", again, rate_hz)
    # Trouble.
    faint = (1e-4 * rng.standard_normal(16_000)).astype(np.float32)
    write_clip(root / "rise" / f"{training[0]}_nohash_1.wav", faint)
    write_clip(root / "rise" / f"{training[0]}_nohash_2.wav", 4.0 * clip("rise", rng))
    write_clip(root / "rise" / f"{training[0]}_nohash_3.wav", np.zeros(0, np.float32))
    (root / "rise" / "text.wav").write_text("not audio")
    (root / "rise" / "nothing.wav").touch()
    os.mkfifo(root / "rise" / "pipe.wav")
    (root / "rise" / "notes.txt").write_text("notes")
    return root


def inspected(root: Path, out: Path, *arguments: str | Path) -> int:
    return main(["train", "--inspect", *map(str, (root, "--out", out, *arguments))])


def facts_of(capsys: pytest.CaptureFixture[str], root: Path, out: Path, *more: str) -> Any:
    assert inspected(root, out, "--json", *more) == 0
    return json.loads(capsys.readouterr().out)


def test_counts_are_those_of_the_folder(
    mixed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    facts = facts_of(capsys, mixed, tmp_path)
    assert (facts["files"], facts["clips"], facts["speakers"]) == (12, 8, 3)
    assert facts["words"]["fall"] == {
        "clips": 3, "speakers": 3, "training": 2, "validation": 1, "testing": 0,
    }  # fmt: skip
    assert facts["words"]["rise"] == {
        "clips": 5, "speakers": 3, "training": 4, "validation": 1, "testing": 0,
    }  # fmt: skip
    assert facts["splits"]["training"] == {"clips": 6, "speakers": 2}
    assert facts["splits"]["validation"] == {"clips": 2, "speakers": 1}
    assert facts["length_s"] == {"min": 0.5, "median": 1.0, "max": 1.0}
    assert facts["formats"] == {"WAV PCM_16": 6, "FLAC PCM_16": 2}
    assert facts["rates_hz"] == {"16000": 7, "24000": 1}
    assert facts["channels"] == {"1": 7, "2": 1}
    assert facts["other_files"] == {".txt": 1}
    assert [Path(path).name for path in facts["background"]] == ["wind.wav"]


def test_trouble_is_named(mixed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    facts = facts_of(capsys, mixed, tmp_path)
    speaker = speakers(Split.TRAINING, 1)[0]

    def names(paths: list[str]) -> list[str]:
        return [Path(path).name for path in paths]

    assert names(facts["near_silent"]) == [f"{speaker}_nohash_1.wav"]
    assert names(facts["clipped"]) == [f"{speaker}_nohash_2.wav"]
    assert names(facts["empty"]) == [f"{speaker}_nohash_3.wav"]
    assert sorted(names(list(facts["unreadable"]))) == ["nothing.wav", "pipe.wav", "text.wav"]
    (group,) = facts["duplicates"]
    assert {Path(path).suffix for path in group} == {".wav", ".flac"}
    assert {Path(path).parent.name for path in group} == {"fall"}


def test_levels_are_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    time = np.arange(16_000) / 16_000
    for number, amplitude in enumerate((0.1, 0.01, 0.001)):
        tone = (amplitude * np.sin(2 * np.pi * 440 * time)).astype(np.float32)
        write_clip(tmp_path / "data" / "tone" / f"{number}.wav", tone)
    facts = facts_of(capsys, tmp_path / "data", tmp_path / "out")
    # A sine's RMS is its amplitude over the square root of two: 3 dB.
    assert facts["rms_dbfs"] == {"min": -63.0, "median": -43.0, "max": -23.0}
    assert len(facts["near_silent"]) == 1
    assert facts["speakers_named"] == 0


def test_clips_are_drawn_by_seed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = write_words(tmp_path / "data", training=8, validation=0)
    drawn = {}
    for name, seed in (("a", "1"), ("b", "1"), ("c", "2")):
        facts = facts_of(capsys, data, tmp_path / name, "--seed", seed)
        assert len(facts["pictures"]) == 3
        assert all(Path(path).parent == tmp_path / name for path in facts["pictures"])
        drawn[name] = {Path(path).name: Path(path).read_bytes() for path in facts["pictures"]}
    assert drawn["a"] == drawn["b"]
    assert drawn["a"].keys() != drawn["c"].keys()
    for picture in drawn["a"].values():
        assert_picture(picture, least=(1000, 1000))


def test_chosen_clips_are_drawn_and_all_is_told(
    mixed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = next((mixed / "rise").glob("*.flac"))
    long = tmp_path / "elsewhere" / "long.wav"
    write_clip(long, np.tile(clip("hiss", np.random.default_rng(1)), 12))
    chosen = ("--clip", one.relative_to(mixed), "--clip", long)
    assert inspected(mixed, tmp_path / "out", *chosen) == 0
    said = capsys.readouterr().out
    names = {f"rise-{one.stem}.png", "elsewhere-long.png"}
    assert {path.name for path in (tmp_path / "out").iterdir()} == names
    for name in names:
        assert str(tmp_path / "out" / name) in said
        assert_picture((tmp_path / "out" / name).read_bytes(), least=(1000, 1000))
    for part in ("8 clips of 2 words by 3 speakers", "text.wav", "24000 Hz: 1", ".txt: 1"):
        assert part in said


@pytest.mark.parametrize(
    ("options", "part"),
    [
        (("--inspect", "nowhere"), "is not a folder"),
        (("--inspect", "empty"), "no word folders with audio"),
        (("--inspect", "data", "--clip", "gone.wav"), "there is no clip gone.wav"),
        (("--inspect", "data", "--clip", "data/rise/text.wav"), "cannot be drawn"),
        (("--inspect", "data", "--out", "data/rise/notes.txt"), "is a file"),
        (("--inspect", "data", "--epochs", "3"), "leave --epochs away"),
        (("--inspect", "data", "--resume", "run"), "leave --resume away"),
        (("--inspect", "data", "--split-by", "random"), "leave --split-by away"),
        (("--inspect", "data", "--from", "model"), "leave --from away"),
        (("--inspect", "data", "--seed", "-1"), "seed is -1"),
        (("--clip", "a.wav"), "--clip goes with --inspect"),
        (("--data", "data", "--json"), "--json goes with --inspect"),
    ],
)
def test_what_cannot_be_inspected_is_told_in_a_line(
    mixed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str], options: tuple[str, ...], part: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "data").symlink_to(mixed, target_is_directory=True)
    assert part in complaint(capsys, main(["train", *options]))
    assert not (tmp_path / "inspection").exists()
