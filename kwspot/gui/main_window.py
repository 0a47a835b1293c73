"""The one window: puts the views together and passes what happens from one to the other."""

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
)

from kwspot.audio.suffixes import SUFFIXES

from . import layout, theme
from .announcer import Announcer
from .chronicle import Chronicle
from .crash import CrashReporter
from .device_list import DeviceList
from .display import Display
from .drop_target import DropTarget
from .engine import HIDDEN_MS, Engine
from .hearing import Hearing
from .history_panel import HistoryPanel
from .menus import Menus
from .origins import Microphone, Recording
from .phase import Phase
from .settings import Preferences, Settings, chosen_model
from .tuner import Tuner

_SOON_MS = 1000
_DAILY_MS = 24 * 3600 * 1000


class MainWindow(DropTarget):
    """settings: what is remembered; folder: of the user's data; origin: what to listen to first,
    the microphone of the preferences where None."""

    preferences_changed = Signal()

    def __init__(self, settings: Settings, folder: Path, origin: Recording | None = None) -> None:
        super().__init__()
        self.settings = settings
        self.preferences = settings.load()
        self._begun = False
        self.engine = Engine(self)
        self.tuner = Tuner(self)
        self.devices = DeviceList(self)
        self.display = Display(self.engine, self.tuner, self.devices, self)
        self.chronicle = Chronicle(folder, self.preferences.history_days, self)
        self.announcer = Announcer(self)
        self.crashes = CrashReporter(folder / "faults.log", self)
        self.history = HistoryPanel(self.chronicle, self)
        self.docks = layout.arrange(self)
        self._connect()
        self._hearing = Hearing(self)
        self.menus = Menus(self)
        self.tuner.restore(
            self.preferences.sensitivity, self.preferences.thresholds, self.preferences.disabled
        )
        self._save_soon = QTimer(self)
        self._save_soon.setSingleShot(True)
        self._save_soon.timeout.connect(lambda: self.settings.save(self.preferences))
        self.apply(self.preferences)
        self.display.controls.show_sensitivity(self.tuner.sensitivity)
        self.display.viewport.set_span(self.preferences.span_s)
        layout.restore(self, settings)
        if origin is not None:
            self.engine.origin = origin
        elif self.preferences.device:
            self.engine.origin = Microphone(self.preferences.device)
        self._daily = QTimer(self)
        self._daily.timeout.connect(lambda: self.chronicle.prune(self.preferences.history_days))
        self._daily.start(_DAILY_MS)
        if settings.trouble:
            self.display.banner.tell(settings.trouble)
        self.display.show_phase(Phase.STOPPED)

    def begin(self) -> None:
        """Load the model, and listen where that is wanted; called once the window is shown."""
        self._begun = True
        self.engine.choice = chosen_model(self.preferences)
        self.devices.refresh()
        if self.preferences.start_listening or isinstance(self.engine.origin, Recording):
            self.engine.start()
        else:
            self.engine.set_choice(chosen_model(self.preferences))

    def _connect(self) -> None:
        display, history = self.display, self.history
        self.tuner.changed.connect(self._retune)
        self.file_dropped.connect(self.open_recording)
        controls = display.controls
        controls.start_asked.connect(self.toggle_listening)
        controls.pause_asked.connect(display.toggle_pause)
        controls.device_chosen.connect(self.choose_device)
        controls.open_asked.connect(self.ask_for_recording)
        controls.speed_chosen.connect(self.choose_speed)
        controls.sensitivity_chosen.connect(self.tuner.set_sensitivity)
        display.spectrogram.detection_clicked.connect(history.choose)
        display.spectrogram.place_clicked.connect(
            lambda place, where: history.ask_missed(
                display.timeline, self.tuner.words, place, where
            )
        )
        display.spectrogram.colours_moved.connect(self._move_colours)
        history.chosen.connect(display.spectrogram.select)
        history.said.connect(display.banner.tell)
        self.chronicle.troubled.connect(display.banner.tell)
        QGuiApplication.styleHints().colorSchemeChanged.connect(lambda _: self.restyle())

    # What the user does

    def toggle_listening(self) -> None:
        """Start, or stop."""
        if self.engine.active:
            self.engine.stop()
        else:
            self.display.viewport.go_live()
            self.engine.start()
        self.display.controls.show_listening(active=self.engine.active)

    def choose_device(self, device: str) -> None:
        """Listen to a microphone."""
        self.remember(replace(self.preferences, device=device))
        self.display.viewport.go_live()
        self.engine.set_origin(Microphone(device or None))
        self._hearing.take_room()
        if not self.engine.active:
            self.engine.start()

    def ask_for_recording(self) -> None:
        """Let the user choose a recording."""
        endings = " ".join(f"*{suffix}" for suffix in sorted(SUFFIXES))
        kinds = self.tr("Recordings ({0});;All files (*)").format(endings)
        path, _ = QFileDialog.getOpenFileName(self, self.tr("Open a recording"), "", kinds)
        if path:
            self.open_recording(Path(path))

    def open_recording(self, path: Path) -> None:
        """Listen to a recording, from its begin."""
        self.display.viewport.go_live()
        self.engine.set_origin(Recording(path, self.preferences.replay_speed))
        self._hearing.take_room()
        if not self.engine.active:
            self.engine.start()

    def choose_model(self, path: str) -> None:
        """Use a model, the bundled one for ""; the same again is read again."""
        again = self._begun and path == self.preferences.model
        self.apply(replace(self.preferences, model=path))
        if again:
            self.engine.set_choice(chosen_model(self.preferences), afresh=True)

    def choose_speed(self, speed: float) -> None:
        """How fast recordings run; a recording begins again."""
        self.remember(replace(self.preferences, replay_speed=speed))
        if isinstance(self.engine.origin, Recording):
            self.open_recording(self.engine.origin.path)

    def remember(self, preferences: Preferences) -> None:
        """Use and keep other preferences."""
        self.preferences = preferences
        self.settings.save(preferences)

    def apply(self, preferences: Preferences) -> None:
        """Make everything as the preferences say, and keep them."""
        self.remember(preferences)
        self.restyle()
        self.display.apply(preferences)
        self.history.why.plot.set_look(self.display.spectrogram.look)
        self.setAnimated(not preferences.reduced_motion)
        self.chronicle.keep_clips = preferences.keep_clips
        self.chronicle.clips.limit_bytes = preferences.clip_limit_mb * 1_000_000
        self._set_pace()
        if self._begun:
            self.engine.set_choice(chosen_model(self.preferences))
        self.preferences_changed.emit()

    def restyle(self) -> None:
        """Take over the theme and the size of text."""
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        theme.apply(application, self.preferences.theme, large=self.preferences.large_text)
        self.display.restyle()
        self.history.table.tighten()
        self.history.why.restyle()

    # What other parts ask for

    def _retune(self) -> None:
        self.engine.retune(self.tuner.enabled, {**self.tuner.thresholds, **self.tuner.ceilings})
        self.display.controls.show_sensitivity(self.tuner.sensitivity, self.tuner.false_per_hour)
        self.preferences = replace(
            self.preferences,
            sensitivity=self.tuner.sensitivity,
            thresholds=dict(self.tuner.own),
            disabled=tuple(sorted(self.tuner.disabled)),
        )
        self._save_soon.start(_SOON_MS)

    def _move_colours(self, decibels: float) -> None:
        low, high = self.preferences.low_db + decibels, self.preferences.high_db + decibels
        if low >= -110.0 and high <= 20.0:
            self.apply(replace(self.preferences, low_db=low, high_db=high))

    def _set_pace(self) -> None:
        hidden = self.isHidden() or self.isMinimized()
        still = self.preferences.reduced_motion
        pace_ms = HIDDEN_MS if still else round(1000 / self.preferences.frames_per_second)
        self.engine.set_interval(HIDDEN_MS if hidden else pace_ms)

    # The window itself

    def changeEvent(self, event: "object") -> None:  # noqa: N802
        """A minimised window costs next to nothing."""
        super().changeEvent(event)  # type: ignore[arg-type]
        if hasattr(self, "engine"):
            QTimer.singleShot(0, self._set_pace)

    def showEvent(self, event: "object") -> None:  # noqa: N802
        """As above."""
        super().showEvent(event)  # type: ignore[arg-type]
        QTimer.singleShot(0, self._set_pace)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Stop everything, within a second."""
        layout.save(self, self.settings)
        self.remember(replace(self.preferences, span_s=self.display.viewport.span_s))
        self.settings.flush()
        self.setUpdatesEnabled(False)  # Qt complains of painting what has gone
        self.hide()
        self.devices.stop()
        self.engine.shut_down()
        self.history.finish()
        self.chronicle.finish()
        event.accept()
