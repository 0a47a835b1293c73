"""Byte streams turned into samples, among them pipes that never end."""

import os
import select
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from kwspot.audio.wav import RAW, PcmFormat, is_wav, read_wav_header
from kwspot.errors import AudioError

_BLOCK_FRAMES = 65_536
_POLL_S = 0.1
_OTHER_AUDIO = {
    b"fLaC": "FLAC", b"OggS": "OGG", b"ID3\x03": "MP3", b"ID3\x04": "MP3", b"FORM": "AIFF",
    b".snd": "AU", b"caff": "CAF", b"riff": "W64", b"RIFX": "RIFX", b"\x1aE\xdf\xa3": "WebM",
}  # fmt: skip
"""What other formats begin with."""


class StreamDecoder:
    """WAV, or raw 16-bit little-endian mono at 16 kHz, from a stream that may be a live pipe.

    The stream must be fresh: bytes that Python has buffered already are not seen.
    Reads the header at once. Raises AudioError where the stream is empty or holds another format.
    """

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self._name = name
        self.damage: str | None = None
        self._stream = stream
        self._fd = _pipe_fd(stream)
        self._stopped = False
        self._held = b""
        self._format = self._open(name)
        self._done_bytes = 0
        self.sample_rate_hz = self._format.sample_rate_hz
        promised = self._format.data_bytes
        self.total_frames = None if promised is None else promised // self._format.frame_bytes

    def read(self) -> NDArray[np.float32]:
        """What has come in since the last read, up to 65,536 frames; waits for at least one."""
        size = self._format.frame_bytes
        while len(self._held) < size:
            data = self._some(self._wanted())
            if not data:
                self._held = b""  # a fraction of a frame at the very end
                self._end()
                break
            self._held += data
            self._done_bytes += len(data)
        whole = len(self._held) // size * size
        frames, self._held = self._held[:whole], self._held[whole:]
        return self._format.decode(frames)

    def stop(self) -> None:
        """Make `read` return within a tenth of a second."""
        self._stopped = True

    def close(self) -> None:
        """Close the stream."""
        self._stream.close()

    def _open(self, name: str) -> PcmFormat:
        head = self._exactly(12)
        if is_wav(head):
            try:
                return read_wav_header(self._exactly)
            except ValueError as error:
                raise AudioError(f"{name} is a WAV that cannot be read: {error}") from error
        other = "MP4" if head[4:8] == b"ftyp" else _OTHER_AUDIO.get(head[:4])
        if other is not None:
            raise AudioError(
                f"{name} is {other}, and a stream must be WAV or raw samples; name the file instead"
            )
        if len(head) < RAW.frame_bytes and not self._stopped:
            raise AudioError(f"{name} holds no audio; pipe a WAV or raw 16 kHz samples into it")
        self._held = head
        return RAW

    def _wanted(self) -> int:
        block = _BLOCK_FRAMES * self._format.frame_bytes
        if self._format.data_bytes is None:
            return block
        return min(block, self._format.data_bytes - self._done_bytes)

    def _end(self) -> None:
        promised = self._format.data_bytes
        if promised is not None and promised - self._done_bytes >= self._format.frame_bytes:
            seconds = self._done_bytes / self._format.frame_bytes / self.sample_rate_hz
            self.damage = f"is cut short: only its first {seconds:.2f} s could be read"

    def _exactly(self, count: int) -> bytes:
        """The next `count` bytes; fewer where the stream ends."""
        data = b""
        while len(data) < count and (more := self._some(min(count - len(data), 2**20))):
            data += more
        return data

    def _some(self, most: int) -> bytes:
        """What there is, up to `most` bytes, waiting for the first; none at the end or stopped."""
        try:
            if self._fd is None or most == 0:
                return b"" if self._stopped else self._stream.read(most)
            while not self._stopped:
                if select.select([self._fd], [], [], _POLL_S)[0]:
                    return os.read(self._fd, most)
        except OSError as error:
            raise AudioError(f"{self._name} cannot be read: {error.strerror or error}") from error
        return b""


def _pipe_fd(stream: BinaryIO) -> int | None:
    """The descriptor to watch, so that a silent pipe does not hold up `stop`; None without one."""
    try:
        descriptor = stream.fileno()
        select.select([descriptor], [], [], 0)
    except (OSError, ValueError, AttributeError):
        return None  # in memory, or Windows, which can only watch sockets
    return descriptor
