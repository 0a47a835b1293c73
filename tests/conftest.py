"""Fixtures that several tests share."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from virtual_microphone import VirtualMicrophone, what_is_missing


@pytest.fixture
def virtual_microphone() -> Iterator[VirtualMicrophone]:
    """A private sound server to play recordings into; skips where it cannot be had."""
    missing = what_is_missing()
    if missing is not None:
        pytest.skip(missing)
    with VirtualMicrophone() as microphone:
        yield microphone


@pytest.fixture
def closed_folder(tmp_path: Path) -> Iterator[Path]:
    """A folder one may not use, also for root, to whom none is closed: root becomes nobody."""
    tmp_path.chmod(0)
    if hasattr(os, "geteuid") and os.geteuid() != 0:
        yield tmp_path
        tmp_path.chmod(0o700)
        return
    if not hasattr(os, "geteuid"):
        pytest.skip("this system knows no user ids")
    os.seteuid(65_534)
    try:
        yield tmp_path
    finally:
        os.seteuid(0)
