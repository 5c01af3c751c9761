"""`hotline check`: is everything that a run needs in order?"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from hotline.config_file import Loaded, find_config, load_config
from hotline.result import Result


def check(config: Path | None, environ: Mapping[str, str]) -> Result:
    """Validate the configuration; a wrong one raises ConfigError with every mistake."""
    loaded = load_config(find_config(config, environ), environ)
    return Result("check", _data(loaded), report=(_report(loaded),))


def _data(loaded: Loaded) -> dict[str, object]:
    config = loaded.config
    return {
        "config": loaded.path,
        "files": loaded.files,
        "feeds": len(config.feeds),
        "digests": [digest.name for digest in config.digests],
    }


def _report(loaded: Loaded) -> str:
    feeds, digests = len(loaded.config.feeds), len(loaded.config.digests)
    return f"{loaded.path}: in order. {feeds} feeds, {digests} digests."
