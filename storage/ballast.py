"""A file that is kept only to be deleted: on a full disk it makes room for what must be written."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from sqlalchemy.engine import URL

from storage.errors import DiskFull

T = TypeVar("T")
_SIZE = 5 * 2**20
_CHUNK = 2**16


class Ballast:
    """`size` bytes beside the database, given up when the result of a sending must be recorded."""

    def __init__(self, path: Path, *, size: int = _SIZE) -> None:
        self._path = path
        self._size = size

    @classmethod
    def beside(cls, url: URL) -> Ballast | None:
        """The ballast of a SQLite file; None for databases that are not files of this machine."""
        if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
            return None
        return cls(Path(f"{url.database}-ballast"))

    def take_aboard(self) -> bool:
        """Write the file where there is room for it twice over; say whether it is there."""
        if self._path.exists():
            return True
        if shutil.disk_usage(self._path.parent).free < 2 * self._size:
            return False
        partial = self._path.with_name(f"{self._path.name}.tmp")
        try:
            self._fill(partial)
            partial.rename(self._path)
        except OSError:
            partial.unlink(missing_ok=True)
            return False
        return True

    def drop(self) -> bool:
        """Delete the file; False when there was none."""
        try:
            self._path.unlink()
        except FileNotFoundError:
            return False
        return True

    def or_drop(self, write: Callable[[], T]) -> T:
        """Do `write`; when the disk is full, drop the ballast and do it once more.

        Raises DiskFull when that was not enough, or nothing was left to drop."""
        try:
            return write()
        except DiskFull:
            if not self.drop():
                raise
            return write()

    def _fill(self, path: Path) -> None:
        with path.open("wb") as file:
            for _ in range(0, self._size, _CHUNK):
                file.write(os.urandom(_CHUNK))  # a compressing file system would give nothing back for zeros
            file.flush()
            os.fsync(file.fileno())
