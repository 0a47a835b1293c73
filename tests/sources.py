"""Sounds to read, as arrays and as the bytes of files, and all that a source gives."""

import io
import struct

import numpy as np
import soundfile

from kwspot.audio.source import Source


def sound(count: int, channels: int = 1) -> np.ndarray:
    """int16 (n, channels): quiet noise, another one for each channel."""
    generator = np.random.default_rng(count)
    return generator.integers(-9_000, 9_000, (count, channels)).astype(np.int16)


def as_floats(samples: np.ndarray) -> np.ndarray:
    mean: np.ndarray = samples.astype(np.float32).mean(axis=1, dtype=np.float32)
    return mean / np.float32(2**15)


def read_all(source: Source) -> np.ndarray:
    """All samples, whose chunks must follow each other from 0 on."""
    with source:
        chunks, end = [np.zeros(0, np.float32)], 0
        while (chunk := source.read()) is not None:
            assert chunk.start == end
            assert len(chunk.samples)
            chunks.append(chunk.samples)
            end = chunk.end
        assert source.read() is None
    return np.concatenate(chunks)


def wav_bytes(
    samples: np.ndarray, rate_hz: int, coding: str = "PCM_16", form: str = "WAV"
) -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, rate_hz, format=form, subtype=coding)
    return buffer.getvalue()


def with_data_size(wav: bytes, size: int) -> bytes:
    at = wav.index(b"data") + 4
    return wav[:at] + struct.pack("<I", size) + wav[at + 4 :]
