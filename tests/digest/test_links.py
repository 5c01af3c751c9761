from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.links import LinkKind, LinkTarget, SignedLinks

LINKS = SignedLinks("https://hotline.example.org", b"a key")
TARGET = LinkTarget(LinkKind.JUDGE, "daily", "reader@example.net", 7)


@given(
    st.sampled_from(LinkKind),
    st.text(max_size=30),
    st.text(max_size=30),
    st.integers(min_value=0, max_value=2**62),
)
def test_a_link_names_what_it_was_made_for(kind: LinkKind, digest: str, address: str, article: int) -> None:
    target = LinkTarget(kind, digest, address, article)
    assert LINKS.read(kind, LINKS.token(target)) == target


@given(st.text(max_size=40))
def test_a_made_up_token_names_nothing(token: str) -> None:
    assert LINKS.read(LinkKind.JUDGE, token) is None


@pytest.mark.parametrize("at", range(0, len(LINKS.token(TARGET)), 3))
def test_a_changed_token_names_nothing(at: int) -> None:
    token = LINKS.token(TARGET)
    changed = token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
    assert LINKS.read(LinkKind.JUDGE, changed) is None


def test_a_feedback_link_does_not_unsubscribe() -> None:
    assert LINKS.read(LinkKind.UNSUBSCRIBE, LINKS.token(TARGET)) is None


def test_another_key_signs_otherwise() -> None:
    assert SignedLinks(LINKS.base_url, b"another").read(LinkKind.JUDGE, LINKS.token(TARGET)) is None


def test_the_key_is_not_shown() -> None:
    assert "a key" not in repr(LINKS)
