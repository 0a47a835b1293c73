"""What the C library does with large blocks of memory that were freed: keep them, here.

By itself glibc hands such blocks back to the system and asks for them, page by page, anew each
time (mallopt(3)). Other C libraries have ways of their own, and are left alone.
"""

import ctypes
import sys
from functools import cache

import torch

KEPT_BYTES = 31 * 2**20
M_TRIM_THRESHOLD, M_MMAP_MAX, M_ARENA_MAX = -1, -4, -8
"""Of malloc.h."""


@cache
def keep_freed_memory() -> None:
    """Keep for the next piece of sound what the last one has freed, in blocks of up to 31 MiB.

    A fifth of what a long recording costs is asking for it again. glibc takes from the first large
    block that is freed (up to 32 MiB; M_MMAP_THRESHOLD) that such blocks come and go. Nothing is
    written to this one, so it takes no memory.
    """
    torch.empty(KEPT_BYTES, dtype=torch.uint8)


@cache
def keep_all_memory() -> None:
    """Keep whatever is freed, in blocks of any size, to the end of the process.

    For one that is there to do the same thing over and over again, as training is: the layers of
    the seed network fill hundreds of MiB each, anew in every step. Threads that are started
    later share one heap: those of their own that they would get have no room for such blocks.
    """
    if not sys.platform.startswith("linux"):
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:  # musl has none
        mallopt(M_ARENA_MAX, 1)
        mallopt(M_MMAP_MAX, 0)
        mallopt(M_TRIM_THRESHOLD, -1)
