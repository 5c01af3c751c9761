"""`hotline init`: a commented configuration with real feeds, and the schema for editors beside it."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from hotline.config_file import DEFAULT_NAME
from hotline.config_schema import SCHEMA_NAME, schema_text
from hotline.result import Result
from language.errors import HotlineError


class CannotWriteError(HotlineError):
    """The folder cannot be made or written to, or holds a configuration already."""

    code = "cannot-write"


def init(folder: Path) -> Result:
    """Write hotline.yaml into `folder`, which is made if needed; nothing that is there is overwritten.

    Raises:
        CannotWriteError: there is a configuration already, or the folder refuses.
    """
    config = folder / DEFAULT_NAME
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with config.open("x", encoding="utf-8") as file:
            file.write(starter_text())
        (folder / SCHEMA_NAME).write_text(schema_text(), encoding="utf-8")
    except FileExistsError as error:
        raise CannotWriteError(
            f"{error.filename} is there already and stays as it is.", hint="Name another folder."
        ) from error
    except OSError as error:
        raise CannotWriteError(f"{folder} cannot be written to: {error.strerror}.") from error
    return Result("init", {"config": config, "schema": folder / SCHEMA_NAME}, report=(_next_steps(config),))


def starter_text() -> str:
    """The configuration that `init` writes."""
    return files("hotline.starter").joinpath(DEFAULT_NAME).read_text(encoding="utf-8")


def _next_steps(config: Path) -> str:
    option = "" if config.parent == Path() else f" --config {config}"
    return (
        f"Wrote {config}.\n\n"
        f"Next:\n"
        f"  1. Open it and change the reader, the sender and the mail server.\n"
        f"  2. hotline check{option}\n"
        f"  3. hotline crawl{option}\n"
        f"  4. hotline digest --preview .{option}"
    )
