"""What can be listened to, and with what."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kwspot.audio.files import FileSource
from kwspot.audio.microphone import MicrophoneSource
from kwspot.audio.paced import Paced
from kwspot.audio.resample import at_16k
from kwspot.audio.source import Notify, Source
from kwspot.spotting.classifier import Compute
from kwspot.spotting.spotter import Spotter


@dataclass(frozen=True, slots=True)
class Microphone:
    """A microphone; device: as for `find_device`, the default where None."""

    device: str | None = None

    @property
    def pace(self) -> float:
        """How many seconds of audio come in a second."""
        return 1.0

    def opener(self) -> Callable[[Notify], Source]:
        """Makes the source for a listener."""
        return lambda notify: at_16k(MicrophoneSource(self.device, notify))


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording; speed: times real time, 0 for as fast as the machine can."""

    path: Path
    speed: float = 1.0

    @property
    def pace(self) -> float:
        """How many seconds of audio come in a second; 0 for no pace at all."""
        return self.speed

    def opener(self) -> Callable[[Notify], Source]:
        """Makes the source for a listener."""

        def source(notify: Notify) -> Source:
            file = FileSource(self.path, notify)
            return at_16k(Paced(file, self.speed) if self.speed else file)

        return source


Origin = Microphone | Recording


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A model and how it runs. path: the bundled model where None."""

    path: Path | None = None
    compute: Compute = "auto"
    hop_ms: int = 50

    def spotter(self) -> Spotter:
        """Load it: slow, for a worker. Raises KwspotError where it cannot be used."""
        return Spotter(self.path, compute=self.compute, hop_ms=self.hop_ms)
