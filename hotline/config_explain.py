"""Validation errors in the words of somebody who edits the file."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from hotline.config import Config
from hotline.config_error import ConfigProblem, Place
from hotline.yaml_tree import Path, dotted

PlaceOf: TypeAlias = Callable[[Path], Place]

_QUOTES = "Put it in quotes, so that it is read as text."
_PLAIN_WORDS = {
    "missing": "this key is missing",
    "extra_forbidden": "there is no such key",
    "string_type": "this should be text",
    "bool_parsing": "this should be true or false",
    "bool_type": "this should be true or false",
    "int_parsing": "this should be a whole number",
    "int_type": "this should be a whole number",
    "too_short": "this list needs at least one item",
    "tuple_type": "this should be a list, each item on a line of its own after a hyphen",
    "list_type": "this should be a list, each item on a line of its own after a hyphen",
    "model_type": "this should be a part with keys",
    "model_attributes_type": "this should be a part with keys",
    "dict_type": "this should be a part with keys",
}


def explain(error: ValidationError, data: object, place_of: PlaceOf) -> list[ConfigProblem]:
    """One problem per mistake, in the order of the file; `data` is what was validated."""
    found: dict[tuple[Place, Path], ConfigProblem] = {}
    for details in error.errors(include_url=False):
        path = _in_the_file(details["loc"], data)
        problem = ConfigProblem(place_of(path), _message(details), dotted(path), _hint(details, path))
        found.setdefault((problem.place, path), problem)
    return sorted(found.values(), key=lambda problem: problem.place)


def _in_the_file(loc: Sequence[str | int], data: object) -> Path:
    """The location without what Pydantic adds: tags of unions and names of validators."""
    path: list[str | int] = []
    for number, part in enumerate(loc):
        inside = _item(data, part)
        if inside is None and number < len(loc) - 1:
            continue
        path.append(part)
        data = inside
    return tuple(path)


def _item(data: object, part: str | int) -> object:
    if isinstance(data, dict):
        return data.get(part)
    if isinstance(data, list) and isinstance(part, int) and part < len(data):
        return data[part]
    return None


def _message(details: ErrorDetails) -> str:
    plain = _PLAIN_WORDS.get(details["type"])
    if plain is not None:
        return plain
    message = details["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ")
    return message.replace("Input should", "this should").replace("String should", "the text should")


def _hint(details: ErrorDetails, path: Path) -> str:
    if details["type"] == "string_type" and isinstance(details["input"], bool | int | float):
        return _QUOTES
    if details["type"] != "extra_forbidden":
        return ""
    return suggest(str(path[-1]), sorted(known_keys(path[:-1])))


def suggest(word: str, known: Sequence[str]) -> str:
    """What `word` may have been meant to be; else all that it could be."""
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    if near:
        return f"Did you mean `{near[0]}`?"
    return f"Known here: {', '.join(known)}." if known else ""


def known_keys(path: Path) -> set[str]:
    """The keys that the part at `path` may hold, read from the models' own schema."""
    schema = Config.model_json_schema()
    nodes = [schema]
    for part in path:
        nodes = [inner for node in nodes for inner in _inside(node, part, schema)]
    return {
        key for node in nodes for variant in _variants(node, schema) for key in variant.get("properties", {})
    }


def _inside(node: dict[str, Any], part: str | int, schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for variant in _variants(node, schema):
        inner = variant.get("items") if isinstance(part, int) else _property(variant, part)
        if isinstance(inner, dict):
            yield inner


def _property(node: dict[str, Any], name: str) -> object:
    return node.get("properties", {}).get(name) or node.get("additionalProperties")


def _variants(node: dict[str, Any], schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """`node` with references followed and alternatives opened."""
    if "$ref" in node:
        node = schema["$defs"][node["$ref"].rpartition("/")[2]]
    yield node
    for alternative in (*node.get("anyOf", ()), *node.get("oneOf", ())):
        yield from _variants(alternative, schema)
