"""Notices that configuration files changed, also when an editor or Kubernetes replaces them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path

from watchfiles import awatch

_SUFFIXES = {".yaml", ".yml", ".opml"}  # also one that is new: an `include` pattern may take it in
_KUBERNETES = "..data"  # the link that is switched when a mounted ConfigMap changes


async def changes(files: Callable[[], Iterable[Path]]) -> AsyncIterator[None]:
    """Yield after each change to one of `files()`, or to a configuration file beside one.

    The folders are watched, not the files, so that a file which is replaced is seen. `files` is asked
    again after each change; nothing is watched while it names none.
    """
    while True:
        watched = {path.resolve() for path in files()}
        if not watched:
            return
        async for changed in awatch(*{path.parent for path in watched}, recursive=False, step=50):
            if any(_matters(Path(path), watched) for _, path in changed):
                yield
            if {path.resolve() for path in files()} != watched:
                break


def _matters(path: Path, watched: set[Path]) -> bool:
    return path.resolve() in watched or path.suffix in _SUFFIXES or path.name == _KUBERNETES
