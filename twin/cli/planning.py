"""Commands on the plan and the schedule, without chance."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from rich.console import RenderableType

from twin.cli import options
from twin.cli.output import Document, answer, answer_json, save_json
from twin.cli.progress import progress

View = TypeVar("View", bound=Document)


def plan(
    scenario: options.ScenarioArgument,
    as_json: options.JsonOption = False,
    out: options.SaveOption = None,
    quiet: options.QuietOption = False,
    seed: options.UnusedSeed = None,
    workers: options.UnusedWorkers = None,
) -> None:
    """Plan the supply: accepted racks by week and customer, what binds, what one more unit is worth.

    Example: twin plan hbm-outage
    """
    from twin import api
    from twin.cli.tables_plan import plan_tables

    case = api.load(scenario)
    with progress(quiet) as report:
        view = api.plan(case, report)
    _answer(view, plan_tables, as_json, out)


def kits(
    scenario: options.ScenarioArgument,
    as_json: options.JsonOption = False,
    out: options.SaveOption = None,
    quiet: options.QuietOption = False,
    seed: options.UnusedSeed = None,
    workers: options.UnusedWorkers = None,
) -> None:
    """List what is clear to build: full kits by site and week, the short item, the racks it blocks.

    Example: twin kits baseline
    """
    from twin import api
    from twin.cli.tables_plan import kit_tables

    case = api.load(scenario)
    with progress(quiet) as report:
        view = api.kits(case, report)
    _answer(view, kit_tables, as_json, out)


def schedule(
    scenario: options.ScenarioArgument,
    as_json: options.JsonOption = False,
    out: options.SaveOption = None,
    quiet: options.QuietOption = False,
    seed: options.UnusedSeed = None,
    workers: options.UnusedWorkers = None,
) -> None:
    """Schedule racks on bays, cells, crews and kilowatts; with the gap to the proven bound.

    Example: twin schedule integrator-power
    """
    from twin import api
    from twin.cli.tables_schedule import schedule_tables

    case = api.load(scenario)
    with progress(quiet) as report:
        view = api.schedule(case, report)
    _answer(view, schedule_tables, as_json, out)


def _answer(view: View, tables: Callable[[View], Iterable[RenderableType]], as_json: bool, out: Path | None) -> None:
    if out is not None:
        save_json(view, out)
    if as_json:
        answer_json(view)
    else:
        answer(*tables(view))
