"""Set kwspot up from a checkout and run it: `python3 dev.py demo`, `run ARGS...` or `test`.

Standard library only. The environment (`.venv` in the checkout, or the folder that KWSPOT_VENV
names) holds kwspot as a wheel built from this checkout, so that what runs and what is tested is
what a user would install; it is brought up to date whenever a file of the package has changed.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 -- whoever has an older one has to be told
    sys.exit(
        "dev.py: kwspot needs Python 3.11 or newer and this is {}.{}: "
        "run it with a newer one, such as `python3.12 dev.py`".format(*sys.version_info)
    )

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import tempfile
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

CHECKOUT = Path(__file__).resolve().parent
SHIPPED = ("pyproject.toml", "README.md", "LICENSE", "NOTICE", "kwspot", "train", "assets")
MICROPHONE_PACKAGES = ("libasound2-plugins", "libportaudio2", "pulseaudio", "pulseaudio-utils")
USAGE = "usage: python3 dev.py demo | run ARGS... (any kwspot command) | test [PYTEST ARGS...]"


class SetupError(Exception):
    """The environment cannot be made; the message says why, and what to do."""


class Environment:
    """The virtual environment that kwspot runs in, with a stamp of what was put into it.

    The stamp is empty while dependencies are being installed: an environment that was left
    half-made is known by it, and made anew.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.scripts = folder / ("Scripts" if os.name == "nt" else "bin")
        self.python = str(self.scripts / ("python.exe" if os.name == "nt" else "python"))
        self._stamp = folder / "kwspot-dev.json"

    def prepare(self, extras: frozenset[str]) -> None:
        """Bring the environment up to date with the checkout; quick where it is already.

        extras: optional dependencies of pyproject.toml that have to be there too.
        Raises SetupError where that fails.
        """
        stamp = self._read()
        if not stamp or not self._works():
            self._create()
            stamp = {}
        extras |= frozenset(filter(None, stamp.get("extras", "").split(",")))
        fresh = {
            "requirements": digest(["pyproject.toml"]),
            "extras": ",".join(sorted(extras)),
            "sources": digest(SHIPPED),
        }
        if stamp == fresh:
            return
        if any(stamp.get(key) != fresh[key] for key in ("requirements", "extras")):
            self._write({})
            try:
                self._install(fresh["extras"])
            except SetupError:
                # pip gave up by itself and left things whole; only a killed pip does not.
                self._write(stamp and {**stamp, "requirements": ""})
                raise
        else:
            self._write({**stamp, "sources": ""})
            self._reinstall()
        self._write(fresh)

    def _read(self) -> dict[str, str]:
        try:
            stamp = json.loads(self._stamp.read_text())
        except (OSError, ValueError):
            return {}
        return stamp if isinstance(stamp, dict) else {}

    def _write(self, stamp: Mapping[str, str]) -> None:
        self._stamp.write_text(json.dumps(stamp))

    def _works(self) -> bool:
        command = [self.python, "-c", "import pip"]
        try:
            return subprocess.run(command, check=False, capture_output=True).returncode == 0
        except OSError:
            return False

    def _create(self) -> None:
        if self.folder.exists() and any(self.folder.iterdir()):
            if not self._stamp.exists():
                raise SetupError(
                    f"{self.folder} was not made by dev.py: move it away, "
                    "or name another folder in KWSPOT_VENV"
                )
            say(f"making {self.folder} anew: it is broken, or was left half-made")
            shutil.rmtree(self.folder)
        if any(importlib.util.find_spec(name) is None for name in ("venv", "ensurepip")):
            raise SetupError(
                f"{sys.executable} cannot make virtual environments: install python3-venv "
                "(Debian, Ubuntu: apt install python3-venv), then run this again"
            )
        say(f"making an environment in {self.folder}")
        self.folder.mkdir(parents=True, exist_ok=True)
        self._write({})
        command = [sys.executable, "-m", "venv", str(self.folder)]
        made = subprocess.run(command, check=False, capture_output=True, text=True)
        if made.returncode != 0:
            said = (made.stdout + made.stderr).strip().splitlines() or ["it did not say why"]
            raise SetupError(f"making {self.folder} failed: {said[-1]}")

    def _install(self, extras: str) -> None:
        say("installing what kwspot needs; torch is large: some minutes and GB")
        build = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["build-system"]
        self._pip(*build["requires"])
        with copy_shipped() as source:
            self._pip("--no-build-isolation", f"{source}[{extras}]" if extras else source)

    def _reinstall(self) -> None:
        say("installing kwspot as it is now")
        with copy_shipped() as source:
            self._pip("--no-build-isolation", "--no-deps", "--force-reinstall", source)

    def _pip(self, *arguments: str) -> None:
        options = ["--no-input", "--disable-pip-version-check", "--progress-bar", "off"]
        command = [self.python, "-m", "pip", "install", *options, *arguments]
        trouble, said = "pip did not say why", ""
        with subprocess.Popen(
            command,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        ) as process:
            for line in process.stdout or ():
                said += line
                text = line.strip()
                if text.startswith("Downloading ") and text.endswith((" MB)", " GB)")):
                    say(f"  {text[0].lower()}{text[1:]}")
                elif text.startswith("Installing collected packages: "):
                    say(f"  packages to unpack: {text.count(',') + 1}")
                elif text.lower().startswith("error: ") and " " in text[len("error: ") :]:
                    # A single word is only pip's name for the trouble told before.
                    trouble = text[len("error: ") :]
        if process.returncode != 0:
            log = self.folder / "pip.log"
            log.write_text(said, encoding="utf-8")
            raise SetupError(f"installing failed: {trouble} (all that pip said: {log})")


def digest(names: Sequence[str]) -> str:
    """SHA-256 over the files of the checkout with these names or in folders with these names."""
    total = hashlib.sha256()
    for name in names:
        top = CHECKOUT / name
        for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
            if path.is_file() and "__pycache__" not in path.parts:
                total.update(f"{path.relative_to(CHECKOUT)} {path.stat().st_size}\n".encode())
                total.update(path.read_bytes())
    return total.hexdigest()


@contextmanager
def copy_shipped() -> Iterator[str]:
    """A copy of what the package is built from.

    A build leaves files behind and takes up those of the build before: never in the checkout.
    """
    with tempfile.TemporaryDirectory(prefix="kwspot-") as scratch:
        for name in SHIPPED:
            source, target = CHECKOUT / name, Path(scratch) / name
            if source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
            elif source.exists():
                shutil.copy2(source, target)
        yield scratch


def run_checks(environment: Environment, arguments: Sequence[str]) -> int:
    """Run the static checks, then pytest against the installed wheel; returns the exit code."""
    missing = missing_packages()
    if missing:
        say(f"no virtual microphone, its tests skip: apt install {' '.join(missing)} brings it")
    # Python must not look into the working folder: the checkout would hide the wheel.
    isolated = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "MYPYPATH")}
    isolated["PYTHONSAFEPATH"] = "1"
    python = [environment.python, "-m"]
    # mypy sees `train` and `assets` as parts of kwspot only where they are installed as such.
    typing = ["mypy", "--config-file", str(CHECKOUT / "pyproject.toml")]
    typing += ["--cache-dir", str(CHECKOUT / ".mypy_cache"), "-p", "kwspot"]
    checks = {
        "ruff check": (["ruff", "check", "."], CHECKOUT),
        "ruff format": (["ruff", "format", "--check", "."], CHECKOUT),
        "mypy": (typing, environment.folder),
    }
    failed = []
    for name, (command, folder) in checks.items():
        say(name)
        if follow([*python, *command], isolated, folder) != 0:
            failed.append(name)
    say("pytest")
    status = follow([*python, "pytest", *arguments], isolated, CHECKOUT)
    if failed:
        say(f"failed before the tests, see above: {', '.join(failed)}")
    return status or int(bool(failed))


def missing_packages() -> list[str]:
    """The Debian packages that a virtual microphone lacks here; none on other systems."""
    if shutil.which("dpkg-query") is None:
        return []
    query = ["dpkg-query", "--show", "--showformat", "${Package} ${db:Status-Status}\n"]
    query += MICROPHONE_PACKAGES
    known = subprocess.run(query, check=False, capture_output=True, text=True).stdout.splitlines()
    return [name for name in MICROPHONE_PACKAGES if f"{name} installed" not in known]


def follow(command: Sequence[str], variables: Mapping[str, str], folder: Path) -> int:
    """Run a command to its end; returns its exit code. Ctrl-C is the command's to answer."""
    with subprocess.Popen(command, env=variables, cwd=folder) as process:
        while True:
            try:
                status = process.wait()
            except KeyboardInterrupt:
                continue
            return status if status >= 0 else 128 - status


def become(command: list[str]) -> NoReturn:
    """Give this process to a command, signals and all, where the system can."""
    if os.name == "posix":
        os.execv(command[0], command)
    sys.exit(follow(command, os.environ, Path.cwd()))


def say(line: str) -> None:
    """Tell the user; on standard error, as standard output is the command's."""
    print(f"dev.py: {line}", file=sys.stderr, flush=True)


def main(arguments: Sequence[str]) -> int:
    """Do what the command line says; returns the exit code."""
    command, *rest = arguments or [""]
    if command in ("-h", "--help"):
        print(USAGE)
        return 0
    if command not in ("demo", "run", "test"):
        say(USAGE)
        return 2
    folder = Path(os.environ.get("KWSPOT_VENV") or CHECKOUT / ".venv").absolute()
    environment = Environment(folder)
    try:
        environment.prepare(frozenset({"dev"} if command == "test" else ()))
        if command == "test":
            return run_checks(environment, rest)
        demo = ["demo"] if command == "demo" else []
        become([str(environment.scripts / "kwspot"), *demo, *rest])
    except (SetupError, OSError) as error:
        say(str(error))
    except KeyboardInterrupt:
        say("interrupted; run it again")
        return 130
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
