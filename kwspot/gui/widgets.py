"""Small widgets that several views use."""

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QComboBox

from . import theme


class Choice(QComboBox):
    """A list to choose from, with an arrow in the colours of the theme."""

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw the box, and the arrow on it."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = theme.current()
        painter.setPen(QPen(QColor(colours.faint), 1.6))
        area = QRectF(self.rect())
        x, y = area.right() - 13.0, area.center().y() + 0.5
        painter.drawPolyline([QPointF(x - 4, y - 2), QPointF(x, y + 2), QPointF(x + 4, y - 2)])
