"""`kwspot` without a command: the desktop app, or one line that says why there can be none."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

from kwspot.errors import KwspotError, OptionError

_PROBE = "import sys; from PySide6.QtWidgets import QApplication; QApplication(sys.argv[:1])"
_PROBE_S = 30.0
_WITHOUT = "`kwspot listen` works in the terminal"
_LIBRARIES = {
    "libEGL": "libegl1",
    "libGL": "libgl1",
    "libxkbcommon-x11": "libxkbcommon-x11-0",
    "libxkbcommon": "libxkbcommon0",
    "libdbus": "libdbus-1-3",
    "libfontconfig": "libfontconfig1",
    "libglib": "libglib2.0-0",
    "libxcb-cursor": "libxcb-cursor0",
    "xcb-cursor": "libxcb-cursor0",
}
_XCB = "libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0 libxcb-xkb1 libxkbcommon-x11-0"


class NoDisplayError(KwspotError):
    """The app cannot be shown here."""


def open_app(
    model: Path | None, device: str | None, replay: Path | None, *, reset_settings: bool
) -> int:
    """Show the app until it is closed. Raises NoDisplayError where it cannot be shown."""
    if device is not None and replay is not None:
        raise OptionError("--device and --replay exclude each other: one thing is listened to")
    for file, what in ((model, "model"), (replay, "recording")):
        if file is not None and not file.is_file():
            raise OptionError(f"there is no {what} {file}")
    if importlib.util.find_spec("PySide6") is None:
        raise NoDisplayError(f"the app needs PySide6: `pip install PySide6-Essentials`; {_WITHOUT}")
    _check_display()
    probe = _start_probe()
    # The heavy imports go on while the probe tries what may abort.
    import torch  # noqa: F401

    if probe is not None:
        _judge(probe)
    from kwspot.gui.app import run

    return run(model=model, device=device, replay=replay, reset_settings=reset_settings)


def _check_display() -> None:
    if sys.platform != "linux" or os.environ.get("QT_QPA_PLATFORM"):
        return
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        raise NoDisplayError(f"there is no display to open the app on; {_WITHOUT}")


def _start_probe() -> "subprocess.Popen[str] | None":
    """Qt ends the process where a library or the display is missing: let a child try first."""
    if sys.platform != "linux":
        return None
    return subprocess.Popen(
        [sys.executable, "-c", _PROBE],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    )


def _judge(probe: "subprocess.Popen[str]") -> None:
    try:
        _, said = probe.communicate(timeout=_PROBE_S)
    except subprocess.TimeoutExpired as error:
        probe.kill()
        raise NoDisplayError(f"the display does not answer; {_WITHOUT}") from error
    if probe.returncode != 0:
        raise NoDisplayError(reason(said))


def reason(said: str) -> str:
    """What to do, from what Qt or the loader said before it gave up."""
    if "could not connect to display" in said:
        shown = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
        return f"the display {shown} cannot be reached; {_WITHOUT}"
    for library, package in _LIBRARIES.items():
        if re.search(rf"{library}[-.0 ]", said):
            return (
                f"the app needs the system library {library}: install it (Debian, Ubuntu: "
                f"apt install {package}); {_WITHOUT}"
            )
    if "platform plugin" in said:
        return (
            "the app lacks libraries of the display: install them (Debian, Ubuntu: "
            f"apt install {_XCB}); {_WITHOUT}"
        )
    last = (said.strip().splitlines() or ["Qt did not say why"])[-1]
    return f"the app cannot be shown: {last}; {_WITHOUT}"
