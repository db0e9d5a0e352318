"""Commands that simulate: run a scenario, compare several."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from twin.cli import options
from twin.cli.cases import load_all, refuse_twins
from twin.cli.output import answer, answer_json, check_writable, message
from twin.cli.progress import progress

_THRESHOLD_HOLDS = 4

FailIfOption = Annotated[
    list[str] | None,
    typer.Option(
        "--fail-if", metavar="KPI<VALUE", help="End with 4 if this holds, as in 'on_time_in_full<0.9'; may be repeated."
    ),
]


def run(
    scenario: options.ScenarioArgument,
    replications: options.ReplicationsOption = None,
    report: options.PageOption = None,
    fail_if: FailIfOption = None,
    as_json: options.JsonOption = False,
    out: options.RunsOption = options.RUNS_FOLDER,
    seed: options.SeedOption = None,
    workers: options.WorkersOption = None,
    quiet: options.QuietOption = False,
) -> None:
    """Plan, schedule, simulate and measure; a disrupted scenario beside its paired baseline.

    Example: twin run hbm-outage --report reports/hbm-outage.html
    """
    from twin import api
    from twin.cli.tables_run import run_tables
    from twin.cli.threshold import check_measures, check_thresholds, measures_of, parse_thresholds

    thresholds = parse_thresholds(fail_if or [])
    case = api.load(scenario)
    check_measures(thresholds, case)
    check_writable([out], [report])
    with progress(quiet) as tell:
        result = api.run(
            case,
            replications=replications,
            seed=seed,
            workers=workers,
            out=out,
            progress=tell,
            command=_command("run", [scenario], replications, seed),
        )
    page = api.report(result, report) if report is not None else None
    if as_json:
        answer_json(result)
    else:
        answer(*run_tables(result))
    _say_where([result.run], page, as_json, quiet)
    reasons = check_thresholds(thresholds, measures_of(result))
    for reason in reasons:
        message(f"--fail-if: {reason}")
    if reasons:
        raise typer.Exit(_THRESHOLD_HOLDS)


def compare(
    scenarios: options.ScenariosArgument,
    replications: options.ReplicationsOption = None,
    report: options.PageOption = None,
    as_json: options.JsonOption = False,
    out: options.RunsOption = options.RUNS_FOLDER,
    seed: options.SeedOption = None,
    workers: options.WorkersOption = None,
    quiet: options.QuietOption = False,
) -> None:
    """Compare scenarios, paired against the first under the same luck.

    Example: twin compare baseline hbm-outage cowos-quake --replications 20
    """
    from twin import api
    from twin.cli.tables_run import compare_tables

    if len(scenarios) < 2:
        raise typer.BadParameter("name two scenarios or more", param_hint="SCENARIO...")
    cases = load_all(scenarios)
    refuse_twins(scenarios, cases)
    check_writable([out], [report])
    with progress(quiet) as tell:
        result = api.compare(
            cases,
            replications=replications,
            seed=seed,
            workers=workers,
            out=out,
            progress=tell,
            command=_command("compare", scenarios, replications, seed),
        )
    page = api.report(result, report) if report is not None else None
    if as_json:
        answer_json(result)
    else:
        answer(*compare_tables(result))
    _say_where([entry.run for entry in result.results], page, as_json, quiet)


def _command(name: str, scenarios: list[str], replications: int | None, seed: int | None) -> str:
    """The command that gives the same answer again; what does not change the answer is left out."""
    words = ["twin", name, *scenarios]
    words += [] if replications is None else ["--replications", str(replications)]
    words += [] if seed is None else ["--seed", str(seed)]
    return shlex.join(words)


def _say_where(runs: list[str], page: Path | None, as_json: bool, quiet: bool) -> None:
    """Where the runs and the page are: part of the answer, but beside it where the answer is JSON."""
    lines = [f"run: {run}" for run in runs] + ([f"page: {page}"] if page is not None else [])
    if not as_json:
        answer(*lines)
    elif not quiet:
        for line in lines:
            message(line)
