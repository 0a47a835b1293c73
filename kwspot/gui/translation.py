"""The languages of the window: which ones there are, and how one is put in place.

The texts lie in `translations/kwspot_LANGUAGE.ts` for translators, and compiled beside them, as
`.qm`, for Qt; docs/architecture.md tells how they are made.
"""

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

FOLDER = Path(__file__).parent / "translations"


def install(application: QCoreApplication, locale: QLocale) -> bool:
    """Show texts in the language of a locale, Qt's own too; returns whether there are any.

    Without a translation they stay English, Qt's with them: no window in two languages.
    """
    for name in locale.uiLanguages():  # the language that is liked best comes first
        language = name.partition("-")[0]
        if language == "en":
            return False
        texts = QTranslator(application)
        if texts.load(f"kwspot_{language}", str(FOLDER)):
            qt = QTranslator(application)
            path = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
            if qt.load(f"qtbase_{language}", path):
                application.installTranslator(qt)
            return application.installTranslator(texts)
    return False


def translate(context: str, text: str) -> str:
    """A text that no object has a `tr` for, in the language of the window."""
    return QCoreApplication.translate(context, text)
