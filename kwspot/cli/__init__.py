"""The command line. Heavy imports wait inside the commands: `kwspot --help` stays instant."""

import click

from .demo import demo
from .devices import devices
from .failures import run
from .listen import listen
from .model import model
from .scan import scan
from .train import train


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="kwspot", message="kwspot %(version)s")
def cli() -> None:
    """Hear words from a live microphone or from recordings. Nothing leaves this machine."""


for command in (listen, scan, demo, devices, model, train):
    cli.add_command(command)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit code: 0, 1 (our fault) or 2 (can be mended)."""
    return run(cli, arguments)
