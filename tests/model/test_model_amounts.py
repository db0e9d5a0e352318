"""Numbers and dates beyond all sense are refused at their cell; those at the edge of it are taken."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from worlds import chain_world, weekly_orders

from twin.model.case import load_case
from twin.model.checks_dates import late_notes
from twin.model.columns import kinds_of
from twin.model.distribution import parse_distribution
from twin.model.load import load_world
from twin.model.problems import InputError
from twin.model.rows_make import Resource, RoutingStep
from twin.model.rows_network import Lane
from twin.model.world import TABLES

ORDER = "o1,acme,campus,rack,2,2026-02-02"

TOO_MUCH = (
    ("resources", "crew,2", "crew,1e308", "2:13", "capacity must be 1,000,000,000,000 or less — got 1e308"),
    ("resources", "crew,2", "crew,-1e-300", "2:13", "capacity must be 0 or more"),
    ("orders", ORDER, ORDER.replace(",2,", f",{10**20},"), "2:21", "quantity must be 1,000,000 or less"),
    ("orders", ORDER, ORDER.replace("2026", "2062"), "2:23", "more than 1,040 weeks after `starts` (2026-01-05)"),
    ("orders", ORDER, ORDER.replace("2026", "1926"), "2:23", "more than 1,040 weeks before `starts` (2026-01-05)"),
    ("orders", ORDER, ORDER.replace("2026", "9999"), "2:23", "must lie in a year from 1900 to 2199"),
    ("processes", "wafer,14", "wafer,3651", "2:16", "cycle_days must be 3,650 or less — got 3651"),
    ("processes", "wafer,14", "wafer,exponential(1e9)", "2:16", "cycle_days must be 3,650 or less on average"),
    ("processes", "wafer,14", '"wafer","weibull(0.001, 4)"', "2:18", "shape, from 0.3 to 100"),
    ("processes", "wafer,14", '"wafer","gamma(5, 1e-200)"', "2:18", "variation, from 0.001 to 10"),
    ("routings", "place,10", "place,1e6", "2:18", "hours must be 87,600 or less"),
    ("bom", "tray,wafer,0.25", "tray,wafer,1e-300", "2:12", "quantity must be 0.000001 or more"),
    ("lanes", "a,fab,plant,air,3", "a,fab,plant,air,1e300", "2:17", "transit_days must be 3,650 or less"),
)


@pytest.mark.parametrize(("table", "old", "new", "at", "rule"), TOO_MUCH)
def test_what_is_beyond_all_sense_is_refused_where_it_stands(
    world_folder: Path,
    edit: Callable[[str, str, str], Path],
    read_problems: Callable[[Path], list[str]],
    table: str,
    old: str,
    new: str,
    at: str,
    rule: str,
) -> None:
    edit(f"{world_folder}/{table}.csv", old, new)
    told = read_problems(world_folder)
    assert len(told) == 1, told
    assert told[0].startswith(f"{table}.csv:{at}: ")
    assert rule in told[0]
    assert told[0].count(" — ") == 2, "a rule, the value, a remedy"


@pytest.mark.parametrize(
    ("old", "new", "at", "rule"),
    [
        ("lasts_weeks: 2", "lasts_weeks: 1e300", "9:18", "lasts_weeks must be 520 or less"),
        ("lasts_weeks: 2", "lasts_days: 1e5", "9:17", "lasts_days must be 3,650 or less"),
        ("lasts_weeks: 2", "lasts_weeks: 2\n    known_after_days: -1e9", "10:23", "known_after_days must be -3,650 or"),
        ("lasts_weeks: 2", "lasts_weeks: 2\n    recovers_over_weeks: 521", "10:26", "recovers_over_weeks must be 520"),
        ("set: {capacity: 4}", "set: {capacity: 1e13}", "13:21", "capacity must be 1,000,000,000,000 or less"),
        ("set: {capacity: 4}", "multiply: {capacity: 1e308}", "13:26", "capacity must be 1,000,000,000,000 or less"),
        ("set: {capacity: 4}", "multiply: {capacity: 1e12}", "13:26", "capacity must be 1,000,000,000,000 or less"),
        ("high: 8", "high: 1e13", "20:11", "high must be 1,000,000,000,000 or less"),
        ("low: 1", "low: -1", "19:10", "capacity must be 0 or more"),
        ("levers:", "replications: 100000000\nlevers:", "14:15", "replications must be 100,000 or less"),
        ("levers:", f"seed: {'9' * 5000}\nlevers:", "14:7", "seed must"),
    ],
)
def test_a_scenario_beyond_all_sense_is_refused(scenario_file: Path, old: str, new: str, at: str, rule: str) -> None:
    scenario_file.write_text(scenario_file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_case(scenario_file)
    told = [str(problem) for problem in caught.value.problems]
    assert [line for line in told if line.startswith(f"fire.yaml:{at}: {rule}")], told


def test_an_estimate_may_not_stand_for_a_value_that_its_column_cannot_hold(
    world_folder: Path, read_problems: Callable[[Path], list[str]]
) -> None:
    rows = (
        "estimate,table,where,column,low,high,source\n"
        "crews,resources,resource=crew,capacity,-1,3,maker\n"
        "places,orders,order=o1,quantity,1,2.5,maker\n"
    )
    (world_folder / "estimates.csv").write_text(rows, encoding="utf-8")
    told = read_problems(world_folder)
    assert [line.split(" — ")[0] for line in told] == [
        "estimates.csv:2:40: capacity must be 0 or more",
        "estimates.csv:3:35: quantity must be a whole number",
    ]


def test_every_number_of_every_table_has_a_most() -> None:
    """Numbers are given far too large, one column at a time; the rows' other cells do not matter."""
    for table, record in TABLES.items():
        for column, kind in kinds_of(record).items():
            if kind in ("number", "whole", "varying"):
                with pytest.raises(ValueError, match=column) as caught:
                    record.model_validate({column: "1000000000001"})
                refused = {error["loc"][0] for error in caught.value.errors() if error["type"] != "missing"}
                assert column in refused, (table, column)


def test_units_that_break_down_one_by_one_are_not_without_number(
    world_folder: Path, read_problems: Callable[[Path], list[str]]
) -> None:
    rows = "site,resource,capacity,failures,mtbf_hours,mttr_hours,source\ncampus,crew,{},time,100,1,maker\n"
    (world_folder / "resources.csv").write_text(rows.format(10_001), encoding="utf-8")
    (told,) = read_problems(world_folder)
    assert told.startswith("resources.csv:2:13: capacity must be 10,000 or less where failures is given — got 10001")
    (world_folder / "resources.csv").write_text(rows.format(10_000), encoding="utf-8")
    load_world(world_folder)


def test_the_edge_is_taken() -> None:
    resource = Resource(site="hall", resource="bay", capacity=1e12, mtbf_hours="exponential(1e9)", mttr_hours=87_600)
    assert resource.capacity == 1e12
    assert Lane(lane="a", origin="b", destination="c", transit_days="lognormal(3650, 10)").transit_days.mean == 3650
    step = RoutingStep(item="rack", level="L11", step=1000, name="soak", hours=87_600, first_pass_yield=0.001)
    assert step.hours == parse_distribution(87_600)


@pytest.mark.parametrize("text", ["lognormal(3650, 10)", "gamma(3650, 10)", "weibull(0.3, 400)", "exponential(3650)"])
def test_no_draw_outruns_the_clock(text: str) -> None:
    assert parse_distribution(text).quantile_at(1.0) * 86_400 < 2**62


def test_what_lies_past_the_planned_end_is_told() -> None:
    """Twelve weeks of report, eight of tail, eight further: the planned end is 2026-07-20."""
    world = chain_world()
    assert late_notes(world) == ()
    late = weekly_orders("campus", "rack_accepted", 33, 2)
    crew = world.resources[0].model_copy(update={"from_date": world.settings.starts.replace(year=2027)})
    told = late_notes(world.model_copy(update={"orders": late, "resources": (*world.resources, crew)}))
    assert told == (
        "orders due after the planned end (2026-07-20), too late to be answered: "
        "order-29, order-30, order-31, 2 more (10 units)",
        "rows that begin after the planned end (2026-07-20): resources (1)",
    )


def test_orders_past_the_end_are_a_note_of_the_scenario(scenario_file: Path, world_folder: Path) -> None:
    orders = world_folder / "orders.csv"
    orders.write_text(orders.read_text(encoding="utf-8").replace("2026-03-02", "2027-03-02"), encoding="utf-8")
    assert load_case(scenario_file).warnings == (
        "orders due after the planned end (2026-03-02), too late to be answered: o2 (2 units)",
    )
    load_world(world_folder)
