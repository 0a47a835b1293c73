"""The report of a run: its pictures, its one page, and that it never loses the run."""

import base64
import json
import shutil
from dataclasses import replace
from html.parser import HTMLParser
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest
import soundfile

from kwspot.cli import main
from kwspot.spotting.checkpoint import load, save
from kwspot.train import corpus
from kwspot.train.folder import RunFolder
from kwspot.train.intervals import wilson
from kwspot.train.pictures.alluvial import Flow, flows, hidden_note
from kwspot.train.pictures.page import Mistake, Page
from kwspot.train.pictures.per_word import word_scores
from kwspot.train.plan import plan
from kwspot.train.recipe_file import Settings
from kwspot.train.run import Epoch, Run
from pictures import PNG, assert_picture
from training import begun, complaint, trained
from word_folders import WORDS, write_background, write_clip, write_words

VOID = {"meta", "img", "br"}
SMALL = {"epochs": 2, "batches": 2, "batch": 8, "channels": 24, "features": 32, "words": WORDS}


class Reader(HTMLParser):
    """What a browser would make of a page: everything it loads, the text, and unclosed tags."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.loads: dict[str, list[str]] = {}
        self.open: list[str] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("src", "href", "srcset", "poster", "data", "action"):
                self.loads.setdefault(tag, []).append(value or "")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def page_of(run: Path) -> Reader:
    page = (run / "report.html").read_text(encoding="utf-8")
    assert "url(" not in page
    assert "@import" not in page
    assert "<script" not in page
    reader = Reader(page)
    assert reader.open == []
    loads = [load for found in reader.loads.values() for load in found]
    assert [load[:40] for load in loads if not load.startswith("data:")] == []
    return reader


@pytest.fixture(scope="module")
def finished(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of two short epochs, after which the model still makes mistakes."""
    out = tmp_path_factory.mktemp("finished") / "run"
    assert begun(data, out, "--epochs", "2", "--batches", "4") == 0
    return out


@pytest.fixture
def copied(finished: Path, tmp_path: Path) -> Path:
    """A copy of the run to change."""
    return Path(shutil.copytree(finished, tmp_path / "copied"))


def interrupted(data: Path, folder: Path, epochs: int) -> Path:
    """A run that was left after so many epochs of two."""
    planned = plan(Settings(SMALL, {"data": data}))
    decoded = corpus.load(planned.recordings, folder / "cache", lambda _done, _total: None)
    run = Run(RunFolder(folder / "run"), planned, decoded, workers=0)
    run.begin()
    if epochs:
        for report in run.steps():
            if isinstance(report, Epoch) and report.epoch == epochs:
                break
    return folder / "run"


def test_a_finished_run_has_its_pictures(finished: Path) -> None:
    for name in ("learning.png", "confusion.png", "alluvial.png", "words.png"):
        assert_picture((finished / name).read_bytes())
    mistakes = sorted(finished.glob("mistake-*.png"))
    assert mistakes
    for path in mistakes:
        assert_picture(path.read_bytes())
    assert not (finished / "lr_finder.png").exists()
    assert not list(finished.glob("*.partial"))


def test_the_page_holds_everything_in_itself(finished: Path) -> None:
    page = page_of(finished)
    images = [base64.b64decode(load.partition("base64,")[2]) for load in page.loads["img"]]
    assert all(image.startswith(PNG) for image in images)
    files = [path.read_bytes() for path in finished.glob("*.png")]
    assert sorted(images) == sorted(files)
    sounds = [base64.b64decode(load.partition("base64,")[2]) for load in page.loads["audio"]]
    assert len(sounds) == len(list(finished.glob("mistake-*.png")))
    for sound in sounds:
        assert sound[:4] == b"RIFF"
        assert len(sound) == 44 + 2 * 16_000


def test_the_page_tells_figures_recipe_data_and_environment(finished: Path) -> None:
    text = page_of(finished).text
    facts = load(finished / "model.safetensors").facts
    assert f"{facts['validation']['accuracy']:.2%}" in text
    assert f"{facts['validation']['right']} of 12 clips" in text
    assert f"{facts['parameters']:,}" in text
    assert "--resume" not in text
    assert (finished / "recipe.toml").read_text() in text
    assert facts["versions"]["torch"] in text
    assert "rise 6" in text
    assert "_nohash_0.wav" in text


def test_the_page_tells_why_its_figure_is_not_that_of_the_curve(
    finished: Path, copied: Path
) -> None:
    facts = load(finished / "model.safetensors").facts
    lines = [json.loads(line) for line in (finished / "metrics.jsonl").read_text().splitlines()]
    curve = next(line["validation"] for line in lines if line["epoch"] == facts["epochs"])
    told = (
        f"(prior = 2). With it the model of epoch {facts['epochs']} names "
        f"{facts['validation']['accuracy']:.2%} of the validation clips of words rightly, "
        f"without it {curve:.2%}."
    )
    assert told in page_of(finished).text
    model = load(copied / "model.safetensors")
    facts["recipe"]["prior"] = 0.0
    save(replace(model, facts=facts), copied / "model.safetensors")
    assert main(["report", str(copied)]) == 0
    assert "No curve shows" not in page_of(copied).text


def test_the_environment_is_noted_when_training_begins(copied: Path) -> None:
    facts = json.loads((copied / "environment.json").read_text())
    assert facts["recorded"] == "training"
    assert facts["versions"]["kwspot"] == version("kwspot")
    assert facts["cpu"]["threads"] == 1
    assert main(["report", str(copied)]) == 0
    assert json.loads((copied / "environment.json").read_text()) == facts
    (copied / "environment.json").unlink()
    assert main(["report", str(copied)]) == 0
    assert json.loads((copied / "environment.json").read_text())["recorded"] == "report"
    assert "when the report was made" in page_of(copied).text


def test_a_report_is_made_anew(copied: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (copied / "report.html").read_bytes().replace(b"run: run", b"run: copied")
    (copied / "report.html").unlink()
    rates, losses = np.geomspace(1e-6, 1.0, 30), np.linspace(3.0, 1.0, 30)
    assert main(["report", str(copied)]) == 0
    assert "report.html" in capsys.readouterr().out
    assert (copied / "report.html").read_bytes() == before
    finder = {"rates": rates.tolist(), "losses": losses.tolist(), "smoothed": losses.tolist()}
    finder["suggestion"] = 0.01
    (copied / "lr_finder.json").write_text(json.dumps(finder))
    assert main(["report", str(copied)]) == 0
    assert_picture((copied / "lr_finder.png").read_bytes())
    assert "Learning-rate finder" in page_of(copied).text


def test_a_run_that_was_interrupted_is_told_as_far_as_it_went(data: Path, tmp_path: Path) -> None:
    run = interrupted(data, tmp_path, 1)
    with (run / "metrics.jsonl").open("a") as file:
        file.write('{"epoch": 2, "lo')
    assert main(["report", str(run)]) == 0
    assert "left after epoch 1 of 2" in page_of(run).text
    assert "No curve shows" not in page_of(run).text
    assert_picture((run / "learning.png").read_bytes())
    assert_picture((run / "confusion.png").read_bytes())


def test_a_model_of_an_earlier_epoch_is_no_sign_of_a_run_that_was_left(copied: Path) -> None:
    model = load(copied / "model.safetensors")
    save(replace(model, facts={**model.facts, "epochs": 1}), copied / "model.safetensors")
    assert main(["report", str(copied)]) == 0
    text = page_of(copied).text
    assert "The run was left" not in text
    assert "of epoch 1" in text
    untuned = {name: value for name, value in model.facts.items() if name != "complete"}
    save(replace(model, facts=untuned), copied / "model.safetensors")
    assert main(["report", str(copied)]) == 0
    assert "left before the thresholds" in page_of(copied).text


def test_a_run_without_an_epoch_has_a_report(data: Path, tmp_path: Path) -> None:
    run = interrupted(data, tmp_path, 0)
    assert main(["report", str(run)]) == 0
    assert "No epoch was finished" in page_of(run).text
    assert not list(run.glob("*.png"))


def test_clips_that_are_gone_are_left_out_and_counted(tmp_path: Path) -> None:
    data = write_background(write_words(tmp_path / "data"))
    run = interrupted(data, tmp_path, 1)
    table = [line.split("\t") for line in (run / "split.tsv").read_text().splitlines()]
    gone = [row[0] for row in table if row[1] == "rise" and row[3] == "validation"]
    for path in gone[:3]:
        Path(path).unlink()
    assert main(["report", str(run)]) == 0
    text = page_of(run).text
    assert "3 validation clips can no longer be read" in text
    assert "13 validation clips" in text
    for row in table[1:]:
        Path(row[0]).unlink(missing_ok=True)
    assert main(["report", str(run)]) == 0
    assert "No clip of the validation split can be read" in page_of(run).text
    assert [path.name for path in run.glob("*.png")] == ["learning.png"]


def test_a_report_that_fails_does_not_lose_the_run(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = interrupted(data, tmp_path, 1)
    (run / "report.html").mkdir()
    assert trained(tmp_path, "--resume", run) == 0
    said = capsys.readouterr()
    assert "its report could not be made" in said.err
    assert f"done: {run / 'model.safetensors'}" in said.out
    assert load(run / "model.safetensors").facts["epochs"] == 2


@pytest.mark.parametrize(
    ("name", "part"), [("nowhere", "holds no run"), ("data", "holds no run"), ("bad", "damaged")]
)
def test_what_cannot_be_reported_is_told_in_a_line(
    copied: Path, capsys: pytest.CaptureFixture[str], name: str, part: str
) -> None:
    (copied.parent / "data").mkdir()
    copied.rename(copied.with_name("bad"))
    (copied.with_name("bad") / "model.safetensors").write_bytes(b"\x08\0\0\0\0\0\0\0{nothing")
    assert part in complaint(capsys, main(["report", str(copied.with_name(name))]))


def test_rare_pairs_do_not_flow() -> None:
    confusion = np.array([[1200, 2, 0], [1, 700, 1], [0, 3, 93]])
    assert confusion.sum() == 2000
    found = flows(confusion)
    # Two in 2000 are one in a thousand, one is rarer.
    assert set(found.shown) == {
        Flow(named=0, target=0, clips=1200),
        Flow(named=1, target=0, clips=2),
        Flow(named=1, target=1, clips=700),
        Flow(named=1, target=2, clips=3),
        Flow(named=2, target=2, clips=93),
    }
    assert (found.hidden_pairs, found.hidden_clips) == (2, 2)
    assert hidden_note(found).startswith("2 pairs rarer than 1/1000 of the clips (2 clips")
    assert flows(np.diag([3, 4])).hidden_pairs == 0


def test_recall_and_precision_are_those_of_the_matrix() -> None:
    confusion = np.array([[8, 2, 0], [0, 5, 0], [0, 0, 0]])
    worst, best = word_scores(confusion, ("yes", "no", "up"))
    assert (worst.word, worst.recall, worst.precision) == ("yes", 0.8, 1.0)
    assert (best.word, best.recall, best.precision) == ("no", 1.0, 5 / 7)


def test_wilson_intervals_are_those_of_the_literature() -> None:
    assert wilson(8, 10) == pytest.approx((0.4902, 0.9433), abs=1e-4)
    assert wilson(0, 10) == pytest.approx((0.0, 0.2775), abs=1e-4)
    assert wilson(10, 10) == pytest.approx((0.7225, 1.0), abs=1e-4)
    assert wilson(0, 0) == (0.0, 1.0)


def test_names_of_folders_are_no_markup() -> None:
    nasty = '<script src="https://example.org/x.js">'
    mistake = Mistake(nasty, nasty, 0.9, nasty, "mistake-01.png", PNG + bytes(20), b"RIFF")
    page = Page(nasty, nasty, (), (nasty,), (), (mistake,), {nasty: {nasty: nasty}}, nasty)
    reader = Reader(page.html())
    assert set(reader.loads) == {"img", "audio"}
    assert nasty in reader.text


def test_of_long_clips_the_report_says_what_training_measured(tmp_path: Path) -> None:
    data = write_background(write_words(tmp_path / "data"))
    rng = np.random.default_rng(4)
    for path in data.glob("[a-z]*/*.wav"):
        samples, _ = soundfile.read(path, dtype="float32")
        rest = 1e-4 * rng.standard_normal(2 * len(samples))
        write_clip(path, np.concatenate((samples, rest.astype(np.float32))))
    run = tmp_path / "run"
    assert begun(data, run, "--epochs", "4") == 0
    score = load(run / "model.safetensors").facts["validation"]
    assert score["right"] > 6, "so that something is heard at all"
    assert f"{score['right']} of 12 clips" in page_of(run).text
