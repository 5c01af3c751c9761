"""What docker-compose.yml, Dockerfile and .env.example say must be understood by the program."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from hotline.commands.init import starter_text
from hotline.config_file import load_config

_ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = YAML(typ="safe").load(_ROOT / "docker-compose.yml")
    return loaded


def test_the_variables_of_the_container_are_known_to_the_configuration(
    compose: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "hotline.yaml").write_text(starter_text(), encoding="utf-8")

    config = load_config(tmp_path / "hotline.yaml", compose["services"]["hotline"]["environment"]).config

    assert config.storage.url == "postgresql+psycopg://hotline@postgres/hotline"
    assert config.storage.password_file == "/run/secrets/postgres_password"


def test_the_image_keeps_its_database_in_the_volume(tmp_path: Path) -> None:
    dockerfile = (_ROOT / "Dockerfile").read_text(encoding="utf-8")
    variables = dict(re.findall(r"(HOTLINE_\w+)=(\S+)", dockerfile))
    (tmp_path / "hotline.yaml").write_text("", encoding="utf-8")

    assert (
        load_config(tmp_path / "hotline.yaml", variables).config.storage.url == "sqlite:////data/hotline.db"
    )


def test_the_image_copies_every_room_and_runs_as_nobody_in_particular() -> None:
    dockerfile = (_ROOT / "Dockerfile").read_text(encoding="utf-8")
    rooms = re.search(
        r"^packages = \[(.*)\]", (_ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE
    )

    assert rooms is not None
    assert [
        room for room in re.findall(r'"(\w+)"', rooms[1]) if f"COPY {room}/ {room}/" not in dockerfile
    ] == []
    assert re.search(r"^USER [1-9]\d+:[1-9]\d+$", dockerfile, re.MULTILINE)


def test_every_variable_that_compose_wants_is_in_the_example(compose: dict[str, Any]) -> None:
    text = (_ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    wanted = set(re.findall(r"\$\{(\w+)", text)) | {
        secret["environment"] for secret in compose["secrets"].values()
    }
    example = (_ROOT / ".env.example").read_text(encoding="utf-8")

    assert wanted == set(re.findall(r"^(\w+)=", example, re.MULTILINE))


def test_a_stop_leaves_the_service_the_time_it_needs(compose: dict[str, Any]) -> None:
    assert compose["services"]["hotline"]["stop_grace_period"] == "30s"
