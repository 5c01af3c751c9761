"""WebSub (W3C Recommendation, 2018): a hub tells when a feed changed, so it need not be asked so often.

A push is a doorbell here: its body is never read as a feed. It makes the feed due, and the ordinary,
conditional poll fetches what is new from the publisher itself. So a forged or doubled push can do no
more than one early poll.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from crawler.errors import FetchError
from crawler.fetcher import Fetched, Wanted
from storage.records import ErrorKind

LEASE = timedelta(days=10)  # asked for; the hub decides
_METHODS = frozenset({"sha1", "sha256", "sha384", "sha512"})  # section 7.1
_TIMEOUT = 20.0  # seconds


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a hub is asked: tell `callback` when `topic` changes, signed with `secret`."""

    hub: str
    topic: str
    callback: str
    secret: str


def request_of(subscription: Subscription) -> Wanted:
    """The request that subscribes, or renews (section 5.1)."""
    more = {"hub.secret": subscription.secret, "hub.lease_seconds": str(int(LEASE.total_seconds()))}
    return _request(subscription.hub, "subscribe", subscription.topic, subscription.callback, **more)


def request_to_end(hub: str, topic: str, callback: str) -> Wanted:
    """The request that unsubscribes (section 5.1)."""
    return _request(hub, "unsubscribe", topic, callback)


def _request(hub: str, mode: str, topic: str, callback: str, **more: str) -> Wanted:
    form = {"hub.mode": mode, "hub.topic": topic, "hub.callback": callback, **more}
    return Wanted(
        url=hub,
        accept="*/*",
        timeout=_TIMEOUT,
        method="POST",
        data=urlencode(form).encode(),
        content_type="application/x-www-form-urlencoded",
    )


def check_answer(fetched: Fetched) -> None:
    """Raise FetchError unless the hub took the request; it confirms later, at the callback."""
    if fetched.hops:
        raise FetchError(ErrorKind.HTTP, "The hub redirects, so the subscription did not reach it.")
    if not 200 <= fetched.status < 300:
        raise FetchError(ErrorKind.HTTP, f"The hub answered {fetched.status}.", http_status=fetched.status)


class SignedBody:
    """Checks a pushed body while it arrives, against its X-Hub-Signature ("sha256=…", section 7.1)."""

    def __init__(self, signature: str, secret: str) -> None:
        method, _, given = signature.strip().partition("=")
        self._given = given.strip().lower().encode("utf-8", "replace")
        known = method.lower() in _METHODS
        self._hmac = hmac.new(secret.encode(), digestmod=method.lower()) if known else None

    def update(self, piece: bytes) -> None:
        """Take the next piece of the body."""
        if self._hmac is not None:
            self._hmac.update(piece)

    @property
    def matches(self) -> bool:
        """True when what has arrived is what the hub signed."""
        return self._hmac is not None and hmac.compare_digest(self._hmac.hexdigest().encode(), self._given)
