"""What was heard lately, for the views: columns, samples and scores in rings of fixed size."""

from collections import deque
from collections.abc import Sequence
from copy import deepcopy
from typing import Self

import numpy as np
from numpy.typing import NDArray

from kwspot.audio.source import SAMPLE_RATE_HZ, Chunk
from kwspot.spotting.detection import Detection
from kwspot.spotting.stretch import Update

FRAME_SAMPLES = 160
SECONDS = 150
"""How far one can look back."""
FLOOR_DB, STEP_DB = -110.0, 0.5
"""Decibels are kept as bytes: code 1 is the floor, each code half a decibel; 0 is no audio."""

Codes = NDArray[np.uint8]
Floats = NDArray[np.float32]


def encode_db(columns: NDArray[np.complex64]) -> Codes:
    """Complex columns (bins, k) -> codes (k, bins) of their power in dB re 1.0."""
    power = np.square(columns.real) + np.square(columns.imag)
    decibels = 10.0 * np.log10(np.maximum(power, 1e-12)).T
    codes: Codes = (np.clip((decibels - FLOOR_DB) / STEP_DB, 0.0, 254.0) + 1.0).astype(np.uint8)
    return codes


def decode_db(code: float) -> float:
    """The decibels a code stands for."""
    return FLOOR_DB + (code - 1.0) * STEP_DB


class Timeline:
    """The last `SECONDS` of one source: written by the feed, read by the views, in one thread.

    bins: frequencies of a column; labels: of the model; hop_frames: columns from update to update.
    Positions are samples since the source opened. What was lost, or not yet heard, is code 0.
    """

    def __init__(self, bins: int, labels: Sequence[str], hop_frames: int) -> None:
        self.labels = tuple(labels)
        self._frames = SECONDS * SAMPLE_RATE_HZ // FRAME_SAMPLES
        self._codes: Codes = np.zeros((self._frames, bins), np.uint8)
        self._audio: Floats = np.zeros(SECONDS * SAMPLE_RATE_HZ, np.float32)
        self._peaks: Floats = np.zeros(self._frames, np.float32)
        rows = self._frames // hop_frames
        self._ends: NDArray[np.int64] = np.full(rows, -1, np.int64)
        self._scores: Floats = np.zeros((rows, 2, len(labels)), np.float32)
        self._rows = 0
        self.newest_frame = -1
        self.heard = 0
        """The position one past the newest sample."""
        self.detections: deque[Detection] = deque(maxlen=1000)

    @property
    def newest(self) -> int:
        """The position of the newest column's centre; -1 before the first."""
        return self.newest_frame * FRAME_SAMPLES if self.newest_frame >= 0 else -1

    @property
    def oldest(self) -> int:
        """The first position that is still kept."""
        return max(0, self.newest - (self._frames - 1) * FRAME_SAMPLES)

    @property
    def bins(self) -> int:
        """Frequencies of a column."""
        return int(self._codes.shape[1])

    @property
    def latest_scores(self) -> list[float] | None:
        """What the detector saw last, one for each label; None before the first window."""
        if not self._rows:
            return None
        scores: list[float] = self._scores[(self._rows - 1) % len(self._ends), 1].tolist()
        return scores

    def frozen(self) -> Self:
        """A copy that stands still while the original goes on."""
        return deepcopy(self)

    def push_chunk(self, chunk: Chunk) -> None:
        """Keep the samples of a 16 kHz chunk; zeros for what was lost before it."""
        size = len(self._audio)
        if chunk.start > self.heard:
            self._fill(self._audio, self.heard, chunk.start, np.float32(0))
        samples = chunk.samples[-size:]
        places = np.arange(chunk.end - len(samples), chunk.end) % size
        self._audio[places] = samples
        first = min(self.heard, chunk.start) // FRAME_SAMPLES
        last = chunk.end // FRAME_SAMPLES
        self.heard = max(self.heard, chunk.end)
        first = max(first, last - self._frames)
        if last > first:
            pieces = np.abs(self.samples(first * FRAME_SAMPLES, last * FRAME_SAMPLES))
            frames = np.arange(first, last) % self._frames
            self._peaks[frames] = pieces.reshape(-1, FRAME_SAMPLES).max(axis=1)

    def push_updates(self, updates: Sequence[Update]) -> None:
        """Keep the columns and scores of updates, in their order."""
        for update in updates:
            codes = encode_db(np.asarray(update.columns))
            last = round(update.end / FRAME_SAMPLES)
            first = last - len(codes) + 1
            if last < 0:
                continue
            codes = codes[max(0, -first) :][-self._frames :]
            first = last - len(codes) + 1
            if first > self.newest_frame + 1:
                self._fill(self._codes, self.newest_frame + 1, first, np.uint8(0))
            self._codes[np.arange(first, last + 1) % self._frames] = codes
            self.newest_frame = max(self.newest_frame, last)
            row = self._rows % len(self._ends)
            self._ends[row] = update.end
            self._scores[row, 0] = update.posteriors
            self._scores[row, 1] = update.smoothed
            self._rows += 1

    def columns(self, first: int, end: int) -> Codes:
        """Codes (end - first, bins) of frames; 0 for what is not there."""
        frames = np.arange(first, end)
        codes: Codes = self._codes[frames % self._frames]
        there = (frames >= max(0, self.newest_frame - self._frames + 1)) & (
            frames <= self.newest_frame
        )
        if not there.all():
            codes[~there] = 0
        return codes

    def samples(self, start: int, end: int) -> Floats:
        """float32 (end - start,) of a stretch; zeros for what is not there."""
        places = np.arange(start, end)
        samples: Floats = self._audio[places % len(self._audio)]
        there = (places >= max(0, self.heard - len(self._audio))) & (places < self.heard)
        if not there.all():
            samples[~there] = 0.0
        return samples

    def peaks(self, first: int, end: int) -> Floats:
        """The largest amplitude within each frame's 160 samples, float32 (end - first,)."""
        frames = np.arange(first, end)
        newest = self.heard // FRAME_SAMPLES
        peaks: Floats = self._peaks[frames % self._frames]
        peaks[(frames < max(0, newest - self._frames + 1)) | (frames >= newest)] = 0.0
        return peaks

    def curves(self, start: int, end: int) -> tuple[NDArray[np.int64], Floats, Floats]:
        """Windows that end within a stretch: ends (n,), posteriors and smoothed (n, labels)."""
        order = np.argsort(self._ends, kind="stable")
        ends = self._ends[order]
        within = order[np.searchsorted(ends, start) : np.searchsorted(ends, end)]
        within = within[self._ends[within] >= 0]
        return self._ends[within], self._scores[within, 0], self._scores[within, 1]

    def _fill(
        self, ring: NDArray[np.generic], first: int, end: int, value: np.generic | float
    ) -> None:
        count = min(end - first, len(ring))
        ring[np.arange(end - count, end) % len(ring)] = value
