"""report.html: one file with everything in it, that any browser shows without a network."""

import base64
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from .style import DPI

_STYLE = Path(__file__).with_name("page.css")
# Nothing but what the file itself holds is ever loaded, even where a word holds markup.
_POLICY = "default-src 'none'; img-src data:; media-src data:; style-src 'unsafe-inline'"
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>{title}</title>
<style>
{style}</style>
</head>
<body>
<h1>{title}</h1>
{body}
</body>
</html>
"""


@dataclass(frozen=True, slots=True)
class Headline:
    """A headline figure: what it is, its value, and what has to be said with it."""

    name: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG under its file name, with a heading, what it shows, and what is told beside it."""

    file: str
    heading: str
    text: str
    data: bytes
    after: str = ""


@dataclass(frozen=True, slots=True)
class Mistake:
    """A clip that was named wrongly; picture: PNG; sound: WAV of what the model heard."""

    said: str
    named: str
    score: float
    source: str
    file: str
    picture: bytes
    sound: bytes


@dataclass(frozen=True, slots=True)
class Page:
    """What the report tells, in this order. facts: tables by heading."""

    title: str
    introduction: str
    figures: Sequence[Headline]
    warnings: Sequence[str]
    pictures: Sequence[Picture]
    mistakes: Sequence[Mistake]
    facts: Mapping[str, Mapping[str, str]]
    recipe: str

    def html(self) -> str:
        """The whole page."""
        parts = [f"<p>{escape(self.introduction)}</p>"]
        parts += [f'<p class="warning">{_unbroken(text)}</p>' for text in self.warnings]
        parts.append(_headline(self.figures))
        parts += [_section(picture) for picture in self.pictures]
        if self.mistakes:
            parts.append(_mistakes(self.mistakes))
        parts += [
            f"<h2>{escape(heading)}</h2>\n{facts_table(rows)}"
            for heading, rows in self.facts.items()
        ]
        parts.append(
            "<h2>Recipe</h2>\n<p>Every value as the run used it: <code>kwspot train --recipe "
            f"recipe.toml</code> begins another like it.</p>\n<pre>{escape(self.recipe)}</pre>"
        )
        style = _STYLE.read_text(encoding="utf-8")
        body = "\n".join(parts)
        return _PAGE.format(policy=_POLICY, title=escape(self.title), style=style, body=body)


def _data_uri(kind: str, data: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def _unbroken(text: str) -> str:
    """Text with its --options kept on one line each: browsers break lines at hyphens."""
    return re.sub(r"(--[a-z][a-z-]*)", r'<span class="option">\1</span>', escape(text))


def _size(png: bytes) -> str:
    """Bounds of a picture's width: on a phone it is scrolled rather than made unreadable."""
    natural = int.from_bytes(png[16:20]) / DPI * 96.0  # the width stands first in a PNG's header
    return f"min-width:{0.8 * natural:.0f}px;max-width:{1.2 * natural:.0f}px"


def _headline(figures: Iterable[Headline]) -> str:
    cells = []
    for figure in figures:
        note = f"<small>{escape(figure.note)}</small>" if figure.note else ""
        cells.append(
            f"<div><dt>{escape(figure.name)}</dt><dd>{escape(figure.value)}{note}</dd></div>"
        )
    return f'<dl class="headline">{"".join(cells)}</dl>' if cells else ""


def _section(picture: Picture) -> str:
    return (
        f"<h2>{escape(picture.heading)}</h2>\n<p>{escape(picture.text)}</p>\n"
        f'<figure class="plot"><div class="scroll"><img alt="{escape(picture.heading)}" '
        f'style="{_size(picture.data)}" src="{_data_uri("image/png", picture.data)}"></div>'
        f"</figure>\n{picture.after}"
    )


def _mistakes(mistakes: Iterable[Mistake]) -> str:
    items = []
    for mistake in mistakes:
        said, named = escape(mistake.said), escape(mistake.named)
        items.append(
            f'<li><figure><img alt="spectrogram of {said}" '
            f'src="{_data_uri("image/png", mistake.picture)}"><figcaption><b>{said}</b> named '
            f'<b class="wrong">{named}</b>, score {mistake.score:.3f}<br>'
            f"<small>{escape(mistake.source)}</small></figcaption></figure>"
            f'<audio controls preload="metadata" src="{_data_uri("audio/wav", mistake.sound)}">'
            "</audio></li>"
        )
    return (
        "<h2>The worst mistakes</h2>\n<p>Clips that were named wrongly with the highest scores, "
        "as the model hears them: its spectrogram (power, 70 dB from dark to bright) and its "
        "second of sound. Some may be filed under the wrong word, or cut.</p>\n"
        f'<ul class="mistakes">{"".join(items)}</ul>'
    )


def facts_table(rows: Mapping[str, str]) -> str:
    """Names and values, two columns."""
    cells = "".join(
        f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in rows.items()
    )
    return f'<div class="scroll"><table class="facts">{cells}</table></div>'


def numbers_table(header: Sequence[str], rows: Iterable[Sequence[str]], summary: str) -> str:
    """A table that waits folded under its summary."""
    head = "".join(f"<th>{escape(name)}</th>" for name in header)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    return (
        f'<details><summary>{escape(summary)}</summary><div class="scroll"><table><thead><tr>'
        f"{head}</tr></thead><tbody>{body}</tbody></table></div></details>"
    )
