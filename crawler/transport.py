"""One HTTP exchange, guarded: public addresses only, verified TLS, bounded time, headers and body.

No cookies, no referrer, no proxy from the environment, no redirects: those are decided above.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
import ssl
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Self
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from multidict import CIMultiDictProxy
from yarl import URL

from crawler.address_guard import AddressGuard, Destination, destination, host_and_port
from crawler.content_coding import ACCEPT_ENCODING, decode_body, too_large
from crawler.errors import FetchError, Postponed
from crawler.open_files import keep_alive
from crawler.redaction import redact
from storage.records import ErrorKind

HEADER_LIMIT = 256 * 1024  # bytes of all headers of a response
_FIELD_LIMIT = 16 * 1024  # one header; content security policies grow long
_FIELDS = 256  # with the limit of each this bounds the memory before the sum can be checked
_DNS_TTL = 300  # seconds; getaddrinfo does not tell the real one
_DNS_TIMEOUT = 10  # seconds
_DNS_THREADS = 32  # names of dead servers block a thread for as long as the resolver tries
_BODILESS = frozenset({204, 304})
_OUT_OF_FILES = frozenset({errno.EMFILE, errno.ENFILE})  # ours or the system's: no fault of the host

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One response: `body` is decoded, and empty for statuses that have none."""

    status: int
    headers: CIMultiDictProxy[str]
    body: bytes


class Transport:
    """Owns the connections of one event loop; an async context manager."""

    def __init__(self, guard: AddressGuard, *, user_agent: str, connections: int, body_limit: int) -> None:
        self._guard = guard
        self._headers = {"User-Agent": user_agent, "Accept-Encoding": ACCEPT_ENCODING}
        self._room = asyncio.Semaphore(connections)
        self._body_limit = body_limit
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(
            ssl=ssl.create_default_context(),
            resolver=_Resolver(),
            ttl_dns_cache=_DNS_TTL,
            keepalive_timeout=keep_alive(),
            limit=0,  # ours: aiohttp shuffles all who wait at each connection that becomes free
            socket_factory=self._guard.open_socket,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=self._headers,
            auto_decompress=False,
            trust_env=False,
            max_field_size=_FIELD_LIMIT,
            max_headers=_FIELDS,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def exchange(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        timeout: float,  # noqa: ASYNC109 - one deadline for connecting, headers and body together
        data: bytes | None = None,
    ) -> Exchange:
        """Send one request and read its response within `timeout` seconds from its turn among all.

        Raises FetchError, whose message names no secret of the URL, and Postponed when no socket can be made.
        """
        assert self._session is not None, "use the transport as a context manager"
        target = _destination_of(url)
        token = destination.set(target)
        try:
            async with (
                self._room,
                self._session.request(
                    method,
                    URL(url, encoded=True),
                    headers=headers,
                    data=data,
                    allow_redirects=False,
                    timeout=aiohttp.ClientTimeout(total=timeout),
                ) as response,
            ):
                return await self._read(response)
        except FetchError:
            raise
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            if isinstance(error, OSError) and error.errno in _OUT_OF_FILES:
                log.warning("No more files may be opened; %s is asked later.", target.host)
                raise Postponed("This process may not open more files.") from error
            raise _typed(error, target, timeout) from error
        finally:
            destination.reset(token)

    async def _read(self, response: aiohttp.ClientResponse) -> Exchange:
        if sum(len(name) + len(value) for name, value in response.raw_headers) > HEADER_LIMIT:
            response.close()
            raise FetchError(ErrorKind.TOO_LARGE, "The headers are larger than 256 KiB.")
        if response.status in _BODILESS:
            return Exchange(response.status, response.headers, b"")
        announced = response.content_length
        if announced is not None and announced > self._body_limit:
            response.close()
            raise too_large(self._body_limit)
        pieces: list[bytes] = []
        size = 0
        async for piece in response.content.iter_any():
            pieces.append(piece)
            size += len(piece)
            if size > self._body_limit:
                response.close()
                raise too_large(self._body_limit)
        coding = ",".join(response.headers.getall("Content-Encoding", ()))
        return Exchange(
            response.status,
            response.headers,
            decode_body(b"".join(pieces), coding, limit=self._body_limit),
        )


class _Resolver(AbstractResolver):
    """getaddrinfo in threads of its own: slow names must not starve the rest of the process."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_DNS_THREADS, thread_name_prefix="hotline-dns")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """All addresses of `host`. Raises OSError when there is none, or none in time."""
        lookup = partial(
            socket.getaddrinfo, host, port, family, socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG
        )
        try:
            async with asyncio.timeout(_DNS_TIMEOUT):
                found = await asyncio.get_running_loop().run_in_executor(self._threads, lookup)
        except TimeoutError as error:
            raise OSError(errno.ETIMEDOUT, "no answer from the name servers") from error
        return [
            ResolveResult(
                hostname=host,
                host=str(sockaddr[0]),
                port=port,
                family=found_family,
                proto=protocol,
                flags=socket.AI_NUMERICHOST,
            )
            for found_family, _, protocol, _, sockaddr in found
        ]

    async def close(self) -> None:
        """Give the threads up; a lookup under way ends by itself."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _destination_of(url: str) -> Destination:
    if urlsplit(url).scheme not in {"http", "https"}:
        raise FetchError(ErrorKind.BLOCKED, f"{redact(url)} is neither http nor https.")
    try:
        return Destination(*host_and_port(url))
    except ValueError as error:
        raise FetchError(ErrorKind.DNS, f"{redact(url)} is not a valid address.") from error


def _typed(error: Exception, target: Destination, timeout: float) -> FetchError:
    """Sort a failure into the vocabulary of status and doctor."""
    host = target.host
    if target.refused:
        return FetchError(
            ErrorKind.BLOCKED,
            f"{host} leads to the private address {target.refused}; refused.",
            hint=f"If the server is yours, add {host}:{target.port} to crawl.allow_private.",
        )
    for types, kind, message in _FAILURES:
        if isinstance(error, types):
            return FetchError(kind, message.format(host=host, timeout=timeout))
    return FetchError(ErrorKind.HTTP, f"{host} did not answer in valid HTTP.")


# In this order: TLS and DNS failures are connection failures too, and timeouts are OSErrors.
_FAILURES: tuple[tuple[type[Exception] | tuple[type[Exception], ...], ErrorKind, str], ...] = (
    (aiohttp.ClientConnectorCertificateError, ErrorKind.TLS, "The certificate of {host} is not valid."),
    (aiohttp.ClientSSLError, ErrorKind.TLS, "No secure connection to {host} could be made."),
    (aiohttp.ClientConnectorDNSError, ErrorKind.DNS, "The name {host} could not be resolved."),
    (aiohttp.InvalidUrlClientError, ErrorKind.BLOCKED, "{host} is a disguised address; refused."),
    (TimeoutError, ErrorKind.TIMEOUT, "{host} took longer than {timeout:g} s."),
    (aiohttp.ClientPayloadError, ErrorKind.TRUNCATED, "The response of {host} ends early."),
    (aiohttp.ClientConnectorError, ErrorKind.REFUSED, "No connection to {host} could be made."),
    (
        (aiohttp.ClientConnectionError, OSError),
        ErrorKind.REFUSED,
        "{host} closed the connection without an answer.",
    ),
)
