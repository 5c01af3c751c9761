"""docs/configuration.md from the configuration's models."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import time, timedelta
from enum import Enum
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from hotline.config import Config
from language.duration import format_duration

_INTRODUCTION = """\
# Configuration

<!-- Written by `python -m docs.regenerate` from the models; do not edit. -->

Hotline reads one YAML file: the one named by `--config`, else by `$HOTLINE_CONFIG`, else `hotline.yaml` in
the current folder. `hotline init` writes a commented one with real feeds, and beside it the schema
(`hotline.schema.json`) with which editors complete and check what you type. `hotline check` tells every
mistake at once, with file, line and column.

- **YAML 1.2**: `no` is a word and `06:30` a time. A key given twice is refused.
- **Spans of time** are written as `30 s`, `20 min`, `2 h` or `1 day`.
- **`include: [feeds/*.yaml]`** adds the parts of other files: lists continue, single values may be given
  only once. An included file includes no further ones.
- **File names** (`…_file`, `feeds_from`, the SQLite database) count from the folder of their file.
- **The environment is stronger than the file**: `HOTLINE_SMTP__PORT=587` sets `smtp.port`; lists and parts
  are written as JSON. Items of lists are changed in the file only.
- **Secrets never stand in the file**: name a file in `password_file`, or set the variable that the key's
  text below names.
- **While `hotline run` runs** a changed file is taken up; one with a mistake is refused, and the old
  configuration stays in force.

"""


def configuration_page() -> str:
    """The whole page."""
    parts = "\n".join(_part(name, field) for name, field in Config.model_fields.items())
    return _INTRODUCTION + parts


def _part(name: str, field: FieldInfo) -> str:
    model = _model(field.annotation)
    about = field.description or ""
    if model is None:
        return f"## {name}\n\n{about} Default: {_default(field)}.\n"
    many, named = get_origin(field.annotation) is tuple, get_origin(field.annotation) is dict
    intro = f"{about} A list; each item has these keys:" if many else about
    intro = f"{about} Each has a name of its own, and these keys:" if named else intro
    return f"## {name}\n\n{intro}\n\n{_table(model)}\n"


def _table(model: type[BaseModel]) -> str:
    rows = "\n".join(_rows(model))
    return f"| key | meaning | default |\n|---|---|---|\n{rows}\n"


def _rows(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        if field.exclude:
            continue
        key = f"{prefix}{field.alias or name}"
        inner = _model(field.annotation)
        if inner is None or "address" in inner.model_fields:
            yield f"| `{key}` | {_meaning(field)} | {_default(field)} |"
        else:
            yield from _rows(inner, _nested(key, field))


def _nested(key: str, field: FieldInfo) -> str:
    origin = get_origin(field.annotation)
    return f"{key}[]." if origin is tuple else f"{key}.NAME." if origin is dict else f"{key}."


def _model(annotation: Any) -> type[BaseModel] | None:
    """The model inside `annotation`: itself, in a list, as values, or optional."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in {tuple, dict, Union, UnionType}:
        found = (_model(argument) for argument in get_args(annotation))
        return next((model for model in found if model is not None), None)
    return None


def _meaning(field: FieldInfo) -> str:
    choices = _choices(field.annotation)
    listed = f" One of {', '.join(f'`{choice}`' for choice in choices)}." if choices else ""
    text = field.description or ""
    return (text.replace("|", "\\|") + ("" if all(choice in text for choice in choices) else listed)).strip()


def _choices(annotation: Any) -> list[str]:
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return [str(member.value) for member in annotation]
    return [choice for argument in get_args(annotation) for choice in _choices(argument)]


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "must be given"
    value = field.get_default(call_default_factory=True, validated_data={})
    if value is None or value is PydanticUndefined or value in ("", (), {}):
        return "none"
    return f"`{_as_written(value)}`"


def _as_written(value: object) -> str:
    if isinstance(value, timedelta):
        return format_duration(value)
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    if isinstance(value, tuple | list):
        return f"[{', '.join(_as_written(item) for item in value)}]"
    return str(value)
