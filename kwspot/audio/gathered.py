"""Chunks joined into larger ones: fewer, larger steps cost less."""

from collections.abc import Iterator

import numpy as np

from kwspot.audio.source import Chunk, Source


def gathered(source: Source, most: int) -> Iterator[Chunk]:
    """The mono chunks of an entered source, joined to such of `most` samples at most.

    Longer ones come through alone, as all do with a `most` of 0; a gap parts them.
    """
    waiting: list[Chunk] = []
    while (chunk := source.read()) is not None:
        follows = waiting and chunk.start == waiting[-1].end
        if waiting and not (follows and chunk.end - waiting[0].start <= most):
            yield _joined(waiting)
            waiting = []
        waiting.append(chunk)
        if chunk.end - waiting[0].start >= most:
            yield _joined(waiting)
            waiting = []
    if waiting:
        yield _joined(waiting)


def _joined(chunks: list[Chunk]) -> Chunk:
    if len(chunks) == 1:
        return chunks[0]
    return Chunk(chunks[0].start, np.concatenate([chunk.samples for chunk in chunks]))
