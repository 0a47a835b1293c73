"""The live status line: input level, dropped audio, the word that leads."""

import math
import sys
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.live import Live
from rich.text import Text

if TYPE_CHECKING:
    from kwspot.spotting.listener import Listener
    from kwspot.spotting.many_listener import ManyListener

QUIETEST_DB = -60.0
BLOCKS = "\u2588"
WIDTH = 20


class StatusLine:
    """One line under what is printed; entering shows it where it is `shown`, leaving clears it."""

    def __init__(
        self, listener: "Listener | ManyListener", labels: tuple[str, ...], *, shown: bool
    ) -> None:
        self._listener, self._labels, self._shown = listener, labels, shown
        self._leading = ""
        self._held = QUIETEST_DB
        self._live: Live | None = None

    def __enter__(self) -> Self:
        """Show the line, where it is to be shown."""
        if self._shown:
            console = Console(file=sys.stdout, highlight=False)
            # Standard error may be somewhere else; what goes there must arrive there.
            self._live = Live(
                console=console,
                transient=True,
                auto_refresh=False,
                redirect_stderr=sys.stderr.isatty(),
            )
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Clear the line."""
        if self._live is not None:
            self._live.stop()

    @property
    def live(self) -> bool:
        """Whether it is on the screen."""
        return self._live is not None

    def refresh(self) -> None:
        """Draw the line anew from what the listener knows."""
        updates = self._listener.updates.drain()
        if updates:
            scores = updates[-1].smoothed
            best = int(scores.argmax())
            self._leading = f"{self._labels[best].strip('_')} {scores[best]:.2f}"
        if self._live is not None:
            self._live.update(self._line(self._live.console.width), refresh=True)

    def _line(self, width: int) -> Text:
        peak_db = 20.0 * math.log10(max(self._listener.take_peak(), 1e-9))
        # The meter falls by 3 dB a refresh, so that short sounds can be seen.
        self._held = max(peak_db, self._held - 3.0, QUIETEST_DB)
        filled = round(WIDTH * (1.0 - self._held / QUIETEST_DB))
        style = "red" if self._held > -0.2 else "yellow" if self._held > -6.0 else "green"
        level = f"{self._held:4.0f} dB" if self._held > QUIETEST_DB else "  quiet"
        lost_s = self._listener.lost_seconds
        line = Text(BLOCKS * filled, style=style)
        line.append("\u2591" * (WIDTH - filled), style="dim")
        line.append(f" {level}   dropped {lost_s:.1f} s   {self._leading}")
        line.truncate(max(20, width - 1))
        return line
