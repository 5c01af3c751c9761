"""The syntax tree: frozen values. Equal leaves are equal wherever they stand in a query."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Position:
    """Line and column of a node in its query, from 1."""

    line: int = 1
    column: int = 1


class Zone(StrEnum):
    """The fields of an article that hold its words."""

    TITLE = "title"
    LEAD = "lead"
    TEXT = "text"


class Meta(StrEnum):
    """The fields that hold one value."""

    URL = "url"
    AUTHOR = "author"
    FEED = "feed"
    COUNTRY = "country"
    LANG = "lang"


@dataclass(frozen=True, slots=True)
class Term:
    """A word or phrase in all its forms. `exact`: as written, capitals and all. `prefix`: ends in `*`.
    `lang`: inflected as this language and meant for articles in it."""

    text: str
    lang: str = ""
    exact: bool = False
    prefix: bool = False
    position: Position = field(default=Position(), compare=False)


@dataclass(frozen=True, slots=True)
class ListRef:
    """`@name`: any term of a word list; `@us` also means `@us.people`, `@us.state`, …"""

    name: str
    position: Position = field(default=Position(), compare=False)


@dataclass(frozen=True, slots=True)
class Weighted:
    """`node^weight` inside SCORE/n."""

    node: Node
    weight: float


@dataclass(frozen=True, slots=True)
class MetaTest:
    """`url:`, `feed:`, `author:` contain the value; `lang:`, `country:` are the value. Case is ignored."""

    meta: Meta
    value: str


@dataclass(frozen=True, slots=True)
class Scoped:
    """`title:…`, `lead:…`, `text:…`. `text:` is the body without the lead."""

    zone: Zone
    node: Node


@dataclass(frozen=True, slots=True)
class Near:
    """Both within `distance` words of each other in one field; `ordered`: left before right."""

    left: Node
    right: Node
    distance: int
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class AtLeast:
    """The node is found at `count` places or more."""

    count: int
    node: Node


@dataclass(frozen=True, slots=True)
class Score:
    """The weights of those nodes that hold sum up to `threshold`; a node without weight counts 1."""

    threshold: float
    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    node: Node


@dataclass(frozen=True, slots=True)
class And:
    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    nodes: tuple[Node, ...]


Leaf = Term | ListRef
Node = Leaf | Weighted | MetaTest | Scoped | Near | AtLeast | Score | Not | And | Or


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly under `node`, in the order written."""
    match node:
        case And(nodes) | Or(nodes) | Score(_, nodes):
            return nodes
        case Near(left, right):
            return (left, right)
        case Not(inner) | AtLeast(_, inner) | Scoped(_, inner) | Weighted(inner, _):
            return (inner,)
        case _:
            return ()


def walk(node: Node) -> Iterator[Node]:
    """`node` and everything under it, parents first."""
    yield node
    for child in children(node):
        yield from walk(child)


def leaves(node: Node) -> Iterator[Leaf]:
    """The terms and lists of a query, in the order written."""
    return (part for part in walk(node) if isinstance(part, Term | ListRef))


def name_of(leaf: Leaf) -> str:
    """How a leaf is written in a query, briefly: `@russia`, `summit`."""
    return f"@{leaf.name}" if isinstance(leaf, ListRef) else leaf.text


def is_positional(node: Node) -> bool:
    """Whether a node stands for places in the text, as NEAR, ATLEAST and marking need."""
    match node:
        case Term() | ListRef():
            return True
        case Or(nodes):
            return all(map(is_positional, nodes))
        case Near():
            return True
        case _:
            return False
