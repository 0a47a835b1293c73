"""What the app remembers from one start to the next."""

import contextlib
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any, cast, get_args

from PySide6.QtCore import QByteArray, QSettings

from kwspot.spotting.classifier import Compute

from .origins import ModelChoice
from .translation import translate

RECENT_MODELS = 8
"""As many are remembered."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """Everything a user can choose, with what is chosen at first.

    device: a microphone as `find_device` takes it, "" for the default; model: a path, "" for the
    bundled one; recent_models: paths, the one used last first; thresholds: of words, and of other
    speech and silence; disabled: words; both are kept for whatever model knows them; sensitivity:
    added to the model's thresholds, -0.4..0.4, higher hears more; clip_limit_mb: of kept clips.
    """

    device: str = ""
    model: str = ""
    recent_models: tuple[str, ...] = ()
    compute: str = "auto"
    hop_ms: int = 50
    sensitivity: float = 0.0
    thresholds: dict[str, float] = field(default_factory=dict)
    disabled: tuple[str, ...] = ()
    theme: str = "system"
    large_text: bool = False
    reduced_motion: bool = False
    frames_per_second: int = 60
    colours: str = "viridis"
    logarithmic: bool = False
    low_db: float = -85.0
    high_db: float = 5.0
    span_s: float = 10.0
    start_listening: bool = True
    keep_clips: bool = False
    clip_limit_mb: int = 200
    history_days: int = 90
    replay_speed: float = 1.0

    def __post_init__(self) -> None:
        """Raises ValueError for values out of range."""
        if not -0.4 <= self.sensitivity <= 0.4 or not 2.0 <= self.span_s <= 120.0:
            raise ValueError("sensitivity lies within -0.4..0.4, the span within 2..120 s")
        if not 10 <= self.hop_ms <= 250 or self.hop_ms % 10:
            raise ValueError("the hop is a multiple of 10 ms up to 250")
        if not 10 <= self.frames_per_second <= 120 or self.high_db - self.low_db < 10.0:
            raise ValueError("10 to 120 frames per second, 10 dB of colours at least")
        if not 1 <= self.history_days <= 36_500 or not 1 <= self.clip_limit_mb <= 1_000_000:
            raise ValueError("history is kept for a day at least, clips within a limit")
        if not all(0.0 <= value <= 1.0 for value in self.thresholds.values()):
            raise ValueError("thresholds lie within 0..1")


def chosen_model(preferences: Preferences) -> ModelChoice:
    """The model of the preferences, and how it is to run; a processor nobody knows is as none."""
    path = Path(preferences.model) if preferences.model else None
    known = preferences.compute in get_args(Compute)
    compute = cast("Compute", preferences.compute) if known else "auto"
    return ModelChoice(path, compute, preferences.hop_ms)


def with_recent_model(preferences: Preferences, path: Path) -> Preferences:
    """The preferences with a model as the one used last; the oldest ones give way."""
    others = [recent for recent in preferences.recent_models if recent != str(path)]
    return replace(preferences, recent_models=(str(path), *others)[:RECENT_MODELS])


class Settings:
    """The file of preferences; a value that cannot be used is as good as none.

    path: of the file, the user's own where None. `trouble` says what was wrong with it, or is "".
    """

    def __init__(self, path: Path | None = None) -> None:
        self.trouble = ""
        self._known: dict[str, Any] = {}
        """What this process has read or written, by name."""
        kind = QSettings.Format.IniFormat
        if path is None:
            own = QSettings(kind, QSettings.Scope.UserScope, "kwspot", "kwspot")
            path = Path(own.fileName())
        self.path = path
        self._file = QSettings(str(path), kind)
        if self._file.status() != QSettings.Status.NoError or _binary(path):
            self._set_aside(kind)

    def _set_aside(self, kind: QSettings.Format) -> None:
        aside = self.path.with_name(f"{self.path.stem}-damaged-{datetime.now():%Y%m%d-%H%M%S}.ini")
        with contextlib.suppress(OSError):
            self.path.rename(aside)
            text = translate(
                "Settings",
                "the settings could not be read: they are kept as {0}, and all is as at first",
            )
            self.trouble = text.format(aside)
        self._file = QSettings(str(self.path), kind)

    def reset(self) -> None:
        """Forget everything: all is as at first."""
        self._known.clear()
        self._file.clear()
        self.save(Preferences())
        self._file.sync()

    def load(self) -> Preferences:
        """The preferences as far as they can be used."""
        preferences = Preferences()
        for entry in fields(Preferences):
            found = self._file.value(f"preferences/{entry.name}")
            if found is None:
                continue
            with contextlib.suppress(ValueError, TypeError, KeyError):
                value = _like(getattr(preferences, entry.name), found)
                preferences = replace(preferences, **{entry.name: value})
        self._known = {
            entry.name: _plain(getattr(preferences, entry.name)) for entry in fields(Preferences)
        }
        return preferences

    def save(self, preferences: Preferences) -> None:
        """Remember preferences: those that have changed, as another window may change others."""
        for entry in fields(Preferences):
            value = _plain(getattr(preferences, entry.name))
            if entry.name not in self._known or self._known[entry.name] != value:
                self._known[entry.name] = value
                self._file.setValue(f"preferences/{entry.name}", value)

    def save_layout(self, name: str, state: QByteArray) -> None:
        """Remember where a window or its parts are."""
        self._file.setValue(f"layout/{name}", state)

    def layout(self, name: str) -> QByteArray | None:
        """What `save_layout` kept; None for nothing."""
        state = self._file.value(f"layout/{name}")
        return state if isinstance(state, QByteArray) else None

    def flush(self) -> None:
        """Write now."""
        self._file.sync()


def _binary(path: Path) -> bool:
    """Whether a file is certainly no settings file: Qt reads anything as an INI."""
    try:
        text = path.read_bytes()
    except OSError:
        return False
    lines = [line for line in text.splitlines() if line.strip()]
    return b"\0" in text or (bool(lines) and not lines[0].lstrip().startswith((b"[", b";")))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return [f"{word}={number!r}" for word, number in value.items()]
    if isinstance(value, tuple):
        return list(value)
    return value


def _like(model: Any, value: Any) -> Any:
    """A value from the file as the type it had; raises ValueError for what is none."""
    match model:
        case bool():
            return {"true": True, "false": False}[str(value).lower()]
        case int():
            return int(value)
        case float():
            return float(value)
        case tuple():
            return tuple(_list(value))
        case dict():
            pairs = [str(entry).rpartition("=") for entry in _list(value)]
            return {word: float(number) for word, _, number in pairs}
    return str(value)


def _list(value: Any) -> list[str]:
    entries = value if isinstance(value, list) else [value]
    return [str(entry) for entry in entries if entry not in (None, "", "@Invalid()")]
