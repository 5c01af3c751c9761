"""What servers do wrong, one test each: the feed's poll says so, the neighbours are not affected.

Of the fault table: row 29 (Retry-After), 30 (two days of 503), 31 (DNS, refused, silent), 32 (slow and
endless answers), 33 (a bomb; all codings in test_content_coding), 40 (restless GUIDs), 43 (cut, half a
gzip, HTML, empty). Rows 34, 35, 41 and 42 stand in test_troubled_feeds, 36 in tests/topics/test_query (no
pattern of a user's is ever a regular expression), 37 in test_address_guard.
"""

from __future__ import annotations

import asyncio
import gzip
import ipaddress
import resource
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import Engine, update

from crawler.config import FeedConfig
from crawler.spiders.feeds import PolledFeed
from storage.engine import reading, writing
from storage.feed_signs import read_signs
from storage.tables.core import FEED
from tests.crawler.desk import Desk, TestClock, open_desk
from tests.crawler.site import Responder, Site, answer, conditional, redirect, rss, silent

GOOD = rss("Russia talks", "Weather")


def watched(url: str, name: str = "Paper", **options: object) -> FeedConfig:
    return FeedConfig.model_validate({"url": url, "name": name, "allow_private": True} | options)


async def poll_beside_a_good_feed(
    engine: Engine, bad: str | Responder, *, within: str = "1 s", body_limit: int = 1 << 20
) -> PolledFeed:
    """Poll a bad feed (its address, or how it answers) with a good one beside it; return the bad poll."""
    async with Site("127.0.0.2") as good, Site() as site:
        good.pages["/feed"] = answer(GOOD)
        url = bad if isinstance(bad, str) else site.url("/bad")
        if not isinstance(bad, str):
            site.pages["/bad"] = bad
        feeds = watched(url, "Bad"), watched(good.url("/feed"), "Good")
        async with open_desk(engine, *feeds, timeout=within, body_limit=body_limit) as desk:
            report = await desk.crawl()
            polls = {feed.name: feed for feed in report.polled}
            assert polls["Good"].poll.error_kind == ""
            assert desk.titles()[-2:] == ["Russia talks", "Weather"]
            row = desk.feed("Bad")
            assert row.error == polls["Bad"].poll.message
            assert row.failures == (1 if row.error else 0)
            return polls["Bad"]


def raw(*pieces: bytes, forever: bytes = b"", pause: bool = False) -> Callable[..., Awaitable[None]]:
    """A server that writes bytes: `pieces`, then `forever` again and again; `pause` leaves it hanging."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            for piece in pieces:
                writer.write(piece)
            while forever:
                writer.write(forever)
                await writer.drain()
            if pause:
                await reader.read()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    return serve


@asynccontextmanager
async def raw_server(
    serve: Callable[..., Awaitable[None]], *, tls: ssl.SSLContext | None = None
) -> AsyncIterator[str]:
    """The address of a feed on such a server."""
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    scheme = "https" if tls else "http"
    async with server:
        yield f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}/feed"


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n"
CHUNK = b"10000\r\n" + b"x" * 65536 + b"\r\n"


@pytest.mark.parametrize(
    ("serve", "kind"),
    [
        (raw(pause=True), "timeout"),
        (raw(b"HTTP/1.1 200 OK\r\nX-Slow:", pause=True), "timeout"),
        (raw(HEAD + b"Content-Length: 100\r\n\r\n<rss", pause=True), "timeout"),
        (raw(HEAD + b"Content-Length: 100\r\n\r\n<rss"), "truncated"),
        (raw(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", forever=CHUNK), "too-large"),
        (raw(HEAD + b"Content-Length: 99999999999\r\n\r\n"), "too-large"),
        (raw(b"HTTP/1.1 200 OK\r\n", forever=b"X-Many: headers\r\n" * 1000), "http"),
        (raw(b"HTTP/1.1 200 OK\r\nX-Long: ", forever=b"x" * 65536), "http"),
        (raw(b"HTTP/1.1 200 OK\r\n" + b"X-Big: %b\r\n" % (b"x" * 16_000) * 20 + b"\r\n"), "too-large"),
        (raw(b"SSH-2.0-OpenSSH_9.2\r\n"), "http"),
        (raw(b""), "refused"),
    ],
    ids=[
        "silent", "slow header", "slow body", "cut body", "endless body", "huge body announced",
        "endless headers", "endless header", "headers over 256 KiB", "not HTTP", "hangs up",
    ],
)  # fmt: skip
async def test_a_server_that_misbehaves_costs_a_limit_and_no_more(
    sqlite: Engine, serve: Callable[..., Awaitable[None]], kind: str
) -> None:
    async with asyncio.timeout(20), raw_server(serve) as url:
        polled = await poll_beside_a_good_feed(sqlite, url)
    assert polled.poll.error_kind == kind
    assert polled.poll.message
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 2**20  # KiB: the most this process ever had


async def test_nobody_listens(sqlite: Engine) -> None:
    async with raw_server(raw()) as url:
        pass
    polled = await poll_beside_a_good_feed(sqlite, url)
    assert polled.poll.error_kind == "refused"


async def test_a_name_that_does_not_exist_is_a_soft_error(sqlite: Engine) -> None:
    polled = await poll_beside_a_good_feed(sqlite, "http://no-such-host.invalid/feed", within="15 s")
    assert polled.poll.error_kind == "dns"
    assert polled.next_check_at - polled.poll.polled_at < timedelta(minutes=20)


def _self_signed(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    pem = folder / "site.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


async def test_a_certificate_that_nobody_signed_is_refused(sqlite: Engine, tmp_path: Path) -> None:
    async with raw_server(raw(HEAD + b"\r\n" + GOOD.encode()), tls=_self_signed(tmp_path)) as url:
        polled = await poll_beside_a_good_feed(sqlite, url, within="5 s")
    assert polled.poll.error_kind == "tls"


@pytest.mark.parametrize(
    ("bad", "kind"),
    [
        (answer(status=404), "http"),
        (answer(status=403), "http"),
        (answer(status=500), "http"),
        (answer(status=410), "gone"),
        (answer(b""), "empty"),
        (answer("  \n "), "empty"),
        (answer("<!doctype html><html><body>Are you human?</body></html>"), "not-a-feed"),
        (answer('{"error": "quota"}', content_type="application/json"), "not-a-feed"),
        (answer(gzip.compress(GOOD.encode())[:-20], Content_Encoding="gzip"), "truncated"),
        (answer(gzip.compress(b"\0" * (200 << 20)), Content_Encoding="gzip"), "too-large"),
        (redirect("file:///etc/passwd"), "blocked"),
        (redirect("http://169.254.169.254/latest/meta-data/"), "blocked"),
    ],
    ids=[
        "404", "403", "500", "410", "empty", "blank", "captcha", "JSON error", "half a gzip", "bomb",
        "redirect to a file", "redirect to cloud metadata",
    ],
)  # fmt: skip
async def test_an_answer_that_is_no_feed_is_an_error_and_never_no_news(
    sqlite: Engine, bad: Responder, kind: str
) -> None:
    polled = await poll_beside_a_good_feed(sqlite, bad, within="5 s")
    assert polled.poll.error_kind == kind


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("form", ["seconds", "date"])
async def test_retry_after_keeps_everybody_from_the_host_even_after_a_restart(
    sqlite: Engine, status: int, form: str
) -> None:
    clock = TestClock()
    async with Site(now=clock.now) as site:
        value = (
            "3600" if form == "seconds" else format_datetime(clock.now() + timedelta(hours=1), usegmt=True)
        )
        site.pages["/one"] = answer(status=status, Retry_After=value)
        site.pages["/two"] = answer(GOOD)
        feeds = watched(site.url("/one"), "One"), watched(site.url("/two"), "Two")
        async with open_desk(sqlite, *feeds, clock=clock) as desk:
            report = await desk.crawl()
            assert report.postponed == ("Two",)
            assert "left alone" in desk.feed("One").error
        clock.pass_time(minutes=59)
        async with open_desk(sqlite, *feeds, clock=clock) as desk:
            assert (await desk.crawl(due_only=False)).claimed == 0
            assert site.paths() == ["/one"]
            clock.pass_time(minutes=8)
            assert (await desk.crawl()).claimed == 2
            assert desk.feed("Two").failures == 0


async def test_two_days_of_503_end_well_and_bring_no_old_news(sqlite: Engine) -> None:
    async with Site() as site:
        site.pages["/feed"] = answer(GOOD)
        async with open_desk(sqlite, watched(site.url("/feed"))) as desk:
            await desk.crawl()
            site.pages["/feed"] = answer(status=503)
            asked_before = len(site.asked)
            await live(desk, days=2)
            assert 8 <= len(site.asked) - asked_before <= 25
            assert desk.feed().failing_since is not None
            site.pages["/feed"] = answer(rss("Fresh from Russia", "Russia talks", "Weather"))
            await live(desk, days=1)
            assert desk.titles() == ["Russia talks", "Weather", "Fresh from Russia"]
            assert desk.feed().failures == 0


async def live(desk: Desk, **span: float) -> None:
    """Crawl whenever a feed is due, until the time is over."""
    end = desk.clock.now() + timedelta(**span)
    while (due := desk.next_check()) <= end:
        desk.clock.set(due)
        await desk.crawl()
    desk.clock.set(end)


async def test_new_guids_and_tracking_at_every_poll_bring_nothing_new(sqlite: Engine) -> None:
    count = 0

    async def restless(_: web.Request) -> web.Response:
        nonlocal count
        count += 1
        items = "".join(
            f"<item><title>Story {n}</title><guid>{count}-{n}</guid>"
            f"<link>https://paper.example/story/{n}?utm_source=rss&amp;utm_id={count}</link></item>"
            for n in range(30)
        )
        body = f"<rss version='2.0'><channel><title>Paper</title>{items}</channel></rss>"
        return web.Response(text=body, content_type="application/rss+xml")

    async with Site() as site:
        site.pages["/feed"] = restless
        async with open_desk(sqlite, watched(site.url("/feed"))) as desk:
            await desk.crawl()
            for _ in range(4):
                desk.clock.set(desk.next_check())
                report = await desk.crawl()
                assert report.new == 0
                assert report.polled[0].poll.message == ""  # nothing was missed either
            assert len(desk.titles()) == 30


async def test_entries_are_all_kept_when_a_poll_is_cut_and_the_next_is_whole(sqlite: Engine) -> None:
    async with Site() as site:
        whole = rss("Three from Russia", "Two", "One")
        site.pages["/feed"] = conditional(whole[: whole.index("One")], etag='"cut"')
        async with open_desk(sqlite, watched(site.url("/feed"))) as desk:
            await desk.crawl()
            site.pages["/feed"] = conditional(whole, etag='"cut"')  # the validator lies
            desk.clock.set(desk.next_check())
            await desk.crawl()
            assert sorted(desk.titles()) == ["One", "Three from Russia", "Two"]


async def test_a_validator_that_lies_is_found_out_within_a_day(sqlite: Engine) -> None:
    async with Site() as site:
        site.pages["/feed"] = conditional(GOOD, etag='"always"')
        async with open_desk(sqlite, watched(site.url("/feed"))) as desk:
            await desk.crawl()
            site.pages["/feed"] = conditional(rss("Fresh from Russia", "Weather"), etag='"always"')
            await live(desk, hours=49)
            assert "Fresh from Russia" in desk.titles()


async def test_a_server_that_always_says_304_is_told_and_read_in_full(sqlite: Engine) -> None:
    number = 0

    async def lazy(request: web.Request) -> web.StreamResponse:
        """A proxy that answers 304 to whoever sends a validator, whatever it is."""
        nonlocal number
        number += 1
        if "If-None-Match" in request.headers:
            return web.Response(status=304)
        moment = format_datetime(desk.clock.now() - timedelta(hours=20), usegmt=True)
        fresh = (
            f"<item><title>Edition {number}</title><guid>{number}</guid><pubDate>{moment}</pubDate></item>"
        )
        return await answer(rss("Weather", more=fresh), ETag=f'"{number}"')(request)

    async with Site() as site:
        site.pages["/feed"] = lazy
        async with open_desk(sqlite, watched(site.url("/feed"))) as desk:
            await live(desk, days=3)  # with two full fetches
            with reading(sqlite) as connection:
                (sign,) = read_signs(connection, now=desk.clock.now())
            assert "its validators lie" in sign.sentence
            before = len(site.asked)
            await live(desk, days=2)
            assert len(site.asked) > before + 2
            assert not any("If-None-Match" in asked.headers for asked in site.asked[before:])
            assert len(desk.titles()) > len(site.asked) - before


async def test_a_permanent_move_is_kept_and_told(sqlite: Engine) -> None:
    async with Site() as site:
        site.pages["/old"] = redirect(site.url("/new"), status=301)
        site.pages["/new"] = answer(GOOD)
        async with open_desk(sqlite, watched(site.url("/old"))) as desk:
            for _ in range(4):
                desk.clock.set(desk.next_check())
                await desk.crawl()
            assert site.paths() == ["/old", "/new"] * 3 + ["/new"]
            assert desk.feed().moved_to == site.url("/new")
            assert desk.feed().url == site.url("/old")


async def test_a_feed_that_is_gone_is_paused_and_comes_back_by_hand(sqlite: Engine) -> None:
    async with Site() as site:
        site.pages["/feed"] = answer(status=410)
        async with open_desk(sqlite, watched(site.url("/feed"))) as desk:
            await live(desk, days=4)
            assert "410" in desk.feed().pause_reason
            asked = len(site.asked)
            desk.clock.pass_time(days=30)
            assert (await desk.crawl()).claimed == 0
            site.pages["/feed"] = answer(GOOD)
            await desk.crawl(names=["Paper"], due_only=False)
            assert len(site.asked) == asked + 1
            assert desk.feed().paused_at is None


async def test_a_feed_that_ends_processes_is_left_alone_told_and_tried_again(sqlite: Engine) -> None:
    async with Site() as site:
        site.pages["/feed"] = answer(GOOD)
        async with open_desk(sqlite, watched(site.url("/feed"))) as desk:
            with writing(sqlite) as connection:
                connection.execute(update(FEED).values(crashes=3))  # three claims that never came back
            (polled,) = (await desk.crawl()).polled
            assert polled.poll.error_kind == "crashed"
            assert "left alone" in desk.feed().error
            assert site.asked == []
            assert desk.next_check() > desk.clock.now() + timedelta(minutes=59)
            await live(desk, hours=2)
            assert len(site.asked) >= 1
            assert desk.feed().failures == 0


async def test_a_stop_gives_claims_back_and_loses_nothing(sqlite: Engine) -> None:
    async with Site() as site:
        site.pages["/slow"] = silent()
        feeds = [watched(site.url(f"/slow?{n}"), f"Slow {n}") for n in range(3)]
        async with open_desk(sqlite, *feeds, timeout="60 s") as desk:
            crawl = asyncio.ensure_future(desk.crawl())
            async with asyncio.timeout(10):
                await site.someone_asked.wait()
                desk.session.stop()
                report = await crawl
            assert report.postponed == ("Slow 0", "Slow 1", "Slow 2")
        desk.clock.pass_time(seconds=1)  # the pause after the last request holds for the next process too
        async with open_desk(sqlite, *feeds, clock=desk.clock) as desk:
            assert desk.feed("Slow 0").claimed_by == ""
            assert desk.feed("Slow 0").failures == 0
            site.pages["/slow"] = answer(GOOD)
            assert (await desk.crawl()).claimed == 3
