"""Where a report's dateline ends."""

from __future__ import annotations

import pytest

from language.dateline import dateline_end


@pytest.mark.parametrize(
    ("text", "dateline"),
    [
        ("LISBON (Reuters) - Fish", "LISBON (Reuters) -"),
        ("LISBON -- Fish", "LISBON -- "),
        ("Москва, 17 мая. Рыба", "Москва, 17 мая."),
        ("КИЇВ. 3 липня. Риба", "КИЇВ. 3 липня."),
        ("Rom/Wien – Fische", "Rom/Wien – "),
        ("LISBON, Aug. 18 (Agency) -- Fish", "LISBON, Aug. 18 (Agency) --"),
        ("Lisbon said on Monday", ""),
        ("Lisbon-Vienna talks", ""),
        ("В Москве 5 мая", ""),
        ("The mayor (left) and the cook", ""),
    ],
)
def test_only_a_dateline_is_one(text: str, dateline: str) -> None:
    assert text[: dateline_end(text)] == dateline
