"""Write the documents that follow from the code: `python -m docs.regenerate`. A test holds them current."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from docs.command_reference import commands_page
from docs.configuration_reference import configuration_page
from hotline.config_schema import SCHEMA_NAME, schema_text

FOLDER = Path(__file__).resolve().parent


def generated() -> Mapping[str, str]:
    """File name in docs/ → content."""
    return {
        SCHEMA_NAME: schema_text(),
        "configuration.md": configuration_page(),
        "commands.md": commands_page(),
    }


def main() -> None:
    """Write them all."""
    for name, content in generated().items():
        (FOLDER / name).write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main()
