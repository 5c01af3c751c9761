"""Spans of time as people write them: 30 min, 2 h, 1 day."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

_PATTERN = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*([a-zA-Z]*)\s*$")
_SECONDS = {"ms": 0.001, "s": 1, "sec": 1, "min": 60, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_SECONDS |= {"": 1, "second": 1, "minute": 60, "hour": 3600, "day": 86_400, "week": 604_800}


def parse_duration(value: object) -> timedelta:
    """Read `90`, `"90 s"`, `"30 min"`, `"2 h"`, `"1 day"`; a bare number is seconds.

    Raises ValueError when it is none of these.
    """
    if isinstance(value, timedelta):
        return value
    match = _PATTERN.match(str(value))
    unit = match.group(2).lower() if match else "?"
    seconds = _SECONDS.get(unit) or _SECONDS.get(unit.removesuffix("s"))
    if match is None or seconds is None or isinstance(value, bool):
        raise ValueError(f"{value!r} is not a duration; write for example 30 min, 2 h or 1 day")
    return timedelta(seconds=float(match.group(1)) * seconds)


def format_duration(span: timedelta) -> str:
    """Write `span` in its largest whole unit: 90 min, 2 h, 1 d."""
    seconds = span.total_seconds()
    for unit, size in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= size and seconds % size == 0:
            return f"{int(seconds // size)} {unit}"
    return f"{int(seconds)} s" if seconds.is_integer() else f"{seconds:.3f} s"


Duration = Annotated[
    timedelta,
    BeforeValidator(parse_duration),
    PlainSerializer(format_duration, return_type=str),
    WithJsonSchema({"type": ["string", "number"], "examples": ["30 min", "2 h", "1 day"]}),
]
