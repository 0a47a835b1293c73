"""`kwspot devices`: which microphones there are."""

import click

from kwspot.errors import DeviceError


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def devices(as_json: bool) -> int:
    """List microphones.

    By name and host API, the default marked, with the sample rates they accept.
    """
    from dataclasses import asdict

    from kwspot.audio.connection import devices_in_time
    from kwspot.audio.devices import NO_DEVICE

    from .output import write_json

    found = devices_in_time()
    if not found:
        raise DeviceError(NO_DEVICE)
    for device in found:
        if as_json:
            write_json({"type": "device", **asdict(device)})
            continue
        rates = ", ".join(f"{rate / 1000:g}" for rate in device.rates_hz)
        mark = "*" if device.is_default else " "
        channels = "1 channel" if device.channels == 1 else f"{device.channels} channels"
        click.echo(f"{mark} {device.label}  ({channels}; {rates or 'no common rate'} kHz)")
    if not as_json:
        click.echo("\n* is the default; `kwspot listen --device NAME` takes another", err=True)
    return 0
