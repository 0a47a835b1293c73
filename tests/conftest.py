"""Fixtures that several tests share."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from virtual_microphone import VirtualMicrophone, what_is_missing
from word_folders import write_background, write_words

if TYPE_CHECKING:
    from kwspot.gui.main_window import MainWindow


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


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A few words to train on, and a noise."""
    return write_background(write_words(tmp_path_factory.mktemp("words")))


@pytest.fixture(scope="session")
def straight(tmp_path_factory: pytest.TempPathFactory, data: Path) -> Path:
    """A run of two epochs that nothing has disturbed; its folder is not to be changed."""
    from training import TWO_EPOCHS, begun

    run = tmp_path_factory.mktemp("straight") / "run"
    assert begun(data, run, *TWO_EPOCHS, "--workers", "1") == 0
    return run


@pytest.fixture
def heard(tmp_path: Path) -> "Iterator[MainWindow]":
    """A window that has heard the sample; skips where there is no Qt."""
    from gui import ended, live, opened, wait_until
    from kwspot.resources import sample_recording

    with opened(tmp_path, sample_recording()) as window:
        wait_until(lambda: ended(window))
        live(0.1)
        yield window


@pytest.fixture(scope="session")
def seed_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """More of the words, as the seed recipe needs some of all three parts."""
    return write_background(write_words(tmp_path_factory.mktemp("words"), 12, 8))
