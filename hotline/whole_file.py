"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

from language.errors import HotlineError


class CannotSaveError(HotlineError):
    """A file cannot be written."""

    code = "cannot-save"


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """Yield a file that takes the place of `path` when the block ends well, synced to the disk.

    A reader sees the old file or the new one, never a part; when the block fails nothing is left.
    Raises CannotSaveError.
    """
    partial = None
    try:
        with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            partial = Path(file.name)
            yield file
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            shutil.copymode(path, partial)
        else:
            partial.chmod(0o644)
        partial.replace(path)
    except OSError as error:
        raise CannotSaveError(
            f"{path} cannot be written: {error.strerror or error}.",
            hint="Check the folder and its free space.",
        ) from error
    finally:
        if partial is not None:
            partial.unlink(missing_ok=True)
