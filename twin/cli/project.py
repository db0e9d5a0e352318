"""Commands on the input: begin a project, check scenarios, look at a world."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from twin.cli import options
from twin.cli.cases import load_each
from twin.cli.output import answer, answer_json, check_writable, message, save_json
from twin.model.problems import InputError, Problem, RunError

if TYPE_CHECKING:
    from twin.model.scenario import Case

_SCHEMA_VERSION = 1


def new(
    name: Annotated[str, typer.Argument(metavar="DIR", help="A folder that is not there yet.")],
    as_json: options.JsonOption = False,
    quiet: options.QuietOption = False,
) -> None:
    """Copy the shipped scenarios and worlds into a folder, to edit.

    Example: twin new mine, then edit mine/hbm-outage.yaml, then twin run mine/hbm-outage.yaml
    """
    import shutil

    from twin.model.places import scenarios_folder

    if not name.strip():
        # A blank path is the folder one stands in, which nobody means by it.
        raise typer.BadParameter("a folder needs a name", param_hint="DIR")
    folder = Path(name)
    if folder.exists() and not folder.is_dir():
        raise typer.BadParameter(f"{folder} is a file; name a new folder", param_hint="DIR")
    if folder.exists() and any(folder.iterdir()):
        raise typer.BadParameter(f"{folder} is not empty; name a new folder", param_hint="DIR")
    check_writable([folder])
    try:
        shutil.copytree(scenarios_folder(), folder, dirs_exist_ok=True)
    except OSError as error:
        raise RunError(f"{folder} cannot be written: {error.strerror or error}") from error
    files = sorted(str(path) for path in folder.glob("*.yaml"))
    if as_json:
        answer_json({"schema_version": _SCHEMA_VERSION, "folder": str(folder), "scenarios": files})
    else:
        answer(f"{folder} holds {len(files)} scenarios:", *(f"  {file}" for file in files))
        if files and not quiet:
            message(f"Edit one, then: twin check {files[0]}")


def check(
    scenarios: options.ScenariosArgument, as_json: options.JsonOption = False, quiet: options.QuietOption = False
) -> None:
    """Find every problem of the input at once: file, line, column, rule, value, remedy.

    Example: twin check baseline hbm-outage
    """
    cases, problems = load_each(scenarios)
    if as_json:
        answer_json(
            {
                "schema_version": _SCHEMA_VERSION,
                "ok": not problems,
                "scenarios": [_case_document(case) for case in cases],
                "problems": [_problem_document(problem) for problem in problems],
            }
        )
    else:
        answer(*(f"{case.scenario.name}: no problem in {len(case.files)} files" for case in cases))
    if not quiet:
        for warning in dict.fromkeys(warning for case in cases for warning in case.warnings):
            message(f"note: {warning}")
    if problems:
        raise InputError(problems)


def show(
    scenario: options.ScenarioArgument,
    as_json: options.JsonOption = False,
    out: options.SaveOption = None,
    quiet: options.QuietOption = False,
    seed: options.UnusedSeed = None,
    workers: options.UnusedWorkers = None,
) -> None:
    """Show sites, lanes, bill of materials, single points of failure, concentration.

    Example: twin show baseline
    """
    from twin import api
    from twin.cli.tables_world import world_tables

    case = api.load(scenario)
    check_writable(files=[out])
    view = api.show(case)
    if out is not None:
        save_json(view, out)
    if as_json:
        answer_json(view)
    else:
        answer(*world_tables(view))


def _case_document(case: Case) -> dict[str, Any]:
    return {
        "scenario": case.scenario.name,
        "title": case.scenario.title,
        "world": case.scenario.world,
        "files": list(case.files),
        "warnings": list(case.warnings),
    }


def _problem_document(problem: Problem) -> dict[str, Any]:
    return {
        "file": problem.file,
        "line": problem.line,
        "column": problem.column,
        "sheet": problem.sheet,
        "row": problem.row,
        "rule": problem.rule,
        "value": problem.value,
        "remedy": problem.remedy,
        "message": str(problem),
    }
