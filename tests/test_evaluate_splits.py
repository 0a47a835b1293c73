"""`kwspot evaluate --split`: which clips are in a split, and what is fitted on one."""

from pathlib import Path

import pytest

from kwspot.cli import main
from kwspot.resources import bundled_model
from kwspot.train.catalog import Split
from labelled_clips import cut, evaluated, put
from word_folders import speakers

Capture = pytest.CaptureFixture[str]


def split_words(root: Path) -> Path:
    """Clips of "yes" and "no": two for training, one each to validate and to test, by speaker."""
    for split, count in ((Split.TRAINING, 2), (Split.VALIDATION, 1), (Split.TESTING, 1)):
        for name in speakers(split, count):
            for word in ("yes", "no"):
                put(root, word, cut(word), f"{name}_nohash_0.wav")
    return root


def test_splits_follow_the_published_rule_or_the_lists(tmp_path: Path, capsys: Capture) -> None:
    root = split_words(tmp_path)
    counts = [
        evaluated(capsys, root, "--split", split)["clips"]
        for split in ("all", "training", "validation", "testing")
    ]
    assert counts == [8, 4, 2, 2]
    one = sorted((root / "yes").iterdir())[0]
    (root / "validation_list.txt").write_text(f"yes/{one.name}\n")
    facts = evaluated(capsys, root, "--split", "validation")
    assert facts["per_word"].keys() == {"yes"}
    assert facts["clips"] == 1


def write_table(path: Path, rows: list[tuple[Path, str, str]]) -> Path:
    lines = [f"{clip}\t{word}\tsomebody\t{split}\n" for clip, word, split in rows]
    path.parent.mkdir(exist_ok=True)
    path.write_text("path\tword\tspeaker\tsplit\n" + "".join(lines))
    return path


def test_a_table_of_splits_is_followed_wherever_the_clips_lie_now(
    tmp_path: Path, capsys: Capture
) -> None:
    root = split_words(tmp_path / "data")
    clips = [(clip, word) for word in ("yes", "no") for clip in sorted((root / word).iterdir())]
    splits = ["testing", "training", "validation"]
    rows = [(clip, word, splits[n]) for n, (clip, word) in enumerate(clips[:3])]
    table = write_table(tmp_path / "run" / "split.tsv", rows)
    facts = evaluated(capsys, root, "--split", "testing", "--split-file", table)
    assert (facts["clips"], facts["split_by"]) == (1, str(table))
    moved = root.rename(tmp_path / "moved")
    # A run's folder will do.
    facts = evaluated(capsys, moved, "--split", "validation", "--split-file", table.parent)
    assert facts["clips"] == 1
    assert evaluated(capsys, moved, "--split-file", table)["clips"] == 8


def test_the_splits_of_the_run_that_made_a_model_are_followed(
    tmp_path: Path, capsys: Capture
) -> None:
    root = split_words(tmp_path / "data")
    yes, no = (sorted((root / word).iterdir()) for word in ("yes", "no"))
    # Other splits than those of the published rule, and none for one of the clips.
    rows = [(clip, "yes", "validation") for clip in yes[:3]]
    rows += [(clip, "no", "training") for clip in no]
    run = tmp_path / "run"
    table = write_table(run / "split.tsv", rows)
    model = run / "model.safetensors"
    model.write_bytes(bundled_model().read_bytes())
    asked = ("--split", "validation")
    for name in (model, run):
        facts = evaluated(capsys, root, "--model", name, *asked)
        assert (facts["clips"], facts["split_by"]) == (3, str(table))
        assert facts["model"] == str(model)
        (told,) = facts["warnings"]
        assert "the splits are those of the model's run" in told
        assert "; clips in none of them: 1" in told
    official = evaluated(capsys, root, "--model", run, *asked, "--split-file", "official")
    assert official["clips"] == 2
    assert "has learnt from 1 of these clips" in " ".join(official["warnings"])
    whole = evaluated(capsys, root, "--model", run)
    assert (whole["clips"], whole["warnings"]) == (8, [])
    # It says nothing about other data.
    other = split_words(tmp_path / "other")
    for clip in sorted(other.glob("*/*.wav")):
        clip.rename(clip.with_stem(clip.stem.replace("_0", "_9")))
    facts = evaluated(capsys, other, "--model", run, *asked)
    assert (facts["clips"], facts["warnings"]) == (2, [])
    assert "published rule" in facts["split_by"]


def test_a_model_that_has_learnt_from_the_clips_is_told_of(tmp_path: Path, capsys: Capture) -> None:
    root = split_words(tmp_path / "data")
    run = tmp_path / "run"
    clip = root / "yes" / f"{speakers(Split.TESTING, 1)[0]}_nohash_0.wav"
    table = write_table(run / "split.tsv", [(clip, "yes", "training")])
    model = run / "model.safetensors"
    model.write_bytes(bundled_model().read_bytes())
    official = ("--split", "testing", "--split-file", "official")
    told = evaluated(capsys, root, "--model", model, *official)["warnings"]
    assert len(told) == 1
    assert f"has learnt from 1 of these clips, as {table} says" in told[0]
    assert evaluated(capsys, root, "--model", model)["warnings"] == []


def test_the_temperature_is_fitted_on_the_validation_split(tmp_path: Path, capsys: Capture) -> None:
    root = split_words(tmp_path)
    (validating,) = speakers(Split.VALIDATION, 1)
    facts = evaluated(capsys, root, "--split", "testing")
    fitted = facts["calibration"]["fitted_on"]
    assert (facts["clips"], fitted["clips"], fitted["split"]) == (2, 2, "validation")
    # Without an error nothing says how sure the model may be.
    assert facts["calibration"]["temperature"] is None
    put(root, "yes", cut("no"), f"{validating}_nohash_1.wav")
    facts = evaluated(capsys, root, "--split", "testing")["calibration"]
    assert facts["fitted_on"]["clips"] == 3
    assert facts["temperature"] > 1.0
    assert facts["error_at_temperature"] > facts["error"]
    (root / "testing_list.txt").write_text("")
    facts = evaluated(capsys, root)["calibration"]
    assert (facts["temperature"], facts["fitted_on"]["clips"]) == (None, 0)
    assert main(["evaluate", "--data", str(root)]) == 0
    assert "no clip is in the validation split" in " ".join(capsys.readouterr().out.split())
