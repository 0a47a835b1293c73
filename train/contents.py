"""What files hold, as digests, remembered so that an unchanged file is not read again."""

import errno
import hashlib
import json
import os
import stat
import time
from contextlib import suppress
from pathlib import Path

MEMO_FILE = "contents.json"
SETTLED_S = 2.0
"""A file that changed less than this ago may change once more within the same tick of its clock."""


def plain_file(path: Path) -> os.stat_result:
    """What the system knows of a file; raises OSError for anything else: opening a pipe would wait
    for ever."""
    facts = path.stat()
    if not stat.S_ISREG(facts.st_mode):
        raise OSError(errno.EINVAL, "it is no plain file")
    return facts


class Contents:
    """Digests of files; `keep` writes what was learnt beside the decoded audio.

    A file is known again by its path, size and times, and by its place on the disk: clips of one
    length that came out of an archive may have all but that in common, and then change names.
    """

    def __init__(self, cache: Path) -> None:
        self._file = cache / MEMO_FILE
        self._known = _read(self._file)
        self._new: dict[str, list[int | str]] = {}

    def digest(self, path: Path) -> str:
        """The same for the same bytes, wherever they lie. Raises OSError."""
        facts = plain_file(path)
        stamp = [facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns, facts.st_ino]
        known = self._known.get(str(path))
        if known is not None and known[:-1] == stamp:
            return str(known[-1])
        with path.open("rb") as file:
            found = hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()
        if time.time() - max(facts.st_mtime, facts.st_ctime) > SETTLED_S:
            self._new[str(path)] = [*stamp, found]
        return found

    def keep(self) -> None:
        """Write what is new. Where that fails nothing is lost but time."""
        if not self._new:
            return
        partial = self._file.with_name(f"{MEMO_FILE}.{os.getpid()}.partial")
        with suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            # What another process has written meanwhile stays.
            partial.write_text(json.dumps({**_read(self._file), **self._new}), encoding="utf-8")
            partial.replace(self._file)
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def _read(file: Path) -> dict[str, list[int | str]]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {path: facts for path, facts in found.items() if isinstance(facts, list) and facts}
