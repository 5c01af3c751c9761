"""Write the initial migration anew from the tables: `python -m storage.migrations.regenerate`.

Only until the first release; from then on a change of tables is a migration of its own.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

_FOLDER = Path(__file__).parent
_INITIAL = _FOLDER / "versions" / "0001_initial.py"


def main() -> None:
    """Replace versions/0001_initial.py."""
    _INITIAL.unlink(missing_ok=True)
    later = {path: path.read_text() for path in (_FOLDER / "versions").glob("0*_*.py")}
    for path in later:
        path.unlink()
    with create_engine("sqlite://").connect() as connection:
        config = Config()
        config.set_main_option("script_location", str(_FOLDER))
        config.attributes["connection"] = connection
        command.revision(config, "The tables of the first release", autogenerate=True, rev_id="0001")
    made = next((_FOLDER / "versions").glob("0001_*.py"))
    made.rename(_INITIAL)
    for path, text in later.items():
        path.write_text(text)
    subprocess.run([sys.executable, "-m", "ruff", "check", "-q", "--fix", str(_INITIAL)], check=True)  # noqa: S603
    subprocess.run([sys.executable, "-m", "ruff", "format", "-q", str(_INITIAL)], check=True)  # noqa: S603


if __name__ == "__main__":
    main()
