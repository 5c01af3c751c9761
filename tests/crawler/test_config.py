"""What the configuration promises about feeds and crawls."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from crawler.config import CrawlConfig, FeedConfig


def test_credentials_leave_the_url_and_never_show() -> None:
    feed = FeedConfig.model_validate({"url": "https://bob:hunter%402@feeds.example/rss"})
    assert feed.url == "https://feeds.example/rss"
    assert feed.username == "bob"
    assert feed.password.get_secret_value() == "hunter@2"
    assert "hunter" not in repr(feed) + str(feed.model_dump()) + feed.model_dump_json()


@pytest.mark.parametrize(
    "url", ["ftp://feeds.example/rss", "feeds.example/rss", "file:///etc/passwd", "https://", "https://a:0/"]
)
def test_only_web_addresses_are_feeds(url: str) -> None:
    with pytest.raises(ValidationError, match="must start with https"):
        FeedConfig(url=url)


def test_durations_are_written_as_people_do() -> None:
    feed = FeedConfig.model_validate({"url": "https://a.example/", "every": "30 min", "max_every": "2 days"})
    assert feed.every == timedelta(minutes=30)
    assert feed.max_every == timedelta(days=2)
    assert feed.model_dump(mode="json")["every"] == "30 min"


def test_limits_must_be_in_order() -> None:
    with pytest.raises(ValidationError, match="longer than"):
        FeedConfig.model_validate({"url": "https://a.example/", "min_every": "2 h", "max_every": "1 h"})


@pytest.mark.parametrize("host", ["http://bridge.lan", "bob@bridge.lan", "bridge.lan/path", ""])
def test_a_private_host_is_a_host_and_nothing_else(host: str) -> None:
    with pytest.raises(ValidationError, match="is not a host"):
        CrawlConfig(allow_private=(host,))


def test_the_contact_cannot_add_a_header() -> None:
    with pytest.raises(ValidationError):
        CrawlConfig(contact="me@example.org\r\nCookie: x")


def test_the_user_agent_names_the_contact() -> None:
    assert CrawlConfig(contact="https://desk.example").user_agent == "Hotline/0.1 (+https://desk.example)"


def test_options_of_the_row_hold_what_was_set_and_no_secret() -> None:
    feed = FeedConfig.model_validate(
        {"url": "https://bob:pw@a.example/", "name": "A", "every": "1 h", "pages": "never"}
    )
    assert feed.options == {"every": "1 h", "pages": "never"}
    assert FeedConfig.model_validate({"url": feed.url, **feed.options}).every == timedelta(hours=1)
