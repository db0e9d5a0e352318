"""Commands on the plan and the schedule, without chance."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

import typer
from rich.console import RenderableType

from twin.cli import options
from twin.cli.output import Document, answer, answer_json, check_writable, message, save_json
from twin.cli.progress import progress

_NO_SOLUTION = 1
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

    Ends with 1 where no plan keeps every limit, after a plan that breaks them by the least.

    Example: twin plan hbm-outage
    """
    from twin import api
    from twin.cli.tables_plan import broken_in_words, plan_tables

    case = api.load(scenario)
    check_writable(files=[out])
    with progress(quiet) as report:
        view = api.plan(case, report)
    horizon = case.world.settings.starts + timedelta(seconds=case.world.settings.horizon_s)
    _answer(view, partial(plan_tables, horizon=horizon), as_json, out)
    if view.plan.broken:
        message(f"no plan keeps every limit: {'; '.join(broken_in_words(row) for row in view.plan.broken)}")
        raise typer.Exit(_NO_SOLUTION)


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
    check_writable(files=[out])
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

    Ends with 1 where a site's racks have no schedule, and says why.

    Example: twin schedule integrator-power
    """
    from twin import api
    from twin.cli.tables_schedule import Window, not_scheduled, schedule_tables

    case = api.load(scenario)
    check_writable(files=[out])
    with progress(quiet) as report:
        view = api.schedule(case, report)
    settings = case.world.settings
    weeks = min(settings.schedule_weeks, settings.report_weeks + settings.tail_weeks)
    unknown = tuple(one.name for one in case.scenario.disruptions if one.name not in view.foreseen)
    window = Window(settings.starts, settings.starts + timedelta(weeks=weeks, days=-1), unknown)
    _answer(view, partial(schedule_tables, window=window), as_json, out)
    missing = not_scheduled(view.schedules)
    if missing:
        # The tables have said why; where there are none, or they go elsewhere, it is said here.
        message(" ".join(missing))
        raise typer.Exit(_NO_SOLUTION)


def _answer(view: View, tables: Callable[[View], Iterable[RenderableType]], as_json: bool, out: Path | None) -> None:
    if out is not None:
        save_json(view, out)
    if as_json:
        answer_json(view)
    else:
        answer(*tables(view))
