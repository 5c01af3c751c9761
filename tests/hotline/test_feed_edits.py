from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from hotline.commands.init import starter_text
from hotline.feed_edits import CannotEditError, add_feeds, change_address, remove_feed

FILE = """\
# My newsroom
crawl: {contact: me@paper.example}   # one line

feeds:
  # first, because it is mine
  - url: https://a.example/rss      # the best
    name: "A: the first"

  - name: B
    url: https://b.example/rss
    # every: 5 m

  # the last one
  -
    url: https://c.example/rss

storage:
  url: sqlite:///news.db   # here
"""


def feeds_in(text: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = YAML(typ="safe", pure=True).load(text)["feeds"]
    return found


def test_a_feed_is_added_at_the_end_and_nothing_else_changes() -> None:
    text = add_feeds(FILE, [{"name": "New", "url": "https://new.example/rss", "language": "en"}])
    new = "  - name: New\n    url: https://new.example/rss\n    language: en\n"
    assert new in text
    assert text.replace(f"\n{new}", "") == FILE
    assert [feed["url"] for feed in feeds_in(text)][-1] == "https://new.example/rss"


def test_a_heading_of_the_list_is_where_new_feeds_go() -> None:
    text = add_feeds(starter_text(), [{"name": "Mine", "url": "https://new.example/rss"}])
    lines = text.splitlines()
    heading = lines.index("  # Your own feeds: put them here.")
    assert "  - name: Mine" in lines[heading : heading + 4]
    assert feeds_in(text)[0] == {"name": "Mine", "url": "https://new.example/rss"}
    assert len(feeds_in(text)) == len(feeds_in(starter_text())) + 1


@pytest.mark.parametrize(
    "text", ["", "crawl: {}\n", "crawl: {}", "feeds:\n", "feeds:\n  # none yet\n\nstorage: {}\n", "feeds:"]
)
def test_a_file_without_feeds_gets_its_first(text: str) -> None:
    added = add_feeds(text, [{"url": "https://a.example/1"}, {"url": "https://a.example/2"}])
    assert [feed["url"] for feed in feeds_in(added)] == ["https://a.example/1", "https://a.example/2"]
    assert "".join(text.split()) in "".join(added.split()).replace(
        "-url:https://a.example/1-url:https://a.example/2", ""
    )


def test_a_list_in_brackets_is_not_touched() -> None:
    for text in ("feeds: [{url: https://a.example/}]\n", "feeds: []\n"):
        with pytest.raises(CannotEditError):
            add_feeds(text, [{"url": "https://b.example/"}])


@pytest.mark.parametrize("letter", ["a", "b", "c"])
def test_a_removed_feed_leaves_its_neighbours_and_all_remarks(letter: str) -> None:
    text = remove_feed(FILE, f"https://{letter}.example/rss")
    assert text is not None
    assert [feed["url"][8] for feed in feeds_in(text)] == [x for x in "abc" if x != letter]
    assert "# the last one" in text
    assert "storage:\n  url: sqlite:///news.db   # here\n" in text
    assert set(text.splitlines()) < set(FILE.splitlines())


def test_the_last_feed_can_be_removed_too() -> None:
    assert remove_feed("feeds:\n  - url: https://a.example/\n", "https://a.example/") == "feeds:\n"
    assert remove_feed("feeds:\n  - url: https://a.example/\n", "https://b.example/") is None


def test_an_address_is_changed_in_place() -> None:
    text = change_address(FILE, "https://a.example/rss", "https://a.example/new")
    assert text == FILE.replace("https://a.example/rss", "https://a.example/new")
    assert change_address(FILE, "https://nobody.example/", "x") is None


@given(
    st.text("ab: #-'\"[]{}&*!|>%@`,?\\é\tд", max_size=15),
    st.sampled_from(["no", "24", "12:30", "null", "~", "1.10", "true", "x"]),
)
def test_any_name_is_read_back_as_it_was(name: str, tail: str) -> None:
    for value in (f"{name}{tail}", tail):
        text = add_feeds(FILE, [{"url": "https://new.example/", "name": value}])
        assert feeds_in(text)[-1]["name"] == value


def test_line_ends_of_the_file_are_kept() -> None:
    text = add_feeds(FILE.replace("\n", "\r\n"), [{"url": "https://new.example/"}])
    assert "\n" not in text.replace("\r\n", "")
