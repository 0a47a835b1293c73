"""The whole pipeline on real words: what is said is heard, however it comes in."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from kwspot.audio.source import Chunk
from kwspot.errors import OptionError
from kwspot.spotting.features import as_channels, clip_spectra
from kwspot.spotting.spotter import Spotter
from kwspot.spotting.stretch import Update
from words import detections, said, sample, spot


@pytest.fixture(scope="module")
def spotter() -> Spotter:
    torch.set_num_threads(1)
    return Spotter(compute="cpu")


@pytest.fixture(scope="module")
def whole(spotter: Spotter) -> list[Update]:
    return spot(spotter, sample(), [])


def assert_equal(one: list[Update], other: list[Update]) -> None:
    assert [update.end for update in one] == [update.end for update in other]
    for a, b in zip(one, other, strict=True):
        np.testing.assert_allclose(a.posteriors, b.posteriors, atol=1e-4)
    a_found, b_found = detections(one), detections(other)
    assert [(d.label, d.start, d.end, d.decided) for d in a_found] == [
        (d.label, d.start, d.end, d.decided) for d in b_found
    ]


def test_every_word_of_the_sample_is_heard_where_it_was_said(whole: list[Update]) -> None:
    found = detections(whole)
    assert [hit.label for hit in found] == [word.word for word in said()]
    for hit, word in zip(found, said(), strict=True):
        assert hit.start / 16_000 == pytest.approx(word.start_s, abs=0.25)
        assert hit.end / 16_000 == pytest.approx(word.end_s, abs=0.25)
        assert hit.start < hit.end <= hit.decided
        assert hit.decided / 16_000 < word.end_s + 0.75


@pytest.mark.parametrize("size", [160, 1000, 16_000, 77_777])
def test_the_size_of_chunks_does_not_matter(
    spotter: Spotter, whole: list[Update], size: int
) -> None:
    samples = sample()
    assert_equal(spot(spotter, samples, list(range(size, len(samples), size))), whole)


def test_chunks_of_one_sample_do_not_matter(spotter: Spotter) -> None:
    samples = sample()[16_000:24_000]
    assert_equal(spot(spotter, samples, list(range(1, 8_000))), spot(spotter, samples, []))


def test_random_cuts_do_not_matter(spotter: Spotter, whole: list[Update]) -> None:
    samples = sample()
    rng = np.random.default_rng(7)
    cuts = sorted(rng.integers(0, len(samples), 60).tolist())
    assert_equal(spot(spotter, samples, cuts), whole)


def test_a_window_in_a_stream_is_that_window_alone(spotter: Spotter, whole: list[Update]) -> None:
    """One pass over the frames gives what each one-second window gives by itself."""
    samples = np.pad(sample(), (16_240, 17_000))
    network = spotter.checkpoint.build()
    checked = 0
    for update in whole[3::17]:
        start = update.end  # the window begins a second before its end, the padding adds one
        piece = torch.from_numpy(samples[start : start + 16_480])
        columns = torch.from_numpy(np.stack([clip_spectra_with_context(spotter, piece)]))
        scores = network(as_channels(columns)).softmax(dim=1)[0]
        np.testing.assert_allclose(scores.numpy(), update.posteriors, atol=1e-4)
        checked += 1
    assert checked > 15


def clip_spectra_with_context(spotter: Spotter, piece: torch.Tensor) -> NDArray[np.complex64]:
    """The 101 frames of a window whose samples carry 240 samples of context on either side."""
    columns = clip_spectra(piece, spotter.checkpoint.features)
    # The first and last frames of the padded clip lie outside: 240 samples are 1.5 hops.
    from kwspot.spotting.features import spectra

    exact = spectra(piece, spotter.checkpoint.features)
    assert columns.shape[1] > exact.shape[1] == 101
    return exact.numpy()


def test_the_first_and_last_words_of_a_file_are_found(spotter: Spotter) -> None:
    words = said()
    samples = sample()
    start, end = round(words[0].start_s * 16_000), round(words[-1].end_s * 16_000)
    found = detections(spot(spotter, samples[start:end], []))
    assert found[0].label == words[0].word
    assert found[-1].label == words[-1].word
    assert found[-1].decided <= end - start


def test_a_file_shorter_than_a_second_is_searched(spotter: Spotter) -> None:
    word = said()[2]
    piece = sample()[round(word.start_s * 16_000) : round(word.end_s * 16_000)]
    assert len(piece) < 12_000
    [found] = detections(spot(spotter, piece, []))
    assert found.label == word.word
    assert 0 <= found.start < found.end <= len(piece)


@pytest.mark.parametrize("length", [1, 100, 479])
def test_almost_nothing_gives_nothing(spotter: Spotter, length: int) -> None:
    assert detections(spot(spotter, np.zeros(length, dtype=np.float32), [])) == []


def test_no_window_spans_lost_audio(spotter: Spotter) -> None:
    """After a gap everything is as if the stream began there."""
    samples = sample()
    cut, lost = 50_000, 12_345
    stream = spotter.stream()
    before = stream.push(Chunk(0, samples[:cut]))
    after = stream.push(Chunk(cut + lost, samples[cut:])) + stream.finish()
    alone_before = spot(spotter, samples[:cut], [])
    alone_after = spot(spotter, samples[cut:], [])
    together = before + after
    assert len(together) == len(alone_before) + len(alone_after)
    for one, other in zip(together, alone_before + alone_after, strict=True):
        np.testing.assert_allclose(one.posteriors, other.posteriors, atol=1e-4)
    shifted = [
        hit.start - cut - lost for hit in detections(together)[len(detections(alone_before)) :]
    ]
    assert shifted == [hit.start for hit in detections(alone_after)]


def test_columns_are_each_given_once_and_are_those_of_the_file(
    spotter: Spotter, whole: list[Update]
) -> None:
    columns = np.concatenate([update.columns_db for update in whole], axis=1)
    lead = 2 * spotter.hop_frames - 1
    direct = clip_spectra(torch.from_numpy(sample()), spotter.checkpoint.features)
    inside = columns[:, lead : lead + direct.shape[1] - 1]
    expected = 10 * np.log10(np.maximum(np.abs(direct.numpy()[:, :-1]) ** 2, 1e-12))
    np.testing.assert_allclose(inside, expected, atol=0.05)


def test_levels_hardly_matter(spotter: Spotter) -> None:
    for gain in (0.1, 1.8):
        found = detections(spot(spotter, sample() * np.float32(gain), []))
        assert [hit.label for hit in found] == [word.word for word in said()]


@pytest.mark.parametrize("kind", ["zeros", "noise", "tone", "clicks"])
def test_what_is_not_speech_fires_nothing(spotter: Spotter, kind: str) -> None:
    rng = np.random.default_rng(1)
    samples = {
        "zeros": np.zeros(160_000),
        "noise": rng.standard_normal(160_000) * 0.05,
        "tone": 0.5 * np.sin(np.arange(160_000) * 0.2),
        "clicks": (rng.uniform(size=160_000) < 1e-4) * 0.9,
    }[kind].astype(np.float32)
    assert detections(spot(spotter, samples, [])) == []


def test_several_streams_share_a_batch(spotter: Spotter) -> None:
    samples = sample()[:48_000]
    alone = spot(spotter, samples, [])
    stretches = [spotter.stretch(0) for _ in range(3)]
    pieces = [samples, samples * np.float32(0.5), samples]
    jobs = [
        (stretch, stretch.take(piece)) for stretch, piece in zip(stretches, pieces, strict=True)
    ]
    first, _, third = spotter.advance(jobs)
    for update, other, same in zip(first, third, alone, strict=False):
        np.testing.assert_allclose(update.posteriors, same.posteriors, atol=1e-4)
        np.testing.assert_allclose(other.posteriors, same.posteriors, atol=1e-4)


def test_words_and_thresholds_limit_what_is_reported() -> None:
    few = Spotter(compute="cpu", words=["stop", "zero"])
    assert {hit.label for hit in detections(spot(few, sample(), []))} == {"stop", "zero"}
    strict = Spotter(compute="cpu", threshold=1.0, thresholds={"zero": 0.2})
    assert {hit.label for hit in detections(spot(strict, sample(), []))} == {"zero"}


@pytest.mark.parametrize("hop_ms", [10, 20, 100, 250])
def test_other_hops_hear_the_same_words(hop_ms: int) -> None:
    found = detections(spot(Spotter(compute="cpu", hop_ms=hop_ms), sample(), []))
    assert [hit.label for hit in found] == [word.word for word in said()]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"words": ["yess"]}, "did you mean 'yes'"),
        ({"words": []}, "at least one word"),
        ({"threshold": 1.5}, r"0\.\.1"),
        ({"thresholds": {"maybe": 0.5}}, "does not know the word 'maybe'"),
        ({"hop_ms": 55}, "multiple of 10 ms"),
        ({"hop_ms": 0}, "multiple of 10 ms"),
        ({"hop_ms": 260}, "up to 250"),
        ({"words": "yes"}, "words are a list"),
    ],
)
def test_options_that_cannot_be_used_are_told(options: dict[str, object], says: str) -> None:
    with pytest.raises(OptionError, match=says):
        Spotter(compute="cpu", **options)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_a_processor_that_is_not_there_is_told() -> None:
    with pytest.raises(OptionError, match="there is none here"):
        Spotter(compute="cuda")
