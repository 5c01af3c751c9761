"""A small disk of its own, to be filled."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def small_disk(folder: Path, *, megabytes: int) -> Iterator[Path]:
    """A file system of that size in memory; mounting it needs root."""
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def fill(folder: Path) -> None:
    """Leave no byte free."""
    with (folder / "filler").open("wb", buffering=0) as filler:
        for size in (2**16, 2**12):
            _write_until_full(filler, size)


def _write_until_full(filler: object, size: int) -> None:
    try:
        while True:
            filler.write(b"x" * size)  # type: ignore[attr-defined]
    except OSError:
        return
