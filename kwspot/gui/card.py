"""What a model knows and says of itself, as HTML."""

from html import escape

from kwspot.spotting.checkpoint import Checkpoint

from .translation import translate


def card(checkpoint: Checkpoint) -> str:
    """What a model knows and says of itself, as HTML."""
    rows = [(translate("Card", "words"), ", ".join(checkpoint.words))]
    for name, value in checkpoint.facts.items():
        if name not in ("recipe", "versions") and not isinstance(value, dict | list):
            rows.append((name.replace("_", " "), _text(value)))
    lines = "".join(
        f"<tr><td style='padding-right:14px'><b>{escape(name)}</b></td><td>{escape(text)}</td></tr>"
        for name, text in rows
    )
    return f"<table>{lines}</table>"


def _text(value: object) -> str:
    """A fact; large counts in groups of three digits."""
    match value:
        case bool():
            return str(value)
        case int():
            return f"{value:,}".replace(",", "\u202f")
        case float():
            return f"{value:.4g}"
    return str(value)
