"""What is asked of a hub, and how its pushes are checked."""

from __future__ import annotations

import hashlib
import hmac
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.errors import FetchError
from crawler.websub import SignedBody, Subscription, check_answer, request_of
from storage.records import ErrorKind
from tests.crawler.fetching import open_fetcher
from tests.crawler.site import Site, answer, redirect

CALLBACK = "https://hotline.example/websub/token"


def signed(body: bytes, secret: str, method: str = "sha256") -> str:
    return f"{method}={hmac.new(secret.encode(), body, getattr(hashlib, method)).hexdigest()}"


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
@given(pieces=st.lists(st.binary(max_size=50)), secret=st.text(min_size=1, max_size=20))
def test_a_right_signature_matches_however_the_body_arrives(
    method: str, pieces: list[bytes], secret: str
) -> None:
    body = SignedBody(signed(b"".join(pieces), secret, method), secret)
    for piece in pieces:
        body.update(piece)
    assert body.matches


@pytest.mark.parametrize(
    "signature",
    ["", "sha256", "sha256=", "md5=00", "sha256=é", signed(b"body", "other"), signed(b"x", "key")],
)
def test_anything_else_does_not(signature: str) -> None:
    body = SignedBody(signature, "key")
    body.update(b"body")
    assert not body.matches


async def test_the_hub_is_asked_with_a_form() -> None:
    async with Site() as hub, open_fetcher(hub.address) as fetcher:
        hub.pages["/hub"] = answer(status=202)
        asked = Subscription(hub.url("/hub"), "https://paper.example/feed?a=b&c", CALLBACK, "s3cret")
        check_answer(await fetcher.fetch(request_of(asked)))
        assert hub.asked[0].method == "POST"
        form = {name: values[0] for name, values in parse_qs(hub.asked[0].body.decode()).items()}
        assert form["hub.mode"] == "subscribe"
        assert form["hub.topic"] == "https://paper.example/feed?a=b&c"
        assert form["hub.callback"] == CALLBACK
        assert form["hub.secret"] == "s3cret"


async def test_a_hub_that_says_no_is_told() -> None:
    async with Site() as hub, open_fetcher(hub.address) as fetcher:
        hub.pages["/no"] = answer(status=403)
        hub.pages["/away"] = redirect("/no")
        for path, words in [("/no", "answered 403"), ("/away", "redirects")]:
            asked = Subscription(hub.url(path), "https://paper.example/", CALLBACK, "s3cret")
            with pytest.raises(FetchError, match=words):
                check_answer(await fetcher.fetch(request_of(asked)))


async def test_a_hub_on_a_private_address_is_not_reached() -> None:
    async with Site() as hub, open_fetcher() as fetcher:
        asked = Subscription(hub.url("/hub"), "https://paper.example/", CALLBACK, "s3cret")
        with pytest.raises(FetchError) as caught:
            await fetcher.fetch(request_of(asked))
        assert caught.value.kind is ErrorKind.BLOCKED
        assert hub.asked == []
