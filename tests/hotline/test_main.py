from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from hotline.__main__ import find_foreign_room, main

_ROOT = Path(__file__).resolve().parent.parent.parent


def _python(program: str, *path: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PYTHONPATH": os.pathsep.join(map(str, path))}
    command = [sys.executable, "-c", program]
    return subprocess.run(command, env=environment, cwd=path[0], capture_output=True, text=True, check=False)


def test_a_wrong_configuration_is_a_sentence_and_78(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["check", "--config", str(tmp_path / "gone.yaml")])

    out, err = capsys.readouterr()
    assert (code, out) == (78, "")
    assert "there is no configuration file here" in err
    assert "hotline init" in err
    assert "Traceback" not in err


def test_with_json_a_failure_is_an_envelope(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["check", "--json", "--config", str(tmp_path / "gone.yaml")])

    out, err = capsys.readouterr()
    assert (code, err) == (78, "")
    assert json.loads(out)["status"] == "error"
    assert json.loads(out)["command"] == "check"


@pytest.mark.parametrize("arguments", [["chekc"], ["check", "--nope"], []])
def test_a_wrong_command_line_is_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_the_version_is_that_of_the_project(capsys: pytest.CaptureFixture[str]) -> None:
    project = tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"hotline {project['version']}\n"


def test_the_rooms_of_this_house_are_its_own() -> None:
    assert find_foreign_room() is None


def test_a_room_of_another_project_stops_the_program(tmp_path: Path) -> None:
    (tmp_path / "storage").mkdir()
    (tmp_path / "storage" / "__init__.py").write_text("raise SystemExit('imported the wrong storage')\n")
    program = "from hotline.__main__ import main; raise SystemExit(main(['check']))"

    done = _python(program, tmp_path, _ROOT)

    assert done.returncode == 1
    assert "another project of that name is in the way" in done.stderr


def test_help_loads_neither_scrapy_nor_the_database() -> None:
    program = (
        "import sys; from hotline.__main__ import main; main(['--help']); "
        "print(sorted({'scrapy', 'sqlalchemy', 'pydantic', 'feedparser'} & set(sys.modules)))"
    )

    assert _python(program, _ROOT).stdout.splitlines()[-1] == "[]"
