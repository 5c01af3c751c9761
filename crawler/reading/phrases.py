"""Lists of phrases as regular expressions, one per line."""

from __future__ import annotations


def any_of(patterns: str) -> str:
    """Join the lines of `patterns` into one alternative; a line may hold several, parted by a bar."""
    return "|".join(filter(None, (line.strip() for line in patterns.splitlines())))
