"""Files turned into samples, block by block."""

import stat
from pathlib import Path
from typing import BinaryIO, Protocol

import numpy as np
import soundfile
from numpy.typing import NDArray

from kwspot.audio.quiet import quiet
from kwspot.audio.streams import StreamDecoder
from kwspot.audio.suffixes import as_it_is
from kwspot.audio.wav import PcmFormat, is_wav, read_wav_header
from kwspot.errors import AudioError

_BLOCK_FRAMES = 65_536
# libsndfile throws away the piece of a read in which it meets damage, so the pieces are small.
_PIECE_FRAMES = 4_096
_PLAIN = ("PCM_", "FLOAT", "DOUBLE", "ULAW", "ALAW")
"""Codings in which there is no damage to meet, only an end."""
_KINDS = "WAV, FLAC, OGG/Opus and MP3 can be read, others converted with: ffmpeg -i IN OUT.wav"


class Decoder(Protocol):
    """Samples of one recording, in order.

    total_frames: how many there should be, None where nothing says so.
    damage: once the end is reached, what is missing, in words that go on from the file's name.
    """

    sample_rate_hz: int
    total_frames: int | None
    damage: str | None

    def read(self) -> NDArray[np.float32]:
        """The next float32 (n, channels); (0, channels) at the end or after `stop`."""

    def stop(self) -> None:
        """Make a `read` that waits for data return soon; from any thread."""

    def close(self) -> None:
        """Let go of the file."""


def open_file(path: Path) -> Decoder:
    """A decoder for a file, a named pipe or a device; raises AudioError where it cannot be had."""
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise AudioError(f"{path} is a folder; name the recordings in it")
        # Unbuffered: a pipe is watched by its descriptor, past which nothing may be read ahead.
        handle = path.open("rb", buffering=0)
    except (OSError, ValueError) as error:  # ValueError: a name with a null character
        raise AudioError(f"{path} cannot be opened: {_reason(error)}") from error
    try:
        if not stat.S_ISREG(mode):
            return StreamDecoder(handle, str(path))
        promised = _promised_by_wav(handle, path)
        handle.seek(0)
        if promised is not None and promised.data_bytes is None:
            # libsndfile takes a length of 0, left by a writer that was cut off, at its word.
            return StreamDecoder(handle, str(path))
    except OSError as error:
        handle.close()
        raise AudioError(f"{path} cannot be read: {_reason(error)}") from error
    except BaseException:
        handle.close()
        raise
    handle.close()
    return SoundFileDecoder(path, promised)


class _ForwardOnly(soundfile.SoundFile):  # type: ignore[misc]
    """A file that soundfile does not seek in.

    It would after every read, to where it is already, which in an MP3 is not quite the same place
    (clicks at every seam), and in a FLAC decodes again.
    """

    def seekable(self) -> bool:
        return False


class SoundFileDecoder:
    """A regular file, decoded by libsndfile. promised: the layout a WAV header tells of."""

    def __init__(self, path: Path, promised: PcmFormat | None = None) -> None:
        self.damage: str | None = None
        try:
            with quiet():
                self._file = _ForwardOnly(as_it_is(path))
        except (soundfile.SoundFileError, TypeError, ValueError) as error:
            raise AudioError(
                f"{path} is not audio, or is cut off in its header; {_KINDS}"
            ) from error
        self.sample_rate_hz: int = self._file.samplerate
        # FLAC from a recorder that was cut off does not know its length: libsndfile says 2^63 - 1.
        frames = self._file.frames
        self.total_frames: int | None = frames if frames < 2**62 else None
        self._promised_frames = self.total_frames
        if promised is not None and promised.data_bytes is not None:
            self._promised_frames = promised.data_bytes // promised.frame_bytes
        self._cut = self._file.format == "OGG" and _lacks_last_page(path)
        plain = self._file.format != "FLAC" and self._file.subtype.startswith(_PLAIN)
        self._piece_frames = _BLOCK_FRAMES if plain else _PIECE_FRAMES
        self._done = 0

    def read(self) -> NDArray[np.float32]:
        """Up to 65,536 frames; after damage, nothing."""
        pieces = [np.zeros((0, self._file.channels), np.float32)]
        while self.damage is None and sum(map(len, pieces)) < _BLOCK_FRAMES:
            try:
                with quiet():
                    piece = self._file.read(self._piece_frames, dtype="float32", always_2d=True)
            except soundfile.SoundFileError:
                self._end("is damaged", pieces)
                break
            if not len(piece):
                self._end("is cut short", pieces)
                break
            pieces.append(piece)
        self._done += sum(map(len, pieces))
        return pieces[1] if len(pieces) == 2 else np.concatenate(pieces)

    def stop(self) -> None:
        """Reading a file never waits."""

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _end(self, verdict: str, pieces: list[NDArray[np.float32]]) -> None:
        done = self._done + sum(map(len, pieces))
        seconds = done / self.sample_rate_hz
        # An encoder may round its length; a hundredth of a second is no loss worth a word.
        missing = (self._promised_frames or 0) - done > self.sample_rate_hz / 100
        if verdict == "is damaged" or missing or self._cut:
            self.damage = f"{verdict}: only its first {seconds:.2f} s could be read"


def _promised_by_wav(handle: BinaryIO, path: Path) -> PcmFormat | None:
    """The layout that a file's WAV header tells of; None for what is no such WAV."""

    def exactly(count: int) -> bytes:
        return handle.read(count)

    head = exactly(12)
    if not head:
        raise AudioError(f"{path} is empty; record or copy it again")
    try:
        return read_wav_header(exactly) if is_wav(head) else None
    except ValueError:
        return None  # libsndfile knows more codings, and shall say what it cannot read


def _lacks_last_page(path: Path) -> bool:
    """Whether an Ogg file ends without a page marked as the last (RFC 3533, header type 4)."""
    with path.open("rb") as handle:
        handle.seek(max(0, path.stat().st_size - 2**17))  # a page has less than 2^16 bytes
        tail = handle.read()
    at = tail.rfind(b"OggS")
    return not (0 <= at < len(tail) - 5 and tail[at + 5] & 4)


def _reason(error: Exception) -> str:
    match error:
        case FileNotFoundError():
            return "there is no such file; check the name"
        case PermissionError():
            return "permission denied; make it readable (chmod +r)"
        case OSError(strerror=str(why)):
            return why.lower()
        case _:
            return str(error)
