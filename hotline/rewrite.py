"""Put a changed configuration file in the place of the old one, or leave everything as it was."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from hotline.config_error import ConfigError
from hotline.config_file import Loaded, load_config
from hotline.whole_file import whole_file

_MARK = "\ufeff"  # some editors on Windows begin a file with it


def read_text(path: Path) -> str:
    """The text of a configuration file that has been loaded before."""
    return path.read_text(encoding="utf-8-sig")


def rewrite(path: Path, text: str, *, main: Path, environ: Mapping[str, str]) -> Loaded:
    """Replace `path`, which belongs to the configuration at `main`, and return the new configuration.

    Raises ConfigError when the new text would be wrong, CannotSaveError when it cannot be written; the
    old file stands again then. A reader of the file sees the old text or the new one, never a part.
    """
    real = path.resolve()
    old = real.read_bytes()
    mark = _MARK if old.startswith(_MARK.encode()) else ""
    _replace(real, (mark + text).encode("utf-8"))
    try:
        return load_config(main, environ)
    except ConfigError:
        _replace(real, old)
        raise


def write_new(path: Path, text: str) -> None:
    """Write a file that may be there already, whole or not at all. Raises CannotSaveError."""
    _replace(path, text.encode("utf-8"))


def _replace(path: Path, content: bytes) -> None:
    with whole_file(path) as file:
        file.write(content)
