"""Running `kwspot` as a user does: in a process of its own, or its `main` in this one."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import Any, Self

COMMAND = (sys.executable, "-m", "kwspot")


def run_kwspot(
    *arguments: str | Path, stdin: bytes | None = None, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    done = subprocess.run(
        [*COMMAND, *map(str, arguments)],
        input=stdin if stdin is not None else b"",
        capture_output=True,
        timeout=100,
        env=env,
        check=False,
    )
    return subprocess.CompletedProcess(
        done.args, done.returncode, done.stdout.decode(), done.stderr.decode()
    )


def json_lines(text: str) -> list[dict[str, Any]]:
    """Every line of an output as the JSON object it is."""
    return [json.loads(line) for line in text.splitlines()]


class Running:
    """A `kwspot` whose JSON lines can be waited for while it runs."""

    def __init__(self, *arguments: str | Path, env: Mapping[str, str] | None = None) -> None:
        self.process = subprocess.Popen(
            [*COMMAND, *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
            env=env,
        )
        self.said: list[dict[str, Any]] = []
        self._lines: Queue[dict[str, Any] | None] = Queue()
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(json.loads(line))
        self._lines.put(None)

    def wait_for(self, timeout_s: float = 30.0, **facts: object) -> dict[str, Any]:
        """The next line with these facts; fails where it does not come in time."""
        try:
            while (line := self._lines.get(timeout=timeout_s)) is not None:
                self.said.append(line)
                if all(line.get(name) == value for name, value in facts.items()):
                    return line
        except Empty:
            pass
        raise AssertionError(f"{facts} never came; there came {self.said}")

    def finish(self, timeout_s: float = 10.0) -> tuple[int, str]:
        """Wait for the end; returns the exit code and standard error, `said` is complete."""
        code = self.process.wait(timeout_s)
        self._reader.join(timeout_s)
        while not self._lines.empty():
            line = self._lines.get()
            if line is not None:
                self.said.append(line)
        assert self.process.stderr is not None
        return code, self.process.stderr.read()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for stream in (self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()


class Terminal:
    """A `kwspot` that believes to have a terminal of 100 columns (POSIX only)."""

    def __init__(self, *arguments: str | Path, env: Mapping[str, str] | None = None) -> None:
        import pty

        self._leader, follower = pty.openpty()
        self.process = subprocess.Popen(
            [*COMMAND, *map(str, arguments)],
            stdin=follower,
            stdout=follower,
            stderr=follower,
            env={**(env or os.environ), "TERM": "xterm-256color", "COLUMNS": "100"},
        )
        os.close(follower)
        self._shown = b""

    def _read(self) -> bool:
        try:
            piece = os.read(self._leader, 65_536)
        except OSError:  # how Linux tells that nobody has the other end any more
            piece = b""
        self._shown += piece
        return bool(piece)

    def wait_for(self, text: str) -> None:
        """Read until a text has been shown."""
        while text not in self._shown.decode(errors="replace"):
            assert self._read(), f"{text!r} was never shown, but {self._shown!r}"

    def finish(self) -> tuple[int, str]:
        """Read to the end; returns the exit code and all that was shown."""
        while self._read():
            pass
        os.close(self._leader)
        return self.process.wait(10), self._shown.decode(errors="replace")
