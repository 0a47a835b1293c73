"""What sources that are made of another source have in common."""

from typing import Any, Self

from kwspot.audio.source import Chunk, Patient, Source


class Wrapped:
    """A source that hands over another one, which is entered and left with it."""

    def __init__(self, source: Source) -> None:
        self._source = source

    @property
    def name(self) -> str:
        """The source's."""
        return self._source.name

    @property
    def sample_rate_hz(self) -> int:
        """The source's."""
        return self._source.sample_rate_hz

    @property
    def lost_samples(self) -> int:
        """The source's."""
        return self._source.lost_samples

    def __enter__(self) -> Self:
        """Enter the source."""
        self._source.__enter__()
        return self

    def __exit__(self, *raised: Any) -> None:
        """Leave the source."""
        self._source.__exit__(*raised)

    def read(self) -> Chunk | None:
        """The source's next chunk."""
        return self._source.read()

    def want(self, samples: int) -> None:
        """Let the source wait, where it can."""
        if isinstance(self._source, Patient):
            self._source.want(samples)

    def stop(self) -> None:
        """Stop the source."""
        self._source.stop()
