"""`--fail-if`: when a run ends with 4."""

from __future__ import annotations

import inspect

import pytest
import typer
from worlds import row

from twin.cli.measured import keys_of
from twin.cli.threshold import check_thresholds, parse_thresholds
from twin.events.result import Measure
from twin.metrics.dictionary import KPIS
from twin.model.rows_demand import Stock
from twin.model.rows_factory import Service
from twin.model.rows_make import Resource

from .conftest import case_of


def fails(condition: str, value: float | None) -> bool:
    return bool(check_thresholds(parse_thresholds([condition]), {"kpi": Measure(value=value, unit="racks")}))


@pytest.mark.parametrize(
    ("condition", "at_or_below", "above"),
    [("kpi<2", False, False), ("kpi<=2", True, False), ("kpi>2", False, True), ("kpi>=2", True, True)],
)
def test_relations_at_and_above_the_limit(condition: str, at_or_below: bool, above: bool):
    assert fails(condition, 2.0) is at_or_below
    assert fails(condition, 2.1) is above


def test_below_the_limit():
    assert fails("kpi < 2", 1.9)
    assert not fails("kpi > 2e0", 1.9)


def test_a_measure_that_is_not_defined_fails():
    assert fails("kpi<0.5", None)


@pytest.mark.parametrize(
    "text", ["", "kpi", "kpi=2", "kpi==2", "kpi<", "<2", "kpi<two", "kpi<nan", "kpi<inf", "kpi<2<3"]
)
def test_what_cannot_be_read_is_refused(text: str):
    with pytest.raises(typer.BadParameter, match="cannot read"):
        parse_thresholds([text])


def test_run_ends_with_four_and_still_answers(library, command):
    ended = command("run", "small", "--fail-if", "racks_accepted<2001", "--fail-if", "racks_accepted>9000")
    assert ended.code == 4
    assert "2,000 racks are accepted." in ended.out
    assert "--fail-if: racks_accepted<2001 holds: it is 2,000 racks" in ended.err
    assert "9000" not in ended.err


def test_run_ends_with_zero_where_the_threshold_is_met(library, command):
    assert command("run", "small", "--fail-if", "racks_accepted<2000").code == 0


def test_a_condition_that_cannot_be_read_stops_before_the_run(library, command):
    ended = command("run", "small", "--fail-if", "racks_accepted=3")
    assert ended.code == 2
    assert not library.calls


def test_an_unknown_measure_is_bad_usage_with_the_nearest_name(library, command):
    ended = command("run", "small", "--fail-if", "racks_acepted<3")
    assert ended.code == 2
    assert "racks_accepted" in ended.err.replace("racks_acepted", "")
    assert [name for name, _ in library.calls] == ["load"]


def test_a_measure_against_the_baseline_may_be_named_where_there_is_one(library, command):
    assert command("run", "fire", "--fail-if", "supply_recovery_days>29").code == 4
    assert command("run", "fire", "--fail-if", "supply_recovery_days>30").code == 0
    ended = command("run", "small", "--fail-if", "supply_recovery_days>29")
    assert ended.code == 2
    assert [name for name, _ in library.calls].count("run") == 2
    assert "small has no disruption" in " ".join(ended.err.split())


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("utilisation", "taken place by place: name one, such as 'utilisation:campus/crew'"),
        ("utilisation:integrator/unknown", "not taken of 'integrator/unknown'"),
        ("utilisation:integrator/celll", "did you mean 'integrator/cell'"),
        ("mean_wait_hours:campus/instal", "did you mean 'campus/install'"),
        ("stock_days:trey", "did you mean 'tray'"),
        ("wip_capital_usd_by_owner", "taken owner by owner: name one, such as 'wip_capital_usd_by_owner:Acme Cloud'"),
        ("racks_accepted:campus", "one number for all: leave out ':campus'"),
    ],
)
def test_a_measure_of_no_such_place_stops_before_the_run(library, command, name: str, told: str):
    ended = command("run", "small", "--fail-if", f"{name}<0.5")
    assert ended.code == 2
    plain = " ".join(line.strip("│ ") for line in ended.err.splitlines())
    assert told in plain
    assert "run" not in [called for called, _ in library.calls]


@pytest.mark.parametrize(
    "name", ["utilisation:integrator/cell", "mean_wait_hours:campus/install", "fill_rate_at:customer:acme@campus"]
)
def test_a_measure_by_place_that_a_run_does_not_define_fails_its_condition(library, command, name: str):
    ended = command("run", "small", "--fail-if", f"{name}<0.5")
    assert ended.code == 4
    assert "not defined in this run" in ended.err


def test_names_of_steps_may_hold_blanks():
    (threshold,) = parse_thresholds(["mean_wait_hours:abilene/Move in, connect, fill >= 3"])
    assert (threshold.kpi, threshold.relation, threshold.limit) == (
        "mean_wait_hours:abilene/Move in, connect, fill",
        ">=",
        3.0,
    )


def test_every_measure_by_place_has_its_places():
    """The dictionary's functions that give numbers by key are those whose keys are known before a run."""
    held = (row(Stock, site="fab", item="wafer", policy="base_stock(4)"),)
    chat = (row(Service, item="rack", service="chat", tokens_per_second=1, share=1),)
    power = (row(Resource, site="campus", resource="test_power", capacity=100, unit="kW"),)
    small = case_of("small").world
    driven = tuple(order.model_copy(update={"driver": "agentic"}) for order in small.orders)
    more = {"stock": held, "services": chat, "resources": small.resources + power, "orders": driven}
    world = small.model_copy(update=more)
    keyed = {name for name, kpi in KPIS.items() if kpi.of and "dict" in str(inspect.get_annotations(kpi.of)["return"])}
    assert {name for name in KPIS if keys_of(name, world) is not None} == keyed
    assert all(keys_of(name, world) for name in keyed)
