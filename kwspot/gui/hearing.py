"""What the engine tells, and whom it concerns: the views, the history, the screen reader."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from kwspot.spotting.detection import Detection
from kwspot.spotting.room import saved_room

from .banner import about, sentence
from .origins import Microphone
from .phase import Phase
from .settings import with_recent_model

if TYPE_CHECKING:
    from .main_window import MainWindow


class Hearing(QObject):
    """Listens to the engine of a window, and passes on what it tells."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        self._about = ""
        engine = window.engine
        engine.model_changed.connect(self._model_changed)
        engine.detected.connect(self._detected)
        engine.crashed.connect(window.crashes.report)
        engine.ticked.connect(self._tick)
        engine.phase_changed.connect(self._phase_changed)
        engine.problem_changed.connect(self._problem_changed)
        window.history.said.connect(lambda message, _kind: window.announcer.say(message))

    def _model_changed(self) -> None:
        window = self._window
        assert window.engine.spotter is not None
        checkpoint = window.engine.spotter.checkpoint
        self.take_room()
        window.history.spotter = window.engine.spotter
        window.history.why.set_words(checkpoint.words)
        path = window.engine.choice.path
        if path is not None:
            window.remember(with_recent_model(window.preferences, path))

    def take_room(self) -> None:
        """Tune to the present model, and to the room of the microphone where that is known."""
        spotter, origin = self._window.engine.spotter, self._window.engine.origin
        if spotter is None:
            return
        model, live = spotter.checkpoint, isinstance(origin, Microphone)
        device = self._window.preferences.device or None
        self._window.tuner.set_model(model, saved_room(model, device) if live else None)

    def _detected(self, found: Detection) -> None:
        window, engine = self._window, self._window.engine
        if engine.spotter is None:
            return
        model = engine.choice.path
        window.chronicle.add(
            found,
            engine.timeline,
            window.tuner.threshold(found.label),
            engine.spotter.detector,
            model="bundled" if model is None else str(model),
            source=engine.source_name,
        )
        window.display.show_word(found)
        window.announcer.word(found)

    def _phase_changed(self, phase: Phase) -> None:
        if phase in (Phase.LISTENING, Phase.WAITING):
            # A microphone has come, or gone: so may have others.
            self._window.devices.refresh()

    def _problem_changed(self, message: str) -> None:
        subject = about(message)
        if message and subject != self._about:
            self._window.announcer.say(sentence(message))
        self._about = subject

    def _tick(self, elapsed_s: float) -> None:
        window, engine = self._window, self._window.engine
        ended = engine.phase in (Phase.ENDED, Phase.STOPPED, Phase.FAILED)
        window.chronicle.poll(engine.timeline, ended=ended)
        window.history.poll()
        if not (window.isHidden() or window.isMinimized()):
            window.display.advance(elapsed_s)
