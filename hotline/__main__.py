"""Where the program starts and where it ends: one catch for every failure a user can mend."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

_ROOMS = ("scheduler", "digest", "crawler", "storage", "topics", "language")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code. A failure one can mend is told without a traceback."""
    foreign = find_foreign_room()
    if foreign is not None:
        sys.stderr.write(
            f"error: the package at {foreign} is not Hotline's; another project of that name is in the way.\n"
            "       Install Hotline into an environment of its own and start it from another folder.\n"
        )
        return 1
    return _run(list(sys.argv[1:] if arguments is None else arguments))


def find_foreign_room(home: Path | None = None) -> str | None:
    """The place of the first room that does not lie beside this package, or None.

    The names crawler, scheduler and storage also exist on the package index: two distributions
    in one environment would overwrite each other's files.
    """
    home = home or Path(__file__).resolve().parent.parent
    for room in _ROOMS:
        spec = find_spec(room)
        origin = spec.origin if spec is not None else None
        if origin is None or Path(origin).resolve().parent.parent != home:
            return origin or room
    return None


def _run(arguments: list[str]) -> int:
    from hotline.result import failure, show
    from language.errors import HotlineError

    try:
        return _dispatch(arguments)
    except HotlineError as error:
        command = next((word for word in arguments if not word.startswith("-")), "hotline")
        return show(failure(command, error), as_json="--json" in arguments)
    except KeyboardInterrupt:
        sys.stderr.write("stopped\n")
        return 130


def _dispatch(arguments: list[str]) -> int:
    """Typer prints usage errors itself and exits 2."""
    from hotline.cli import app

    try:
        app(arguments, prog_name="hotline")
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
