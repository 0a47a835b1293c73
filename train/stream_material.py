"""Streams made of labelled clips, running speech and noises, or taken as they were recorded."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from kwspot.audio.files import FileSource
from kwspot.audio.resample import at_16k
from kwspot.audio.source import SAMPLE_RATE_HZ
from kwspot.errors import AudioError, OptionError

from .catalog import Kind, Recording, Split, plain
from .corpus import Corpus, load, scaled
from .labelled import Labelled
from .sounds import decibels
from .speech import speech_without
from .stream_evaluation import Stream
from .stream_labels import check_inside, read_labels, write_labels
from .streams import Said, noise_unseen, varied_gaps, word_stream

PAUSE = np.zeros(SAMPLE_RATE_HZ // 2, dtype=np.float32)
Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class StreamPlan:
    """How streams are made. data: labelled clips; split: which of them, and of the speech and the
    noises what a training would leave to validation, None for all; words: to be said; listened:
    all that are listened for, of which speech has to be free, too; speech, noise: folders; snrs_db:
    a stream with the words for each, None without noise; gap_s: from the end of a word to the next;
    clips: the most of a word, None for all; seed: of all that is drawn.
    """

    data: Labelled
    split: Split | None
    words: tuple[str, ...]
    listened: tuple[str, ...] = ()
    speech: tuple[Path, ...] = ()
    noise: tuple[Path, ...] = ()
    snrs_db: tuple[float | None, ...] = (None, 20.0, 10.0)
    gap_s: tuple[float, float] = (0.3, 5.0)
    clips: int | None = None
    seed: int = 0


def made(
    plan: StreamPlan, cache: Path, progress: Callable[[int, int], None], say: Callable[[str], None]
) -> list[Stream]:
    """The streams of a plan; say: with warnings.

    Raises OptionError where the split has no clips of the words, or nothing without them,
    AudioError for folders that cannot be used.
    """
    corpus = load(_recordings(plan, say), cache, progress)
    clips = _clips(plan, corpus)
    noises = _noises(plan, corpus)
    speech = [
        index
        for index, recording in enumerate(corpus.recordings)
        if recording.kind is Kind.SPEECH and plan.split in (None, recording.split)
    ]
    if not (speech or noises):
        raise OptionError(
            "nothing here is without the words, so nothing says how often a model is wrong an "
            "hour: name running speech by --speech DIR, or noises by --noise DIR"
        )
    streams = []
    for place, snr_db in enumerate(plan.snrs_db):
        if snr_db is not None and not noises:
            say(f"warning: no --noise DIR, so there is no stream at {snr_db:g} dB")
            continue
        streams.append(_spoken(plan, corpus, clips, noises, place))
    if speech:
        streams.append(Stream("running speech", (), lambda: _apart(map(corpus.audio, speech))))
    if noises:
        streams.append(Stream("noise", (), lambda: _apart(noises)))
    # Hours of it would make any rate small.
    streams.append(Stream("silence", (), lambda: _silence(plan.seed), counted=False))
    return streams


def _silence(seed: int) -> Iterator[Samples]:
    """Five minutes: nothing at all, and what a quiet input has, noise of -90 to -50 dB RMS re full
    scale, half a minute each in turn."""
    rng, length = np.random.default_rng((seed, 2)), 30 * SAMPLE_RATE_HZ
    for level_db in (-90.0, -80.0, -70.0, -60.0, -50.0):
        yield np.zeros(length, dtype=np.float32)
        noise = rng.standard_normal(length, dtype=np.float32)
        yield noise * np.float32(decibels(level_db))


def _recordings(plan: StreamPlan, say: Callable[[str], None]) -> list[Recording]:
    found = [
        Recording(clip.path, Kind.WORD, clip.word, clip.speaker, clip.split or Split.TESTING)
        for clip in plan.data.of_split(plan.split)
        if clip.word in plan.words
    ]
    if not found:
        raise OptionError(
            f"no clip of {', '.join(plan.words)} is in the {plan.split or 'whole'} split of "
            f"{plan.data.root}; choose another --split"
        )
    untold = 0
    for root in plan.speech:
        own = speech_without(root, frozenset((*plan.words, *plan.listened)))
        untold += sum(not recording.transcribed for recording in own)
        found += own
    if untold:
        say(
            f"warning: {untold:,} recordings of speech have no transcript (*.trans.txt): words "
            "that are said in them count as false alarms"
        )
    for root in plan.noise:
        found += plain(root, Kind.NOISE)
    return found


def _clips(plan: StreamPlan, corpus: Corpus) -> list[int]:
    rng, chosen = np.random.default_rng((plan.seed, 0)), []
    for word in plan.words:
        own = [
            index
            for index, clip in enumerate(corpus.recordings)
            if clip.kind is Kind.WORD and clip.word == word
        ]
        chosen += rng.permutation(own)[: plan.clips].tolist()
    return chosen


def _noises(plan: StreamPlan, corpus: Corpus) -> list[Samples]:
    if plan.split is Split.VALIDATION:
        return noise_unseen(corpus)
    return [
        scaled(corpus.samples[span.offset : span.offset + span.length])
        for recording, span in zip(corpus.recordings, corpus.spans, strict=True)
        if recording.kind is Kind.NOISE
    ]


def _spoken(
    plan: StreamPlan, corpus: Corpus, clips: Sequence[int], noises: list[Samples], place: int
) -> Stream:
    snr_db = plan.snrs_db[place]

    def build() -> tuple[Samples, list[Said]]:
        rng = np.random.default_rng((plan.seed, 1, place))
        order = rng.permutation(clips).tolist()
        gaps = varied_gaps(rng, len(order), plan.gap_s)
        return word_stream(corpus, order, gaps, snr_db, rng, noises)

    # Made twice, so that only one stream is in memory at a time.
    said = tuple(build()[1])
    name = "clean" if snr_db is None else f"{snr_db:g} dB"
    return Stream(name, said, lambda: _cut(build()[0]))


def recorded(audio: Path, labels: Path | None, words: Sequence[str]) -> list[Stream]:
    """A recording with labels, or one that holds none of the words.

    Raises AudioError for what cannot be read or is shorter than a second, OptionError for labels
    that do not fit it.
    """
    with at_16k(FileSource(audio)) as source:
        samples = 0
        while (chunk := source.read()) is not None:
            samples = chunk.end
    if samples < SAMPLE_RATE_HZ:
        raise AudioError(
            f"{audio} is {samples / SAMPLE_RATE_HZ:.2f} s long, shorter than the second a window "
            "has: give a longer stream"
        )
    said: list[Said] = []
    if labels is not None:
        said = read_labels(labels, words)
        check_inside(labels, said, samples)

    def pieces() -> Iterator[Samples]:
        with at_16k(FileSource(audio)) as source:
            while (chunk := source.read()) is not None:
                yield chunk.samples

    return [Stream(audio.name, tuple(said), pieces)]


def write_streams(streams: Sequence[Stream], folder: Path) -> None:
    """Write each stream as FLAC, 16 bit, and the words of it as labels beside it.

    Raises OptionError where that fails.
    """
    for stream in streams:
        name = stream.name.replace(" ", "-")
        partial = folder / f"{name}.{os.getpid()}.partial"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with soundfile.SoundFile(
                partial, "w", SAMPLE_RATE_HZ, 1, format="FLAC", subtype="PCM_16"
            ) as file:
                for piece in stream.pieces():
                    file.write(piece)
            partial.replace(folder / f"{name}.flac")
        except (OSError, soundfile.SoundFileError) as error:
            raise OptionError(f"{folder / name}.flac cannot be written: {error}") from error
        finally:
            partial.unlink(missing_ok=True)
        if stream.said:
            write_labels(folder / f"{name}.tsv", stream.said)


def _cut(samples: Samples) -> Iterator[Samples]:
    for first in range(0, len(samples), 10 * SAMPLE_RATE_HZ):
        yield samples[first : first + 10 * SAMPLE_RATE_HZ]


def _apart(pieces: Iterable[Samples]) -> Iterator[Samples]:
    yield PAUSE
    for piece in pieces:
        yield piece
        yield PAUSE
