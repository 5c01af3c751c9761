"""`hotline backup`: a consistent copy of the database, also while the service runs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from hotline.bootstrap import open_application
from hotline.config_file import find_config, load_config
from hotline.result import Result
from hotline.whole_file import whole_file
from storage.backup import backup as copy_database


def backup(config_path: Path | None, environ: Mapping[str, str], target: Path) -> Result:
    """Copy the database to `target`, whole or not at all. Raises HotlineError."""
    config = load_config(find_config(config_path, environ), environ).config
    with open_application(config, now=datetime.now(UTC)) as application, whole_file(target) as file:
        copy_database(application.engine, Path(file.name))
    size = target.stat().st_size
    report = f"Wrote {target}, {size / 2**20:.1f} MiB."
    return Result("backup", {"file": target, "bytes": size}, report=(report,))
