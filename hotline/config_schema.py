"""The JSON Schema of hotline.yaml: for editors, the reference in docs/, and whoever writes one by program."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

from pydantic import TypeAdapter

from hotline.config import Config
from language.duration import format_duration

SCHEMA_NAME = "hotline.schema.json"
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TIME_OF_DAY = "^([01][0-9]|2[0-3]):[0-5][0-9]$"
_ISO_TIME = re.compile(r"\d\d:\d\d:00")
_ISO_SPAN = re.compile(r"P(\d+D)?(T[\dHM.]+S?)?")
_SPAN = TypeAdapter(timedelta)
_INCLUDE = {
    "title": "Include",
    "description": "Files whose parts are added to this one; * stands for any name.",
    "type": "array",
    "items": {"type": "string"},
    "examples": [["feeds/*.yaml"]],
}


def config_schema() -> dict[str, Any]:
    """What may stand in a configuration file: the models' schema, with `include`, without secrets.

    A part with nothing behind its name means its defaults, so every optional top-level part may be null.
    """
    schema = _as_written(Config.model_json_schema(mode="validation"))
    parts = {name: _or_nothing(part) for name, part in schema.pop("properties").items()}
    schema["$defs"]["FeedConfig"]["properties"].pop("password", None)
    return {"$schema": _DIALECT, **schema, "properties": {"include": _INCLUDE, **parts}}


def schema_text() -> str:
    """The schema as a file, with a newline at the end."""
    return json.dumps(config_schema(), ensure_ascii=False, indent=2) + "\n"


def _as_written(value: Any) -> Any:
    """Times of day and spans as people write them, where JSON Schema would have 06:30:00 and PT30M."""
    if isinstance(value, dict):
        if value.get("format") == "time":
            return {"type": "string", "pattern": _TIME_OF_DAY, "examples": ["06:30"]}
        return {key: _as_written(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_as_written(item) for item in value]
    if isinstance(value, str) and _ISO_SPAN.fullmatch(value):
        return format_duration(_SPAN.validate_python(value))
    return value[:5] if isinstance(value, str) and _ISO_TIME.fullmatch(value) else value


def _or_nothing(part: dict[str, Any]) -> dict[str, Any]:
    about: dict[str, Any] = {key: part.pop(key) for key in ("title", "description", "default") if key in part}
    return {**about, "anyOf": [part, {"type": "null"}]}
