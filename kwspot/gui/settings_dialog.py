"""Everything that is chosen seldom: model, processor, hop, look, history."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSpinBox,
    QTabWidget,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from .colour_maps import NAMES
from .theme import THEMES
from .widgets import Choice

if TYPE_CHECKING:
    from kwspot.spotting.checkpoint import Checkpoint

    from .main_window import MainWindow

_HOPS_MS = (10, 20, 30, 50, 100, 150, 200, 250)


class SettingsDialog(QDialog):
    """Every change takes effect at once; there is nothing to confirm."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        self.setWindowTitle(self.tr("Settings"))
        self.setMinimumWidth(560)
        column = QVBoxLayout(self)
        column.setSpacing(10)
        pages = QTabWidget()
        pages.addTab(self._model_page(), self.tr("&Model"))
        pages.addTab(self._look_page(), self.tr("&Look"))
        pages.addTab(self._history_page(), self.tr("&History and privacy"))
        column.addWidget(pages)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column.addWidget(buttons)
        window.engine.model_changed.connect(self._show_card)
        self._show_card()

    def _change(self, **fields: object) -> None:
        changed: dict[str, object] = fields
        self._window.apply(replace(self._window.preferences, **changed))  # type: ignore[arg-type]

    def _model_page(self) -> QWidget:
        window = self._window
        box = QWidget()
        form = _form(box)
        self.model = Choice()
        self.model.setAccessibleName(self.tr("Model"))
        self._fill_models()
        self.model.activated.connect(self._model_chosen)
        browse = QPushButton(self.tr("Open…"))
        browse.clicked.connect(self._browse)
        row = QHBoxLayout()
        row.addWidget(self.model, 1)
        row.addWidget(browse)
        form.addRow(self.tr("Model file"), row)
        self.card = QTextBrowser()
        self.card.setAccessibleName(self.tr("What the model says of itself"))
        self.card.setMinimumHeight(150)
        form.addRow(self.card)
        self.compute = Choice()
        self.compute.setAccessibleName(self.tr("Processor"))
        for name, title in (
            ("auto", self.tr("The best there is")),
            ("cpu", "CPU"),
            ("cuda", "CUDA"),
            ("mps", "MPS"),
        ):
            self.compute.addItem(title, name)
        self.compute.setCurrentIndex(max(0, self.compute.findData(window.preferences.compute)))
        self.compute.activated.connect(
            lambda place: self._change(compute=self.compute.itemData(place))
        )
        form.addRow(self.tr("Processor"), self.compute)
        self.hop = Choice()
        self.hop.setAccessibleName(self.tr("Time from one decision to the next"))
        for hop_ms in sorted({*_HOPS_MS, window.preferences.hop_ms}):
            self.hop.addItem(f"{hop_ms} ms", hop_ms)
        self.hop.setCurrentIndex(self.hop.findData(window.preferences.hop_ms))
        self.hop.activated.connect(lambda place: self._change(hop_ms=self.hop.itemData(place)))
        form.addRow(self.tr("Decide every"), self.hop)
        self._toggle(form, self.tr("Listen as soon as the app opens"), "start_listening")
        return box

    def _look_page(self) -> QWidget:
        chosen = self._window.preferences
        box = QWidget()
        form = _form(box)
        themes = Choice()
        titles = (self.tr("As the system"), self.tr("Light"), self.tr("Dark"))
        for name, title in zip(THEMES, titles, strict=True):
            themes.addItem(title, name)
        themes.setCurrentIndex(max(0, themes.findData(chosen.theme)))
        themes.activated.connect(lambda place: self._change(theme=themes.itemData(place)))
        form.addRow(self.tr("Theme"), themes)
        colours = Choice()
        colours.addItems([name.capitalize() for name in NAMES])
        colours.setCurrentIndex(NAMES.index(chosen.colours) if chosen.colours in NAMES else 0)
        colours.activated.connect(lambda place: self._change(colours=NAMES[place]))
        form.addRow(self.tr("Colours of the spectrogram"), colours)
        low, high = _spin(-110, -20, chosen.low_db, " dB"), _spin(-40, 20, chosen.high_db, " dB")

        def scale() -> None:
            if high.value() - low.value() >= 10:
                self._change(low_db=float(low.value()), high_db=float(high.value()))

        low.valueChanged.connect(scale)
        high.valueChanged.connect(scale)
        row = QHBoxLayout()
        row.addWidget(low)
        row.addWidget(QLabel(self.tr("to")))
        row.addWidget(high)
        row.addStretch(1)
        form.addRow(self.tr("Colour scale from"), row)
        rates = Choice()
        rates.setAccessibleName(self.tr("Pictures a second"))
        for rate in sorted({30, 60, chosen.frames_per_second}):
            rates.addItem(str(rate), rate)
        rates.setCurrentIndex(rates.findData(chosen.frames_per_second))
        rates.activated.connect(lambda place: self._change(frames_per_second=rates.itemData(place)))
        form.addRow(self.tr("Pictures a second"), rates)
        self._toggle(form, self.tr("Logarithmic frequencies"), "logarithmic")
        self._toggle(form, self.tr("Large text"), "large_text")
        self._toggle(
            form, self.tr("Reduced motion: no fading, 10 pictures a second"), "reduced_motion"
        )
        return box

    def _history_page(self) -> QWidget:
        window = self._window
        chosen = window.preferences
        box = QWidget()
        form = _form(box)
        note = QLabel(
            self.tr(
                "Nothing leaves this machine. The history holds words and times; sound is kept "
                "only of words you mark, or if you turn it on here."
            )
        )
        note.setWordWrap(True)
        form.addRow(note)
        days = _spin(1, 36_500, chosen.history_days, self.tr(" days"))
        days.valueChanged.connect(lambda value: self._change(history_days=value))
        form.addRow(self.tr("Keep the history for"), days)
        self._toggle(form, self.tr("Keep the sound of every word"), "keep_clips")
        limit = _spin(1, 1_000_000, chosen.clip_limit_mb, " MB")
        limit.valueChanged.connect(lambda value: self._change(clip_limit_mb=value))
        used = QLabel()
        used.setObjectName("faint")
        row = QHBoxLayout()
        row.addWidget(limit)
        row.addWidget(used, 1)
        form.addRow(self.tr("At most"), row)
        clips = window.chronicle.clips
        window.chronicle.ask(
            clips.kept_bytes,
            lambda count: used.setText(self.tr("{0} MB are used").format(f"{count / 1e6:.1f}")),
        )
        clear = QPushButton(self.tr("Clear the history…"))
        clear.clicked.connect(window.history.clear)
        folder = QPushButton(self.tr("Show the folder"))
        folder.clicked.connect(
            lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(window.chronicle.path.parent)))
        )
        row = QHBoxLayout()
        row.addWidget(clear)
        row.addWidget(folder)
        row.addStretch(1)
        form.addRow(row)
        return box

    def _toggle(self, form: QFormLayout, title: str, field: str) -> None:
        box = QCheckBox(title)
        box.setChecked(bool(getattr(self._window.preferences, field)))
        box.toggled.connect(lambda on: self._change(**{field: on}))
        form.addRow(box)

    def _fill_models(self) -> None:
        self.model.clear()
        self.model.addItem(self.tr("The bundled model"), "")
        path = self._window.preferences.model
        if path:
            self.model.addItem(Path(path).name, path)
            self.model.setCurrentIndex(1)

    def _model_chosen(self, place: int) -> None:
        self._change(model=self.model.itemData(place))

    def _browse(self) -> None:
        kinds = self.tr("Models (*.safetensors);;All files (*)")
        path, _ = QFileDialog.getOpenFileName(self, self.tr("Open a model"), "", kinds)
        if path:
            self._change(model=path)
            self._fill_models()

    def _show_card(self) -> None:
        spotter = self._window.engine.spotter
        if spotter is not None:
            self.card.setHtml(card(spotter.checkpoint))


def card(checkpoint: "Checkpoint") -> str:
    """What a model knows and says of itself, as HTML."""
    rows = [("words", ", ".join(checkpoint.words))]
    for name, value in checkpoint.facts.items():
        if name not in ("recipe", "versions") and not isinstance(value, dict | list):
            text = f"{value:.4g}" if isinstance(value, float) else str(value)
            rows.append((name.replace("_", " "), text))
    lines = "".join(
        f"<tr><td style='padding-right:14px'><b>{_plain(name)}</b></td><td>{_plain(text)}</td></tr>"
        for name, text in rows
    )
    return f"<table>{lines}</table>"


def _form(box: QWidget) -> QFormLayout:
    form = QFormLayout(box)
    form.setContentsMargins(14, 14, 14, 14)
    form.setVerticalSpacing(10)
    form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    return form


def _plain(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def _spin(least: int, most: int, value: float, suffix: str) -> QSpinBox:
    box = QSpinBox()
    box.setRange(least, most)
    box.setValue(round(value))
    box.setSuffix(suffix)
    box.setAlignment(Qt.AlignmentFlag.AlignRight)
    box.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
    return box


def show_settings(window: "MainWindow") -> QWidget:
    """Open the dialog."""
    dialog = SettingsDialog(window)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.show()
    return dialog
