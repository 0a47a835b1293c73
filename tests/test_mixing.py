"""Training examples: the same for the same seed, and true about what is heard when."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from kwspot.spotting.features import FeatureConfig
from kwspot.train.batches import Batches
from kwspot.train.catalog import Split
from kwspot.train.corpus import Corpus, load
from kwspot.train.draws import Draws, coded
from kwspot.train.material import gather
from kwspot.train.mixing import Example, Mixer
from kwspot.train.placing import IGNORED, mark
from kwspot.train.recipe import MixRecipe, Recipe
from kwspot.train.recipe_file import Folders
from word_folders import WORDS, write_background, write_words

PLAIN = MixRecipe(
    unknown=0.0,
    silence=0.0,
    noise=0.0,
    gated=0.0,
    neighbour=0.0,
    room=0.0,
    muffled=0.0,
    noise_gate=0.0,
    filtered=0.0,
    sped=0.0,
)


def made(tmp_path: Path, words: tuple[str, ...] = WORDS) -> Corpus:
    data = write_words(tmp_path / "data", 3, 1)
    folders = Folders(data)
    recordings = [clip for clip in gather(folders, ()).recordings if clip.word in words]
    return load(recordings, tmp_path / "cache", lambda _done, _total: None)


def drawn(mixer: Mixer, number: int) -> Example:
    return mixer.example(np.random.default_rng((0, 0, number)))


def test_an_example_is_decided_by_its_numbers_alone(tmp_path: Path) -> None:
    corpus = made(tmp_path)
    one = Mixer(corpus, WORDS, MixRecipe(), FeatureConfig())
    other = Mixer(corpus, WORDS, MixRecipe(), FeatureConfig())
    backwards = {number: drawn(other, number) for number in reversed(range(30))}
    for number in range(30):
        example = drawn(one, number)
        assert example.label == backwards[number].label
        assert np.array_equal(example.wave, backwards[number].wave)
        assert np.array_equal(example.frames, backwards[number].frames)
    assert len({drawn(one, number).wave.tobytes() for number in range(30)}) > 25


@pytest.mark.parametrize("seed", [0, 1])
def test_workers_change_no_batch(tmp_path: Path, seed: int) -> None:
    recipe = Recipe(words=WORDS, batches=3, batch=4, seed=seed)
    batches = Batches(Mixer(made(tmp_path), WORDS, recipe.mix, FeatureConfig()), recipe, epoch=2)
    alone = torch.utils.data.DataLoader(batches, batch_size=None, num_workers=0)
    shared = torch.utils.data.DataLoader(batches, batch_size=None, num_workers=2)
    for mine, theirs in zip(alone, shared, strict=True):
        assert torch.equal(mine.waves, theirs.waves)
        assert torch.equal(mine.targets.labels, theirs.targets.labels)
        assert torch.equal(mine.targets.frames, theirs.targets.frames)
        assert torch.equal(mine.responses, theirs.responses)


@pytest.mark.parametrize("as_recorded", [0.0, 1.0])
def test_frames_are_marked_where_the_word_is_heard(tmp_path: Path, as_recorded: float) -> None:
    features = FeatureConfig()
    recipe = replace(PLAIN, as_recorded=as_recorded, peak_db=(-3.0, -3.0))
    mixer = Mixer(made(tmp_path), WORDS, recipe, features)
    for number in range(40):
        example = drawn(mixer, number)
        centres = features.context_samples + features.hop_samples * np.arange(features.frames)
        loud = np.array([np.abs(example.wave[c - 80 : c + 80]).max() > 0.05 for c in centres])
        said = example.frames == example.label
        assert set(example.frames) <= {example.label, mixer.silence}
        # The bounds of a sound are found to within a few frames.
        assert np.count_nonzero(loud != said) <= 8
        assert said.any()


def test_marks_are_those_frames_whose_centre_is_inside() -> None:
    features = FeatureConfig()
    frames = np.zeros(features.frames, dtype=np.int64)
    mark(frames, 240 + 160, 240 + 3 * 160 + 1, 7, features)
    assert np.flatnonzero(frames).tolist() == [1, 2, 3]
    mark(frames, -500, 241, 8, features)
    assert frames[0] == 8
    assert frames[1] == 7
    mark(frames, 10**6, 10**7, 9, features)
    mark(frames, -900, -100, 9, features)
    assert 9 not in frames


def test_without_other_words_speech_or_noise_examples_are_made_all_the_same(
    tmp_path: Path,
) -> None:
    words = ("rise", "fall")
    mixer = Mixer(made(tmp_path, words), words, MixRecipe(neighbour=1.0), FeatureConfig())
    examples = [drawn(mixer, number) for number in range(120)]
    labels = [example.label for example in examples]
    assert set(labels) == {0, 1, mixer.unknown, mixer.silence}
    for example in examples:
        assert np.isfinite(example.wave).all()
        assert np.abs(example.wave).max() <= 1.0
        assert set(example.frames) <= {0, 1, mixer.unknown, mixer.silence, IGNORED}
    unknown = [example for example in examples if example.label == mixer.unknown]
    assert all(example.wave.any() for example in unknown)


@pytest.mark.parametrize(("balance", "share"), [(0.0, 0.2), (MixRecipe().balance, 0.5), (2.0, 0.8)])
def test_words_of_few_clips_are_drawn_as_often_as_asked(
    tmp_path: Path, balance: float, share: float
) -> None:
    data = write_words(tmp_path / "data", 8, 1)
    rare, common = WORDS[:2]
    training = [
        clip for clip in gather(Folders(data), ()).recordings if clip.split is Split.TRAINING
    ]
    clips = [clip for clip in training if clip.word == common]
    clips += [clip for clip in training if clip.word == rare][:2]
    corpus = load(clips, tmp_path / "cache", lambda _done, _total: None)
    mixer = Mixer(corpus, (rare, common), replace(PLAIN, balance=balance), FeatureConfig())
    labels = [drawn(mixer, number).label for number in range(800)]
    assert set(labels) == {0, 1}
    # Four standard deviations of the widest.
    assert labels.count(0) / len(labels) == pytest.approx(share, abs=0.07)


def test_noise_that_is_there_is_used(tmp_path: Path) -> None:
    recipe = replace(PLAIN, noise=1.0, snr_db=(0.0, 20.0))
    corpora = []
    data = write_words(tmp_path / "data", 3, 1)
    for _ in range(2):
        recordings = gather(Folders(data), WORDS).recordings
        corpora.append(load(recordings, tmp_path / "cache", lambda _done, _total: None))
        write_background(data)
    without, with_noise = (Mixer(corpus, WORDS, recipe, FeatureConfig()) for corpus in corpora)
    differ = [
        not np.array_equal(drawn(without, number).wave, drawn(with_noise, number).wave)
        for number in range(20)
    ]
    assert 8 < sum(differ) < 20


def test_a_codec_drops_what_lies_far_under_its_surroundings() -> None:
    levels = torch.tensor([1.0, 0.9, 0.01, 1e-4, 0.02, 1.0, 0.7, 0.03])
    columns = torch.polar(levels.repeat(64, 1), torch.ones(64, 8)).unsqueeze(2)
    out = coded(columns, 1.0, Draws(0, 0, 0, 64, slice(None))).abs()[:, :, 0]
    # 26 dB is the deepest that may be kept, 6 dB the least that may go.
    torch.testing.assert_close(out[:, [0, 1, 5, 6]], levels[[0, 1, 5, 6]].expand(64, 4))
    for place in (2, 3, 4, 7):
        torch.testing.assert_close(out[:, place], (levels[place] * 0.1).expand(64))


def test_a_codec_changes_a_share_drawn_by_the_generator() -> None:
    columns = torch.randn(200, 257, 4, dtype=torch.complex64, generator=torch.manual_seed(1))
    out = coded(columns, 0.25, Draws(5, 0, 0, 200, slice(None)))
    changed = (out != columns).flatten(1).any(dim=1)
    assert 30 <= int(changed.sum()) <= 70
    torch.testing.assert_close(out, coded(columns, 0.25, Draws(5, 0, 0, 200, slice(None))))
    torch.testing.assert_close(coded(columns, 0.0, Draws(5, 0, 0, 200, slice(None))), columns)


def test_mixup_lays_an_example_of_the_batch_over_another(tmp_path: Path) -> None:
    mix = MixRecipe(mixup=0.5)
    recipe = Recipe(words=WORDS, batches=2, batch=7, mix=mix, finish=0.0)
    mixer = Mixer(made(tmp_path), WORDS, mix, FeatureConfig())
    whole = Batches(mixer, recipe, epoch=1)[1]
    assert whole.second is not None
    both = whole.second.share > 0.0
    assert 0 < both.sum() < 7
    assert (whole.second.share <= 0.5).all()
    plain = Batches(mixer, replace(recipe, mix=MixRecipe()), epoch=1)[1]
    assert plain.second is None
    assert torch.equal(whole.waves[~both], plain.waves[~both])
    for row in torch.nonzero(both)[:, 0].tolist():
        sums = (plain.waves[row] + plain.waves).clip(-1.0, 1.0)
        assert any(torch.equal(whole.waves[row], each) for each in sums)
    # A process with some of the rows draws the same, though others hold what is laid over them.
    parts = [Batches(mixer, recipe, 1, rows)[1] for rows in (slice(0, 3), slice(3, 7))]
    assert torch.equal(whole.waves, torch.cat([part.waves for part in parts]))
    labels = torch.cat([part.targets.labels for part in parts])
    assert torch.equal(whole.targets.labels, labels)
    shares = torch.cat([part.second.share for part in parts if part.second is not None])
    assert torch.equal(whole.second.share, shares)
