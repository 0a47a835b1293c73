"""The command line. Heavy imports wait inside the commands: `kwspot --help` stays instant."""

import click

from .demo import demo
from .devices import devices
from .evaluate import evaluate
from .export import export
from .failures import run
from .listen import listen
from .model import model
from .report import report
from .scan import scan
from .train import train


@click.group(
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="kwspot", message="kwspot %(version)s")
@click.pass_context
def cli(context: click.Context) -> None:
    """Hear words from a live microphone or from recordings. Nothing leaves this machine."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


for command in (listen, scan, demo, devices, model, train, export, report, evaluate):
    cli.add_command(command)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit code: 0, 1 (our fault) or 2 (can be mended)."""
    return run(cli, arguments)
