"""Bodies come out of their codings whole, or not at all, and never larger than allowed."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from contextlib import suppress

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from crawler.content_coding import decode_body
from crawler.errors import FetchError
from storage.records import ErrorKind

LIMIT = 1 << 20


def _bare_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


CODINGS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "x-gzip": ("X-GZIP", gzip.compress),
    "zlib": ("deflate", zlib.compress),
    "bare deflate": ("deflate", _bare_deflate),
    "brotli": ("br", brotli.compress),
    "zstd": ("zstd", zstandard.compress),
    "gzip twice": ("gzip, gzip", lambda data: gzip.compress(gzip.compress(data))),
    "gzip in brotli": ("gzip, br", lambda data: brotli.compress(gzip.compress(data))),
}
each_coding = pytest.mark.parametrize(("name", "pack"), CODINGS.values(), ids=CODINGS)


@each_coding
@given(data=st.binary(max_size=5000))
def test_what_was_packed_comes_out(name: str, pack: Callable[[bytes], bytes], data: bytes) -> None:
    if not data.startswith(b"\x1f\x8b\x08"):
        assert decode_body(pack(data), name, limit=LIMIT) == data


@each_coding
def test_a_bomb_is_stopped_at_the_limit(name: str, pack: Callable[[bytes], bytes]) -> None:
    bomb = pack(b"\0" * (64 << 20))
    with pytest.raises(FetchError, match="larger than 1 MiB") as caught:
        decode_body(bomb, name, limit=LIMIT)
    assert caught.value.kind is ErrorKind.TOO_LARGE


@each_coding
@pytest.mark.parametrize("missing", [1, 5, 500])
def test_a_cut_body_is_told(name: str, pack: Callable[[bytes], bytes], missing: int) -> None:
    data = bytes(range(256)) * 40 + b"the end"
    whole = pack(zlib.crc32(data).to_bytes(4, "big") * 999 + data)
    cut = whole[: max(12, len(whole) - missing)]
    with pytest.raises(FetchError) as caught:
        decode_body(cut, name, limit=LIMIT)
    assert caught.value.kind in {ErrorKind.TRUNCATED, ErrorKind.HTTP}


@pytest.mark.parametrize("name", ["gzip", "deflate", "br", "zstd"])
@given(noise=st.binary(min_size=1, max_size=300))
def test_noise_raises_nothing_but_fetch_errors(name: str, noise: bytes) -> None:
    with suppress(FetchError):
        assert len(decode_body(noise, name, limit=LIMIT)) <= LIMIT


def test_gzip_that_does_not_say_so_is_unpacked() -> None:
    assert decode_body(gzip.compress(b"<rss/>"), "", limit=LIMIT) == b"<rss/>"


def test_gzip_of_several_members_is_read_to_its_end() -> None:
    assert decode_body(gzip.compress(b"one ") + gzip.compress(b"two"), "gzip", limit=LIMIT) == b"one two"


def test_a_third_layer_is_refused() -> None:
    with pytest.raises(FetchError, match="encoded 3 times"):
        decode_body(b"", "gzip, gzip, gzip", limit=LIMIT)


def test_an_unknown_coding_is_refused() -> None:
    with pytest.raises(FetchError, match="unknown encoding"):
        decode_body(b"x", "compress", limit=LIMIT)
