"""What is remembered comes back; what cannot be used does no harm."""

from dataclasses import replace
from pathlib import Path

import pytest

from gui import application
from kwspot.gui.settings import Preferences, Settings


@pytest.fixture
def file(tmp_path: Path) -> Path:
    application()
    return tmp_path / "settings.ini"


def test_every_preference_comes_back(file: Path) -> None:
    chosen = Preferences(
        device="desk", model="/a model.safetensors", recent_models=("/a, b", "/c"),
        compute="cpu", hop_ms=100, sensitivity=-0.15,
        thresholds={"yes": 0.65, "no": 0.25}, disabled=("bed", "cat"), theme="dark",
        large_text=True, reduced_motion=True, frames_per_second=30, colours="magma",
        logarithmic=True, low_db=-70.0, high_db=-5.0, span_s=30.0, start_listening=False,
        keep_clips=True, clip_limit_mb=5, history_days=7, replay_speed=0.0,
    )  # fmt: skip
    settings = Settings(file)
    settings.save(chosen)
    settings.flush()
    assert Settings(file).load() == chosen


def test_one_word_and_no_word_come_back_too(file: Path) -> None:
    for chosen in (Preferences(disabled=("yes",), thresholds={"no": 0.5}), Preferences()):
        settings = Settings(file)
        settings.save(chosen)
        settings.flush()
        assert Settings(file).load() == chosen


@pytest.mark.parametrize(
    "line", ["hop_ms=soon", "hop_ms=55", "span_s=-1", "large_text=perhaps", "thresholds=yes=nine"]
)
def test_a_value_that_cannot_be_used_is_as_at_first(file: Path, line: str) -> None:
    file.write_text(f"[preferences]\n{line}\ntheme=dark\n")
    settings = Settings(file)
    assert settings.load() == replace(Preferences(), theme="dark")
    assert settings.trouble == ""


@pytest.mark.parametrize("content", [b"\x00\x01\x02 binary \xff" * 50, b"no settings\nat all\n"])
def test_a_damaged_file_is_set_aside_and_said(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    settings = Settings(file)
    assert settings.load() == Preferences()
    (aside,) = file.parent.glob("settings-damaged-*.ini")
    assert aside.read_bytes() == content
    assert str(aside) in settings.trouble
    settings.save(Preferences(theme="light"))
    settings.flush()
    assert Settings(file).load().theme == "light"


def test_reset_forgets_everything(file: Path) -> None:
    settings = Settings(file)
    settings.save(Preferences(theme="dark", disabled=("yes",)))
    settings.reset()
    assert Settings(file).load() == Preferences()


def test_of_two_windows_neither_undoes_what_the_other_has_changed(file: Path) -> None:
    one, two = Settings(file), Settings(file)
    mine, theirs = one.load(), two.load()
    one.save(replace(mine, theme="dark", thresholds={"yes": 0.9}))
    one.flush()
    two.save(replace(theirs, span_s=30.0))
    two.flush()
    expected = Preferences(theme="dark", thresholds={"yes": 0.9}, span_s=30.0)
    assert Settings(file).load() == expected
