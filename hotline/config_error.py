"""Everything that is wrong with a configuration, told at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from hotline.result import Problem
from language.errors import HotlineError


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A position in a file; line and column count from 1, as editors do. Line 0: the file as a whole,
    or no file at all (a variable of the environment, named by `file`)."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class ConfigProblem:
    """One mistake: where it stands, the dotted path of the key (may be empty), what is wrong, what to do."""

    place: Place
    message: str
    key: str = ""
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.place}: {self.key}: {self.message}" if self.key else f"{self.place}: {self.message}"

    def as_problem(self) -> Problem:
        """The form in which a command reports it."""
        place = self.place
        details: dict[str, object] = {"file": place.file, "line": place.line, "column": place.column}
        return Problem("config", str(self), self.hint, details | {"key": self.key})


class ConfigError(HotlineError):
    """The configuration cannot be used; `problems` holds every mistake, in the order of the files."""

    code: ClassVar[str] = "config"

    def __init__(self, mistakes: Sequence[ConfigProblem]) -> None:
        self.mistakes = tuple(mistakes)
        self.problems = tuple(mistake.as_problem() for mistake in mistakes)
        first, rest = self.mistakes[0], len(self.mistakes) - 1
        super().__init__(str(first) + (f" (and {rest} more)" if rest else ""), hint=first.hint)


def missing_file(path: Path) -> ConfigError:
    """No configuration at `path`."""
    hint = "Write one with `hotline init`, or name yours with --config."
    return ConfigError([ConfigProblem(Place(str(path)), "there is no configuration file here", hint=hint)])
