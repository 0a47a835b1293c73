"""The command line. Heavy imports wait inside the commands: `kwspot --help` stays instant."""

from pathlib import Path

import click

from .calibrate import calibrate
from .demo import demo
from .devices import devices
from .evaluate import evaluate
from .export import export
from .failures import run
from .history import history
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
@click.option(
    "--model", "file", type=click.Path(path_type=Path), metavar="FILE", help="The app's model."
)
@click.option("--device", metavar="NAME", help="The app's microphone.")
@click.option(
    "--replay",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Open the app with a recording.",
)
@click.option("--reset-settings", is_flag=True, help="Open the app as at first.")
@click.pass_context
def cli(
    context: click.Context,
    file: Path | None,
    device: str | None,
    replay: Path | None,
    reset_settings: bool,
) -> int:
    """Hear words from a live microphone or from recordings. Nothing leaves this machine.

    Without a command, the app opens.
    """
    if context.invoked_subcommand is None:
        from .app import open_app

        return open_app(file, device, replay, reset_settings=reset_settings)
    if file or device or replay or reset_settings:
        raise click.UsageError(
            f"options of the app stand alone; give {context.invoked_subcommand} its own after it"
        )
    return 0


COMMANDS = (
    listen,
    scan,
    calibrate,
    demo,
    history,
    devices,
    model,
    train,
    report,
    evaluate,
    export,
)
for command in COMMANDS:
    cli.add_command(command)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit code: 0, 1 (our fault) or 2 (can be mended)."""
    return run(cli, arguments)
