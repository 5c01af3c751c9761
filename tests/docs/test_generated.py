from __future__ import annotations

import pytest

from docs.regenerate import FOLDER, generated


@pytest.mark.parametrize("name", generated())
def test_what_follows_from_the_code_is_current(name: str) -> None:
    assert (FOLDER / name).read_text(encoding="utf-8") == generated()[name], "python -m docs.regenerate"
