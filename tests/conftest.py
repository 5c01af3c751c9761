"""Fixtures that every room uses."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of recorded and labelled material; tests that need it skip where it is absent."""
    folder = Path(os.environ.get("HOTLINE_SHARED", _REPOSITORY.parent / "shared"))
    if not (folder / "gold").is_dir():
        pytest.skip(f"no recorded material at {folder}; set HOTLINE_SHARED to its folder")
    return folder
