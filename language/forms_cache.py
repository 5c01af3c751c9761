"""Forms kept between starts: making those of a large topic costs a second, reading them a tenth."""

from __future__ import annotations

import json
from contextlib import suppress
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path

from language import forms as rules

_MADE_BY = ("pymorphy3", "pymorphy3-dicts-ru", "pymorphy3-dicts-uk", "snowballstemmer")


class FormsCache:
    """`forms`, remembered in a file of `folder`, one for each version of rules and dictionaries.

    Without a folder nothing is kept. The file is only a saving: one that cannot be read or written
    costs time, never a result.
    """

    def __init__(self, folder: Path | None) -> None:
        self._path = folder / f"forms-{_rules_version()}.json" if folder else None
        self._known: dict[str, list[str]] = {}
        self._size = 0
        if self._path:
            with suppress(OSError, ValueError):
                self._known = dict(json.loads(self._path.read_text(encoding="utf-8")))
                self._size = len(self._known)

    def forms(self, term: str, lang: str) -> frozenset[str]:
        """The same as `language.forms.forms`."""
        key = f"{lang}:{term}"
        if key not in self._known:
            self._known[key] = sorted(rules.forms(term, lang))
        return frozenset(self._known[key])

    def save(self) -> None:
        """Write the file anew if anything was added."""
        if self._path is None or len(self._known) == self._size:
            return
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            part = self._path.with_suffix(".part")
            part.write_text(json.dumps(self._known, ensure_ascii=False), encoding="utf-8")
            part.replace(self._path)
            self._size = len(self._known)


def _rules_version() -> str:
    digest = blake2b(digest_size=6)
    for file in sorted(Path(rules.__file__).parent.glob("*.py")):
        digest.update(file.read_bytes())
    for package in _MADE_BY:
        digest.update(f"{package} {version(package)};".encode())
    return digest.hexdigest()
