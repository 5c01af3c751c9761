"""YAML 1.2 text → plain data, with the place of every key and item.

ruamel.yaml composes the nodes, so `no` stays a word and `12:30` a time; the walk here refuses what
YAML would swallow: a key given twice, an alias that contains itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.constructor import SafeConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from hotline.config_error import ConfigProblem, Place

Path: TypeAlias = tuple[str | int, ...]


@dataclass(slots=True)
class Tree:
    """A configuration file as read. `places` knows the place of each key (for a list: of each item)."""

    data: object = None
    places: dict[Path, Place] = field(default_factory=dict)
    problems: list[ConfigProblem] = field(default_factory=list)


def read_tree(text: str, file: str) -> Tree:
    """Read `text`, which came from `file`. A syntax error is the only problem of its file, as nothing
    behind it can be trusted; keys given twice are all listed."""
    yaml = YAML(typ="safe", pure=True)
    try:
        node = yaml.compose(text)
    except MarkedYAMLError as error:
        return Tree({}, problems=[_syntax_problem(error, file)])
    except (ReaderError, YAMLError) as error:
        message = f"not a readable text file: {getattr(error, 'reason', error)}"
        return Tree({}, problems=[ConfigProblem(Place(file), message)])
    walk = _Walk(yaml.constructor, file)
    if node is not None:
        walk.tree.data = walk.value(node, ())
    return walk.tree


def dotted(path: Path) -> str:
    """`feeds.3.url`: how a key is named in messages; items count from 1, as people do."""
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in path)


def _syntax_problem(error: MarkedYAMLError, file: str) -> ConfigProblem:
    mark = error.problem_mark or error.context_mark
    place = Place(file, mark.line + 1, mark.column + 1) if mark is not None else Place(file)
    hint = "Check the indentation and the quotes at and just above that line."
    return ConfigProblem(place, error.problem or error.context or "this is not YAML", hint=hint)


class _Walk:
    """One pass over the nodes of a file."""

    def __init__(self, constructor: SafeConstructor, file: str) -> None:
        self.constructor = constructor
        self.file = file
        self.tree = Tree()
        self.open: set[int] = set()

    def value(self, node: Node, path: Path) -> object:
        self.tree.places.setdefault(path, self.place(node))
        if isinstance(node, ScalarNode):
            return self.scalar(node, path)
        if id(node) in self.open:
            self.problem(node, "this alias contains itself", path)
            return None
        self.open.add(id(node))
        try:
            if isinstance(node, MappingNode):
                return self.mapping(node, path)
            assert isinstance(node, SequenceNode)
            return self.items(node, path)
        finally:
            self.open.discard(id(node))

    def scalar(self, node: ScalarNode, path: Path) -> object:
        try:
            return self.constructor.construct_object(node)
        except (MarkedYAMLError, ValueError) as error:
            self.problem(node, f"this value cannot be read: {getattr(error, 'problem', error)}", path)
            return None

    def items(self, node: SequenceNode, path: Path) -> list[object]:
        return [self.value(item, (*path, number)) for number, item in enumerate(node.value)]

    def mapping(self, node: MappingNode, path: Path) -> dict[str, object]:
        found: dict[str, object] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value) if isinstance(key_node, ScalarNode) else ""
            if key in found:
                first = self.tree.places[*path, key].line
                self.problem(key_node, f"this key is given twice, first in line {first}", (*path, key))
                continue
            self.tree.places[*path, key] = self.place(key_node)
            found[key] = self.value(value_node, (*path, key))
        return found

    def place(self, node: Node) -> Place:
        return Place(self.file, node.start_mark.line + 1, node.start_mark.column + 1)

    def problem(self, node: Node, message: str, path: Path) -> None:
        self.tree.problems.append(ConfigProblem(self.place(node), message, dotted(path)))
