"""What the hand-written pages point to must be there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs.command_reference import all_commands

_ROOT = Path(__file__).resolve().parents[2]
_PAGES = [_ROOT / "README.md", _ROOT / "CHANGELOG.md", *sorted((_ROOT / "docs").rglob("*.md"))]
_LINK = re.compile(r"\]\(((?!https?://|mailto:|#)[^)#]+)")
_COMMAND = re.compile(r"`(?:\.venv/bin/)?hotline ([a-z]+(?: [a-z]+)?)")


def _name(page: Path) -> str:
    return str(page.relative_to(_ROOT))


@pytest.mark.parametrize("page", _PAGES, ids=_name)
def test_every_link_leads_somewhere(page: Path) -> None:
    links = _LINK.findall(page.read_text(encoding="utf-8"))

    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", _PAGES, ids=_name)
def test_every_command_that_is_named_exists(page: Path) -> None:
    names = {name for name, _command in all_commands()}
    groups = {name.split()[0] for name in names}
    named = _COMMAND.findall(page.read_text(encoding="utf-8"))

    unknown = [name for name in named if name.split()[0] not in names and name not in names | groups]
    assert unknown == []


@pytest.mark.parametrize(
    "room", ["hotline", "scheduler", "digest", "crawler", "storage", "topics", "language"]
)
def test_the_readme_and_the_architecture_name_every_room(room: str) -> None:
    for page in (_ROOT / "README.md", _ROOT / "docs" / "architecture.md"):
        assert f"{room}/" in page.read_text(encoding="utf-8")


def test_the_readme_prints_six_promises() -> None:
    promises = re.findall(r"^(\d)\. ", (_ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)

    assert promises == list("123456")
