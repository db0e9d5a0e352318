"""The command that climbs the ladder of bottlenecks."""

from __future__ import annotations

from typing import Annotated

import typer

from twin.cli import options
from twin.cli.output import answer, answer_json, check_writable, message, save_json
from twin.cli.progress import progress

RungsOption = Annotated[
    int, typer.Option("--rungs", min=1, max=50, help="How many gates to look for, one after another.")
]


def bottleneck(
    scenario: options.ScenarioArgument,
    rungs: RungsOption = 8,
    replications: options.ReplicationsOption = None,
    report: options.PageOption = None,
    as_json: options.JsonOption = False,
    out: options.SaveOption = None,
    seed: options.SeedOption = None,
    workers: options.WorkersOption = None,
    quiet: options.QuietOption = False,
) -> None:
    """Relieve what binds, see what it gains, find what binds next: the ladder of bottlenecks, each rung simulated.

    Example: twin bottleneck baseline --rungs 5 --replications 3 --report reports/bottleneck.html
    """
    from twin import api
    from twin.cli.tables_ladder import ladder_tables

    case = api.load(scenario)
    check_writable(files=[out, report])
    with progress(quiet) as tell:
        view = api.bottleneck(case, rungs=rungs, replications=replications, seed=seed, workers=workers, progress=tell)
    page = api.report(view, report) if report is not None else None
    if out is not None:
        save_json(view, out)
    if as_json:
        answer_json(view)
    else:
        answer(*ladder_tables(view))
    if page is not None and not as_json:
        answer(f"page: {page}")
    elif page is not None and not quiet:
        message(f"page: {page}")
