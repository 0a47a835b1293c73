"""`kwspot evaluate --stream`: long streams, made or given, and what is counted in them."""

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile

from commands import run_kwspot
from kwspot.errors import OptionError
from kwspot.spotting.detection import Detection
from kwspot.train.stream_labels import check_inside, read_labels, write_labels
from kwspot.train.streams import Said, debounced, invented, matched
from word_folders import RATE_HZ, WORDS, clip

SECOND = 16_000


@pytest.fixture(scope="module")
def speech(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two utterances in LibriSpeech's layout; one of them has a word of the model in it."""
    root = tmp_path_factory.mktemp("speech")
    rng = np.random.default_rng(8)
    for name in ("7-1-0000", "7-1-0001"):
        soundfile.write(root / f"{name}.flac", 0.02 * rng.standard_normal(5 * RATE_HZ), RATE_HZ)
    (root / "7-1.trans.txt").write_text("7-1-0000 A LONG HISS\n7-1-0001 NOTHING AT ALL\n")
    return root


def evaluated(model: Path, data: Path, folder: Path, *more: str | Path) -> dict[str, object]:
    done = run_kwspot(
        "evaluate", "--stream", "--model", model / "model.safetensors", "--data", data,
        "--noise", data / "_background_noise_", "--cache", folder / "cache", "--json", *more,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    facts: dict[str, object] = json.loads(done.stdout)
    return facts


def test_streams_are_made_of_a_folder_and_written_out_the_same_for_a_seed(
    straight: Path, data: Path, speech: Path, tmp_path: Path
) -> None:
    given = ("--speech", speech, "--snr", "clean", "--snr", "15", "--gap", "0.5", "1")
    facts = evaluated(
        straight, data, tmp_path, *given, "--write", tmp_path / "one", "--picture",
        tmp_path / "det.png",
    )  # fmt: skip
    again = evaluated(straight, data, tmp_path, *given, "--write", tmp_path / "two")
    heard = [found.pop("heard") for found in (facts, again)]
    assert facts == again
    assert all(isinstance(entry, dict) and entry["seconds"] > 0.0 for entry in heard)
    streams = facts["streams"]
    assert isinstance(streams, dict)
    assert list(streams) == ["clean", "15 dB"]
    assert streams["clean"]["said"] == 30
    without = facts["without_words"]
    assert isinstance(without, dict)
    # The utterance whose transcript has a word of the model is left out.
    assert without["running speech"]["hours"] == pytest.approx(6.0 / 3600, abs=1e-4)
    assert {"noise", "silence", "together"} < without.keys()
    assert without["silence"]["hours"] == pytest.approx(300.0 / 3600, abs=1e-4)
    counted = sum(without[name]["hours"] for name in ("running speech", "noise"))
    assert without["together"]["hours"] == pytest.approx(counted, abs=2e-4), "silence dilutes"
    budgets = facts["at_budget"]
    assert isinstance(budgets, list)
    assert [row["false_per_hour"] for row in budgets] == [0.2, 0.5, 1.0, 2.0]
    counts = facts["at_count"]
    assert isinstance(counts, list)
    for row in counts:
        assert row["reached"] == (row["false"]["false"] == 0), "in so short a sound one is too many"
    assert (tmp_path / "det.png").read_bytes()[:4] == b"\x89PNG"
    one, two = (soundfile.read(tmp_path / name / "15-dB.flac")[0] for name in ("one", "two"))
    assert np.array_equal(one, two)
    labels = read_labels(tmp_path / "one" / "15-dB.tsv", WORDS)
    assert [word.word for word in labels] != sorted(word.word for word in labels)
    gaps = [(b.start - a.end) / SECOND for a, b in pairwise(labels)]
    assert max(gaps) < 1.01
    assert min(gaps) < 0.06


def test_what_was_written_is_judged_as_what_was_made(
    straight: Path, data: Path, tmp_path: Path
) -> None:
    made = evaluated(straight, data, tmp_path, "--snr", "clean", "--write", tmp_path / "kept")
    done = run_kwspot(
        "evaluate", "--stream", "--model", straight / "model.safetensors", "--audio",
        tmp_path / "kept" / "clean.flac", "--labels", tmp_path / "kept" / "clean.tsv", "--json",
    )  # fmt: skip
    given = json.loads(done.stdout)
    mine = made["streams"]
    assert isinstance(mine, dict)
    assert given["streams"]["clean.flac"]["missed"] == mine["clean"]["missed"]
    assert given["at_budget"] == []


def test_the_page_for_people_holds_the_figures(straight: Path, data: Path, tmp_path: Path) -> None:
    done = run_kwspot(
        "evaluate", "--stream", "--model", straight / "model.safetensors", "--data", data,
        "--noise", data / "_background_noise_", "--cache", tmp_path, "--clips", "2",
    )  # fmt: skip
    assert done.returncode == 0
    for text in (
        "words said, by the thresholds",
        "10 dB",
        "latency",
        "without the words",
        "swept",
        "only the false alarms heard here",
        "silence",
        "times real time",
    ):
        assert text in done.stdout


def hit(label: str, decided_s: float) -> Detection:
    decided = round(decided_s * SECOND)
    return Detection(label, 0.9, decided - 8_000, decided - 2_000, decided)


def test_what_belongs_to_no_word_is_a_repetition_another_word_or_neither() -> None:
    said = [Said("yes", 1 * SECOND, 2 * SECOND), Said("no", 4 * SECOND, 5 * SECOND)]
    detections = [hit("yes", 1.5), hit("yes", 2.2), hit("up", 4.5), hit("no", 8.0)]
    result = matched(said, detections)
    assert [word.word for word in result.missed] == ["no"]
    extra = invented(said, result.false)
    assert [found.label for found in extra.repeated] == ["yes"]
    assert [(word.word, found.label) for word, found in extra.wrong] == [("no", "up")]
    assert [found.label for found in extra.stray] == ["no"]


def test_false_alarms_of_a_word_within_a_second_are_one() -> None:
    detections = [hit("yes", 1.0), hit("yes", 1.9), hit("no", 1.95), hit("yes", 2.95)]
    assert [found.decided for found in debounced(detections)] == [16_000, 31_200, 47_200]


def test_labels_come_back_as_they_were_written(tmp_path: Path) -> None:
    said = [Said("yes", 16_000, 24_000), Said("no", 24_000, 30_000)]
    write_labels(tmp_path / "labels.tsv", said)
    assert read_labels(tmp_path / "labels.tsv", ("yes", "no")) == said


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("1.0\t2.0\tyes\n1.5\t2.5\tno\n", "overlap"),
        ("1.0\t2.0\tyess\n", "did you mean 'yes'"),
        ("2.0\t1.0\tyes\n", "ends before it starts"),
        ("one\ttwo\tyes\n", "line 1"),
        ("start\tend\tword\n", "holds no word"),
        ("1.0\t2.0\n", "no start, end and word"),
    ],
)
def test_labels_that_cannot_be_used_are_named(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "labels.tsv"
    path.write_text(text)
    with pytest.raises(OptionError, match=told):
        read_labels(path, ("yes", "no"))
    with pytest.raises(OptionError, match="outside of the audio"):
        check_inside(path, [Said("yes", 0, 20_000)], 16_000)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--stream",), "--data DIR to make streams of"),
        (("--snr", "10"), "goes with --stream"),
        (("--stream", "--labels", "x.tsv"), "--audio FILE"),
        (("--stream", "--data", "DATA", "--snr", "loud"), "--snr is a number"),
        (("--stream", "--data", "DATA", "--gap", "2", "1"), "--gap is from"),
        (("--stream", "--audio", "SHORT"), "shorter than the second"),
        (("--stream", "--audio", "SHORT", "--snr", "3"), "--audio is one"),
        (("--stream", "--data", "DATA", "--picture", "x.jpg"), "pictures are .png"),
        (("--stream", "--data", "DATA", "--split", "testing"), "testing"),
        (("--stream", "--data", "DATA", "--against", "x"), "leave --stream"),
        (("--stream", "--data", "DATA"), "nothing here is without the words"),
    ],
)
def test_what_cannot_be_made_a_stream_is_one_line(
    straight: Path, data: Path, tmp_path: Path, options: tuple[str, ...], told: str
) -> None:
    short = tmp_path / "short.wav"
    soundfile.write(short, clip("rise", np.random.default_rng(1))[:8000], RATE_HZ)
    places = {"DATA": str(data), "SHORT": str(short)}
    done = run_kwspot(
        "evaluate", "--model", straight / "model.safetensors", "--cache", tmp_path,
        *(places.get(option, option) for option in options),
    ) if "--stream" in options else run_kwspot("evaluate", "--data", data, *options)  # fmt: skip
    assert done.returncode == 2
    assert told in done.stderr
    assert done.stderr.count("\n") == 1


def test_speech_is_free_of_every_word_that_is_listened_for(
    straight: Path, data: Path, speech: Path, tmp_path: Path
) -> None:
    some = tmp_path / "some"
    for name in ("rise", "fall", "_background_noise_"):
        (some / name).parent.mkdir(exist_ok=True)
        (some / name).symlink_to(data / name, target_is_directory=True)
    facts = evaluated(straight, some, tmp_path, "--speech", speech, "--snr", "clean")
    without = facts["without_words"]
    assert isinstance(without, dict)
    # "hiss" has no folder here, but the model knows it.
    assert without["running speech"]["hours"] == pytest.approx(6.0 / 3600, abs=1e-4)
