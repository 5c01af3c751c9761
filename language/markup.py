"""HTML in, plain text out. Feeds, pages and pushes all pass here before anything is stored."""

from __future__ import annotations

import html
import re

from language.clean import clean_lines

_BLOCK = (
    "address|article|aside|blockquote|br|caption|center|dd|details|div|dl|dt|fieldset|figcaption|figure|footer|"
    "form|h[1-6]|header|hr|legend|li|main|nav|ol|option|p|pre|section|summary|table|tbody|tfoot|thead|tr|ul"
)
_QUOTED = r"""(?>"[^"<]*"|'[^'<]*'|[^<>"'])*+"""

# Every alternative either consumes what it looked at or stops at the next "<", so that the whole
# pass stays linear: a feed may not buy more than its own length in time.
_UNSEEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<!\[CDATA\[|\]\]>"
    r"|<(script|style|template|noscript|iframe|object|title)\b[^<>]*>.*?(?:</\1\s*>|\Z)",
    re.IGNORECASE | re.DOTALL,
)
_PARAGRAPH = re.compile(rf"</?(?:{_BLOCK})(?=[\s/>]){_QUOTED}>", re.IGNORECASE)
_CELL = re.compile(rf"</?(?:td|th)(?=[\s/>]){_QUOTED}>", re.IGNORECASE)
_TAG = re.compile(rf"<[a-zA-Z/!?]{_QUOTED}>|<[a-zA-Z/!?][^<>]*>")
_HUGE_REFERENCE = re.compile(r"&#[xX]?[0-9A-Fa-f]{9,};?")  # names no character; `unescape` may raise on it
_CUT_TAG = re.compile(r"</?[a-zA-Z][\w:-]*(?:\s[^<>]*=[^<>]*|\s*)\Z|<\Z")


def text_of_html(markup: str, *, limit: int | None = None) -> str:
    """Return the text a browser would show of `markup`, clean, one paragraph per line.

    Scripts, styles, comments and tags go, entities are resolved once; a tag cut off at the end
    (feeds truncate their summaries) goes too, a bare "<" stays. Plain text passes unchanged apart
    from cleaning: its line breaks count as spaces, as in HTML. At most `limit` characters are kept.
    The result is text: it must still be escaped where it is put into HTML.
    """
    if "<" not in markup and "&" not in markup:
        return clean_lines(_one_line(markup), limit=limit)
    seen = _UNSEEN.sub(" ", markup) if "<" in markup else markup
    lines = _PARAGRAPH.sub("\n", _one_line(seen))
    bare = _CUT_TAG.sub("", _TAG.sub("", _CELL.sub(" ", lines)))
    return clean_lines(html.unescape(_HUGE_REFERENCE.sub("\ufffd", bare)), limit=limit)


def _one_line(text: str) -> str:
    return " ".join(text.splitlines()).strip()
