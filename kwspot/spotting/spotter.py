"""The pure pipeline: samples in, updates out. It starts no thread, and reads no clock or device."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Generic, TypeAlias, TypeVar

from torch import Tensor

from kwspot.audio.source import Chunk
from kwspot.errors import OptionError
from kwspot.resources import bundled_model

from .checkpoint import Checkpoint, load
from .choices import deciding, known_words, thresholds_at_rate
from .classifier import Classifier, Compute, Scores
from .detection import Detection, Timing, Tuning
from .detector import Detector
from .heap import keep_freed_memory
from .room import Room
from .seed_network import SeedConfig
from .stretch import Stretch, Update
from .together import Together
from .window_classifier import WindowClassifier

STRETCH_SAMPLES = 131_072
"""Eight seconds: what goes through the network at once. Longer pieces would gain little, and leave
a processor's cache; memory stays bounded."""
LONG_STRETCH_SAMPLES, TOGETHER_SAMPLES = 2**19, 2**23 + 2**20
"""The same for a GPU, 33 s, and for all the recordings it gets as one batch, 16 such pieces."""

Result = TypeVar("Result")
Job: TypeAlias = tuple[Stretch, Tensor]
"""Columns by which a stretch goes on."""
Interpret: TypeAlias = Callable[[Stretch, Tensor, Scores], list[Result]]
"""What is wanted of the scores of a stretch: updates, or detections only."""


class Spotter:
    """A model, where it runs and what it is to report; gives any number of streams.

    model: a model file or what one holds, the bundled one where None; compute: the processor;
    words: what to report, all the model's words where None; threshold: the score from which a
    word is reported, 0..1, instead of the model's; thresholds: the same for single words, and for
    `_unknown_` and `_silence_` the score above which no word is reported; hop_ms: time between
    windows, a multiple of 10, up to 250 for the bundled model; false_per_hour: how
    many false alarms an hour, of all `words` together, are put up with: the thresholds are then
    those that the model's own measurements ask for, or those in a `room`. Without any of these the
    thresholds are those of USUAL_FALSE_PER_HOUR, where the model was measured.
    Raises ModelError for a model that cannot be used, OptionError for anything else.
    """

    def __init__(
        self,
        model: Path | str | Checkpoint | None = None,
        *,
        compute: Compute = "auto",
        words: Sequence[str] | None = None,
        threshold: float | None = None,
        thresholds: Mapping[str, float] | None = None,
        hop_ms: int = 50,
        false_per_hour: float | None = None,
        room: Room | None = None,
    ) -> None:
        if isinstance(model, Checkpoint):
            self.checkpoint = model
        else:
            self.checkpoint = load(bundled_model() if model is None else Path(model))
        features = self.checkpoint.features
        if isinstance(words, str):
            raise OptionError(f"words are a list: [{words!r}], not one text")
        frame_ms = 1000 * features.hop_samples // features.sample_rate_hz
        self.hop_frames = hop_ms // frame_ms
        # Two windows at least are to hold the evidence of every moment.
        most_ms = self.timing.pooled // 2 * frame_ms
        if hop_ms % frame_ms or not frame_ms <= hop_ms <= most_ms:
            raise OptionError(f"--hop is a multiple of {frame_ms} ms up to {most_ms}, not {hop_ms}")
        self.words = known_words(self.checkpoint, self.checkpoint.words if words is None else words)
        if threshold is None:
            usual = thresholds_at_rate(self.checkpoint, self.words, false_per_hour, room)
            thresholds = {**usual, **(thresholds or {})}
        elif false_per_hour is not None:
            raise OptionError(
                "a threshold and a number of false alarms an hour exclude each other: name one"
            )
        self.detector = deciding(self.checkpoint, threshold, thresholds or {})
        self._tuning = Tuning(self._all_thresholds(), frozenset(self.words), self.detector.ceilings)
        kind = WindowClassifier if isinstance(self.checkpoint.network, SeedConfig) else Classifier
        self.classifier = kind(self.checkpoint, compute, self.hop_frames)
        self._together: Together | None = None
        self.stretch_samples = STRETCH_SAMPLES
        """How much of a stream goes through the network at once."""
        if self.classifier.transforms:
            self._together = Together(self.classifier.advance, TOGETHER_SAMPLES)
            self.stretch_samples = LONG_STRETCH_SAMPLES

    @property
    def labels(self) -> tuple[str, ...]:
        """What the columns of posteriors stand for, unknown and silence included."""
        return self.checkpoint.labels

    def _all_thresholds(self) -> dict[str, float]:
        return {word: self.detector.threshold_of(word) for word in self.checkpoint.words}

    def retune(self, words: Sequence[str], thresholds: Mapping[str, float]) -> None:
        """Report other words (none at all, too), at these thresholds, from the next window on.

        thresholds: as for a new spotter, and it raises OptionError as that does. Streams that run
        go on without a break; from any thread.
        """
        detector = deciding(self.checkpoint, None, thresholds)
        self.words = known_words(self.checkpoint, words) if words else ()
        self.detector = detector
        self._tuning.thresholds = self._all_thresholds()
        self._tuning.ceilings = detector.ceilings
        self._tuning.reported = frozenset(self.words)

    @property
    def timing(self) -> Timing:
        """How windows and evidence follow each other."""
        features, network = self.checkpoint.features, self.checkpoint.network
        return Timing(
            sample_rate_hz=features.sample_rate_hz,
            frame_samples=features.hop_samples,
            hop_frames=self.hop_frames,
            pooled=network.evidence_frames(features.frames),
            lookahead=network.lookahead,
        )

    def warm_up(self, streams: int = 1) -> None:
        """Run what live listening runs, so that the first word is not late."""
        self.classifier.warm_up(streams)

    def stream(self) -> "SpotterStream[Update]":
        """A new stream, of which nothing has been heard."""
        return SpotterStream(self, Stretch.interpret)

    def detections(self) -> "SpotterStream[Detection]":
        """A new stream that yields detections only: faster on long recordings."""
        keep_freed_memory()
        transformed = not self.classifier.transforms
        return SpotterStream(self, Stretch.detections, transformed=transformed)

    def stretch(self, base: int, *, transformed: bool = True) -> Stretch:
        """A new stretch of a stream, beginning at sample `base`."""
        config, hop, state = self.checkpoint.features, self.hop_frames, self.classifier.state()
        detector = Detector(self.labels, self.detector, self.words, self.timing, self._tuning)
        return Stretch(base, config, hop, state, detector, transformed=transformed)

    def advance(self, jobs: Sequence[Job]) -> list[list[Update]]:
        """Run the newest columns of any number of stretches through the model as one batch."""
        return self.advance_to(Stretch.interpret, jobs)

    def advance_to(self, interpret: Interpret[Result], jobs: Sequence[Job]) -> list[list[Result]]:
        """The same, for what `interpret` makes of the scores."""
        ready = [(stretch, columns) for stretch, columns in jobs if columns.numel()]
        if not ready:
            return [[] for _ in jobs]
        advance = self._together or self.classifier.advance
        scores = iter(advance([(job.state, columns) for job, columns in ready]))
        return [
            interpret(stretch, columns, next(scores)) if columns.numel() else []
            for stretch, columns in jobs
        ]


class SpotterStream(Generic[Result]):
    """The pipeline of one source: 16 kHz chunks in, updates (or detections) out, however cut.

    Lost audio ends one stretch and begins the next, so that no window spans it.
    """

    def __init__(
        self, spotter: Spotter, interpret: Interpret[Result], *, transformed: bool = True
    ) -> None:
        self._spotter, self._interpret = spotter, interpret
        self._transformed = transformed
        self._stretch: Stretch | None = None

    @property
    def wanted(self) -> int:
        """How many samples the next window waits for, as far as is known; 1 or more."""
        return 1 if self._stretch is None else self._stretch.wanted

    def push(self, chunk: Chunk) -> list[Result]:
        """Take the next 16 kHz chunk; returns what the windows yield that it completes."""
        return self._run(self.jobs(chunk))

    def finish(self) -> list[Result]:
        """The audio has ended: the windows that reach over its end. Pushing may go on after it."""
        return self._run(self.last_jobs())

    def jobs(self, chunk: Chunk) -> Iterator[Job]:
        """What `push` has to run, piece by piece: each is to be run before the next is asked for.

        For those who run many streams as one batch.
        """
        if self._stretch is not None and chunk.start != self._stretch.end:
            yield from self.last_jobs()
        if self._stretch is None:
            self._stretch = self._spotter.stretch(chunk.start, transformed=self._transformed)
        most = self._spotter.stretch_samples
        for first in range(0, len(chunk.samples), most):
            columns = self._stretch.take(chunk.samples[first : first + most])
            if columns.numel():
                yield self._stretch, columns

    def last_jobs(self) -> Iterator[Job]:
        """The same for `finish`."""
        if self._stretch is not None:
            stretch, self._stretch = self._stretch, None
            yield stretch, stretch.flush()

    def _run(self, jobs: Iterable[Job]) -> list[Result]:
        results = []
        for job in jobs:
            results += self._spotter.advance_to(self._interpret, [job])[0]
        return results
