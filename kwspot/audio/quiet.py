"""Keep what C libraries print to standard error off the terminal."""

import ctypes
import functools
import os
import platform
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class _ErrorStream:
    """The C library's `stderr` variable, pointed at the null device while anyone asks for it.

    File descriptor 2 stays as it is, so what Python or a child process prints there is not lost,
    and being quiet for as long as a microphone is open harms no one.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._depth = 0
        self._pointer: ctypes.c_void_p | None = None
        self._null: int | None = None
        self._loud: int | None = None
        symbol = _symbol()
        if symbol is not None:
            library = ctypes.CDLL(None)
            library.fopen.restype = ctypes.c_void_p
            self._null = library.fopen(os.fsencode(os.devnull), b"w")
            self._pointer = ctypes.c_void_p.in_dll(library, symbol)

    def hush(self) -> None:
        with self._lock:
            self._depth += 1
            if self._depth == 1 and self._pointer is not None and self._null:
                self._loud = self._pointer.value
                self._pointer.value = self._null

    def restore(self) -> None:
        with self._lock:
            self._depth -= 1
            if self._depth == 0 and self._pointer is not None and self._null:
                self._pointer.value = self._loud


def _symbol() -> str | None:
    """The name of the variable where it may be written; None where it may not (musl, Windows)."""
    if sys.platform == "darwin":
        return "__stderrp"
    if sys.platform == "linux" and platform.libc_ver()[0] == "glibc":
        return "stderr"
    return None


# There is one C library in a process, so there is one of these; made at first use.
_make_once = functools.cache(_ErrorStream)
_making = threading.Lock()


@contextmanager
def kept_stderr() -> Iterator[None]:
    """Put file descriptor 2 back at the end, whoever has moved it meanwhile.

    sounddevice points it at the null device while it starts PortAudio, and where that hangs no
    error message would ever be seen again.
    """
    try:
        kept = os.dup(2)
    except OSError:  # there is none
        yield
        return
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


@contextmanager
def quiet() -> Iterator[None]:
    """Silence C libraries (ALSA, JACK, PortAudio, mpg123); nests, from any number of threads.

    Does nothing where the C library's stream cannot be exchanged (Windows, musl).
    """
    with _making:  # a cache alone would let two threads make two
        stream = _make_once()
    stream.hush()
    try:
        yield
    finally:
        stream.restore()
