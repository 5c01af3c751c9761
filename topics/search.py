"""A free query, for the archive and for alerts, in the language of the topics."""

from __future__ import annotations

from collections.abc import Mapping

from language.detect import detect
from language.forms import forms
from language.words import fold
from topics.document import Document
from topics.lexicon import Lexicon, members
from topics.lists import WordList, shipped_lists
from topics.query.evaluate import Reading
from topics.query.nodes import (
    And,
    AtLeast,
    ListRef,
    Near,
    Node,
    Or,
    Scoped,
    Term,
    Weighted,
    leaves,
)
from topics.query.parse import parse_query

MAX_NEEDED = 400  # forms in one group: with more, looking each of them up costs more than it saves

Needs = tuple[frozenset[str], ...]


class Query:
    """A compiled query. Immutable; safe to share between threads."""

    def __init__(self, text: str, lists: Mapping[str, WordList]) -> None:
        self.text = text
        self._node = parse_query(text, lists=list_names(lists))
        self._lexicon = Lexicon(leaves(self._node), lists)
        self.needs = _needs(self._node, lists)
        """Every article that matches holds at least one word or phrase of each group; one that ends in
        `*` is a prefix. All folded (language.words.fold). No group: any article may match."""

    def matches(self, document: Document) -> bool:
        """Whether the query holds for the article."""
        lang = detect(f"{document.title} {document.summary or document.text[:400]}", hint=document.lang)
        return Reading(document, self._lexicon, lang).holds(self._node)


def compile_query(text: str, lists: Mapping[str, WordList] | None = None) -> Query:
    """Return `text` compiled, with `lists` (default: the shipped ones) for its `@names`.

    Raises:
        QueryError: with line, column and what was expected.
    """
    return Query(text, shipped_lists() if lists is None else lists)


def list_names(lists: Mapping[str, WordList]) -> frozenset[str]:
    """What may follow an @: every list, and every family of lists (`us` for `us.people`, `us.state`)."""
    return frozenset(part for name in lists for part in (name, name.partition(".")[0]))


def _needs(node: Node, lists: Mapping[str, WordList]) -> Needs:
    match node:
        case Term() | ListRef():
            return _usable(_forms_of(node, lists))
        case And(nodes):
            return tuple(dict.fromkeys(group for part in nodes for group in _needs(part, lists)))
        case Near(left, right):
            return tuple(dict.fromkeys(_needs(left, lists) + _needs(right, lists)))
        case Or(nodes):
            return _either([_needs(part, lists) for part in nodes])
        case Scoped(_, inner) | AtLeast(_, inner) | Weighted(inner, _):
            return _needs(inner, lists)
        case _:
            return ()


def _either(alternatives: list[Needs]) -> Needs:
    """One group that holds a word of every alternative; none when an alternative needs nothing."""
    if not all(alternatives):
        return ()
    narrowest = [min(groups, key=len) for groups in alternatives]
    return _usable(frozenset().union(*narrowest))


def _usable(group: frozenset[str]) -> Needs:
    return (group,) if len(group) <= MAX_NEEDED else ()


def _forms_of(leaf: Term | ListRef, lists: Mapping[str, WordList]) -> frozenset[str]:
    if isinstance(leaf, Term):
        if leaf.prefix:
            return frozenset({fold(leaf.text) + "*"})
        return frozenset({fold(leaf.text)}) if leaf.exact else forms(leaf.text, leaf.lang)
    terms = [term for name in members(leaf, lists) for term in lists[name].terms()]
    return frozenset(form for term in terms for form in _forms_of(term, lists))
