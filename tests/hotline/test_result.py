"""The JSON envelope is a contract with scripts: these tests pin its keys."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from rich.console import Console

from hotline.config_error import ConfigError, ConfigProblem, Place
from hotline.result import ExitCode, Problem, Result, Status, envelope, failure, show
from language.errors import HotlineError


def _shown(result: Result, *, as_json: bool) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    code = show(result, as_json=as_json, out=Console(file=out, width=80), err=Console(file=err, width=80))
    return code, out.getvalue(), err.getvalue()


def test_the_envelope_has_exactly_these_keys() -> None:
    result = Result(
        "crawl", {"polled": 3}, (Problem("http", "One feed failed.", "Look at it.", {"url": "u"}),)
    )

    assert json.loads(envelope(result)) == {
        "command": "crawl",
        "status": "ok",
        "data": {"polled": 3},
        "errors": [{"code": "http", "message": "One feed failed.", "hint": "Look at it.", "url": "u"}],
    }


def test_the_exit_codes_are_those_that_scripts_know() -> None:
    assert {code.name: code.value for code in ExitCode} == {
        "OK": 0,
        "ERROR": 1,
        "USAGE": 2,
        "PARTIAL": 3,
        "ALREADY_RUNNING": 75,
        "CONFIG": 78,
    }


@pytest.mark.parametrize(
    ("code", "status"),
    [
        (ExitCode.OK, Status.OK),
        (ExitCode.PARTIAL, Status.PARTIAL),
        (ExitCode.ERROR, Status.ERROR),
        (ExitCode.CONFIG, Status.ERROR),
    ],
)
def test_the_status_follows_from_the_exit_code(code: ExitCode, status: Status) -> None:
    assert Result("x", exit_code=code).status is status


def test_values_become_plain_json() -> None:
    data = {
        "at": datetime(2026, 11, 19, 6, 30, tzinfo=UTC),
        "took": timedelta(seconds=90),
        "path": Path("a/b"),
        "set": frozenset({"b", "a"}),
        "place": Place("f", 1, 2),
    }

    assert json.loads(envelope(Result("x", data)))["data"] == {
        "at": "2026-11-19T06:30:00+00:00",
        "took": 90.0,
        "path": "a/b",
        "set": ["a", "b"],
        "place": {"file": "f", "line": 1, "column": 2},
    }


def test_a_value_without_json_form_is_a_bug_and_says_so() -> None:
    with pytest.raises(TypeError, match="object"):
        envelope(Result("x", {"what": object()}))


def test_text_goes_to_standard_output_and_problems_to_standard_error() -> None:
    result = Result("x", errors=(Problem("c", "It broke [red].", "Mend it."),), report=("Done [bold].",))

    assert _shown(result, as_json=False) == (0, "Done [bold].\n", "error: It broke [red].\n       Mend it.\n")


def test_with_json_everything_goes_to_standard_output_unwrapped() -> None:
    code, out, err = _shown(Result("x", {"long": "слово " * 60}, exit_code=ExitCode.PARTIAL), as_json=True)

    assert (code, err) == (3, "")
    assert json.loads(out)["data"]["long"] == "слово " * 60


def test_a_failure_keeps_code_sentence_and_hint() -> None:
    result = failure("run", HotlineError("It is not so.", hint="Do this."))

    assert result.errors == (Problem("error", "It is not so.", "Do this."),)
    assert result.exit_code is ExitCode.ERROR


def test_a_wrong_configuration_exits_78_with_every_mistake() -> None:
    mistakes = [ConfigProblem(Place("h.yaml", 2, 3), "no", "a.b"), ConfigProblem(Place("h.yaml", 9, 1), "no")]

    result = failure("check", ConfigError(mistakes))

    assert result.exit_code is ExitCode.CONFIG
    assert [problem.message for problem in result.errors] == ["h.yaml:2:3: a.b: no", "h.yaml:9:1: no"]
    assert result.errors[0].details == {"file": "h.yaml", "line": 2, "column": 3, "key": "a.b"}
