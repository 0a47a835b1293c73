"""Running speech without transcripts loses what a model takes for one of the words."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from kwspot.resources import sample_recording
from kwspot.spotting.checkpoint import SILENCE, UNKNOWN, Checkpoint, load, save
from kwspot.spotting.detector_config import DetectorConfig
from kwspot.spotting.features import FeatureConfig
from kwspot.spotting.network import Network, NetworkConfig
from kwspot.train import speech_filter
from kwspot.train.corpus import Corpus
from kwspot.train.corpus import load as decoded
from kwspot.train.recipe_file import read_recipe
from kwspot.train.speech import speech_without
from kwspot.train.speech_filter import filtered
from training import begun, complaint
from word_folders import RATE_HZ, WORDS, clip, write_clip, write_words

RNG = np.random.default_rng


def model_of(folder: Path, words: tuple[str, ...], heard: str | None) -> Path:
    """A model that hears one word always, or none ever."""
    config = NetworkConfig(labels=len(words) + 2, channels=8, features=8)
    network = Network(config)
    weights = {name: value.clone() for name, value in network.state_dict().items()}
    labels = (*words, UNKNOWN, SILENCE)
    weights["window_scores.weight"].zero_()
    weights["window_scores.bias"].zero_()
    weights["window_scores.bias"][labels.index(heard or UNKNOWN)] = 9.0
    path = folder / f"hears-{heard}.safetensors"
    save(Checkpoint(labels, FeatureConfig(), config, DetectorConfig(), {}, weights), path)
    return path


def talk(folder: Path) -> Corpus:
    """Ten seconds of speech without a transcript, with "stop" from 5.1 to 5.6 s, as the bundled
    sample has it."""
    samples = (1e-4 * RNG(7).standard_normal(10 * RATE_HZ)).astype(np.float32)
    bundled, rate_hz = soundfile.read(sample_recording(), dtype="float32")
    assert rate_hz == RATE_HZ
    samples[5 * RATE_HZ : 6 * RATE_HZ] += bundled[4 * RATE_HZ : 5 * RATE_HZ]
    write_clip(folder / "speech" / "1-talk.wav", samples)
    recordings = speech_without(folder / "speech", frozenset({"stop"}))
    return decoded(recordings, folder / "cache", lambda *_: None)


def sifted(
    corpus: Corpus, folder: Path, model: Path | None, *words: str
) -> tuple[Corpus, list[str]]:
    """What is left, and what was said of it."""
    said: list[str] = []
    result = filtered(corpus, words, model, folder / "cache", lambda *_: None, said.append)
    return result, said


def test_speech_loses_what_a_model_takes_for_a_word(tmp_path: Path) -> None:
    corpus = talk(tmp_path)
    result, said = sifted(corpus, tmp_path, None, "stop", "go")
    (begin, before), (after, end) = [
        (span.offset / RATE_HZ, (span.offset + span.length) / RATE_HZ) for span in result.spans
    ]
    assert (begin, end) == (0.0, 10.0)
    # The window of a second that has the word at either edge is cut out as well.
    assert 4.2 <= before <= 5.1
    assert 5.6 <= after <= 6.5
    assert len(said) == 1
    assert "0.2 min, of which" in said[0]
    assert np.array_equal(result.audio(0), corpus.audio(0)[: result.spans[0].length])
    assert sifted(corpus, tmp_path, None, "bed", "cat")[0].spans[0].length == 10 * RATE_HZ


def test_what_was_filtered_is_not_filtered_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus = talk(tmp_path)
    models = [model_of(tmp_path, WORDS, heard) for heard in (None, "rise")]
    runs: list[int] = []
    whole = speech_filter.heard
    monkeypatch.setattr(speech_filter, "heard", lambda *given: (runs.append(1), whole(*given))[1])
    first, _ = sifted(corpus, tmp_path, models[0], *WORDS)
    assert sifted(corpus, tmp_path, models[0], *WORDS)[0].spans == first.spans
    assert len(runs) == 1
    sifted(corpus, tmp_path, models[0], *WORDS[:2])
    assert len(runs) == 2
    second, _ = sifted(corpus, tmp_path, models[1], *WORDS)
    assert len(runs) == 3
    assert len(first.recordings) == 1
    assert second.recordings == ()
    (memo,) = {path for path in (tmp_path / "cache").glob("speech-*") if "[]" in path.read_text()}
    memo.write_text(memo.read_text()[:9])
    assert sifted(corpus, tmp_path, models[1], *WORDS)[0].recordings == ()
    assert len(runs) == 4


def test_words_that_the_model_does_not_know_are_told(tmp_path: Path) -> None:
    corpus = talk(tmp_path)
    model = model_of(tmp_path, ("rise", "fall"), "fall")
    result, said = sifted(corpus, tmp_path, model, *WORDS)
    assert said[0].endswith(
        "may hold hiss: hears-fall.safetensors, which filters it, does not know it"
    )
    assert "0.2 min, of which 100% are cut out" in said[1]
    assert "1-talk.wav: no second of it is free" in result.skipped[0]
    result, said = sifted(corpus, tmp_path, model, "buzz", "hiss")
    assert result.spans == corpus.spans
    assert len(said) == 1
    assert "does not know them" in said[0]


def test_a_run_trains_on_filtered_speech(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = write_words(tmp_path / "data", 2, 1)
    talk(tmp_path)
    speech = tmp_path / "speech"
    for name, text in (("2-free", "A FINE DAY"), ("2-holds", "LET IT RISE")):
        write_clip(speech / f"{name}.wav", clip(name, RNG(len(text))))
        (speech / f"{name}.trans.txt").write_text(f"{name} {text}")
    model = model_of(tmp_path, WORDS, None)
    options = ("--speech", speech, "--filter-model", model, "--epochs", "1", "--batches", "1")
    run = tmp_path / "run"
    assert begun(data, run, *options) == 0
    assert "0.2 min, of which 0% are cut out" in capsys.readouterr().err
    facts = load(run / "model.safetensors").facts["data"]
    assert sum(facts[split].get("speech", 0) for split in ("training", "validation")) == 2
    assert facts["speech_filtered_by"] == model.name
    assert read_recipe(run / "recipe.toml").folders["filter_model"] == model
    gone = ("--speech", speech, "--filter-model", tmp_path / "none.safetensors")
    assert "there is no model file" in complaint(capsys, begun(data, tmp_path / "other", *gone))
