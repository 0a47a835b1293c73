"""The table of words that were heard."""

from collections import deque
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from kwspot.spotting.calibration import WIDEST, score_text

from .history_store import Entry
from .translation import translate

SHOWN = 5000
"""Rows in memory; the file has them all."""
_WORD_LETTERS = 6
"""As much of a word is always to be seen."""
MARKS = {"": "", "right": "✓", "wrong": "✗"}


def mark_text(mark: str) -> str:
    """What the window calls a mark."""
    return {
        "right": translate("Marks", "right"),
        "wrong": translate("Marks", "wrong"),
    }.get(mark, mark)


_Index = QModelIndex | QPersistentModelIndex


class HistoryModel(QAbstractTableModel):
    """Rows for entries, the newest on top; `key` of an entry is where it stands in the session."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entries: deque[tuple[int, Entry]] = deque(maxlen=SHOWN)
        self._keys = 0
        self._titles = (self.tr("Time"), self.tr("Word"), self.tr("Score"), "✓ ✗")

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: N802, B008
        """One row for each entry."""
        return 0 if parent.isValid() else len(self._entries)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: N802, B008
        """Time, word, score, mark."""
        return 0 if parent.isValid() else len(self._titles)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a cell shows."""
        if not index.isValid():
            return None
        _, entry = self._entries[index.row()]
        if role == Qt.ItemDataRole.AccessibleTextRole and index.column() == 3:
            return mark_text(entry.mark) or self.tr("not marked")
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return (
                when(entry.said_at),
                entry.word,
                score_text(entry.score),
                MARKS.get(entry.mark, entry.mark),
            )[index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() == 2:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if role == Qt.ItemDataRole.ToolTipRole:
            mark = self.tr("Marked as {0}").format(mark_text(entry.mark)) if entry.mark else ""
            return "\n".join(filter(None, (entry.source, entry.model, mark)))
        return None

    def headerData(  # noqa: N802
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        """The titles of the columns."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if section == 2 else Qt.AlignmentFlag.AlignLeft
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        if role == Qt.ItemDataRole.AccessibleTextRole and section == 3:
            return self.tr("Mark")
        return self._titles[section] if role == Qt.ItemDataRole.DisplayRole else None

    def add(self, entry: Entry) -> int:
        """A new entry on top; returns its key."""
        self._keys += 1
        if len(self._entries) == SHOWN:
            self.beginRemoveRows(QModelIndex(), SHOWN - 1, SHOWN - 1)
            self._entries.pop()
            self.endRemoveRows()
        self.beginInsertRows(QModelIndex(), 0, 0)
        self._entries.appendleft((self._keys, entry))
        self.endInsertRows()
        return self._keys

    def fill(self, entries: Iterable[Entry]) -> None:
        """Older entries, oldest first, below those of this session."""
        self.beginResetModel()
        own = list(self._entries)
        self._entries.clear()
        for entry in entries:
            self._keys += 1
            self._entries.appendleft((self._keys, entry))
        for pair in reversed(own):
            self._entries.appendleft(pair)
        self.endResetModel()

    def clear(self) -> None:
        """No rows at all."""
        self.beginResetModel()
        self._entries.clear()
        self.endResetModel()

    def entry_at(self, row: int) -> tuple[int, Entry]:
        """Key and entry of a row."""
        return self._entries[row]

    def row_of(self, key: int) -> int | None:
        """The row of a key; None where it has gone."""
        return next((row for row, (own, _) in enumerate(self._entries) if own == key), None)

    def replace(self, key: int, entry: Entry) -> None:
        """Another state of an entry."""
        row = self.row_of(key)
        if row is not None:
            self._entries[row] = (key, entry)
            self.dataChanged.emit(self.index(row, 0), self.index(row, self.columnCount() - 1))

    @property
    def dated(self) -> bool:
        """Whether the oldest entry is of another day than today."""
        return bool(self._entries) and not _today(self._entries[-1][1].said_at)

    @property
    def entries(self) -> list[Entry]:
        """All entries, oldest first."""
        return [entry for _, entry in reversed(self._entries)]


class HistoryTable(QTableView):
    """Chooses an entry by mouse or keyboard."""

    chosen = Signal(int)
    """The key of an entry."""

    def __init__(self, model: HistoryModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = model
        self._fitted = self._dated = False
        self.setModel(model)
        self.setAccessibleName(self.tr("History of the words heard"))
        self.setAccessibleDescription(
            self.tr("Up and Down choose a word; beside it is shown why it fired.")
        )
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        header.setResizeContentsPrecision(40)
        model.rowsInserted.connect(lambda: self._fit(once=self._dated == self._rows.dated))
        model.modelReset.connect(lambda: self._fit(once=False))
        self.selectionModel().currentRowChanged.connect(self._changed)
        self.tighten()

    def tighten(self) -> None:
        """Rows as high as the text needs."""
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 7)
        self._fit(once=False)

    def _fit(self, *, once: bool) -> None:
        """Columns as wide as their texts: measured rarely, since rows come often."""
        if once and self._fitted:
            return
        self._fitted = self.model().rowCount() > 0
        for column in (0, 2, 3):
            self.resizeColumnToContents(column)
        # Only what is on top was measured: what is older may have a date.
        self._dated = self._rows.dated
        longest = self.fontMetrics().horizontalAdvance(when(0.0)) + 8 if self._dated else 0
        self.setColumnWidth(0, max(self.columnWidth(0), longest) + 8)
        score = self.fontMetrics().horizontalAdvance(WIDEST) + 24
        self.setColumnWidth(2, max(self.columnWidth(2), score))
        word = self.fontMetrics().horizontalAdvance("n" * _WORD_LETTERS) + 16
        others = sum(self.columnWidth(column) for column in (0, 2, 3))
        bar = self.verticalScrollBar().sizeHint().width()
        self.setMinimumWidth(word + others + bar + 2 * self.frameWidth())

    def select(self, key: int) -> None:
        """Choose an entry."""
        row = self._rows.row_of(key)
        if row is not None:
            self.selectRow(row)

    def _changed(self, index: QModelIndex) -> None:
        if index.isValid():
            self.chosen.emit(self._rows.entry_at(index.row())[0])


def when(said_at: float) -> str:
    """`12:03:07` for today, with the date for any other day."""
    moment = datetime.fromtimestamp(said_at)
    return f"{moment:%H:%M:%S}" if _today(said_at) else f"{moment:%Y-%m-%d %H:%M:%S}"


def _today(said_at: float) -> bool:
    return datetime.fromtimestamp(said_at).date() == datetime.now().date()
