"""The figures of streams as a page for people."""

from typing import Any

import click

WORST = 6
"""How many of the pairs that were confused are shown."""


def show_streams(facts: dict[str, Any]) -> None:
    """Print what `train.stream_facts` has found."""
    if facts["streams"]:
        _show_spoken(facts)
    if facts["without_words"]:
        _show_without(facts)
    if facts["at_budget"] and facts["streams"]:
        _show_budgets(facts)
    heard = facts["heard"]
    click.echo()
    click.echo(
        f"{heard['hours']:.2f} h heard in {heard['seconds']:.0f} s, making the streams included: "
        f"{3600 * heard['hours'] / max(heard['seconds'], 0.001):,.0f} times real time"
    )


def _show_spoken(facts: dict[str, Any]) -> None:
    click.echo("words said, by the thresholds of the model")
    click.echo(
        f"{'stream':10} {'said':>6}  {'missed':>7}  {'95 % interval':16} "
        f"{'wrong/100':>9} {'again/100':>9} {'stray/100':>9}  latency median, p95"
    )
    for name, part in facts["streams"].items():
        late = part["latency_s"]
        times = "-" if late["median"] is None else f"{late['median']:.2f} s, {late['p95']:.2f} s"
        click.echo(
            f"{name[:10]:10} {part['said']:6,}  {_share(part['missed'])} "
            f"{part['wrong']['per_100']:9.2f} {part['repeated']['per_100']:9.2f} "
            f"{part['stray']['per_100']:9.2f}  {times}"
        )
    click.echo()
    _show_words(facts)
    for name, part in facts["streams"].items():
        pairs = part["wrong"]["pairs"]
        if pairs:
            shown = ", ".join(f"{said} as {named} {count}" for said, named, count in pairs[:WORST])
            more = f" and {len(pairs) - WORST} rarer pairs" if len(pairs) > WORST else ""
            click.echo(
                click.wrap_text(f"wrong, {name}: {shown}{more}", 98, subsequent_indent="    ")
            )


def _show_words(facts: dict[str, Any]) -> None:
    streams = facts["streams"]
    click.echo(f"{'missed':10} " + "".join(f"{name[:14]:>16}" for name in streams))
    for word in facts["words"]:
        rows = [part["missed"]["per_word"].get(word) for part in streams.values()]
        if any(rows):
            cells = ["-" if row is None else f"{row['count']} of {row['of']}" for row in rows]
            click.echo(f"{word[:10]:10} " + "".join(f"{cell:>16}" for cell in cells))


def _show_without(facts: dict[str, Any]) -> None:
    click.echo()
    click.echo(f"{'without the words':18} {'hours':>6}  false  {'an hour':>8}  95 % interval")
    for name, part in facts["without_words"].items():
        low, high = part["interval"]
        words = ", ".join(f"{word} {count}" for word, count in part["per_word"].items())
        click.echo(
            f"{name[:18]:18} {part['hours']:6.2f}  {part['false']:5}  {part['per_hour']:8.2f}  "
            f"{low:.2f} to {high:.2f}{'   ' if words else ''}{words}"
        )


def _show_budgets(facts: dict[str, Any]) -> None:
    streams = facts["streams"]
    click.echo()
    click.echo("misses where all words together may be false so often an hour (thresholds swept)")
    _show_rows(facts["at_budget"], streams)
    click.echo("the same where only the false alarms heard here count: chosen by them, so too good")
    _show_rows(facts["at_count"], streams)
    if not all(row["reached"] for row in (*facts["at_budget"], *facts["at_count"])):
        click.echo("* no threshold is expected to be wrong as seldom: those of the highest")


def _show_rows(rows: list[dict[str, Any]], streams: dict[str, Any]) -> None:
    click.echo(
        f"{'an hour':>8}  "
        + "".join(f"{name[:24]:26}" for name in streams)
        + "false on the sound without words"
    )
    for row in rows:
        cells = "".join(f"{_share(row['missed'][name]):26}" for name in streams)
        low, high = row["false"]["interval"]
        click.echo(
            f"{row['false_per_hour']:8g}{' ' if row['reached'] else '*'} "
            f"{cells}{row['false']['false']} in "
            f"{row['false']['hours']:.2f} h ({low:.2f} to {high:.2f} an hour)"
        )


def _share(part: dict[str, Any]) -> str:
    low, high = part["interval"]
    return f"{part['share']:7.2%}  {low:6.2%} to {high:<7.2%}"
