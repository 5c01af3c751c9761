"""Changes to the `feeds:` of a configuration file, as text: everything else stays byte for byte.

ruamel.yaml tells where things stand; the lines are cut and inserted here, because a dump, also a
round-trip one, re-wraps long lines and moves remarks.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from crawler.config import FeedConfig
from language.errors import HotlineError

Item = Mapping[str, str | int]  # of the list of feeds: keys of FeedConfig

_INDENT = 2  # of the hyphen, where the list has no item yet


class CannotEditError(HotlineError):
    """The file writes its feeds in a way that cannot be changed line by line."""

    code = "cannot-edit"


def add_feeds(text: str, feeds: Iterable[Item]) -> str:
    """Return `text` with `feeds` (keys of FeedConfig) in its list.

    They go behind the list's own heading, a remark that a blank line parts from the first item, else
    to the end. Raises CannotEditError for a list in brackets.
    """
    lines = text.splitlines(keepends=True)
    key, value = _feeds_of(text)
    if key is None:
        return _ended(text) + ("\n" if text.strip() else "") + "feeds:\n\n" + _items(feeds, _INDENT)
    if not isinstance(value, SequenceNode):
        return "".join(_insert(lines, key.start_mark.line + 1, _items(feeds, _INDENT)))
    first = value.value[0] if value.value else None
    if value.flow_style or first is None:
        raise CannotEditError(
            "The feeds are written in brackets, which cannot be added to.",
            hint="Write one feed below the other, each with a hyphen.",
        )
    items = _items(feeds, value.start_mark.column)
    heading = _heading_end(lines, key.start_mark.line + 1, _first_line(lines, first))
    place = heading or _last_line(value.value[-1]) + 1
    return "".join(_insert(lines, place, items))


def remove_feed(text: str, url: str) -> str | None:
    """Return `text` without the feed of this address; None where it is not in it."""
    lines = text.splitlines(keepends=True)
    item = _find(text, url)
    if item is None:
        return None
    start, end = _first_line(lines, item), _last_line(item) + 1
    while end < len(lines) and not lines[end].strip() and (start == 0 or not lines[start - 1].strip()):
        end += 1
    return "".join(lines[:start] + lines[end:])


def change_address(text: str, url: str, new: str) -> str | None:
    """Return `text` with another address for the feed of `url`; None where it is not in it."""
    item = _find(text, url)
    if item is None:
        return None
    value = _values(item)["url"]
    return text[: value.start_mark.index] + _scalar(new) + text[value.end_mark.index :]


def line_of(text: str, url: str) -> int:
    """The line, counted from 1, in which the address of the feed of `url` stands; 0 where it does not."""
    _, feeds = _feeds_of(text)
    for item in feeds.value if isinstance(feeds, SequenceNode) else ():
        if isinstance(item, MappingNode) and _same_feed(_values(item).get("url"), url):
            line: int = _values(item)["url"].start_mark.line
            return line + 1
    return 0


def _feeds_of(text: str) -> tuple[Node | None, Node | None]:
    root = YAML(typ="safe", pure=True).compose(text)
    if isinstance(root, MappingNode):
        for key, value in root.value:
            if key.value == "feeds":
                return key, value
    return None, None


def _find(text: str, url: str) -> MappingNode | None:
    _, feeds = _feeds_of(text)
    if not isinstance(feeds, SequenceNode):
        return None
    items = (item for item in feeds.value if isinstance(item, MappingNode))
    found = next((item for item in items if _same_feed(_values(item).get("url"), url)), None)
    if found and feeds.flow_style:
        raise CannotEditError("The feeds are written in brackets, which cannot be changed.")
    return found


def _same_feed(written: Node | None, url: str) -> bool:
    try:
        return isinstance(written, ScalarNode) and FeedConfig(url=written.value).url == url
    except ValueError:
        return False


def _values(item: MappingNode) -> dict[str, Any]:
    return {key.value: value for key, value in item.value}


def _first_line(lines: list[str], item: Node) -> int:
    """The line of the hyphen, which may stand alone above the item."""
    line: int = item.start_mark.line
    while line and "-" not in lines[line][: item.start_mark.column or 1] and lines[line - 1].strip() == "-":
        line -= 1
    return line


def _last_line(node: Node) -> int:
    """The last line that holds something of `node`; its own end mark lies behind following remarks."""
    if isinstance(node, ScalarNode):
        last: int = node.end_mark.line
        return last - 1 if node.end_mark.column == 0 and last > node.start_mark.line else last
    first: int = node.start_mark.line
    return max(map(_last_line, _parts(node)), default=first)


def _parts(node: Node) -> Iterator[Node]:
    for part in node.value:
        if isinstance(part, tuple):
            yield from part
        else:
            yield part


def _heading_end(lines: list[str], start: int, first: int) -> int:
    """The line behind a heading remark between `start` and the first item; 0 where there is none."""
    line = start
    while line < first and not lines[line].strip():
        line += 1
    begin = line
    while line < first and lines[line].lstrip().startswith("#"):
        line += 1
    return line if begin < line < first and not lines[line].strip() else 0


def _insert(lines: list[str], place: int, items: str) -> list[str]:
    before = [*lines[:place]]
    if before:
        before[-1] = _ended(before[-1])
    newline = "\r\n" if before and before[-1].endswith("\r\n") else "\n"
    parted = lines[place : place + 1]
    blank_before = [] if not before or before[-1].strip().endswith(":") else [newline]
    blank_after = [newline] if parted and parted[0].strip() else []
    return [*before, *blank_before, items.replace("\n", newline), *blank_after, *lines[place:]]


def _ended(line: str) -> str:
    return line if not line or line.endswith("\n") else f"{line}\n"


def _items(feeds: Iterable[Item], indent: int) -> str:
    return "\n".join(_item(feed, " " * indent) for feed in feeds)


def _item(feed: Item, margin: str) -> str:
    lines = [f"{key}: {_scalar(value)}\n" for key, value in feed.items() if value]
    return f"{margin}- {lines[0]}" + "".join(f"{margin}  {line}" for line in lines[1:])


def _scalar(value: str | int) -> str:
    """Text as it is where YAML reads it back as the same, else in double quotes; numbers as numbers."""
    if isinstance(value, int):
        return str(value).lower()
    try:
        plain = YAML(typ="safe", pure=True).load(f"- x: {value}\n") == [{"x": value}]
    except YAMLError:
        plain = False
    return value if plain else json.dumps(value, ensure_ascii=False)
