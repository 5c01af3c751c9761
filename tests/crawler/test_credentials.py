"""Where passwords come from, and where they never go."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler.config import FeedConfig
from crawler.credentials import MissingPassword, authorizations_of

BOB = "Basic Ym9iOmh1bnRlcjI="  # bob:hunter2


def feed(**fields: str) -> FeedConfig:
    return FeedConfig.model_validate({"url": "https://a.example/feed", "username": "bob"} | fields)


def test_from_the_environment() -> None:
    made = authorizations_of([feed(password_env="PW")], environment={"PW": "hunter2"})
    assert made == {"https://a.example/feed": BOB}


def test_from_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "pw"
    secret.write_text("hunter2\n")
    assert authorizations_of([feed(password_file=str(secret))]) == {"https://a.example/feed": BOB}


def test_from_the_url() -> None:
    made = authorizations_of([feed(url="https://bob:hunter2@a.example/feed")])
    assert made == {"https://a.example/feed": BOB}


def test_feeds_without_a_user_need_none() -> None:
    assert authorizations_of([FeedConfig(url="https://a.example/feed")]) == {}


@pytest.mark.parametrize("fields", [{"password_env": "UNSET"}, {"password_file": "/no/such/file"}])
def test_a_missing_password_is_one_sentence(fields: dict[str, str]) -> None:
    with pytest.raises(MissingPassword, match="needs the"):
        authorizations_of([feed(**fields)], environment={})
