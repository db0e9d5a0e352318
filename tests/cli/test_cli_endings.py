"""How commands end: exit codes, and what is said on which stream."""

from __future__ import annotations

import json

import pytest
from joblib.externals.loky.process_executor import TerminatedWorkerError

from twin.model.problems import InputError, Problem, RunError

ANSWERING = [
    ["show", "small"],
    ["plan", "small"],
    ["kits", "small"],
    ["schedule", "small"],
    ["promise", "small", "--order", "order-1"],
    ["bottleneck", "small"],
    ["promise", "small", "--customer", "acme", "--site", "hall", "--quantity", "9"],
    ["run", "small"],
    ["run", "fire"],
    ["compare", "small", "fire"],
]
SAVED = [["check", "small"], ["report", "baseline-12345678"], ["runs"], ["runs", "list"], ["runs", "delete", "a"]]


def problem(file: str) -> Problem:
    return Problem(file=file, line=3, column=7, rule="a capacity is not negative", value="-2", remedy="give 0 or more")


@pytest.mark.parametrize("arguments", ANSWERING + SAVED, ids=" ".join)
def test_json_is_one_object_and_nothing_else(library, command, arguments):
    ended = command(*arguments, "--json")
    assert ended.code == 0
    assert json.loads(ended.out)["schema_version"] == 1


@pytest.mark.parametrize("arguments", ANSWERING, ids=" ".join)
def test_quiet_says_nothing_beside_the_answer(library, command, arguments):
    ended = command(*arguments, "--quiet")
    assert ended.code == 0
    assert ended.out
    assert ended.err == ""


@pytest.mark.parametrize("arguments", ANSWERING, ids=" ".join)
def test_every_line_fits_a_narrow_terminal(library, command, arguments):
    ended = command(*arguments)
    assert max(map(len, ended.out.splitlines())) <= 80


@pytest.mark.parametrize("arguments", ANSWERING, ids=" ".join)
def test_one_set_of_options_fits_every_command(library, command, arguments):
    assert command(*arguments, "--seed", "3", "--workers", "2", "--quiet", "--json").code == 0


@pytest.mark.parametrize("arguments", [*ANSWERING, ["check", "small"]], ids=" ".join)
def test_bad_input_ends_with_two_and_names_every_problem(library, command, arguments):
    library.raises["small"] = InputError([problem("sites.csv"), problem("lanes.csv")])
    library.raises["fire"] = InputError([problem("fire.yaml")])
    ended = command(*arguments)
    assert ended.code == 2
    assert ended.out.strip() == ""
    expected = {"small": ("sites.csv:3:7", "lanes.csv:3:7"), "fire": ("fire.yaml:3:7",)}
    for name in expected.keys() & set(arguments):
        for position in expected[name]:
            assert f"{position}: a capacity is not negative — got -2 — give 0 or more" in ended.err
    assert "Traceback" not in ended.err


def test_a_problem_of_two_scenarios_is_said_once(library, command):
    library.raises = {"one": InputError([problem("sites.csv")]), "two": InputError([problem("sites.csv")])}
    ended = command("check", "one", "two")
    assert ended.err.count("sites.csv:3:7") == 1
    assert "1 problem in the input" in ended.err


def test_check_gives_problems_as_json_too(library, command):
    library.raises["bad"] = InputError([problem("sites.csv")])
    ended = command("check", "good", "bad", "--json")
    document = json.loads(ended.out)
    assert ended.code == 2
    assert document["ok"] is False
    assert [entry["scenario"] for entry in document["scenarios"]] == ["good"]
    assert document["problems"][0]["line"] == 3
    assert document["problems"][0]["remedy"] == "give 0 or more"


def test_a_failed_run_ends_with_one_and_says_why(library, command):
    library.raises["run"] = RunError("the plan is infeasible: island makes nothing")
    ended = command("run", "small")
    assert ended.code == 1
    assert "the plan is infeasible: island makes nothing" in ended.err
    assert "Traceback" not in ended.err


@pytest.mark.parametrize("error", [TerminatedWorkerError("a long story"), MemoryError()], ids=["killed", "memory"])
def test_a_killed_worker_and_a_full_memory_are_one_line(library, command, error):
    library.raises["run"] = error
    ended = command("run", "small")
    assert ended.code == 1
    (line,) = [line for line in ended.err.splitlines() if not line.startswith("simulate")]
    assert line.startswith("failed: ")
    assert "memory" in line
    assert "--workers 1" in line


def test_an_interrupted_run_ends_with_130(library, command):
    library.raises["run"] = KeyboardInterrupt()
    assert command("run", "small").code == 130


@pytest.mark.parametrize(
    "arguments",
    [
        ["fly"],
        ["run"],
        ["run", "small", "--fast"],
        ["run", "small", "--replications", "0"],
        ["run", "small", "--replications", "many"],
        ["run", "small", "--replications", "1000000000"],
        ["run", "small", "--seed", "99999999999999999999"],
        ["run", "small", "--workers", "100000"],
        ["compare", "small"],
        ["runs", "delete"],
    ],
    ids=" ".join,
)
def test_wrong_usage_ends_with_two(library, command, arguments):
    ended = command(*arguments)
    assert ended.code == 2
    assert ended.out == ""
    assert ended.err
    assert not [name for name, _ in library.calls if name in ("run", "compare")]


def test_progress_goes_to_standard_error(library, command):
    ended = command("run", "small", "--json")
    assert "simulate: 1 of 10" in ended.err
    assert "simulate: 1" not in ended.out


def test_help_of_every_command_teaches_by_an_example(library, command):
    overview = command("--help")
    names = ["new", "check", "show", "plan", "kits", "schedule", "run", "compare", "report", "runs"]
    for name in names:
        assert f" {name} " in overview.out
        assert f"Example: twin {name} " in command(name, "--help").out
