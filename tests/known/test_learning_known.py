"""Wright's law through tables, floor, plan and schedule: hours and failures of the n-th unit, and their sums."""

from __future__ import annotations

from math import log2
from typing import Any

import numpy as np
import pytest
from known.closed_forms import Measured, replications
from known.ladder import estimate, rung
from properties.test_schedule_in_simulation import busy_world, followed
from properties.worlds_generated import arm_of
from worlds import chain_world, day, levels_world, row, shop_world

from twin.events.record import Log
from twin.model.rows_demand import Order
from twin.model.rows_learning import Learning
from twin.model.rows_make import Resource
from twin.model.units import HOUR_S, WEEK_S
from twin.model.world import World
from twin.network.build import build_network
from twin.study.replicate import simulate_arm

WRIGHT = {"source": "Wright 1936: h_n = h_1 n^log2(b)", "family": "Flow, tests and rework"}


def crew_world(units: int, *, first_pass_yield: float = 1.0, crews: int = 1, **curve: Any) -> World:
    """Units of 100 h, one after the other under one crew; all there at the start."""
    step = {"name": "build", "hours": "100", "resource": "crew", "first_pass_yield": first_pass_yield}
    if first_pass_yield < 1:
        step |= {"rework_hours": "1", "max_attempts": 2}
    order = row(Order, order="batch", customer="acme", site="shop", item="job", quantity=units, requested=day(6))
    resources = [{"resource": "crew", "capacity": crews}]
    rows = (row(Learning, item="job", level="shop", **curve),) if curve else ()
    return shop_world("learning", [step], resources, report_weeks=60, orders=(order,), learning=rows)


def step_hours(log: Log) -> np.ndarray:
    """Hours of each attempt, in the order in which they end."""
    rows = log.rows[log.of("step")]
    return np.asarray((rows[:, 0] - rows[:, 10]) / HOUR_S)


def measured(log: Log, _kpis: Measured) -> Measured:
    hours = step_hours(log)
    return {"eighth": float(hours[7]), "makespan": float(log.rows[log.of("step")][:, 0].max()) / HOUR_S}


@pytest.mark.parametrize(
    ("name", "curve", "eighth"),
    [
        ("80 % a doubling", {"hours_per_doubling": 0.8}, 51.2),
        ("80 %, 7 made before", {"hours_per_doubling": 0.8, "units_before": 7}, 100 * (15 / 8) ** log2(0.8)),
        ("80 %, at least 60 %", {"hours_per_doubling": 0.8, "floor": 0.6}, 60.0),
        ("none learned", {"hours_per_doubling": 1.0}, 100.0),
    ],
)
def test_one_crew_learns(name: str, curve: dict[str, float], eighth: float) -> None:
    """The eighth unit takes 0.8^3 of the first; 32 take the sum of n^log2(0.8), one after the other."""
    units = 32
    found = replications(crew_world(units, **curve), 1, measured)
    before, floor = curve.get("units_before", 0.0), curve.get("floor", 0.0)
    power = log2(curve["hours_per_doubling"])
    by_hand = sum(100 * max(floor, ((before + n) / (before + 1)) ** power) for n in range(1, units + 1))
    second = units / HOUR_S
    for what, expected, got in (
        ("eighth unit", eighth, found["eighth"][0]),
        ("32 units", by_hand, found["makespan"][0]),
    ):
        rung(f"{name}: hours of the {what}", expected, got, got - second, got + second, unit="h", **WRIGHT)


def test_failures_fall_with_each_doubling() -> None:
    """First attempts fail with 0.4 n^log2(0.7): summed over 64 units; draws are those of the same test unlearned."""
    units = 64
    world = crew_world(units, crews=1, first_pass_yield=0.6, failures_per_doubling=0.7)

    def failures(log: Log, _kpis: Measured) -> Measured:
        rows = log.rows[log.of("failed")]
        return {"first": float((rows[:, 11] == 1).sum())}

    found = replications(world, 60, failures)
    expected = sum(0.4 * n ** log2(0.7) for n in range(1, units + 1))
    estimate(
        "70 % of failures a doubling: first attempts that fail", expected, found["first"], 0.3, unit="of 64", **WRIGHT
    )
    plain = replications(crew_world(units, first_pass_yield=0.6), 60, failures)
    assert all(learned <= unlearned for learned, unlearned in zip(found["first"], plain["first"], strict=True))


def test_a_curve_that_teaches_nothing_leaves_the_log_as_it_is() -> None:
    flat = (row(Learning, item="rack_accepted", level="L11"),)
    one, other = (simulate_arm(arm_of(chain_world(**tables)), 0).log for tables in ({}, {"learning": flat}))
    assert one.places == other.places
    assert np.array_equal(one.rows, other.rows, equal_nan=True)


def test_plans_reckon_with_the_number_that_orders_ask_for_by_a_date() -> None:
    """Two racks a week: from week 8 on until week 12 the hours of the 21st, 20 being due by the middle of week 10."""
    curve = row(Learning, item="rack_accepted", level="L11", step="install", hours_per_doubling=0.85)
    network = build_network(chain_world(learning=(curve,)))
    (key,) = network.made_at["campus", "rack_accepted"]
    learned, table = network.routing_at(key, 9 * WEEK_S), network.routing[key]
    assert learned[1] == table[1]
    got = learned[0].hours.mean
    rung("rack 21, as planned in week 9: hours", 10 * 21 ** log2(0.85), got, got, got, unit="h", **WRIGHT)
    assert network.routing_at(key, -WEEK_S) == table


def test_each_level_learns_by_its_own_share() -> None:
    """Of two racks a week a quarter is built from kits: the kit's makers count half a rack a week too."""
    shares = ({"level": "L10", "share": 0.25}, {"level": "L11", "share": 0.75})
    rows = tuple(
        row(Learning, item=item, level="L10", hours_per_doubling=0.8) for item in ("rack_accepted", "rack_kit")
    )
    network = build_network(levels_world(levels=shares, learning=rows))
    site = next(key for key in network.made_at["campus", "rack_accepted"] if network.routing[key][0].level == "L10")
    factory = network.made_at["integrator", "rack_kit"][0]
    for key in (site, factory):
        pace = network.routing_at(key, 9 * WEEK_S)[0].hours.mean / network.routing[key][0].hours.mean
        assert pace == pytest.approx(6 ** log2(0.8))
    assert network.curves.keys() == {site, factory}


def accepted(world: World) -> int:
    return int(simulate_arm(arm_of(world), 0).log.of("accepted").sum())


def test_a_plan_that_learns_takes_up_more_where_the_crew_binds() -> None:
    """One crew, 24 h a rack: 7 a week for ever, and more where 12 h are left of it."""
    base = chain_world()
    wide = {
        "resources": (
            *(each.model_copy(update={"capacity": 100.0}) for each in base.resources if each.resource != "crew"),
            row(Resource, site="campus", resource="crew", capacity=1),
        ),
        "processes": tuple(each.model_copy(update={"capacity_per_week": None}) for each in base.processes),
    }
    curve = row(Learning, item="rack_accepted", level="L11", hours_per_doubling=0.7, floor=0.5)
    plain, learned = (chain_world(racks_per_week=14, **wide, **more) for more in ({}, {"learning": (curve,)}))
    few, many = accepted(plain), accepted(learned)
    assert few <= 7 * 20
    assert many > 1.4 * few


def test_without_luck_the_floor_keeps_to_a_schedule_that_has_learned() -> None:
    """Each rack of the window has the hours of its own number, in the schedule as on the floor."""
    curves = tuple(
        row(Learning, item="rack_l11", level="L11", step=step, hours_per_doubling=0.8) for step in ("assemble", "2")
    )
    arm = arm_of(busy_world().model_copy(update={"learning": curves}))
    assert followed(arm) >= 60
    log = simulate_arm(arm, 0, noise=False).log
    assert len({end - start for start, end in _lengths(log)}) > 10


def _lengths(log: Log) -> list[tuple[float, float]]:
    at = log.places.index("step:integrator/test")
    rows = log.rows[log.of("step") & (log.column("place") == at)]
    return [(line[10], line[0]) for line in rows]
