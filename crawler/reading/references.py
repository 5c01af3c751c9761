"""Character references that no parser should meet: half characters, and numbers beyond Unicode."""

from __future__ import annotations

import re

_REFERENCE = re.compile(rb"&#(?:[xX]0*([0-9a-fA-F]+)|0*(\d+));")
_BAD_REFERENCE = re.compile(
    rb"&#(?:[xX]0*(?:[dD][89a-fA-F][0-9a-fA-F]{2}|[0-9a-fA-F]{6,})|0*(?:5[5-7]\d{3}|\d{7,}));"
)
_PAIR = re.compile(
    rb"&#(?:[xX]0*([dD][89abAB][0-9a-fA-F]{2})|0*(5[56]\d{3}));"
    rb"&#(?:[xX]0*([dD][c-fC-F][0-9a-fA-F]{2})|0*(5[67]\d{3}));"
)


def rewrite_references(data: bytes) -> bytes:
    """Join surrogate pairs written as two references (JavaScript and Java do that to emoji), and put
    U+FFFD for references to no character: feedparser raises on both."""
    if not _BAD_REFERENCE.search(data):
        return data
    return _REFERENCE.sub(_character, _PAIR.sub(_joined, data))


def _joined(found: re.Match[bytes]) -> bytes:
    high = int(found[1], 16) if found[1] else int(found[2])
    low = int(found[3], 16) if found[3] else int(found[4])
    if not (0xD800 <= high <= 0xDBFF and 0xDC00 <= low <= 0xDFFF):
        return found[0]
    return b"&#%d;" % (0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))


def _character(found: re.Match[bytes]) -> bytes:
    digits = found[1] or found[2]
    code = int(digits, 16 if found[1] else 10) if len(digits) <= 8 else -1
    return found[0] if 0 <= code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF else b"&#65533;"
