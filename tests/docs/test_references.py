from __future__ import annotations

import re

import pytest

from docs.command_reference import all_commands
from docs.configuration_reference import configuration_page


def test_every_key_of_the_configuration_is_explained() -> None:
    rows = re.findall(r"^\| `([^`]+)` \| (.*?) \| .* \|$", configuration_page(), re.MULTILINE)

    assert len(rows) > 50
    assert [key for key, meaning in rows if not meaning] == []


def test_every_part_of_the_configuration_is_explained() -> None:
    parts = re.findall(r"^## (\w+)\n\n(.*)$", configuration_page(), re.MULTILINE)

    assert [name for name, about in parts if not about] == []


@pytest.mark.parametrize(("name", "command"), list(all_commands()), ids=[name for name, _ in all_commands()])
def test_every_command_and_each_of_its_options_has_help(name: str, command: object) -> None:
    assert getattr(command, "help", ""), name
    assert [p.name for p in getattr(command, "params", []) if not p.help and p.name != "help"] == []
