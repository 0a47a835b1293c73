"""Owns the spotter and the listener, and feeds the window: nothing here waits for anything."""

import time
from collections.abc import Mapping, Sequence

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from kwspot.audio.source import Notice
from kwspot.errors import KwspotError
from kwspot.spotting.detection import Detection
from kwspot.spotting.listener import Ended, Event
from kwspot.spotting.spotter import Spotter

from .countdown import Countdown
from .feed import Feed
from .listening import Listening
from .loader import Loader
from .origins import Microphone, ModelChoice, Origin, Recording
from .phase import Phase
from .timeline import Timeline

HIDDEN_MS = 100
PASSING = frozenset({"dropped", "results-dropped", "memory"})
"""Problems whose end nobody tells: they are told again for as long as they last."""
_PASSED_S = 15.0


class Engine(QObject):
    """Starts, stops and changes the listening; drains its mailboxes on a timer.

    `origin` is listened to, by the model of `choice`; `problem` is what is wrong, or "", and
    `problem_state` what a Notice calls that, or ""; `feed` has what was heard.
    """

    phase_changed = Signal(object)
    model_changed = Signal()
    restarted = Signal()
    """Another timeline has begun."""
    ticked = Signal(float)
    """Seconds since the last time; everything that is new has been told."""
    detected = Signal(object)
    problem_changed = Signal(str)
    crashed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.phase = Phase.STOPPED
        self.problem = self.problem_state = ""
        self.origin: Origin = Microphone()
        self.choice = ModelChoice()
        self.source_name = ""
        self.feed = Feed()
        self._loader = Loader(self)
        self._loader.loaded.connect(self._model_loaded)
        self._loader.failed.connect(self._model_failed)
        self._loader.crashed.connect(self.crashed)
        self._listening = Listening(self.feed)
        self._wanted = False
        self._countdown = Countdown()
        self._last_s = self._problem_s = time.monotonic()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.tick)
        self._timer.start(16)

    # What a user does

    def start(self) -> None:
        """Listen to `origin` with `choice`; again from its begin where it listens already."""
        self._retire()
        self._wanted = True
        self._countdown.clear()
        self._set_problem("")
        self._load()

    def stop(self) -> None:
        """Stop listening; what was heard so far is still delivered."""
        self._wanted = False
        self._countdown.clear()
        if self._listening.under_way:
            self._listening.stop()
        elif self.phase is not Phase.FAILED:
            self._set_phase(Phase.STOPPED)
        self._set_problem("")

    def set_origin(self, origin: Origin) -> None:
        """Listen to something else; at once where it listens."""
        self.origin = origin
        if self._wanted:
            self.start()

    def set_choice(self, choice: ModelChoice, *, afresh: bool = False) -> None:
        """Use another model, processor or hop; loads it. afresh: the same one, too, whose file may
        be another one by now."""
        if choice == self.choice and choice == self._loader.choice and not afresh:
            return
        self.choice = choice
        if afresh:
            self._loader.forget()
        if self._wanted:
            self.start()
        else:
            self._set_problem("")
            self._load()

    def retune(self, words: Sequence[str], thresholds: Mapping[str, float]) -> None:
        """Report these words, at these thresholds, from now on."""
        if self.spotter is not None:
            self.spotter.retune(words, thresholds)

    def set_interval(self, milliseconds: int) -> None:
        """How often the mailboxes are drained."""
        self._timer.setInterval(milliseconds)

    def shut_down(self) -> None:
        """End every thread, within a second."""
        self._timer.stop()
        self._retire()
        self._listening.finish()
        self._loader.finish()

    # What the window asks

    @property
    def spotter(self) -> Spotter | None:
        """What it listens with; None until the first model is loaded."""
        return self._loader.spotter

    @property
    def timeline(self) -> Timeline:
        """What was heard lately."""
        return self.feed.timeline

    @property
    def retry_s(self) -> int | None:
        """How long until a microphone is tried again; None while none is waited for."""
        return self._countdown.seconds(time.monotonic())

    @property
    def active(self) -> bool:
        """Whether it listens, or tries to."""
        return self._wanted

    # The feed

    def tick(self) -> None:
        """Take what the threads have left; called by the timer."""
        now_s = time.monotonic()
        elapsed_s, self._last_s = now_s - self._last_s, now_s
        self._loader.poll()
        self._listening.poll(now_s)
        if self._listening.under_way:
            self._drain()
        elif self.phase is Phase.OPENING and self._listening.may_open:
            self._open()
        elif self._countdown.due(now_s):
            self._set_phase(Phase.OPENING)
        self._count_down(now_s)
        if self.problem_state in PASSING and now_s - self._problem_s > _PASSED_S:
            self._set_problem("")
        self.ticked.emit(elapsed_s)

    def _load(self) -> None:
        if self._loader.ask(self.choice):
            self._set_phase(Phase.OPENING if self._wanted else Phase.STOPPED)
        else:
            self._set_phase(Phase.LOADING)

    def _model_loaded(self) -> None:
        self.model_changed.emit()
        self._set_phase(Phase.OPENING if self._wanted else Phase.STOPPED)

    def _model_failed(self, message: str) -> None:
        self._fail(self.tr("{0} — File > Settings chooses another model").format(message))

    def _open(self) -> None:
        assert self.spotter is not None
        self._listening.open(self.spotter, self.origin)
        self.source_name = self._listening.source_name

    def _drain(self) -> None:
        events, begun = self._listening.drain()
        if begun:
            self.restarted.emit()
        dropped = self._listening.newly_dropped()
        for event in events:
            self._handle(event)
        if dropped:
            message = self.tr("{0} results were dropped: this machine is too busy").format(dropped)
            self._set_problem(message, "results-dropped")

    def _handle(self, event: Event) -> None:
        match event:
            case Detection():
                self.feed.detected(event.end)
                self.timeline.detections.append(event)
                self.detected.emit(event)
            case Notice():
                self._notice(event)
            case Ended():
                self._ended(event.error)

    def _notice(self, notice: Notice) -> None:
        self.source_name = self._listening.source_name or self.source_name
        self._countdown.clear()
        match notice.state:
            case "listening" | "sound":
                self._set_problem("")
                self._set_phase(Phase.LISTENING)
            case "reconnecting":
                self._countdown.source_tries(notice.wait_s)
                self._set_phase(Phase.WAITING)
            case "lost":
                self._countdown.lost(notice.message)
                self._set_problem(self._countdown.trouble, notice.state)
                self._set_phase(Phase.WAITING)
            case _ if notice.level == "warning":
                self._set_problem(notice.message, notice.state)

    def _ended(self, error: BaseException | None) -> None:
        self._listening.forget()
        if error is None:
            ended = self._wanted and isinstance(self.origin, Recording)
            self._wanted = False
            self._set_phase(Phase.ENDED if ended else Phase.STOPPED)
        elif isinstance(error, KwspotError) and isinstance(self.origin, Microphone):
            if self._wanted:
                self._countdown.we_try(str(error))
                self._set_phase(Phase.WAITING)
            else:
                self._set_phase(Phase.STOPPED)
        elif isinstance(error, KwspotError):
            self._fail(str(error))
        else:
            self._fail(self.tr("Listening stopped by a fault of kwspot: {0}").format(error))
            self.crashed.emit(error)

    def _count_down(self, now_s: float) -> None:
        seconds = self._countdown.seconds(now_s)
        if self.phase is Phase.WAITING and seconds is not None:
            text = (
                self.tr("{0} — trying again in {1} s")
                if seconds
                else self.tr("{0} — trying again now")
            )
            self._set_problem(text.format(self._countdown.trouble, seconds))

    def _retire(self) -> None:
        self._drain()
        self._listening.retire()

    def _fail(self, message: str) -> None:
        self._wanted = False
        self._set_phase(Phase.FAILED)
        self._set_problem(message)

    def _set_phase(self, phase: Phase) -> None:
        if phase is not self.phase:
            self.phase = phase
            self.phase_changed.emit(phase)

    def _set_problem(self, message: str, state: str = "") -> None:
        self._problem_s = time.monotonic()
        if message != self.problem:
            self.problem, self.problem_state = message, state
            self.problem_changed.emit(message)
