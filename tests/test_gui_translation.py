"""The window speaks the language of the system, where there is a translation that is whole."""

import ast
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale, QTranslator
from PySide6.QtWidgets import QLabel

from gui import application, live, nothing_is_cut_off, opened, wait_until
from kwspot.gui import translation
from kwspot.gui.help import show_keys
from kwspot.gui.settings_dialog import SettingsDialog
from kwspot.gui.verdicts import verdicts
from kwspot.resources import sample_recording

SOURCES = sorted(Path(translation.__file__).parent.glob("*.py"))
FILES = sorted(translation.FOLDER.glob("*.ts"))
RUN = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from kwspot.gui import app
application = app.make_application()
def tell():
    window = next(one for one in application.topLevelWidgets() if one.windowTitle() == "kwspot")
    print([action.text() for action in window.menuBar().actions()])
    window.close()
QTimer.singleShot(0, tell)
app.run()
"""


def entries(file: Path) -> Iterator[tuple[str, str, ElementTree.Element]]:
    """Context, source text and translation of every entry."""
    for context in ElementTree.parse(file).getroot().iter("context"):
        for message in context.iter("message"):
            translated = message.find("translation")
            assert translated is not None
            yield context.findtext("name", ""), message.findtext("source", ""), translated


def texts_in_code() -> set[tuple[str, str]]:
    """Context and text of every `self.tr(TEXT)` and `translate(CONTEXT, TEXT)`."""
    found = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef):
                for call in ast.walk(node):
                    match call:
                        case ast.Call(ast.Attribute(attr="tr"), [ast.Constant(text)]):
                            found.add((node.name, text))
            match node:
                case ast.Call(ast.Name("translate"), [ast.Constant(context), ast.Constant(text)]):
                    found.add((context, text))
    return found


@pytest.fixture
def german() -> Iterator[None]:
    """A German system."""
    app = application()
    before = set(app.findChildren(QTranslator))
    assert translation.install(app, QLocale("de_DE"))
    yield
    for translator in set(app.findChildren(QTranslator)) - before:
        app.removeTranslator(translator)


def test_there_is_a_translation() -> None:
    assert [file.name for file in FILES] == ["kwspot_de.ts"]
    assert len(texts_in_code()) > 150


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_translation_has_every_text_and_no_other(file: Path) -> None:
    assert {(context, text) for context, text, _ in entries(file)} == texts_in_code()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_translation_is_finished_and_the_compiled_one_says_the_same(file: Path) -> None:
    compiled = QTranslator()
    assert compiled.load(str(file.with_suffix(".qm")))
    for context, text, translated in entries(file):
        assert "type" not in translated.attrib, f"{text} is not finished"
        assert translated.text
        assert compiled.translate(context, text) == translated.text
        holes = [sorted(re.findall(r"\{\d\}", one)) for one in (text, translated.text)]
        assert holes[0] == holes[1]


def test_a_german_window_is_german(tmp_path: Path, german: None) -> None:
    with opened(tmp_path, sample_recording()) as window:
        assert [action.text() for action in window.menuBar().actions()] == [
            "&Datei", "&Zuhören", "&Ansicht", "&Hilfe",
        ]  # fmt: skip
        assert window.display.controls.start.text() in ("Start", "Stopp")
        assert [dock.windowTitle() for dock in window.docks] == [
            "Wörter", "Verlauf", "Warum gemeldet",
        ]  # fmt: skip
        wait_until(lambda: window.display.health.state.endswith("Ende von sample.flac"))
        assert [row.name.text() for row in window.display.words.rows][-2:] == [
            "andere Rede", "Stille",
        ]  # fmt: skip
        live(0.1)
        moment = window.chronicle.moment(window.chronicle.model.entry_at(0)[0])
        assert moment is not None
        assert "Rede davor" in [verdict.name for verdict in verdicts(moment)]
        dialog = SettingsDialog(window)
        assert dialog.windowTitle() == "Einstellungen"
        show_keys(window, window.menus.shortcuts)
        keys = [label.text() for label in window.findChildren(QLabel)]
        assert "Strg+O" in keys
        assert "Das Bild anhalten (im Spektrogramm)" in keys


@pytest.mark.parametrize("width", [1000, 1400])
def test_in_large_german_text_nothing_is_cut_off(tmp_path: Path, german: None, width: int) -> None:
    with opened(tmp_path, sample_recording(), large_text=True) as window:
        window.resize(width, 640)
        wait_until(lambda: window.display.health.state.endswith("sample.flac"))
        window.history.table.selectRow(0)
        wait_until(window.history.why.play.isEnabled)
        live(0.6)  # the figures of the strip come twice a second
        assert window.width() == width
        # What was said this very moment is laid out in the next.
        wait_until(lambda: nothing_is_cut_off(window.display.health))
        controls, conditions = window.display.controls, window.history.why.conditions
        for control in (controls.start, controls.pause, controls.open, controls.speed):
            assert control.width() >= control.minimumSizeHint().width()
        named = [label for label in controls.findChildren(QLabel) if label.isVisible()]
        assert all(label.width() >= label.sizeHint().width() for label in named)
        assert len(named) == (1 if width == 1400 else 0)
        assert conditions.widget().sizeHint().width() <= conditions.viewport().width()
        window.apply(replace(window.preferences, large_text=False))


@pytest.mark.parametrize("name", ["en_GB", "fr_FR", "C"])
def test_without_a_translation_it_is_english(name: str) -> None:
    assert not translation.install(application(), QLocale(name))


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not go by LANG")
def test_the_app_takes_the_language_of_the_system(tmp_path: Path) -> None:
    env = {name: value for name, value in os.environ.items() if not name.startswith("LC_")}
    env.pop("LANGUAGE", None)
    env |= {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path), "LANG": "de_AT.UTF-8"}
    env |= {"XDG_DATA_HOME": str(tmp_path), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, "-c", RUN], env=env, capture_output=True, check=False, encoding="utf-8"
    )
    assert done.stdout.strip() == "['&Datei', '&Zuhören', '&Ansicht', '&Hilfe']", done.stderr
