"""Bodies out of their content codings, never larger than a limit (RFC 9110, 8.4)."""

from __future__ import annotations

import zlib

import brotli
import zstandard

from crawler.errors import FetchError
from storage.records import ErrorKind

ACCEPT_ENCODING = "gzip, deflate, br, zstd"
_MAX_CODINGS = 2  # more than gzip inside gzip is an attack
_MAX_WINDOW = 2**23  # bytes, RFC 9659
_STEP = 2**16
_ZSTD_STEP = 256
_GZIP_MAGIC = b"\x1f\x8b\x08"


def decode_body(raw: bytes, content_encoding: str, *, limit: int) -> bytes:
    """Undo the codings of `content_encoding`, last applied first.

    A body that is gzip without saying so (feeds served as .gz files) is decoded too. Raises
    FetchError: TOO_LARGE above `limit` bytes, TRUNCATED when a coding ends early, HTTP when one is
    unknown or corrupt.
    """
    codings = [coding.strip().lower() for coding in content_encoding.split(",") if coding.strip()]
    codings = [coding for coding in codings if coding != "identity"]
    if len(codings) > _MAX_CODINGS:
        raise FetchError(ErrorKind.HTTP, f"The body is encoded {len(codings)} times.")
    if not raw and codings:
        return b""
    body = raw
    for coding in reversed(codings):
        body = _decode(body, coding, limit)
    if body.startswith(_GZIP_MAGIC):
        body = _decode(body, "gzip", limit)
    if len(body) > limit:
        raise too_large(limit)
    return body


def too_large(limit: int) -> FetchError:
    """The error for a body above `limit` bytes."""
    shown = f"{limit / 2**20:.0f} MiB" if limit >= 2**20 else f"{limit} bytes"
    return FetchError(ErrorKind.TOO_LARGE, f"The response is larger than {shown}.")


def _decode(raw: bytes, coding: str, limit: int) -> bytes:
    decoder = _DECODERS.get(coding)
    if decoder is None:
        raise FetchError(ErrorKind.HTTP, f"The body has an unknown encoding ({coding[:20]!r}).")
    try:
        return decoder(raw, limit)
    except (zlib.error, brotli.error, zstandard.ZstdError) as error:
        raise FetchError(ErrorKind.HTTP, f"The {coding} body is corrupt.") from error


def _inflate_gzip(raw: bytes, limit: int) -> bytes:
    """One member after another (RFC 1952); zeros and other padding after the last are ignored."""
    pieces: list[bytes] = []
    left = limit + 1
    while True:
        inflater = zlib.decompressobj(wbits=31)
        piece = inflater.decompress(raw, left)
        pieces.append(piece)
        left -= len(piece)
        if left <= 0:
            raise too_large(limit)
        if not inflater.eof:
            raise _truncated("gzip")
        raw = inflater.unused_data
        if not raw.startswith(_GZIP_MAGIC):
            return b"".join(pieces)


def _inflate_deflate(raw: bytes, limit: int) -> bytes:
    """zlib as the standard says, or bare deflate as some servers send."""
    wrapped = raw[0] & 0x0F == 8 and len(raw) > 1 and int.from_bytes(raw[:2], "big") % 31 == 0
    inflater = zlib.decompressobj(wbits=15 if wrapped else -15)
    body = inflater.decompress(raw, limit + 1)
    if len(body) > limit:
        raise too_large(limit)
    if not inflater.eof:
        raise _truncated("deflate")
    return body


def _inflate_brotli(raw: bytes, limit: int) -> bytes:
    inflater = brotli.Decompressor()
    pieces = [inflater.process(raw, output_buffer_limit=_STEP)]
    size = len(pieces[0])
    while not inflater.is_finished() and (piece := inflater.process(b"", output_buffer_limit=_STEP)):
        pieces.append(piece)
        size += len(piece)
        if size > limit:
            raise too_large(limit)
    if not inflater.is_finished():
        raise _truncated("br")
    return b"".join(pieces)


def _inflate_zstd(raw: bytes, limit: int) -> bytes:
    """In small steps: four bytes can stand for a block of 128 KiB."""
    inflater = zstandard.ZstdDecompressor(max_window_size=_MAX_WINDOW).decompressobj()
    pieces: list[bytes] = []
    size = 0
    for start in range(0, len(raw), _ZSTD_STEP):
        if inflater.eof:
            break
        pieces.append(inflater.decompress(raw[start : start + _ZSTD_STEP]))
        size += len(pieces[-1])
        if size > limit:
            raise too_large(limit)
    if not inflater.eof:
        raise _truncated("zstd")
    return b"".join(pieces)


def _truncated(coding: str) -> FetchError:
    return FetchError(ErrorKind.TRUNCATED, f"The {coding} body ends early.")


_DECODERS = {
    "gzip": _inflate_gzip,
    "x-gzip": _inflate_gzip,
    "deflate": _inflate_deflate,
    "br": _inflate_brotli,
    "zstd": _inflate_zstd,
}
