"""Signed links to the listener: a token says what is asked and by whom, and cannot be made up."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass
from enum import StrEnum

_SIGNATURE_BYTES = 16  # 128 bits: as good as the random tokens of other mailing lists


class LinkKind(StrEnum):
    """What a link asks for; it is the path on the listener."""

    UNSUBSCRIBE = "u"
    JUDGE = "j"


@dataclass(frozen=True, slots=True)
class LinkTarget:
    """What a genuine link names. `article` is 0 for unsubscribing."""

    kind: LinkKind
    digest: str
    address: str
    article: int = 0


@dataclass(frozen=True, slots=True, repr=False)
class SignedLinks:
    """Makes and reads links under `base_url` with a secret `key`. Nothing is shown in its repr."""

    base_url: str
    key: bytes

    def unsubscribe(self, *, digest: str, address: str) -> str:
        """Return the address that takes a reader off a digest (RFC 8058: by POST)."""
        return self.url(LinkTarget(LinkKind.UNSUBSCRIBE, digest, address))

    def judge(self, *, digest: str, address: str, article: int) -> str:
        """Return the address where a reader says whether an article belongs to the topic."""
        return self.url(LinkTarget(LinkKind.JUDGE, digest, address, article))

    def url(self, target: LinkTarget) -> str:
        """Return the absolute address for `target`."""
        return f"{self.base_url}/{target.kind}/{self.token(target)}"

    def token(self, target: LinkTarget) -> str:
        """Return the signed token for `target`: URL-safe, the same every time."""
        parts = [target.digest, target.address, *([target.article] if target.article else [])]
        payload = json.dumps(parts, ensure_ascii=False, separators=(",", ":")).encode()
        return f"{_encode(payload)}.{_encode(self._sign(target.kind, payload))}"

    def read(self, kind: LinkKind, token: str) -> LinkTarget | None:
        """Return what a token names, or None where it is not genuine."""
        try:
            payload, signature = (_decode(part) for part in token.split("."))
        except ValueError:
            return None
        if not hmac.compare_digest(signature, self._sign(kind, payload)):
            return None
        digest, address, *article = json.loads(payload)
        return LinkTarget(kind, digest, address, *article)

    def _sign(self, kind: LinkKind, payload: bytes) -> bytes:
        message = kind.value.encode() + b"\0" + payload
        return hmac.new(self.key, message, hashlib.sha256).digest()[:_SIGNATURE_BYTES]


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _decode(text: str) -> bytes:
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        return base64.b64decode(padded, altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ValueError("not base64") from error
