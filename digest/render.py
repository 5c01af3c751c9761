"""From the view to the two parts of the mail. Nothing is decided or looked up here."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import jinja2

from digest.style import css, style_block
from digest.view import DigestView

_COLUMNS = 72
_INDENT = "    "


@dataclass(frozen=True, slots=True)
class RenderedDigest:
    """Both parts of one issue, made from the same view."""

    html: str
    text: str


def render(view: DigestView) -> RenderedDigest:
    """Return the HTML and the text part of `view`. The same view gives the same characters."""
    found = templates()
    html = found.get_template("digest.html.j2").render(issue=view)
    text = found.get_template("digest.txt.j2").render(issue=view)
    return RenderedDigest(html=html, text=text)


def render_answer(heading: str, text: str, buttons: Mapping[str, str]) -> str:
    """Return the page that answers a link in a mail; `buttons` are value → label."""
    template = templates().get_template("answer.html.j2")
    return template.render(heading=heading, text=text, buttons=buttons)


@cache
def templates() -> jinja2.Environment:
    """The environment of all mail templates; HTML is escaped."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("digest"),
        autoescape=jinja2.select_autoescape(
            enabled_extensions=("html.j2",), disabled_extensions=("txt.j2",), default=True
        ),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals.update(css=css, style_block=style_block)
    environment.filters.update(wrap=wrap, rule=rule, tied=tied, same_text=same_text)
    return environment


def wrap(text: str, first: str = _INDENT, rest: str = _INDENT) -> str:
    """Fill `text` to 72 columns, hanging under `first`."""
    return textwrap.fill(
        text,
        width=_COLUMNS,
        initial_indent=first,
        subsequent_indent=rest,
        break_on_hyphens=False,
    )


def rule(label: str) -> str:
    """Return a heading drawn out to the full width with hyphens."""
    return f"{label} ".ljust(_COLUMNS, "-")


def tied(text: str) -> str:
    """Return `text` with non-breaking spaces, for pieces that must stay on one line."""
    return text.replace(" ", "\u00a0")


def same_text(copies: int, others: int) -> str:
    """Return how many of the `others` are copies, in words."""
    if copies == others:
        return "the same text" if copies == 1 else "all the same text"
    return f"{copies} with the same text"
