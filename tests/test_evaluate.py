"""`kwspot evaluate`: what counts, and as what."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

from commands import Terminal, run_kwspot
from kwspot.cli import main
from kwspot.resources import bundled_model
from kwspot.spotting.checkpoint import load, save
from labelled_clips import RATE_HZ, cut, evaluated, put, tight
from training import complaint
from words import said

SILENCE = np.zeros(RATE_HZ, np.float32)


Capture = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every word of the sample, and "no" once more in the folder of "stop"."""
    root = tmp_path_factory.mktemp("clips")
    for entry in said():
        put(root, entry.word, cut(entry.word), "anna_nohash_0.wav")
    put(root, "stop", cut("no"), "bert_nohash_0.wav")
    return root


def test_the_object_tells_what_was_named_as_what(data: Path, capsys: Capture) -> None:
    facts = evaluated(capsys, data)
    assert facts["clips"] == len(said()) + 1
    assert facts["right"] == len(said())
    assert facts["accuracy"] == pytest.approx(12 / 13, abs=1e-6)
    assert facts["mean_word_accuracy"] == pytest.approx(11.5 / 12, abs=1e-6)
    assert facts["per_word"].keys() == {entry.word for entry in said()}
    stop = facts["per_word"]["stop"]
    assert (stop["clips"], stop["right"], stop["recall"], stop["precision"]) == (2, 1, 0.5, 1.0)
    assert stop["interval"] == pytest.approx([0.0945, 0.9055], abs=5e-5)
    assert (facts["per_word"]["no"]["named"], facts["per_word"]["no"]["precision"]) == (2, 0.5)
    assert facts["confusion"]["stop"] == {"stop": 1, "no": 1}
    assert facts["confusion"]["yes"] == {"yes": 1}
    assert facts["warnings"] == []


def test_people_read_the_same(data: Path, capsys: Capture) -> None:
    assert main(["evaluate", "--data", str(data)]) == 0
    shown = capsys.readouterr().out
    assert "92.31%" in shown
    assert "12 of 13 clips" in shown
    assert "stop as no 1" in shown
    # The first line names files, which may be long.
    assert max(map(len, shown.splitlines()[1:])) < 100


def test_programs_read_one_line(data: Path) -> None:
    done = run_kwspot("evaluate", "--data", data, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("\n") == 1
    assert json.loads(done.stdout)["right"] == 12


def test_a_bar_shows_how_far_it_is(data: Path) -> None:
    terminal = Terminal("evaluate", "--data", data, "--words", "yes,no")
    terminal.wait_for("listening")
    code, shown = terminal.finish()
    assert code == 0
    assert "100.00%" in shown


def test_words_restrict_it_to_their_folders(data: Path, capsys: Capture) -> None:
    facts = evaluated(capsys, data, "--words", "yes, stop")
    assert facts["per_word"].keys() == {"yes", "stop"}
    assert (facts["clips"], facts["right"]) == (3, 2)
    # "no" was only left out: it is still there, and not unknown.
    assert facts["confusion"]["stop"] == {"stop": 1, "no": 1}


def test_every_clip_counts_duplicates_and_links_included(tmp_path: Path, capsys: Capture) -> None:
    elsewhere = tmp_path / "elsewhere"
    first = put(elsewhere, "yes", cut("yes"), "a_nohash_0.wav")
    put(elsewhere, "yes", cut("yes"), "a_nohash_1.wav")
    root = tmp_path / "data"
    root.mkdir()
    (root / "yes").symlink_to(elsewhere / "yes", target_is_directory=True)
    put(root, "no", cut("no"))
    (root / "no" / "linked.wav").symlink_to(first)
    put(root, "_background_noise_", cut("stop"))
    facts = evaluated(capsys, root)
    assert facts["clips"] == 4
    assert facts["confusion"] == {"no": {"no": 1, "yes": 1}, "yes": {"yes": 2}}


def test_a_name_without_a_folder_is_unknown_only_where_that_folder_is(
    tmp_path: Path, capsys: Capture
) -> None:
    put(tmp_path, "no", cut("no"))
    put(tmp_path, "tree", cut("yes"))
    facts = evaluated(capsys, tmp_path)
    assert facts["confusion"] == {"no": {"no": 1}, "_unknown_": {"yes": 1}}
    assert facts["right"] == 1
    put(tmp_path, "_unknown_", cut("stop"))
    facts = evaluated(capsys, tmp_path)
    assert facts["confusion"] == {"no": {"no": 1}, "_unknown_": {"_unknown_": 2}}
    assert facts["folders"]["tree"] == {"clips": 1, "right": 1}
    put(tmp_path, "yes", cut("yes"))
    facts = evaluated(capsys, tmp_path)
    assert facts["confusion"]["_unknown_"] == {"_unknown_": 1, "yes": 1}


def test_silence_is_a_label_of_its_own(tmp_path: Path, capsys: Capture) -> None:
    put(tmp_path, "_silence_", SILENCE)
    put(tmp_path, "yes", cut("yes"))
    facts = evaluated(capsys, tmp_path)
    assert facts["confusion"] == {"_silence_": {"_silence_": 1}, "yes": {"yes": 1}}
    put(tmp_path, "tree", SILENCE)
    assert evaluated(capsys, tmp_path)["confusion"]["_unknown_"] == {"_silence_": 1}


def test_audio_of_any_format_rate_and_length_is_heard(tmp_path: Path, capsys: Capture) -> None:
    for entry in said()[:3]:
        put(tmp_path, entry.word, tight(entry.word), "short.wav")
        far = np.concatenate((SILENCE, SILENCE, cut(entry.word), SILENCE))
        put(tmp_path, entry.word, far, "late.flac")
        put(tmp_path, entry.word, np.concatenate((np.zeros(190_000, np.float32), far)), "far.wav")
        wide = soxr.resample(cut(entry.word), RATE_HZ, 44_100)
        stereo = np.stack((wide, wide), axis=1)
        soundfile.write(tmp_path / entry.word / "wide.ogg", stereo, 44_100)
        soundfile.write(tmp_path / entry.word / "wide.mp3", stereo, 44_100)
        soundfile.write(tmp_path / entry.word / "wide.AIFF", stereo, 44_100)
    facts = evaluated(capsys, tmp_path)
    assert (facts["clips"], facts["right"]) == (18, 18)
    assert facts["speakers"] == {"speakers": 0, "clips": 0, "clips_without_speaker": 18}


def test_the_spread_over_speakers(tmp_path: Path, capsys: Capture) -> None:
    for name in ("anna", "bert", "cleo"):
        for word in ("yes", "no"):
            put(tmp_path, word, cut(word), f"{name}_nohash_0.wav")
    put(tmp_path, "yes", cut("no"), "cleo_nohash_1.wav")
    put(tmp_path, "yes", cut("no"), "dora_nohash_0.wav")
    facts = evaluated(capsys, tmp_path)["speakers"]
    assert (facts["speakers"], facts["clips"], facts["all_right"]) == (4, 8, 2)
    assert (facts["worst"], facts["median"]) == (0.0, pytest.approx((2 / 3 + 1) / 2, abs=1e-6))
    # A tenth of the way is 0.3 of the step from the lowest of four to the next.
    assert facts["percentile_10"] == pytest.approx(0.3 * 2 / 3, abs=1e-6)
    assert facts["lowest"][0] == {"speaker": "dora", "clips": 1, "right": 0}


def test_two_models_are_compared_clip_by_clip(data: Path, tmp_path: Path, capsys: Capture) -> None:
    bundled = load(bundled_model())
    swap = {"yes": "no", "no": "yes"}
    labels = tuple(swap.get(label, label) for label in bundled.labels)
    other = tmp_path / "swapped.safetensors"
    save(replace(bundled, labels=labels), other)
    facts = evaluated(capsys, data, "--against", other)
    against = facts["against"]
    assert (facts["right"], against["right"]) == (12, 10)
    assert (against["only_model_right"], against["only_against_right"]) == (2, 0)
    assert (against["both_right"], against["neither_right"]) == (10, 1)
    assert against["p"] == 0.5
    assert main(["evaluate", "--data", str(data), "--against", str(other)]) == 0
    assert "p = 0.5" in capsys.readouterr().out


def test_files_that_cannot_be_used_are_warned_of(tmp_path: Path, capsys: Capture) -> None:
    put(tmp_path, "yes", cut("yes"))
    put(tmp_path, "no", np.zeros(0, np.float32), "nothing.wav")
    (tmp_path / "no" / "empty.wav").touch()
    (tmp_path / "no" / "noise.wav").write_bytes(b"RIFF, but no more")
    (tmp_path / "no" / "gone.wav").symlink_to(tmp_path / "nowhere.wav")
    whole = put(tmp_path, "yes", cut("yes"), "cut.wav").read_bytes()
    (tmp_path / "yes" / "cut.wav").write_bytes(whole[: len(whole) * 9 // 10])
    facts = evaluated(capsys, tmp_path)
    assert (facts["clips"], facts["right"]) == (2, 2)
    told = facts["warnings"]
    assert told[0].endswith("cannot be used and are left out: 4")
    for name in ("nothing.wav", "empty.wav", "noise.wav", "gone.wav"):
        assert sum(name in line for line in told) == 1
    assert "cut.wav is cut short" in told[-1]
    assert len(facts["skipped"]) == 4
    soundfile.write(tmp_path / "no" / "one.wav", np.full(1, 0.1), 44_100)
    told = evaluated(capsys, tmp_path)["warnings"]
    assert any("one.wav holds no samples" in line for line in told)
    (tmp_path / "no" / "one.wav").unlink()
    for count in range(10):
        (tmp_path / "no" / f"{count}.wav").touch()
    told = evaluated(capsys, tmp_path)["warnings"]
    assert "left out: 14" in told[0]
    assert len(told) < 10


def test_what_cannot_be_scored_is_one_line(data: Path, tmp_path: Path, capsys: Capture) -> None:
    def said_of(*arguments: str | Path) -> str:
        return complaint(capsys, main(["evaluate", *map(str, arguments)]))

    empty = tmp_path / "empty"
    empty.mkdir()
    assert "--data" in said_of()
    assert "is not a folder" in said_of("--data", tmp_path / "missing")
    assert "no word folders with audio" in said_of("--data", empty)
    assert "has no clips of jump" in said_of("--data", data, "--words", "yes,jump")
    assert "at least one" in said_of("--data", data, "--words", ",")
    # The speaker is in training, by the rule.
    assert "no clip" in said_of("--data", data, "--split", "testing")
    assert "there is no model file" in said_of("--data", data, "--model", tmp_path / "none")
    assert "there is no model file" in said_of("--data", data, "--against", tmp_path / "none")
    assert "there is no table" in said_of("--data", data, "--split-file", empty)
    table = tmp_path / "split.tsv"
    for text in ("no table", "path\tword\tspeaker\tsplit\na\tyes\tb\tnever\n", "\0"):
        table.write_text(text)
        assert "split.tsv" in said_of("--data", data, "--split-file", table)
    (tmp_path / "bad" / "yes").mkdir(parents=True)
    (tmp_path / "bad" / "yes" / "a.wav").write_text("not audio")
    assert "none of the clips can be read" in said_of("--data", tmp_path / "bad")
