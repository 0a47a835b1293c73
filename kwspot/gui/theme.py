"""Light and dark: one palette each, for widgets and for what we draw ourselves."""

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from kwspot.resources import check_mark

THEMES = ("system", "light", "dark")
_LARGE = 1.35


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours by their use; contrast of text on its ground is at least 4.5 to 1."""

    name: str
    window: str
    panel: str
    raised: str
    line: str
    text: str
    faint: str
    accent: str
    accent_text: str
    bar: str
    bar_idle: str
    good: str
    warn: str
    bad: str
    warn_ground: str
    bad_ground: str
    info_ground: str


LIGHT = Theme(
    "light", window="#f4f5f7", panel="#ffffff", raised="#ffffff", line="#d5d9df", text="#1b2027",
    faint="#5c6570", accent="#1f63c4", accent_text="#ffffff", bar="#3b82d6", bar_idle="#b9c3cf",
    good="#177245", warn="#8a5a00", bad="#b3261e", warn_ground="#fff3d6", bad_ground="#fde7e5",
    info_ground="#e6effb",
)  # fmt: skip
DARK = Theme(
    "dark", window="#15181d", panel="#1c2027", raised="#272d36", line="#363d48", text="#e8ebef",
    faint="#9ca6b3", accent="#6aa9ff", accent_text="#0c1420", bar="#4c8fe6", bar_idle="#4a5461",
    good="#5fd08f", warn="#f2c05c", bad="#ff8a80", warn_ground="#3a2f14", bad_ground="#41201e",
    info_ground="#1d2c42",
)  # fmt: skip


def current() -> Theme:
    """The theme the application shows."""
    application = QApplication.instance()
    return DARK if application is not None and application.property("kwspot_dark") else LIGHT


def apply(application: QApplication, wanted: str, *, large: bool) -> None:
    """Give the application its colours and size of text. wanted: one of `THEMES`."""
    scheme = QGuiApplication.styleHints().colorScheme()
    dark = wanted == "dark" or (wanted != "light" and scheme == Qt.ColorScheme.Dark)
    theme = DARK if dark else LIGHT
    application.setProperty("kwspot_dark", dark)
    base = application.property("kwspot_points")
    if base is None:
        base = max(9.0, application.font().pointSizeF())
        application.setProperty("kwspot_points", base)
    font = application.font()
    font.setPointSizeF(base * (_LARGE if large else 1.0))
    application.setFont(font)
    application.setPalette(_palette(theme))
    values = {name: getattr(theme, name) for name in _NAMES}
    tick = check_mark(theme.name).as_posix()
    style = _STYLE.format(points=font.pointSizeF(), tick=tick, **values)
    if style != application.styleSheet():  # it costs some tenths of a second
        application.setStyleSheet(style)


def _palette(theme: Theme) -> QPalette:
    role = QPalette.ColorRole
    palette = QPalette()
    for name, colour in {
        role.Window: theme.window, role.WindowText: theme.text, role.Base: theme.panel,
        role.AlternateBase: theme.window, role.Text: theme.text, role.Button: theme.raised,
        role.ButtonText: theme.text, role.BrightText: theme.bad, role.Highlight: theme.accent,
        role.HighlightedText: theme.accent_text, role.ToolTipBase: theme.raised,
        role.ToolTipText: theme.text, role.PlaceholderText: theme.faint, role.Link: theme.accent,
        role.Light: theme.raised, role.Midlight: theme.line, role.Mid: theme.line,
        role.Dark: theme.line, role.Shadow: theme.line, role.Accent: theme.accent,
    }.items():  # fmt: skip
        palette.setColor(name, QColor(colour))
    for name in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, name, QColor(theme.faint))
    return palette


_NAMES = tuple(Theme.__dataclass_fields__)
_STYLE = """
QWidget {{ font-size: {points}pt; }}
QMainWindow, QDialog {{ background: {window}; }}
QMainWindow::separator {{ background: transparent; width: 7px; height: 7px; }}
QMainWindow::separator:hover {{ background: {line}; }}
QToolBar {{ border: 0; padding: 6px 8px; spacing: 6px; background: {window}; }}
QMenuBar {{ background: {window}; padding: 2px 6px; }}
QMenuBar::item {{ padding: 4px 9px; border-radius: 5px; }}
QMenuBar::item:selected {{ background: {raised}; }}
QMenu {{ background: {panel}; border: 1px solid {line}; padding: 5px; }}
QMenu::item {{ padding: 5px 26px 5px 22px; border-radius: 4px; }}
QMenu::item:selected {{ background: {accent}; color: {accent_text}; }}
QMenu::separator {{ height: 1px; background: {line}; margin: 5px 8px; }}
QMenu::item:disabled {{ color: {faint}; }}
QPushButton, QToolButton, QComboBox, QSpinBox, QLineEdit, QDoubleSpinBox {{
    background: {raised}; border: 1px solid {line}; border-radius: 6px; padding: 4px 10px;
    min-height: 1.35em; color: {text};
}}
QAbstractSpinBox QLineEdit, QAbstractSpinBox QLineEdit:focus {{ border: 0; padding: 0;
    min-height: 0; background: transparent; }}
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{ width: 0; border: 0; }}
QToolButton {{ padding: 4px 9px; }}
QPushButton:hover, QToolButton:hover, QComboBox:hover {{ border-color: {faint}; }}
QPushButton:pressed, QToolButton:pressed, QToolButton:checked {{ background: {info_ground}; }}
QPushButton:focus, QToolButton:focus, QComboBox:focus, QSpinBox:focus, QLineEdit:focus,
QDoubleSpinBox:focus {{ border: 2px solid {accent}; padding: 3px 9px; }}
QPushButton:disabled, QToolButton:disabled, QComboBox:disabled {{ color: {bar_idle};
    background: {window}; }}
QPushButton::menu-indicator {{ width: 0; }}
QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
QPushButton#primary {{ background: {accent}; color: {accent_text}; border-color: {accent};
    font-weight: 600; padding: 4px 16px; }}
QPushButton#primary:focus {{ border: 2px solid {text}; padding: 3px 15px; }}
QComboBox {{ padding-right: 24px; }}
QComboBox::drop-down {{ border: 0; width: 0; }}
QComboBox QAbstractItemView {{ background: {panel}; border: 1px solid {line};
    selection-background-color: {accent}; selection-color: {accent_text}; }}
QDockWidget {{ titlebar-close-icon: none; color: {faint}; font-weight: 600; }}
QDockWidget::title {{ background: {window}; padding: 6px 4px 4px 4px; }}
QTableView, QTreeView, QListView, QTextBrowser, QPlainTextEdit {{ background: {panel};
    border: 1px solid {line}; padding: 1px; border-radius: 8px; gridline-color: {line}; outline: 0;
    alternate-background-color: {window}; selection-background-color: {accent};
    selection-color: {accent_text}; }}
QTableView:focus, QListView:focus, QTextBrowser:focus {{ border: 2px solid {accent};
    padding: 0; }}
QHeaderView::section {{ background: {panel}; color: {faint}; border: 0; font-weight: 600;
    border-bottom: 1px solid {line}; padding: 4px 11px; }}
QHeaderView {{ background: {panel}; border: 0; border-top-left-radius: 8px; }}
QScrollBar:vertical {{ width: 10px; background: transparent; margin: 2px; }}
QScrollBar:horizontal {{ height: 10px; background: transparent; margin: 2px; }}
QScrollBar::handle {{ background: {bar_idle}; border-radius: 3px; min-height: 24px;
    min-width: 24px; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QStatusBar {{ background: {window}; color: {faint}; }}
QStatusBar::item {{ border: 0; }}
QCheckBox {{ spacing: 6px; }}
QCheckBox::indicator {{ width: 0.95em; height: 0.95em; border: 1px solid {faint};
    border-radius: 3px; background: {panel}; }}
QCheckBox::indicator:hover {{ border-color: {accent}; }}
QCheckBox::indicator:checked {{ background: {accent}; border-color: {accent};
    image: url("{tick}"); }}
QCheckBox:focus {{ outline: none; color: {accent}; }}
QCheckBox::indicator:focus {{ border: 2px solid {text}; }}
QTabWidget::pane {{ border: 1px solid {line}; border-radius: 8px; top: -1px; }}
QTabBar::tab {{ padding: 6px 14px; color: {faint}; border: 0;
    border-bottom: 2px solid transparent; }}
QTabBar::tab:selected {{ color: {text}; border-bottom: 2px solid {accent}; font-weight: 600; }}
QTabBar::tab:focus {{ color: {accent}; }}
QToolTip {{ background: {raised}; color: {text}; border: 1px solid {line}; padding: 4px; }}
QFrame#card {{ background: {panel}; border: 1px solid {line}; border-radius: 10px; }}
QTableView::item {{ padding: 0 8px; border: 0; }}
QLabel#faint {{ color: {faint}; }}
QLabel#heading {{ font-weight: 600; }}
QSplitter::handle {{ background: transparent; }}
QGroupBox {{ font-weight: 600; border: 1px solid {line}; border-radius: 8px; margin-top: 0.9em;
    padding: 8px; }}
QGroupBox::title {{ subcontrol-origin: margin; left: 10px; padding: 0 4px; }}
"""
