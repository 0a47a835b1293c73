"""Speech Commands from where it is published, through torchaudio's dataset.

The archive and what is in it are put together in a folder of their own, which is the only one
that an interruption leaves half done. An archive that has come whole is not fetched again.
"""

import errno
import http.client
import shutil
import socket
import tarfile
import urllib.error
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Self

from kwspot.errors import TrainingError

PATIENCE_S = 60.0
"""How long a connection may be silent."""

Progress = Callable[[int, int | None], None]


def data_root(folder: Path, version: str) -> Path:
    """Where the data set lies in a folder it was downloaded to."""
    return folder / "SpeechCommands" / f"speech_commands_{version}"


def download(folder: Path, version: str, progress: Progress) -> Path:
    """The data set in a folder, fetched where it is not there yet; returns its word folders' root.

    version: v0.01 or v0.02; progress: called with how many bytes of how many (None where the
    server does not say) have come, and no more while the archive is unpacked. Raises
    TrainingError where that fails; then, and after an interruption, a later call begins again.
    """
    root = data_root(folder, version)
    if root.is_dir():
        return root
    # Takes long to import.
    from torchaudio.datasets import SPEECHCOMMANDS

    work = folder / f".speech_commands_{version}.partial"
    archive = work / f"{root.name}.tar.gz"
    try:
        work.mkdir(parents=True, exist_ok=True)
        _clear(work, archive)
        with _told(progress), _patience():
            SPEECHCOMMANDS(work, url=root.name, download=True)
        root.parent.mkdir(exist_ok=True)
        data_root(work, version).rename(root)
    except (tarfile.TarError, EOFError, zlib.error) as error:
        archive.unlink(missing_ok=True)
        raise TrainingError(f"{archive.name} came damaged ({error}); try again") from error
    except RuntimeError as error:
        # torch's word for a checksum that is another one.
        raise TrainingError(
            f"{archive.name} came incomplete or altered, its checksum is wrong; try again"
        ) from error
    except (OSError, http.client.HTTPException) as error:
        raise TrainingError(_reason(error, archive.name, folder)) from error
    finally:
        if not archive.is_file() or root.is_dir():
            shutil.rmtree(work, ignore_errors=True)
    return root


def _clear(work: Path, archive: Path) -> None:
    """Remove everything an earlier attempt has left but a whole archive."""
    for path in work.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path != archive:
            path.unlink()


def _reason(error: Exception, name: str, folder: Path) -> str:
    match error:
        case urllib.error.HTTPError():
            return f"{name} cannot be fetched: the server says {error.code} {error.reason}"
        case (
            urllib.error.URLError()
            | http.client.HTTPException()
            | ConnectionError()
            | TimeoutError()
        ):
            why = getattr(error, "reason", None) or error
            return (
                f"{name} cannot be fetched: {why or 'the connection broke'}; look after the "
                "network and try again, or give --data DIR alone where the data set lies already"
            )
        case OSError(errno=errno.ENOSPC):
            return f"{folder} is full; the data set needs about 6 GB while it is unpacked"
        case OSError():
            return f"{folder} cannot be written: {error.strerror or error}"
    return f"{name} cannot be fetched: {error}"


class _Told:
    """What torch's download takes for a tqdm bar."""

    def __init__(self, progress: Progress, total: int | None = None, **_looks: Any) -> None:
        self._progress, self._total, self._done = progress, total, 0

    def update(self, count: int) -> None:
        self._done += count
        self._progress(self._done, self._total)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        """Nothing to close."""


@contextmanager
def _told(progress: Progress) -> Iterator[None]:
    """Let torch's download show its progress to us: it has no other place to ask for that, and
    without tqdm, which torch does not require, it writes to a terminal that has a bar already."""
    import torch.hub

    hub: Any = torch.hub
    theirs = hub.tqdm
    hub.tqdm = partial(_Told, progress)
    try:
        yield
    finally:
        hub.tqdm = theirs


@contextmanager
def _patience() -> Iterator[None]:
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(PATIENCE_S)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
