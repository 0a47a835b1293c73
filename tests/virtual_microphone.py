"""A microphone without hardware: a private PulseAudio whose loudspeaker is its microphone.

Needs no sound card, no privileges and no D-Bus. What is played at 16 kHz in 16 bits arrives bit for
bit, at the pace of real time. PortAudio finds it through ALSA, by the environment in `env`, so it
is for programs started with that environment; the test's own process stays as it is.
"""

import ctypes.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Self

DEVICE = "virtualmic"
"""What PortAudio calls the microphone (it is the default, too)."""

_ALSA_CONF = Path("/usr/share/alsa/alsa.conf")
_PLUGIN = "alsa-lib/libasound_module_pcm_pulse.so"
_PLUGIN_PLACES = ("/usr/lib", "/usr/lib64", "/usr/local/lib")
_ALSA = f"""<{_ALSA_CONF}>
pcm.!default {{ type pulse }}
ctl.!default {{ type pulse }}
pcm.{DEVICE} {{ type pulse device "vmic" hint {{ show on description "virtual microphone" }} }}
"""
# Rewinds would take back what was heard already and play it again.
_MODULES = (
    "module-native-protocol-unix auth-anonymous=1",
    "module-null-sink sink_name=vspk rate=16000 channels=1 format=s16le norewinds=1",
    "module-remap-source source_name=vmic master=vspk.monitor",
)
_START_S = 10.0


def what_is_missing() -> str | None:
    """Why there can be no virtual microphone here; None where there can."""
    for program in ("pulseaudio", "pactl", "paplay"):
        if shutil.which(program) is None:
            return f"{program} is not installed (Debian: pulseaudio, pulseaudio-utils)"
    if ctypes.util.find_library("portaudio") is None:
        return "PortAudio is not installed (Debian: libportaudio2)"
    if not _ALSA_CONF.exists():
        return f"{_ALSA_CONF} is missing (Debian: libasound2-data)"
    places = (Path(place) for place in _PLUGIN_PLACES)
    if not any(next(place.glob(f"**/{_PLUGIN}"), None) for place in places if place.is_dir()):
        return "ALSA's PulseAudio plug-in is not installed (Debian: libasound2-plugins)"
    return None


class VirtualMicrophone:
    """The sound server, running inside `with`; `env` is for the programs that shall hear it."""

    def __init__(self) -> None:
        self._server: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        # Not pytest's own folder: the path of a socket may have 108 bytes.
        self._folder = Path(tempfile.mkdtemp(prefix="kwspot-mic-"))
        runtime = self._folder / "run"
        runtime.mkdir(mode=0o700)
        (self._folder / "asound.conf").write_text(_ALSA)
        # A killed server shall stay dead until the test starts it.
        (self._folder / "client.conf").write_text("autospawn = no\n")
        self.env = os.environ | {
            "HOME": str(self._folder),
            "XDG_RUNTIME_DIR": str(runtime),
            "PULSE_RUNTIME_PATH": str(runtime / "pulse"),
            "PULSE_COOKIE": str(self._folder / "cookie"),
            "PULSE_CLIENTCONFIG": str(self._folder / "client.conf"),
            "ALSA_CONFIG_PATH": str(self._folder / "asound.conf"),
        }
        self.env.pop("PULSE_SERVER", None)
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    def start(self) -> None:
        """Start the server, or start it again where it was."""
        arguments = [argument for module in _MODULES for argument in ("-L", module)]
        self._server = subprocess.Popen(
            [
                *("pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no"),
                f"--log-target=file:{self._folder}/pulse.log",
                *arguments,
            ],
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline_s = time.monotonic() + _START_S
        while self._control("info") != 0:
            if time.monotonic() > deadline_s or self._server.poll() is not None:
                log = (self._folder / "pulse.log").read_text(errors="replace")
                raise RuntimeError(f"PulseAudio did not start:\n{log}")
            time.sleep(0.05)
        assert self._control("set-default-sink", "vspk") == 0
        assert self._control("set-default-source", "vmic") == 0

    def also_reach(self, other: "VirtualMicrophone", name: str) -> None:
        """Let programs that hear this one hear another server's microphone, too, by this name."""
        socket = other.env["PULSE_RUNTIME_PATH"] + "/native"
        with (self._folder / "asound.conf").open("a") as conf:
            conf.write(
                f'pcm.{name} {{ type pulse server "unix:{socket}" device "vmic" '
                f'hint {{ show on description "another microphone" }} }}\n'
            )

    def kill(self) -> None:
        """End the server at once, as a crash would; its streams are gone."""
        if self._server is not None:
            self._server.kill()
            self._server.wait()
            self._server = None

    def hang(self) -> None:
        """Make the server stop answering, its connections staying open."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """End a `hang`."""
        self._signal(signal.SIGCONT)

    def play(self, recording: Path) -> None:
        """Play a recording to its end."""
        subprocess.run(
            ["paplay", str(recording)], env=self.env, check=True, timeout=120, capture_output=True
        )

    def wait_for_listener(self, timeout_s: float = 40.0) -> None:
        """Wait until a program listens, and has for a second: who looks for devices does not."""
        deadline_s = time.monotonic() + timeout_s
        listing = ["pactl", "list", "short", "source-outputs"]
        before, since_s = b"", time.monotonic()
        while not before or time.monotonic() - since_s < 1.0:
            assert time.monotonic() < deadline_s, "nobody listens"
            time.sleep(0.1)
            done = subprocess.run(
                listing, env=self.env, capture_output=True, check=True, timeout=10
            )
            now = b"".join(line for line in done.stdout.splitlines() if b"native" in line)
            if now != before:
                before, since_s = now, time.monotonic()

    def _control(self, *arguments: str) -> int:
        return subprocess.run(
            ["pactl", *arguments], env=self.env, capture_output=True, check=False, timeout=10
        ).returncode

    def _signal(self, number: signal.Signals) -> None:
        assert self._server is not None
        self._server.send_signal(number)
