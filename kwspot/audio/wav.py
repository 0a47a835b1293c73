"""WAV and raw PCM read from a stream that cannot be rewound."""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from kwspot.audio.source import SAMPLE_RATE_HZ

ReadExactly = Callable[[int], bytes]
"""Returns the next n bytes; fewer only where the stream ends."""

_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
# Writers to a pipe do not know the length; they put 0, all ones, or a little under 2 or 4 GiB.
_UNKNOWN_FROM = 0x7FFF0000
_SKIP_BYTES = 2**16  # whatever a chunk claims, no more is held at once


@dataclass(frozen=True, slots=True)
class PcmFormat:
    """How samples lie in a byte stream (little-endian, channels interleaved).

    kind: "int" (8 bit unsigned, others signed) or "float"; width: bytes per sample.
    data_bytes: how many the header promises, None where it does not know.
    Raises ValueError, saying what is not supported.
    """

    sample_rate_hz: int
    channels: int
    kind: Literal["int", "float"]
    width: int
    data_bytes: int | None = None

    def __post_init__(self) -> None:
        if self.width not in ((1, 2, 3, 4) if self.kind == "int" else (4, 8)):
            raise ValueError(f"{8 * self.width}-bit {self.kind} samples are not supported")
        if self.channels < 1 or self.sample_rate_hz < 1:
            raise ValueError("its header names no channels or no sample rate")

    @property
    def frame_bytes(self) -> int:
        """Bytes of one sample of every channel."""
        return self.width * self.channels

    def decode(self, data: bytes) -> NDArray[np.float32]:
        """Whole frames -> float32 (n, channels), integers scaled to [-1, 1)."""
        return self._samples(data).reshape(-1, self.channels)

    def _samples(self, data: bytes) -> NDArray[np.float32]:
        if self.kind == "float":
            return np.frombuffer(data, f"<f{self.width}").astype(np.float32)
        if self.width == 1:
            return (
                np.frombuffer(data, np.uint8).astype(np.float32) - np.float32(128)
            ) / np.float32(128)
        if self.width == 3:
            # Three bytes are the upper ones of four.
            padded = np.zeros((len(data) // 3, 4), np.uint8)
            padded[:, 1:] = np.frombuffer(data, np.uint8).reshape(-1, 3)
            return padded.view("<i4").ravel().astype(np.float32) / np.float32(2**31)
        scale = np.float32(2 ** (8 * self.width - 1))
        return np.frombuffer(data, f"<i{self.width}").astype(np.float32) / scale


RAW = PcmFormat(SAMPLE_RATE_HZ, channels=1, kind="int", width=2)
"""What a stream without a header is taken for."""


def is_wav(head: bytes) -> bool:
    """Whether a stream that begins with these 12 bytes is a WAV."""
    return head[:4] in (b"RIFF", b"RF64") and head[8:12] == b"WAVE"


def read_wav_header(read: ReadExactly) -> PcmFormat:
    """Read on from the 12th byte of a WAV to its first sample.

    Raises ValueError with what is wrong: no samples follow, or their coding is not supported.
    """
    layout: PcmFormat | None = None
    data_bytes_64: int | None = None
    while True:
        head = read(8)
        if len(head) < 8:
            raise ValueError("it ends before its first sample")
        name, size = head[:4], struct.unpack("<I", head[4:])[0]
        if name == b"data":
            break
        padded = size + size % 2
        body = read(min(padded, _SKIP_BYTES))
        if name == b"fmt ":
            layout = _layout(body)
        elif name == b"ds64" and len(body) >= 16:
            data_bytes_64 = struct.unpack("<Q", body[8:16])[0]
        for at in range(_SKIP_BYTES, padded, _SKIP_BYTES):
            if not read(min(padded - at, _SKIP_BYTES)):
                break
    if layout is None:
        raise ValueError("it does not say how its samples are coded")
    if data_bytes_64 is not None:
        size = data_bytes_64
    known = size > 0 and not _UNKNOWN_FROM <= size <= 0xFFFFFFFF
    return PcmFormat(
        layout.sample_rate_hz, layout.channels, layout.kind, layout.width, size if known else None
    )


def _layout(body: bytes) -> PcmFormat:
    if len(body) < 16:
        raise ValueError("it ends before its first sample")
    coding, channels, rate_hz, _, block_bytes, _ = struct.unpack("<HHIIHH", body[:16])
    if coding == _EXTENSIBLE and len(body) >= 26:
        coding = struct.unpack("<H", body[24:26])[0]
    if coding not in (_PCM, _FLOAT):
        raise ValueError(f"its coding ({coding}) is not plain samples")
    return PcmFormat(
        rate_hz, channels, "int" if coding == _PCM else "float", block_bytes // max(channels, 1)
    )
