"""Find, read, merge and check the configuration; tell every mistake at once, with its place.

Order of strength: environment (HOTLINE_SECTION__KEY) over the file over the defaults. The file may
`include:` others, which may hold any section but no further `include:`.
"""

from __future__ import annotations

import glob
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path as FilePath

from pydantic import ValidationError

from hotline.config import Config, contradictions
from hotline.config_error import ConfigError, ConfigProblem, Place, missing_file
from hotline.config_explain import explain
from hotline.listed_feeds import read_feeds
from hotline.yaml_tree import Path, Tree, dotted, read_tree
from language.errors import HotlineError
from storage.config import StorageConfig

VARIABLE = "HOTLINE_CONFIG"
DEFAULT_NAME = "hotline.yaml"
_PREFIX = "HOTLINE_"
_SQLITE = "sqlite:///"
_SECRETS = frozenset({"password", "secret", "token"})


@dataclass(frozen=True, slots=True)
class Loaded:
    """A valid configuration, the file it came from, and every file that was read for it."""

    config: Config
    path: FilePath
    files: tuple[FilePath, ...]


def find_config(named: FilePath | None, environ: Mapping[str, str]) -> FilePath:
    """The file named on the command line, else by $HOTLINE_CONFIG, else hotline.yaml in this folder."""
    return named or FilePath(environ.get(VARIABLE) or DEFAULT_NAME)


def load_config(path: FilePath, environ: Mapping[str, str]) -> Loaded:
    """Load the configuration at `path`; relative names in it count from its folder.

    Raises:
        ConfigError: it is missing, unreadable or wrong; with every mistake that could be found.
    """
    if not path.is_file():
        raise missing_file(path)
    draft = _Draft(path)
    draft.read_main()
    draft.place_database()
    draft.read_environment(environ)
    if draft.tree.problems:
        raise ConfigError(_once(draft.tree.problems + draft.mistakes()))
    return Loaded(draft.validated(), path, tuple(draft.files))


class _Draft:
    """The merged tree while it is put together."""

    def __init__(self, path: FilePath) -> None:
        self.path = path
        self.folder = path.parent
        self.files: list[FilePath] = []
        self.tree = Tree({})

    def read_main(self) -> None:
        main = self.read(self.path)
        patterns = main.pop("include", [])
        self.merge(main, ())
        if not isinstance(patterns, list) or not all(isinstance(item, str) for item in patterns):
            self.refuse(("include",), "write a list of file names, such as [feeds/*.yaml]")
            return
        for number, pattern in enumerate(patterns):
            self.include(str(pattern), ("include", number))

    def place_database(self) -> None:
        """Without another word the database lies beside the configuration, not where one happens to stand."""
        storage = self.data.setdefault("storage", {})
        if isinstance(storage, dict):
            storage.setdefault("url", anchor(StorageConfig().url, self.folder, "url"))

    def include(self, pattern: str, path: Path) -> None:
        names = sorted(glob.glob(pattern, root_dir=self.folder))  # noqa: PTH207 - Path.glob refuses absolute patterns
        if not names and not glob.has_magic(pattern):
            self.refuse(path, f"the file {pattern} does not exist")
        for name in names:
            data = self.read(self.folder / name)
            if data.pop("include", None) is not None:
                self.tree.problems.append(
                    ConfigProblem(Place(str(self.folder / name)), "an included file cannot include others")
                )
            self.merge(data, ())

    def read(self, path: FilePath) -> dict[str, object]:
        """The data of one file; its places and problems join the draft. Lists continue those read before."""
        self.files.append(path)
        try:
            tree = read_tree(path.read_text(encoding="utf-8-sig"), str(path))
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            self.tree.problems.append(ConfigProblem(Place(str(path)), f"this file cannot be read: {reason}"))
            return {}
        self.tree.problems += tree.problems
        if tree.data is not None and not isinstance(tree.data, dict):
            hint = "Each part starts with its name and a colon, for example `feeds:`."
            self.tree.problems.append(
                ConfigProblem(Place(str(path), 1, 1), "the file must be made of named parts", hint=hint)
            )
            return {}
        self.adopt(tree.places)
        return {str(key): anchor(value, path.parent, str(key)) for key, value in (tree.data or {}).items()}

    def adopt(self, places: Mapping[Path, Place]) -> None:
        """Take over the places, list items renumbered behind the items that are already there."""
        for path, place in places.items():
            if len(path) > 1 and isinstance(path[1], int):
                path = (path[0], path[1] + self.length(str(path[0])), *path[2:])
            self.tree.places.setdefault(path, place)
            if path and path[-1] in _SECRETS:
                hint = "Write it into a file of its own and name that file in `password_file`."
                self.tree.problems.append(
                    ConfigProblem(place, "no secret may stand in this file", dotted(path), hint)
                )

    def length(self, section: str) -> int:
        value = self.data.get(section)
        return len(value) if isinstance(value, list) else 0

    @property
    def data(self) -> dict[str, object]:
        assert isinstance(self.tree.data, dict)
        return self.tree.data

    def merge(self, new: Mapping[str, object], path: Path, into: dict[str, object] | None = None) -> None:
        """Lists continue, mappings merge, and a single value may be given in one file only."""
        target = self.data if into is None else into
        for key, value in new.items():
            old = target.get(key)
            if isinstance(old, list) and isinstance(value, list):
                old.extend(value)
            elif isinstance(old, dict) and isinstance(value, dict):
                self.merge(value, (*path, key), old)
            elif old is not None and value is not None:
                self.refuse((*path, key), "this key is also given in an included file")
            elif value is not None:
                target[key] = value

    def read_environment(self, environ: Mapping[str, str]) -> None:
        for name, text in sorted(environ.items()):
            if name.startswith(_PREFIX) and "__" in name:
                self.override(name, text)

    def override(self, name: str, text: str) -> None:
        path = tuple(part.lower() for part in name.removeprefix(_PREFIX).split("__"))
        target = self.data
        for part in path[:-1]:
            inner = target.setdefault(part, {})
            if not isinstance(inner, dict):
                self.tree.problems.append(
                    ConfigProblem(Place(f"${name}"), f"{part} is not a part with keys; change it in the file")
                )
                return
            target = inner
        target[path[-1]] = anchor(_from_environment(text), self.folder, path[-1])
        for length in range(1, len(path) + 1):
            self.tree.places.setdefault(path[:length], Place(f"${name}"))
        self.tree.places[path] = Place(f"${name}")

    def refuse(self, path: Path, message: str) -> None:
        self.tree.problems.append(ConfigProblem(self.place(path), message, dotted(path)))

    def place(self, path: Path) -> Place:
        """The place of `path`, or of the nearest thing around it."""
        while path and path not in self.tree.places:
            path = path[:-1]
        return self.tree.places.get(path, Place(str(self.path))) if path else Place(str(self.path))

    def mistakes(self) -> list[ConfigProblem]:
        """What validation would say, found without raising."""
        try:
            self.validated()
        except ConfigError as error:
            return list(error.mistakes)
        return []

    def validated(self) -> Config:
        try:
            config = Config.model_validate(_without_nothing(self.data))
        except ValidationError as error:
            wrong = explain(error, self.data, self.place)
            sections = {str(each["loc"][0]) for each in error.errors() if each["loc"]}
            raise ConfigError(_once([*wrong, *self.contradictions_beside(sections)])) from error
        config = self.with_listed_feeds(config)
        for path, message in contradictions(config):
            self.refuse(path, message)
        if self.tree.problems:
            raise ConfigError(self.tree.problems)
        return config

    def contradictions_beside(self, wrong: set[str]) -> list[ConfigProblem]:
        """What is wrong in the sections that are right by themselves, so that it is told with the rest."""
        right = {key: value for key, value in self.data.items() if key not in wrong}
        try:
            config = Config.model_validate(_without_nothing(right))
        except ValidationError:
            return []  # a mistake that belongs to no section
        return [
            ConfigProblem(self.place(path), message, dotted(path)) for path, message in contradictions(config)
        ]

    def with_listed_feeds(self, config: Config) -> Config:
        """Add the feeds of the list named in `feeds_from`; of two with one address the file's own counts."""
        if not config.feeds_from:
            return config
        path = FilePath(config.feeds_from)
        self.files.append(path)
        try:
            listed = read_feeds(path)
        except OSError as error:
            self.refuse(("feeds_from",), f"{path} cannot be read: {error.strerror}")
            return config
        except HotlineError as error:
            self.refuse(("feeds_from",), f"{path}: {error.message}")
            return config
        own = {feed.url for feed in config.feeds}
        added = tuple(feed for feed in listed if feed.url not in own)
        return config.model_copy(update={"feeds": config.feeds + added})


def _once(problems: list[ConfigProblem]) -> list[ConfigProblem]:
    """In the order of the files; of two about one key at one place the first found."""
    kept: dict[tuple[Place, str], ConfigProblem] = {}
    for problem in problems:
        kept.setdefault((problem.place, problem.key), problem)
    return sorted(kept.values(), key=lambda problem: problem.place)


def anchor(value: object, folder: FilePath, key: str = "") -> object:
    """Make the file names in `value` (keys `…_file`, `feeds_from`, a SQLite URL) count from `folder`."""
    if isinstance(value, dict):
        return {inner: anchor(item, folder, str(inner)) for inner, item in value.items()}
    if isinstance(value, list):
        return [anchor(item, folder) for item in value]
    if isinstance(value, str) and value and (key.endswith("_file") or key == "feeds_from"):
        return str(folder.absolute() / FilePath(value).expanduser())
    if isinstance(value, str) and key == "url" and value.startswith(_SQLITE):
        return _SQLITE + str(folder.absolute() / FilePath(value.removeprefix(_SQLITE)).expanduser())
    return value


def _from_environment(text: str) -> object:
    """Lists and mappings are written as JSON; everything else is text, which the models convert."""
    if text[:1] in {"[", "{"}:
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text


def _without_nothing(value: object) -> object:
    """A key with nothing behind it means the default: what remains when every item is commented out."""
    if isinstance(value, dict):
        return {key: _without_nothing(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_nothing(item) for item in value]
    return value
