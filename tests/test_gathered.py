"""Chunks that are joined to larger ones say the same."""

import numpy as np
import pytest

from kwspot.audio.files import ArraySource
from kwspot.audio.gathered import gathered
from kwspot.audio.source import Chunk


class Pieces(ArraySource):
    """Chunks as given; read: how many were asked for."""

    def __init__(self, chunks: list[tuple[int, int]]) -> None:
        super().__init__(np.arange(100, dtype=np.float32), 16_000)
        self._chunks = iter(chunks)
        self.asked = 0

    def read(self) -> Chunk | None:
        self.asked += 1
        start, end = next(self._chunks, (0, 0))
        return Chunk(start, self._frames[start:end, 0]) if end else None


@pytest.mark.parametrize(
    ("most", "expected"),
    [
        (0, [(0, 10), (10, 20), (20, 35), (40, 45), (45, 100)]),
        (20, [(0, 20), (20, 35), (40, 45), (45, 100)]),
        (34, [(0, 20), (20, 35), (40, 45), (45, 100)]),
        (35, [(0, 35), (40, 45), (45, 100)]),
        (1_000, [(0, 35), (40, 100)]),
    ],
)
def test_chunks_are_joined_up_to_a_size_and_never_over_a_gap(
    most: int, expected: list[tuple[int, int]]
) -> None:
    source = Pieces([(0, 10), (10, 20), (20, 35), (40, 45), (45, 100)])
    chunks = list(gathered(source, most))
    assert [(chunk.start, chunk.end) for chunk in chunks] == expected
    for chunk in chunks:
        np.testing.assert_array_equal(chunk.samples, np.arange(chunk.start, chunk.end))


def test_what_is_to_be_heard_at_once_is_not_kept_back() -> None:
    source = Pieces([(0, 10), (10, 20)])
    assert next(gathered(source, 0)).end == 10
    assert source.asked == 1
