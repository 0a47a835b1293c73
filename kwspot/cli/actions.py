"""Commands that run on words."""

import os
import shlex
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence

from kwspot.errors import OptionError
from kwspot.spotting.detection import Detection

GRACE_S = 0.3
"""How long, at the end, a command may take to fail and still be heard of."""
STANDARD_ERROR = 2
"""The file descriptor commands write to: standard output belongs to what was heard."""


def parse_actions(given: Sequence[str], words: Sequence[str]) -> dict[str, list[str]]:
    """`WORD=COMMAND` options as arguments by word.

    Raises OptionError for a word that is not spotted or a command that is not there.
    """
    commands: dict[str, list[str]] = {}
    for text in given:
        word, equals, command = text.partition("=")
        word = word.strip()
        try:
            arguments = shlex.split(command, posix=os.name != "nt")
        except ValueError as error:
            raise OptionError(f"--exec {text!r}: {error}") from error
        if not equals or not arguments:
            raise OptionError(f"--exec takes WORD=COMMAND, not {text!r}")
        if word not in words:
            raise OptionError(f"--exec {text!r}: {word!r} is not listened for: {', '.join(words)}")
        if word in commands:
            raise OptionError(f"--exec names {word!r} twice; one command can do both things")
        if shutil.which(arguments[0]) is None:
            raise OptionError(f"--exec {text!r}: there is no command {arguments[0]!r}")
        commands[word] = arguments
    return commands


class Actions:
    """Runs a command on a word: without a shell, at most one at a time for each word.

    commands: arguments by word; warn: hears of what went wrong. A command sees the word and its
    score as KWSPOT_WORD and KWSPOT_SCORE, where it was heard as KWSPOT_SOURCE, and its output goes
    to standard error.
    """

    def __init__(self, commands: dict[str, list[str]], warn: Callable[[str], None]) -> None:
        self._commands, self._warn = commands, warn
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def on(self, found: Detection, source: str) -> None:
        """Start what belongs to a word, unless it still runs from the last time."""
        arguments = self._commands.get(found.label)
        if arguments is None:
            return
        self.check()
        if found.label in self._running:
            self._warn(f"the command for {found.label!r} still runs; not started again")
            return
        variables = {
            "KWSPOT_WORD": found.label,
            "KWSPOT_SCORE": f"{found.score:.4f}",
            "KWSPOT_SOURCE": source,
        }
        try:
            self._running[found.label] = subprocess.Popen(
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=STANDARD_ERROR,
                env={**os.environ, **variables},
                # Ctrl-C ends kwspot, not what a word has started.
                start_new_session=True,
            )
        except OSError as error:
            self._warn(f"the command for {found.label!r} did not start: {error.strerror}")

    def finish(self) -> None:
        """Give commands that are about to end the time to fail; the others go on by themselves."""
        until_s = time.monotonic() + GRACE_S
        while self._running and time.monotonic() < until_s:
            self.check()
            time.sleep(0.02)

    def check(self) -> None:
        """Notice commands that have ended; a failure becomes a warning."""
        for word, process in list(self._running.items()):
            code = process.poll()
            if code is None:
                continue
            del self._running[word]
            if code:
                how = f"signal {-code}" if code < 0 else f"exit code {code}"
                self._warn(f"the command for {word!r} failed with {how}")
