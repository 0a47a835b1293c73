"""Everything that is chosen seldom: model, processor, hop, look, history."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QPushButton,
    QTabWidget,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from . import forms
from .bound import Bound
from .card import card
from .colour_maps import NAMES
from .theme import THEMES
from .widgets import Choice

if TYPE_CHECKING:
    from .main_window import MainWindow

_HOPS_MS = (10, 20, 30, 50, 100, 150, 200, 250)


class SettingsDialog(QDialog):
    """Every change takes effect at once; there is nothing to confirm."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        self._bound = Bound(window, self)
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
        # Return in a field is no press of a button.
        for button in self.findChildren(QPushButton):
            button.setAutoDefault(False)
        window.engine.model_changed.connect(self._show_card)
        window.preferences_changed.connect(self._fill_models)
        self._show_card()

    def _model_page(self) -> QWidget:
        box = QWidget()
        form = forms.form(box)
        self.model = Choice()
        self.model.setAccessibleName(self.tr("Model"))
        self.model.setToolTip(self.tr("The file of the model that listens"))
        self._fill_models()
        self.model.activated.connect(self._model_chosen)
        browse = QPushButton(self.tr("Open…"))
        browse.setToolTip(self.tr("Choose the file of another model"))
        browse.clicked.connect(self._window.menus.models.ask)
        row = forms.row()
        row.addWidget(self.model, 1)
        row.addWidget(browse)
        form.addRow(forms.RowName(self.tr("Model file"), self.model), row)
        self.card = QTextBrowser()
        self.card.setAccessibleName(self.tr("What the model says of itself"))
        self.card.setAccessibleDescription(self.tr("Words, figures, data and licence"))
        self.card.setMinimumHeight(150)
        form.addRow(self.card)
        processors = {
            "auto": self.tr("The best there is"), "cpu": "CPU", "cuda": "CUDA", "mps": "MPS"
        }  # fmt: skip
        self.compute = self._bound.choice(form, self.tr("Processor"), "compute", processors)
        hops_ms = sorted({*_HOPS_MS, self._window.preferences.hop_ms})
        hops = {hop_ms: f"{hop_ms} ms" for hop_ms in hops_ms}
        self.hop = self._bound.choice(form, self.tr("Decide every"), "hop_ms", hops)
        self._bound.toggle(
            form,
            self.tr("Listen as soon as the app opens"),
            self.tr("To the microphone that was chosen last"),
            "start_listening",
        )
        return box

    def _look_page(self) -> QWidget:
        chosen = self._window.preferences
        box = QWidget()
        form = forms.form(box)
        titles = (self.tr("As the system"), self.tr("Light"), self.tr("Dark"))
        themes = dict(zip(THEMES, titles, strict=True))
        self._bound.choice(form, self.tr("Theme"), "theme", themes)
        colours = {name: name.capitalize() for name in NAMES}
        self._bound.choice(form, self.tr("Colours of the spectrogram"), "colours", colours)

        def scale() -> None:
            if high.value() - low.value() >= 10:
                self._bound.change(low_db=float(low.value()), high_db=float(high.value()))

        number = self._bound.number
        low = number(self.tr("Darkest colour"), -110, -20, "low_db", " dB", scale)
        high = number(self.tr("Brightest colour"), -40, 20, "high_db", " dB", scale)
        row = forms.row()
        row.addWidget(low)
        row.addWidget(QLabel(self.tr("to")))
        row.addWidget(high)
        row.addStretch(1)
        form.addRow(forms.RowName(self.tr("Colour scale from"), low), row)
        rates = {rate: str(rate) for rate in sorted({30, 60, chosen.frames_per_second})}
        self._bound.choice(form, self.tr("Pictures a second"), "frames_per_second", rates)
        self._bound.toggle(
            form,
            self.tr("Logarithmic frequencies"),
            self.tr("Gives low frequencies more room"),
            "logarithmic",
        )
        self._bound.toggle(
            form,
            self.tr("Large text"),
            self.tr("A third larger, all over the window"),
            "large_text",
        )
        self._bound.toggle(
            form,
            self.tr("Reduced motion: no fading, 10 pictures a second"),
            self.tr("For people whom motion disturbs, and for slow machines"),
            "reduced_motion",
        )
        return box

    def _history_page(self) -> QWidget:
        window = self._window
        box = QWidget()
        form = forms.form(box)
        note = QLabel(
            self.tr(
                "Nothing leaves this machine. The history holds words and times; sound is kept "
                "only of words you mark, or if you turn it on here."
            )
        )
        note.setWordWrap(True)
        form.addRow(note)
        days = self._bound.number(
            self.tr("Keep the history for"), 1, 36_500, "history_days", self.tr(" days")
        )
        row = forms.row()
        row.addWidget(days)
        row.addStretch(1)
        form.addRow(forms.RowName(self.tr("Keep the history for"), days), row)
        self._bound.toggle(
            form,
            self.tr("Keep the sound of every word"),
            self.tr("The oldest gives way where it becomes too much"),
            "keep_clips",
        )
        self._clip_limit(form)
        clear = QPushButton(self.tr("Clear the history…"))
        clear.setToolTip(self.tr("Forget every word, and the kept sound of those not marked"))
        clear.clicked.connect(window.history.clear)
        folder = QPushButton(self.tr("Show the folder"))
        folder.setToolTip(self.tr("Where the history and the clips are"))
        folder.clicked.connect(
            lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(window.chronicle.path.parent)))
        )
        row = forms.row()
        row.addWidget(clear)
        row.addWidget(folder)
        row.addStretch(1)
        form.addRow(row)
        return box

    def _clip_limit(self, form: QFormLayout) -> None:
        """How much may be kept, and how much is."""
        title = self.tr("Size of the kept sound at most")
        limit = self._bound.number(title, 1, 1_000_000, "clip_limit_mb", " MB")
        used = QLabel()
        used.setObjectName("faint")
        row = forms.row()
        row.addWidget(limit)
        row.addWidget(used, 1)
        clips = self._window.chronicle.clips

        def known(count: int) -> None:
            if isValid(used):  # the dialog may have been closed by then
                used.setText(self.tr("{0} MB are used").format(f"{count / 1e6:.1f}"))

        self._window.chronicle.ask(clips.kept_bytes, known)
        form.addRow(forms.RowName(self.tr("At most"), limit), row)

    def _fill_models(self) -> None:
        self.model.clear()
        self.model.addItem(self.tr("The bundled model"), "")
        chosen = self._window.preferences
        paths = [path for path in chosen.recent_models if Path(path).is_file()]
        for path in dict.fromkeys((*filter(None, [chosen.model]), *paths)):
            self.model.addItem(Path(path).name, path)
        self.model.setCurrentIndex(max(0, self.model.findData(chosen.model)))

    def _model_chosen(self, place: int) -> None:
        self._window.choose_model(self.model.itemData(place))

    def _show_card(self) -> None:
        spotter = self._window.engine.spotter
        if spotter is not None:
            self.card.setHtml(card(spotter.checkpoint))


def show_settings(window: "MainWindow") -> QWidget:
    """Open the dialog, or bring to the front the one that is open."""
    for dialog in window.findChildren(SettingsDialog):
        if dialog.isVisible():
            dialog.raise_()
            dialog.activateWindow()
            return dialog
    dialog = SettingsDialog(window)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.show()
    return dialog
