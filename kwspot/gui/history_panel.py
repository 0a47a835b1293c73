"""The history at work: choosing, explaining, playing, saving, marking, exporting."""

import time
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QMenu, QMessageBox, QWidget

from kwspot.audio.player import play
from kwspot.audio.source import SAMPLE_RATE_HZ
from kwspot.spotting.detection import Detection
from kwspot.spotting.spotter import Spotter

from .chronicle import Chronicle
from .clips import write_wav
from .errands import Errands
from .history_view import HistoryTable
from .timeline import Timeline
from .why import WhyView


class HistoryPanel(QObject):
    """Connects the table, the close-up and the chronicle behind them.

    `chosen` tells of the detection that is looked at, None for one of an earlier session;
    `said` of something to be read, good or bad.
    """

    chosen = Signal(object)
    said = Signal(str, str)

    def __init__(self, chronicle: Chronicle, window: QWidget) -> None:
        super().__init__(window)
        self._chronicle, self._window = chronicle, window
        self.table = HistoryTable(chronicle.model)
        self.why = WhyView()
        self.spotter: Spotter | None = None
        self._key: int | None = None
        self._player = Errands("kwspot-player", self)
        self._player.failed.connect(lambda error: self.said.emit(str(error), "warning"))
        self.table.chosen.connect(self.show_key)
        chronicle.moment_ready.connect(self._ready)
        chronicle.changed.connect(self._ready)
        self.why.play_asked.connect(self.play)
        self.why.save_asked.connect(self.save)
        self.why.marked.connect(self._mark)

    def poll(self) -> None:
        """Called often."""
        self._player.poll()

    def finish(self) -> None:
        """End the thread; a clip that plays plays on without us."""
        self._player.finish(0.0)

    def show_key(self, key: int) -> None:
        """Look at an entry."""
        self._key = key
        self._chronicle.look_at(key)
        moment = self._chronicle.moment(key)
        entry = self._chronicle.entry(key)
        self.why.show_entry(entry, moment)
        self.chosen.emit(None if moment is None else moment.detection)
        if moment is None and entry is not None and entry.clip and self.spotter is not None:
            self._chronicle.revive(key, self.spotter, lambda error: self._not_revived(key, error))

    def _not_revived(self, key: int, error: Exception) -> None:
        """A clip that is there, and yet says nothing: why."""
        entry = self._chronicle.entry(key)
        if key == self._key and entry is not None and Path(entry.clip).exists():
            self.why.show_entry(entry, None, str(error))

    def choose(self, found: Detection) -> None:
        """Look at a detection of this session."""
        key = self._chronicle.key_of(found)
        if key is not None:
            self.table.select(key)
            self.show_key(key)

    def _ready(self, key: int) -> None:
        if key == self._key:
            self.show_key(key)

    def play(self) -> None:
        """Play the sound of the entry."""
        moment = None if self._key is None else self._chronicle.moment(self._key)
        if moment is not None and self._player.idle:
            samples = moment.samples
            self._player.send(lambda: play(samples))

    def save(self) -> None:
        """Let the user save the sound of the entry."""
        moment = None if self._key is None else self._chronicle.moment(self._key)
        if moment is None:
            return
        name = f"{moment.detection.label}.wav"
        path, _ = QFileDialog.getSaveFileName(
            self._window, self.tr("Save the sound"), name, self.tr("WAV (*.wav)")
        )
        if path:
            self.save_to(Path(path))

    def save_to(self, path: Path) -> None:
        """Save the sound of the entry."""
        moment = None if self._key is None else self._chronicle.moment(self._key)
        if moment is not None:
            samples = moment.samples
            self._chronicle.ask(lambda: write_wav(path, samples), self._saved)

    def export(self) -> None:
        """Let the user save the whole history."""
        kinds = self.tr("Comma-separated (*.csv);;JSON lines (*.jsonl)")
        name = f"kwspot-{time.strftime('%Y-%m-%d')}.csv"
        path, _ = QFileDialog.getSaveFileName(
            self._window, self.tr("Export the history"), name, kinds
        )
        if path:
            self.export_to(Path(path))

    def export_to(self, path: Path) -> None:
        """Save the whole history: as JSON lines where the name ends in .jsonl or .json."""
        self._chronicle.ask(lambda: self._chronicle.export(path), self._saved)

    def _saved(self, path: Path) -> None:
        self.said.emit(self.tr("Saved: {0}").format(path), "info")

    def clear(self) -> None:
        """Forget the history, after asking."""
        answer = QMessageBox.question(
            self._window,
            self.tr("Clear the history"),
            self.tr(
                "Forget every word heard so far, and the clips kept of them? Clips you marked stay."
            ),
            defaultButton=QMessageBox.StandardButton.No,
        )
        if answer == QMessageBox.StandardButton.Yes:
            self.clear_now()

    def clear_now(self) -> None:
        """Forget the history."""
        self._key = None
        self._chronicle.look_at(None)
        self._chronicle.clear()
        self.why.show_entry(None, None)
        self.chosen.emit(None)

    def ask_missed(
        self, timeline: Timeline, words: Sequence[str], position: float, where: QPoint
    ) -> None:
        """A menu of the words that may have been said at a position, and not heard."""
        menu = QMenu(self._window)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self.tr("A word was missed here:")).setEnabled(False)
        menu.addSeparator()
        for word in words:
            menu.addAction(word).triggered.connect(
                lambda _checked, word=word: self.mark_missed(timeline, position, word)
            )
        menu.popup(where)

    def mark_missed(self, timeline: Timeline, position: float, word: str) -> None:
        """A word was said around a position and not heard: keep it as a clip."""
        half = SAMPLE_RATE_HZ // 2
        start = max(0, round(position) - half)

        def kept(path: Path) -> None:
            text = self.tr("Kept as a clip of “{0}” in {1}").format(word, path.parent)
            self.said.emit(text, "info")

        self._chronicle.add_missed(timeline.samples(start, start + 2 * half), word, kept)

    def _mark(self, mark: str, truth: str) -> None:
        if self._key is None:
            return

        def kept(path: Path) -> None:
            self.said.emit(self.tr("Kept as a clip in {0}").format(path.parent), "info")

        self._chronicle.mark(self._key, mark, truth, kept)
        self.show_key(self._key)
