"""From the text of a query to its syntax tree, or to an error that says where and what was expected."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from difflib import get_close_matches
from functools import cache, partial
from pathlib import Path
from typing import Any

from lark import Lark, Token, Transformer, UnexpectedCharacters, UnexpectedToken, v_args
from lark.exceptions import UnexpectedInput, VisitError

from language.forms import LANGUAGES
from topics.query.errors import QueryError
from topics.query.nodes import (
    And,
    AtLeast,
    ListRef,
    Meta,
    MetaTest,
    Near,
    Node,
    Not,
    Or,
    Position,
    Scoped,
    Score,
    Term,
    Weighted,
    Zone,
    is_positional,
    walk,
)

MAX_LENGTH = 20_000  # characters: a longer query belongs into a word list
MAX_DEPTH = 40  # parentheses inside parentheses
MAX_LEAVES = 2_000
MAX_DISTANCE = 100  # words
MAX_CHAIN = 8  # NEAR after NEAR
MAX_PHRASE = 12  # words
MIN_PREFIX = 3  # letters before *

_FIELDS = (*Zone, *Meta, *LANGUAGES)
_SAID = {
    "_OR": "OR",
    "_AND": "AND",
    "NOT": "NOT",
    "NEAR": "NEAR/n",
    "COUNT": "ATLEAST/n",
    "FIELD": "a field such as title:",
    "LIST": "a list such as @russia",
    "PHRASE": "a phrase",
    "WORD": "a word",
    "WEIGHT": "a weight such as ^2",
    "LPAR": "(",
    "RPAR": ")",
    "$END": "the end",
}


def parse_query(text: str, *, lists: Collection[str] = ()) -> Node:
    """Return the syntax tree of `text`, whose lists must be among `lists`.

    Raises:
        QueryError: with line, column and what was expected; also for a query that is too large.
    """
    _check_size(text)
    try:
        node: Node = _parser().parse(text)  # type: ignore[assignment]  # lark says Tree, the transformer says Node
    except VisitError as failed:
        if isinstance(failed.orig_exc, QueryError):
            raise failed.orig_exc from None
        raise
    except UnexpectedInput as failed:
        raise _explain(text, failed) from None
    _check_tree(node, lists)
    return node


def _check_size(text: str) -> None:
    if not text.strip():
        raise QueryError("The query is empty.", expected=("a word", "a phrase", "a list such as @russia"))
    if len(text) > MAX_LENGTH:
        raise QueryError(
            f"The query is {len(text):,} characters long; {MAX_LENGTH:,} are allowed.",
            hint="Put the words into a list.",
        )
    depth = 0
    for at, char in enumerate(text):
        depth += (char == "(") - (char == ")")
        if depth > MAX_DEPTH:
            raise QueryError(f"More than {MAX_DEPTH} parentheses are open.", **_place(text, at))


def _check_tree(node: Node, lists: Collection[str]) -> None:
    count = 0
    for part in walk(node):
        if isinstance(part, ListRef) and part.name not in lists:
            raise QueryError(
                f"There is no list @{part.name}.",
                line=part.position.line,
                column=part.position.column,
                hint=_suggest(part.name, lists, "@"),
            )
        count += isinstance(part, Term | ListRef)
    if count > MAX_LEAVES:
        raise QueryError(
            f"The query has {count:,} terms; {MAX_LEAVES:,} are allowed.", hint="Put them into a list."
        )
    if any(isinstance(part, Weighted) for part in _weights_astray(node)):
        raise QueryError("A weight has no meaning here.", hint="Weights count inside SCORE/n (…).")


def _weights_astray(node: Node) -> Iterable[Node]:
    meant = {id(inner) for part in walk(node) if isinstance(part, Score) for inner in part.nodes}
    return (part for part in walk(node) if isinstance(part, Weighted) and id(part) not in meant)


def _suggest(word: str, known: Iterable[str], mark: str = "") -> str:
    close = get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f"Did you mean {mark}{close[0]}?" if close else ""


def _place(text: str, at: int) -> Any:
    return {"line": text.count("\n", 0, at) + 1, "column": at - text.rfind("\n", 0, at)}


def _explain(text: str, failed: UnexpectedInput) -> QueryError:
    expected = tuple(sorted({_SAID[name] for name in _expected(failed) if name in _SAID}))
    if isinstance(failed, UnexpectedToken) and failed.token.type == "$END":
        return QueryError("The query ends too early.", expected=expected, **_place(text, len(text)))
    found = failed.token if isinstance(failed, UnexpectedToken) else failed.char  # type: ignore[attr-defined]
    hint = "A phrase needs a closing quotation mark." if found in {'"', "“", "«"} else ""
    return QueryError(
        f"{str(found)!r} cannot stand here.",
        line=failed.line,
        column=failed.column,
        expected=expected,
        hint=hint,
    )


def _expected(failed: UnexpectedInput) -> Collection[str]:
    if isinstance(failed, UnexpectedToken):
        return failed.accepts or failed.expected
    return failed.allowed or () if isinstance(failed, UnexpectedCharacters) else ()


@cache
def _parser() -> Lark:
    grammar = (Path(__file__).parent / "grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", transformer=_Builder(), maybe_placeholders=False)


def _error(token: Token, message: str, **more: Any) -> QueryError:
    return QueryError(message, line=token.line or 1, column=token.column or 1, **more)


def _position(token: Token) -> Position:
    return Position(token.line or 1, token.column or 1)


@v_args(inline=True)
class _Builder(Transformer[Token, Node]):
    """Bottom up, one method for each rule of the grammar."""

    def start(self, node: Node) -> Node:
        return node

    def group(self, node: Node) -> Node:
        return node

    def either(self, *nodes: Node) -> Node:
        return nodes[0] if len(nodes) == 1 else Or(nodes)

    def both(self, *nodes: Node) -> Node:
        return nodes[0] if len(nodes) == 1 else And(nodes)

    def negation(self, _not: Token, node: Node) -> Node:
        return Not(node)

    def weighted(self, node: Node, weight: Token) -> Node:
        return Weighted(node, float(weight[1:]))

    def list_(self, token: Token) -> Node:
        return ListRef(str(token[1:]), _position(token))

    def near(self, left: Node, operator: Token, right: Node) -> Node:
        distance = int(operator.rpartition("/")[2])
        if not 0 < distance <= MAX_DISTANCE:
            raise _error(operator, f"The distance of {operator} must be 1 to {MAX_DISTANCE}.")
        if not (is_positional(left) and is_positional(right)):
            raise _error(operator, "NEAR stands between words, phrases, lists and ORs of them only.")
        chain, inner = 1, left
        while isinstance(inner, Near):
            chain, inner = chain + 1, inner.left
        if chain > MAX_CHAIN:
            raise _error(operator, f"More than {MAX_CHAIN} NEARs in a row.")
        return Near(left, right, distance, ordered=operator.startswith("O"))

    def count(self, operator: Token, node: Node) -> Node:
        name, _, number = operator.partition("/")
        if name == "SCORE":
            return Score(float(number), node.nodes if isinstance(node, Or) else (node,))
        if not is_positional(node):
            raise _error(operator, "ATLEAST counts words, phrases, lists, NEARs and ORs of them only.")
        return AtLeast(int(number), node)

    def scoped(self, token: Token, node: Node) -> Node:
        name = str(token[:-1]).lower()
        if name not in _FIELDS:
            raise _error(token, f"There is no field {name}:", hint=_suggest(name, map(str, _FIELDS)))
        if name in tuple(Meta):
            return _values(token, Meta(name), node)
        if name in LANGUAGES:
            return _tagged(token, name, node)
        if any(isinstance(part, Scoped | MetaTest) for part in walk(node)):
            raise _error(token, "A field cannot hold another field.")
        return Scoped(Zone(name), node)

    def phrase(self, token: Token) -> Node:
        exact = token.startswith("=")
        inner = str(token).lstrip("=")[1:-1].strip()
        prefix = inner.endswith("*")
        return _term(token, inner.rstrip("*"), exact=exact, prefix=prefix)

    def word(self, token: Token) -> Node:
        exact = token.startswith("=")
        prefix = token.endswith("*")
        return _term(token, str(token).lstrip("=").rstrip("*"), exact=exact, prefix=prefix)


def _term(token: Token, text: str, *, exact: bool, prefix: bool) -> Term:
    inner = " ".join(text.split())
    if not any(char.isalnum() for char in inner):
        raise _error(token, f"{str(token)!r} holds no letter or digit.")
    if "*" in inner:
        raise _error(token, "The wildcard * stands at the end of a word only.")
    if prefix and len(inner) < MIN_PREFIX:
        raise _error(token, f"Before * stand at least {MIN_PREFIX} letters.")
    if len(inner.split()) > MAX_PHRASE:
        raise _error(token, f"A phrase has at most {MAX_PHRASE} words.")
    return Term(inner, exact=exact, prefix=prefix, position=_position(token))


def _values(token: Token, meta: Meta, node: Node) -> Node:
    if isinstance(node, Or):
        return Or(tuple(map(partial(_values, token, meta), node.nodes)))
    if isinstance(node, Term) and not node.prefix:
        return MetaTest(meta, node.text.casefold())
    raise _error(token, f"{meta}: takes a word, a phrase or an OR of them.")


def _tagged(token: Token, lang: str, node: Node) -> Node:
    if isinstance(node, Or):
        return Or(tuple(map(partial(_tagged, token, lang), node.nodes)))
    if isinstance(node, Term):
        return Term(node.text, lang, node.exact, node.prefix, node.position)
    raise _error(token, f"{lang}: takes a word, a phrase or an OR of them.")
