"""What a model knows and says of itself, as HTML."""

from html import escape

from kwspot.spotting.checkpoint import Checkpoint

from .translation import translate


def card(checkpoint: Checkpoint) -> str:
    """What a model knows and says of itself, as HTML."""
    rows = [(translate("Card", "words"), ", ".join(checkpoint.words))]
    for name, value in checkpoint.facts.items():
        if name not in ("recipe", "versions") and not isinstance(value, dict | list):
            text = f"{value:.4g}" if isinstance(value, float) else str(value)
            rows.append((name.replace("_", " "), text))
    lines = "".join(
        f"<tr><td style='padding-right:14px'><b>{escape(name)}</b></td><td>{escape(text)}</td></tr>"
        for name, text in rows
    )
    return f"<table>{lines}</table>"
