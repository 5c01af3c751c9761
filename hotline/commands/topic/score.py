"""`hotline topic test`: score documents, one JSON line in, one out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

from hotline.bootstrap import make_matcher
from hotline.commands.explain import UnreadableFile, document_from
from hotline.config import Config
from hotline.config_file import find_config, load_config
from topics.matcher import Matcher


def score_lines(config_path: Path | None, environ: Mapping[str, str], file: Path) -> Iterator[str]:
    """Yield for each line {id, title, summary, text, lang, …} of `file` one JSON line
    {id, matched, score, subtopics, hits}, in order. Without a configuration the shipped topic judges.

    A line that is no JSON object gives {id: null, error}. Raises UnreadableFile, ConfigError.
    """
    found = find_config(config_path, environ)
    known = config_path is not None or found.is_file()
    matcher = make_matcher(load_config(found, environ).config if known else Config())
    try:
        with file.open(encoding="utf-8-sig") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield json.dumps(_answer(matcher, line, number), ensure_ascii=False)
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableFile(f"{file} cannot be read: {error}.") from error


def _answer(matcher: Matcher, line: str, number: int) -> dict[str, object]:
    try:
        given = json.loads(line)
    except ValueError as error:
        return {"id": None, "error": f"line {number} is no JSON: {error}"}
    if not isinstance(given, dict):
        return {"id": None, "error": f"line {number} is no JSON object"}
    match = matcher.match(document_from(given))
    return {
        "id": given.get("id"),
        "matched": match.matched,
        "score": match.score,
        "subtopics": match.subtopics,
        "hits": [asdict(hit) for hit in match.hits],
    }
