"""From the bytes of a body to its text, whatever its labels claim.

Order: byte order mark, strict UTF-8, what the server or the document declares, UTF-8 with a few
broken bytes, a statistical guess, UTF-8 with replacement. Strict UTF-8 stands before the labels
because a wrong label is common and other text is almost never valid UTF-8 by accident.
"""

from __future__ import annotations

import codecs
import re

# UTF-32 before UTF-16: the little-endian mark of the one begins with that of the other.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# "<?xm" or "<rs" without a byte order mark (XML 1.0, appendix F)
_SHAPES = (
    (b"\x00\x00\x00<", "utf-32-be"),
    (b"<\x00\x00\x00", "utf-32-le"),
    (b"\x00<\x00", "utf-16-be"),
    (b"<\x00", "utf-16-le"),
    (b"\x4c\x6f\xa7\x94", "cp037"),
)
# What browsers read when a document says this (WHATWG Encoding Standard, 4.2): supersets
_SUPERSETS = {
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
}
_DECLARED = re.compile(
    rb"""<\?xml[^>]{0,200}?\bencoding\s*=\s*["']([\w.:-]{1,40})["']"""
    rb"""|<meta\s[^>]{0,300}?charset\s*=\s*["']?([\w.:-]{1,40})""",
    re.IGNORECASE,
)
_CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:-]{1,40})""", re.IGNORECASE)
_SERVER_DEFAULTS = {"iso-8859-1", "latin1"}  # said for every file by servers that nobody configured
# What a body without any true label may be. Not cp1250 and its like: short texts pass for either.
_PLAUSIBLE = [
    *("cp1252", "cp1251", "koi8_r", "cp1253", "cp1255", "cp1256", "cp866"),
    *("gb18030", "big5", "cp932", "euc_jp", "cp949", "mac_cyrillic", "utf_8", "utf_16"),
]
_HEAD = 4096  # bytes searched for a declaration
_BAD_SHARE = 0.01  # UTF-8 with fewer broken bytes than this is UTF-8 with broken bytes
_GUESS_FROM = 64 * 1024  # bytes given to the statistical guess


def decode(body: bytes, *, content_type: str = "") -> str:
    """Return the text of `body`, without a byte order mark. Never raises: at worst U+FFFD stands in."""
    text = decode_as_labelled(body, content_type=content_type)
    if text is None:
        text = _mostly_utf8(body)
    return _guessed(body) if text is None else text


def decode_as_labelled(body: bytes, *, content_type: str = "") -> str | None:
    """Like `decode`, but None where only a guess would be left; cheap."""
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, "replace")
    for shape, encoding in _SHAPES:
        if body.startswith(shape):
            return body.decode(encoding, "replace")
    text = _strictly(body, "utf-8")
    return _declared(body, content_type) if text is None else text


def as_utf8(body: bytes, *, content_type: str = "") -> bytes:
    """`decode`, encoded again; a body that is UTF-8 already is returned as it is, without its mark."""
    if _is_utf8(body):
        return body
    return decode(body, content_type=content_type).encode("utf-8", "replace")


def as_labelled_utf8(body: bytes, *, content_type: str = "") -> bytes | None:
    """Like `as_utf8`, but None where only a guess would be left; cheap."""
    if _is_utf8(body):
        return body
    text = decode_as_labelled(body, content_type=content_type)
    return None if text is None else text.encode("utf-8", "replace")


def _is_utf8(body: bytes) -> bool:
    if body[:1] == b"\xef" or b"\0" in body[:4]:
        return False  # a byte order mark, or the shape of UTF-16
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def charset_of(content_type: str) -> str:
    """The charset parameter of a Content-Type header, or an empty string."""
    found = _CHARSET.search(content_type)
    return found[1] if found else ""


def _declared(body: bytes, content_type: str) -> str | None:
    found = _DECLARED.search(body[:_HEAD])
    inside = (found[1] or found[2]).decode("ascii") if found else ""
    labels = [charset_of(content_type), inside]
    if labels[0].lower() in _SERVER_DEFAULTS:
        labels.reverse()
    for label in labels:
        text = _strictly(body, label) if label else None
        if text is not None:
            return text
    return None


def _strictly(body: bytes, label: str) -> str | None:
    try:
        name = codecs.lookup(label).name
        return body.decode(_SUPERSETS.get(name, name))
    except (LookupError, UnicodeError, ValueError):  # an unknown label, or one that is not true
        return None


def _mostly_utf8(body: bytes) -> str | None:
    text = body.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    beyond_ascii = len(body) - len(body.translate(None, delete=bytes(range(128, 256))))
    # Broken UTF-8 still holds more whole letters than broken ones; a single-byte encoding does not.
    return text if broken <= _BAD_SHARE * len(body) and broken * 4 < beyond_ascii else None


def _guessed(body: bytes) -> str:
    from charset_normalizer import from_bytes  # here: 50 ms of import that most feeds never need

    best = from_bytes(body[:_GUESS_FROM], cp_isolation=_PLAUSIBLE).best()
    return body.decode(best.encoding if best else "utf-8", "replace")
