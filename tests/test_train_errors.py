"""What cannot be trained is told in one line, with exit code 2."""

from pathlib import Path

import pytest

from kwspot.cli import main
from kwspot.spotting.checkpoint import load
from kwspot.train.catalog import Split
from training import begun, complaint, metrics, trained
from word_folders import (
    speakers,
    write_words,
)


@pytest.mark.parametrize(
    ("options", "part"),
    [
        ((), "--data DIR is missing"),
        (("--data", "nowhere"), "is not a folder"),
        (("--data", "empty"), "no word folders with audio"),
        (("--data", "texts"), "no word folders with audio"),
        (("--data", "lies"), "none of the recordings can be read"),
        (("--data", "data", "--words", "rise"), "name two or more"),
        (("--data", "data", "--words", "rise,jump"), "no recordings of jump"),
        (("--data", "data", "--words", "rise,rise"), "each word is named once"),
        (("--data", "data", "--words", ",,"), "--words names no word"),
        (
            ("--data", "data", "--seed", "99999999999999999999999"),
            "seed is 99999999999999999999999",
        ),
        (("--data", "few"), "too few training clips of fall (1)"),
        (("--data", "data", "--noise", "empty"), "holds no audio"),
        (("--data", "data", "--speech", "empty"), "holds no audio"),
        (("--data", "data", "--speech", "spoken"), "no utterance that is free of the words"),
        (("--data", "data", "--filter-model", "wrong.toml"), "no safetensors file"),
        (("--data", "data", "--filter-model", "nowhere"), "there is no model file"),
        (("--data", "data", "--split-by", "luck"), "--split-by"),
        (("--data", "data", "--recipe", "split.toml"), "official or random, not luck"),
        (("--data", "wrong.toml"), "is not a folder"),
        (("--data", "single"), "name two or more"),
        (("--data", "lone"), "too few training clips of fall (1), rise (1)"),
        (("--data", "same"), "2 files are left out"),
        (("--data", "empty", "--download", "v0.03"), "--download"),
        (("--download", "v0.01"), "--data DIR"),
        (("--resume", "empty", "--download", "v0.01"), "leave --download away"),
        (("--resume", "empty", "--filter-model", "x"), "leave --filter-model away"),
        (("--data", "data", "--batch", "0"), "batch is 0"),
        (("--data", "data", "--epochs", "0"), "epochs is 0"),
        (("--data", "data", "--rate", "-1"), "rate is -1"),
        (("--data", "data", "--rate", "0"), "rate is 0"),
        (("--data", "data", "--rate", "nan"), "rate is nan"),
        (("--data", "data", "--rate", "inf"), "rate is inf"),
        (("--data", "data", "--compute", "tpu"), "--compute"),
        (("--data", "data", "--workers", "-1"), "--workers"),
        (("--data", "data", "--threads", "0"), "--threads"),
        (("--data", "data", "--recipe", "wrong.toml"), "did you mean 'epochs'"),
        (("--data", "data", "--recipe", "gone.toml"), "there is no recipe"),
        (("--data", "data", "--out", "data"), "exists and is not empty"),
        (("--data", "data", "--out", "wrong.toml"), "is a file"),
        (("--data", "data", "--out", "begun"), "not empty: name another --out"),
        (("--data", "data", "--out", "o" * 300), "File name too long; name another folder"),
        (("--resume", "o" * 300), "File name too long; name another folder"),
        (("--resume", "begun"), "no run to resume"),
        (("--resume", "empty"), "no run to resume"),
        (("--resume", "nowhere"), "no run to resume"),
        (("--resume", "data", "--epochs", "9"), "leave --epochs away"),
    ],
)
def test_what_cannot_be_trained_is_told_in_a_line(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str], options: tuple[str, ...], part: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").symlink_to(data, target_is_directory=True)
    (tmp_path / "empty").mkdir()
    for name in ("texts/rise/a.txt", "texts/fall/b.txt", "lies/rise/a.wav", "lies/fall/b.wav"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("not audio")
    write_words(tmp_path / "few", training=2, validation=0)
    (tmp_path / "few" / "fall" / f"{speakers(Split.TRAINING, 1)[0]}_nohash_0.wav").unlink()
    (tmp_path / "wrong.toml").write_text("epoch = 3")
    (tmp_path / "begun").mkdir()
    (tmp_path / "begun" / "split.tsv").touch()
    (tmp_path / "split.toml").write_text('split_by = "luck"')
    clips = sorted((data / "rise").iterdir())[:2]
    for name, clip in (("single/rise/a", 0), ("lone/rise/a", 0), ("lone/fall/a", 1),
                       ("same/rise/a", 0), ("same/rise/b", 0), ("same/fall/a", 1),
                       ("same/fall/b", 1), ("spoken/a", 0)):  # fmt: skip
        path = (tmp_path / name).with_suffix(".wav")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(clips[clip].read_bytes())
    (tmp_path / "spoken" / "a.trans.txt").write_text("a AND THEY RISE")
    assert part in complaint(capsys, trained(tmp_path, *options))
    assert not (tmp_path / "runs").exists()


def test_a_loss_that_is_no_number_keeps_the_last_epoch(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    code = begun(data, run, "--epochs", "50", "--batches", "2", "--rate", "1e25")
    line = complaint(capsys, code)
    assert "no longer" in line
    assert "lower --rate" in line
    kept = [line["epoch"] for line in metrics(run)] if (run / "metrics.jsonl").exists() else []
    assert (f"keeps epoch {len(kept)}" if kept else "nothing was kept") in line
    if kept:
        load(run / "model.safetensors").build()


def test_a_folder_that_is_closed_is_named(
    data: Path, closed_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = closed_folder / "run"
    for options in (("--data", str(data), "--out", str(run)), ("--resume", str(run))):
        told = complaint(capsys, main(["train", *options]))
        assert told == f"kwspot: {run} cannot be used: Permission denied; name another folder\n"
