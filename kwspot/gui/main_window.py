"""The one window: puts the views together and passes what happens from one to the other."""

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QByteArray, QPoint, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import (
    QApplication,
    QDockWidget,
    QFileDialog,
    QMainWindow,
    QMenu,
    QVBoxLayout,
    QWidget,
)

from kwspot.audio.source import Notice
from kwspot.spotting.detector import Detection

from . import theme
from .announcer import Announcer
from .chronicle import Chronicle
from .controls import Controls
from .crash import CrashReporter
from .device_list import DeviceList
from .engine import HIDDEN_MS, Engine, Phase
from .health import Banner, HealthStrip
from .history_panel import HistoryPanel
from .last_word import LastWord
from .level import LevelStrip
from .menus import Menus
from .origins import Microphone, ModelChoice, Recording
from .settings import Preferences, Settings
from .spectrogram import Spectrogram
from .timeline import Timeline
from .tuner import Tuner
from .viewport import Viewport
from .words import WordBars

_FIGURES_S = 0.5
_WORDS_S = 0.03
_DAILY_MS = 24 * 3600 * 1000


class MainWindow(QMainWindow):
    """settings: what is remembered; folder: of the user's data; origin: what to listen to first,
    the microphone of the preferences where None."""

    def __init__(self, settings: Settings, folder: Path, origin: Recording | None = None) -> None:
        super().__init__()
        self.settings = settings
        self.preferences = settings.load()
        self.engine = Engine(self)
        self.tuner = Tuner(self)
        self.devices = DeviceList(self)
        self.viewport = Viewport(self)
        self.chronicle = Chronicle(folder, self.preferences.history_days, self)
        self.announcer = Announcer(self)
        self.crashes = CrashReporter(folder / "faults.log", self)
        self._frozen: Timeline | None = None
        self._since_figures_s = self._since_words_s = 0.0
        self._build()
        self._connect()
        self.menus = Menus(self)
        self.tuner.restore(
            self.preferences.sensitivity, self.preferences.thresholds, self.preferences.disabled
        )
        self.apply(self.preferences)
        self._restore_layout()
        if origin is not None:
            self.engine.origin = origin
        elif self.preferences.device:
            self.engine.origin = Microphone(self.preferences.device)
        self._daily = QTimer(self)
        self._daily.timeout.connect(lambda: self.chronicle.prune(self.preferences.history_days))
        self._daily.start(_DAILY_MS)
        if settings.trouble:
            self.banner.tell(settings.trouble)
        self._show_phase(Phase.STOPPED)

    def begin(self) -> None:
        """Load the model, and listen where that is wanted; called once the window is shown."""
        self.engine.choice = self._choice()
        self.devices.refresh()
        if self.preferences.start_listening or isinstance(self.engine.origin, Recording):
            self.engine.start()
        else:
            self.engine.set_choice(self._choice())

    # Building

    def _build(self) -> None:
        self.setWindowTitle("kwspot")
        self.setAcceptDrops(True)
        self.resize(1180, 760)
        self.setMinimumSize(760, 520)
        self.setDockOptions(
            QMainWindow.DockOption.AnimatedDocks | QMainWindow.DockOption.AllowTabbedDocks
        )
        self.setCorner(Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea)
        self.controls = Controls(self.devices)
        self.banner = Banner()
        self.spectrogram = Spectrogram(self.viewport)
        self.strip = LevelStrip(self.viewport)
        self.last_word = LastWord()
        self.words = WordBars(self.tuner)
        self.history = HistoryPanel(self.chronicle, self)
        self.health = HealthStrip()
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(8, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.banner)
        column.addWidget(self.spectrogram, 1)
        column.addWidget(self.strip)
        self.setCentralWidget(middle)
        bar = self.addToolBar(self.tr("Controls"))
        bar.setObjectName("controls")
        bar.setMovable(False)
        bar.toggleViewAction().setVisible(False)
        bar.addWidget(self.controls)
        bar.setStyleSheet("QToolBar { padding: 0; }")
        side = QWidget()
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(6)
        column.addWidget(self.last_word)
        column.addWidget(self.words, 1)
        below = Qt.DockWidgetArea.BottomDockWidgetArea
        self.docks = [
            self._dock("words", self.tr("Words"), side, Qt.DockWidgetArea.RightDockWidgetArea),
            self._dock("history", self.tr("History"), _inset(self.history.table, 8), below),
            self._dock("why", self.tr("Why it fired"), self.history.why, below),
        ]
        self.splitDockWidget(self.docks[1], self.docks[2], Qt.Orientation.Horizontal)
        self.resizeDocks(self.docks[:1], [290], Qt.Orientation.Horizontal)
        self.resizeDocks(self.docks[1:], [300, 480], Qt.Orientation.Horizontal)
        self.resizeDocks(self.docks[1:2], [215], Qt.Orientation.Vertical)
        self.statusBar().setSizeGripEnabled(False)
        self.statusBar().addWidget(self.health, 1)

    def _dock(self, name: str, title: str, inner: QWidget, area: Qt.DockWidgetArea) -> QDockWidget:
        dock = QDockWidget(title, self)
        dock.setObjectName(name)
        dock.setWidget(inner)
        self.addDockWidget(area, dock)
        return dock

    def _connect(self) -> None:
        engine, controls = self.engine, self.controls
        engine.phase_changed.connect(self._show_phase)
        engine.model_changed.connect(self._model_changed)
        engine.restarted.connect(self._restarted)
        engine.detected.connect(self._detected)
        engine.problem_changed.connect(self._problem)
        engine.told.connect(self._told)
        engine.crashed.connect(self.crashes.report)
        engine.ticked.connect(self._tick)
        self.tuner.changed.connect(self._retune)
        controls.start_asked.connect(self.toggle_listening)
        controls.pause_asked.connect(self.toggle_pause)
        controls.device_chosen.connect(self.choose_device)
        controls.open_asked.connect(self.ask_for_recording)
        controls.speed_chosen.connect(self.choose_speed)
        controls.sensitivity_chosen.connect(self.tuner.set_sensitivity)
        self.viewport.live_changed.connect(self._live_changed)
        self.spectrogram.detection_clicked.connect(self.history.choose)
        self.spectrogram.place_clicked.connect(self._ask_missed)
        self.history.chosen.connect(self.spectrogram.select)
        self.history.said.connect(self.banner.tell)
        self.spectrogram.colours_moved.connect(self._move_colours)
        self.chronicle.troubled.connect(self.banner.tell)
        QGuiApplication.styleHints().colorSchemeChanged.connect(lambda _: self.restyle())

    # What the user does

    def toggle_listening(self) -> None:
        """Start, or stop."""
        if self.engine.active:
            self.engine.stop()
        else:
            self.viewport.go_live()
            self.engine.start()
        self.controls.show_listening(active=self.engine.active)

    def toggle_pause(self) -> None:
        """Hold the picture, or let it follow again."""
        if self.viewport.live:
            self.viewport.hold()
        else:
            self.viewport.go_live()

    def choose_device(self, device: str) -> None:
        """Listen to a microphone."""
        self.remember(replace(self.preferences, device=device))
        self.viewport.go_live()
        self.engine.set_origin(Microphone(device or None))
        if not self.engine.active:
            self.engine.start()

    def ask_for_recording(self) -> None:
        """Let the user choose a recording."""
        kinds = self.tr("Recordings (*.wav *.flac *.ogg *.opus *.mp3);;All files (*)")
        path, _ = QFileDialog.getOpenFileName(self, self.tr("Open a recording"), "", kinds)
        if path:
            self.open_recording(Path(path))

    def open_recording(self, path: Path) -> None:
        """Listen to a recording, from its begin."""
        self.viewport.go_live()
        self.engine.set_origin(Recording(path, self.preferences.replay_speed))
        if not self.engine.active:
            self.engine.start()

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
        self.spectrogram.set_look(
            logarithmic=preferences.logarithmic,
            colours=preferences.colours,
            low_db=preferences.low_db,
            high_db=preferences.high_db,
        )
        self.history.why.plot.set_look(self.spectrogram.look)
        self.viewport.set_span(preferences.span_s)
        self.last_word.still = preferences.reduced_motion
        self.setAnimated(not preferences.reduced_motion)
        self.controls.show_device(preferences.device)
        self.controls.show_speed(preferences.replay_speed)
        self.controls.show_sensitivity(self.tuner.sensitivity)
        self.chronicle.keep_clips = preferences.keep_clips
        self.chronicle.clips.limit_bytes = preferences.clip_limit_mb * 1_000_000
        self._set_pace()
        if self.engine.spotter is not None or self.engine.active:
            self.engine.set_choice(self._choice())

    def restyle(self) -> None:
        """Take over the theme and the size of text."""
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        theme.apply(application, self.preferences.theme, large=self.preferences.large_text)
        self.banner.restyle()
        self.history.table.tighten()
        self.words.tighten()

    # What the engine tells

    def _choice(self) -> ModelChoice:
        chosen = self.preferences
        compute = chosen.compute if chosen.compute in ("auto", "cpu", "cuda", "mps") else "auto"
        path = Path(chosen.model) if chosen.model else None
        return ModelChoice(path, compute, chosen.hop_ms)  # type: ignore[arg-type]

    def _model_changed(self) -> None:
        assert self.engine.spotter is not None
        checkpoint = self.engine.spotter.checkpoint
        self.tuner.set_model(checkpoint)
        self.history.spotter = self.engine.spotter
        self.history.why.set_words(checkpoint.words)
        self.history.why.shortest_s = checkpoint.detector.shortest_s

    def _retune(self) -> None:
        self.engine.retune(self.tuner.enabled, self.tuner.thresholds)
        self.controls.show_sensitivity(self.tuner.sensitivity)
        self.preferences = replace(
            self.preferences,
            sensitivity=self.tuner.sensitivity,
            thresholds=dict(self.tuner.own),
            disabled=tuple(sorted(self.tuner.disabled)),
        )

    def _restarted(self) -> None:
        self.viewport.restart()
        self._frozen = None
        self._show_timeline(self.engine.timeline)
        self.last_word.clear()

    def _show_timeline(self, timeline: Timeline) -> None:
        self.spectrogram.set_timeline(timeline)
        self.strip.set_timeline(timeline)

    def _live_changed(self, live: bool) -> None:
        self._frozen = None if live else self.engine.timeline.frozen()
        self._show_timeline(self._frozen or self.engine.timeline)
        self.controls.show_live(live=live)

    def _detected(self, found: Detection) -> None:
        spotter = self.engine.spotter
        if spotter is None:
            return
        model = self.engine.choice.path
        self.chronicle.add(
            found,
            self.engine.timeline,
            self.tuner.threshold(found.label),
            self.tuner.margin,
            model="bundled" if model is None else str(model),
            source=self.engine.source_name,
        )
        self.last_word.show_word(found)
        self.announcer.word(found)

    def _ask_missed(self, position: float, where: QPoint) -> None:
        """A menu of the words that may have been said here, and not heard."""
        menu = QMenu(self)
        menu.addSection(self.tr("A word was missed here:"))
        timeline = self._frozen or self.engine.timeline
        for word in self.tuner.words:
            menu.addAction(word).triggered.connect(
                lambda _checked, word=word: self.history.mark_missed(timeline, position, word)
            )
        menu.popup(where)

    def _problem(self, message: str) -> None:
        kind = "error" if self.engine.phase is Phase.FAILED else "warning"
        self.banner.tell(message, kind)

    def _told(self, notice: Notice) -> None:
        if notice.level == "warning":
            self.announcer.say(notice.message)

    def _show_phase(self, phase: Phase) -> None:
        name, recording = self.engine.source_name, ""
        if isinstance(self.engine.origin, Recording):
            name = recording = self.engine.origin.path.name
        self.controls.show_recording(recording)
        self.setWindowTitle(f"{recording} – kwspot" if recording else "kwspot")
        sign, text = {
            Phase.STOPPED: ("■", self.tr("Stopped")),
            Phase.LOADING: ("…", self.tr("Loading the model")),
            Phase.OPENING: ("…", self.tr("Opening the sound")),
            Phase.LISTENING: ("●", self.tr("Listening to {0}").format(name)),
            Phase.WAITING: ("⚠", self.tr("Waiting for the microphone")),
            Phase.ENDED: ("■", self.tr("End of {0}").format(name)),
            Phase.FAILED: ("✖", self.tr("Not listening")),
        }[phase]
        self.health.set_state(sign, text)
        self.controls.show_listening(active=self.engine.active)
        self.last_word.set_idle(
            self.tr("Say one of the words below")
            if phase is Phase.LISTENING
            else self.tr("The words you say appear here")
        )
        self.spectrogram.set_hint(
            self.tr("Press Start to listen, or drop a recording here")
            if phase in (Phase.STOPPED, Phase.FAILED)
            else f"{text} …"
        )

    def _tick(self, elapsed_s: float) -> None:
        engine = self.engine
        ended = engine.phase in (Phase.ENDED, Phase.STOPPED, Phase.FAILED)
        self.chronicle.poll(engine.timeline, ended=ended)
        self.history.poll()
        if self.isHidden() or self.isMinimized():
            return
        self.controls.meter.advance(engine.take_peak(), elapsed_s)
        # A recording is followed by zeros, so that its last windows are whole: not shown.
        newest = max(0, min(engine.timeline.newest, engine.timeline.heard))
        self.viewport.follow(newest, elapsed_s, 0.0 if ended else engine.pace)
        self.spectrogram.advance()
        self.strip.advance()
        self.last_word.advance(elapsed_s)
        self._since_words_s += elapsed_s
        if self._since_words_s >= _WORDS_S:
            self.words.advance(self._scores(), self._since_words_s)
            self._since_words_s = 0.0
        self._since_figures_s += elapsed_s
        if self._since_figures_s >= _FIGURES_S:
            self._since_figures_s = 0.0
            self.health.show_figures(engine.figures(), paced=engine.pace > 0.0)

    def _scores(self) -> list[float] | None:
        if self.engine.phase is not Phase.LISTENING:
            return None
        return self.engine.timeline.latest_scores

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

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        """Take files."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        """Open the first file."""
        for url in event.mimeData().urls():
            if url.isLocalFile():
                event.acceptProposedAction()
                self.open_recording(Path(url.toLocalFile()))
                return

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Stop everything, within a second."""
        self.settings.save_layout("window", self.saveGeometry())
        self.settings.save_layout("docks", self.saveState())
        self.remember(replace(self.preferences, span_s=self.viewport.span_s))
        self.settings.flush()
        self.hide()
        self.devices.stop()
        self.engine.shut_down()
        self.history.finish()
        self.chronicle.finish()
        event.accept()

    def _restore_layout(self) -> None:
        for name, restore in (("window", self.restoreGeometry), ("docks", self.restoreState)):
            state = self.settings.layout(name)
            if isinstance(state, QByteArray):
                restore(state)


def _inset(inner: QWidget, left: int) -> QWidget:
    """A widget with some room to its left and below."""
    outer = QWidget()
    column = QVBoxLayout(outer)
    column.setContentsMargins(left, 0, 0, 6)
    column.addWidget(inner)
    return outer
