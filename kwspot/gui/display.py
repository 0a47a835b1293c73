"""Everything that shows what is heard now: picture, level, words, figures."""

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QVBoxLayout, QWidget

from kwspot.spotting.detection import Detection

from .banner import Banner
from .controls import Controls
from .device_list import DeviceList
from .engine import Engine
from .health import HealthStrip
from .last_word import LastWord
from .level import LevelStrip
from .origins import Recording
from .phase import Phase
from .settings import Preferences
from .spectrogram import Spectrogram
from .state import state, waiting
from .timeline import Timeline
from .tuner import Tuner
from .viewport import Viewport
from .words import WordBars

_FIGURES_S = 0.5
_WORDS_S = 0.03


class Display(QObject):
    """The live views; they see what the engine tells, and reach for nothing themselves.

    `picture` and `side` are what a window puts in its middle and at its side.
    """

    def __init__(self, engine: Engine, tuner: Tuner, devices: DeviceList, window: QWidget) -> None:
        super().__init__(window)
        self._engine = engine
        self.viewport = Viewport(self)
        self.controls = Controls(devices)
        self.banner = Banner()
        self.spectrogram = Spectrogram(self.viewport)
        self.strip = LevelStrip(self.viewport)
        self.last_word = LastWord()
        self.words = WordBars(tuner)
        self.health = HealthStrip()
        self._frozen: Timeline | None = None
        self._since_figures_s = self._since_words_s = 0.0
        self.picture = _column((8, 0, 0, 0), 4, self.banner, self.spectrogram, self.strip)
        self.side = _side(self.last_word, self.words)
        engine.phase_changed.connect(self.show_phase)
        engine.restarted.connect(self._restarted)
        engine.problem_changed.connect(self._show_problem)
        self.viewport.live_changed.connect(self._live_changed)

    @property
    def timeline(self) -> Timeline:
        """What is shown: what is heard, or what was held."""
        return self._frozen or self._engine.timeline

    def apply(self, preferences: Preferences) -> None:
        """Show it as the preferences say."""
        self.spectrogram.set_look(
            logarithmic=preferences.logarithmic,
            colours=preferences.colours,
            low_db=preferences.low_db,
            high_db=preferences.high_db,
        )
        self.last_word.still = preferences.reduced_motion
        self.controls.show_device(preferences.device)
        self.controls.show_speed(preferences.replay_speed)

    def restyle(self) -> None:
        """Take over the theme and the size of text."""
        self.banner.restyle()
        self.health.fit()
        self.words.tighten()

    def toggle_pause(self) -> None:
        """Hold the picture, or let it follow again."""
        if self.viewport.live:
            self.viewport.hold()
        else:
            self.viewport.go_live()

    def show_word(self, found: Detection) -> None:
        """A word was heard just now."""
        self.last_word.show_word(found)

    def show_phase(self, phase: Phase) -> None:
        """Say what the engine is doing."""
        origin = self._engine.origin
        self.controls.show_recording(origin.path.name if isinstance(origin, Recording) else "")
        self.controls.show_listening(active=self._engine.active)
        sign, text = state(self._engine)
        self.health.set_state(sign, text)
        self.last_word.set_idle(
            self.tr("Say one of the words below")
            if phase is Phase.LISTENING
            else self.tr("The words you say appear here")
        )
        self.spectrogram.set_hint(
            self.tr("Press Start to listen, or drop a recording here")
            if phase in (Phase.STOPPED, Phase.FAILED)
            else f"{waiting() if phase is Phase.WAITING else text} …"
        )

    def advance(self, elapsed_s: float) -> None:
        """Draw what is new."""
        engine = self._engine
        over = engine.phase in (Phase.ENDED, Phase.STOPPED, Phase.FAILED)
        self.controls.meter.advance(engine.feed.take_peak(), elapsed_s)
        # A recording is followed by zeros, so that its last windows are whole: not shown.
        newest = max(0, min(engine.timeline.newest, engine.timeline.heard))
        self.viewport.follow(newest, elapsed_s, 0.0 if over else engine.origin.pace)
        self.spectrogram.advance()
        self.strip.advance()
        self.last_word.advance()
        self._since_words_s += elapsed_s
        if self._since_words_s >= _WORDS_S:
            listening = engine.phase is Phase.LISTENING
            scores = engine.timeline.latest_scores if listening else None
            self.words.advance(scores, self._since_words_s)
            self._since_words_s = 0.0
        self._since_figures_s += elapsed_s
        if self._since_figures_s >= _FIGURES_S:
            self._since_figures_s = 0.0
            paced = engine.origin.pace > 0.0 and engine.phase is Phase.LISTENING
            self.health.show_figures(engine.feed.figures(), paced=paced)

    def _show_problem(self, message: str) -> None:
        kind = "error" if self._engine.phase is Phase.FAILED else "warning"
        self.banner.show_trouble(message, kind)
        self.health.set_state(*state(self._engine))

    def _restarted(self) -> None:
        self.viewport.restart()
        self._frozen = None
        self._show_timeline()
        self.last_word.clear()

    def _live_changed(self, live: bool) -> None:
        self._frozen = None if live else self._engine.timeline.frozen()
        self._show_timeline()
        self.controls.show_live(live=live)

    def _show_timeline(self) -> None:
        self.spectrogram.set_timeline(self.timeline)
        self.strip.set_timeline(self.timeline)


def _side(last_word: LastWord, words: WordBars) -> QWidget:
    """First the bars get all they can use, then the word above; the rest stays empty."""
    side = _column((0, 0, 8, 0), 6, last_word, words)
    column = side.layout()
    assert isinstance(column, QVBoxLayout)
    column.setStretch(0, 1)
    column.setStretch(1, 1000)
    column.addStretch(0)
    return side


def _column(margins: tuple[int, int, int, int], spacing: int, *inner: QWidget) -> QWidget:
    """Widgets above each other; the second takes what room there is."""
    outer = QWidget()
    column = QVBoxLayout(outer)
    column.setContentsMargins(*margins)
    column.setSpacing(spacing)
    for number, widget in enumerate(inner):
        column.addWidget(widget, int(number == 1))
    return outer
