"""Defects from the factory through transport to the gates of the site: closed forms through plan, floor and log."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from known.ladder import estimate, rung
from properties.worlds_generated import arm_of
from worlds import chain_world, row

from twin.events.record import Log
from twin.model.rows_make import RoutingStep
from twin.model.world import World
from twin.network.build import build_network
from twin.plan.routing import attempts
from twin.study.replicate import simulate_arm

FAMILY = {"source": "found_ij = lambda_i c_j prod(1 - c_m), lambda_ship on the way", "family": "Flow, tests and rework"}
DRY, WET = 1.0, 2.5
SHIPPED = 0.2
"""Mean defects that the lane adds to a dry rack."""
PUT_IN, FACTORY, SITE = 0.4, 0.7, 0.8
"""Defects of the assembly, and what the gates of factory and site see."""


def shipped_world(factor: float, *, shipped: float = SHIPPED) -> World:
    """The chain with forty racks a week and room for them, a gate in the factory, one at the site."""
    base = chain_world()
    own = {
        ("rack_l11", 1): {"defects_introduced": PUT_IN},
        ("rack_l11", 2): {"gate_coverage": FACTORY, "rework_hours": 1},
        ("rack_accepted", 2): {"gate_coverage": SITE, "rework_hours": 1},
    }
    routings = tuple(
        row(RoutingStep, item=each.item, level=each.level, step=each.step, name=each.name, hours=each.hours.mean,
            **own.get((each.item, each.step), {}))
        for each in base.routings
    )  # fmt: skip
    items = tuple(
        each.model_copy(update={"shipping_defects_factor": factor}) if each.item == "rack_l11" else each
        for each in base.items
    )
    lanes = tuple(
        each.model_copy(update={"shipping_defects": shipped}) if each.lane == "integrator-campus" else each
        for each in base.lanes
    )
    wide = {
        "processes": tuple(each.model_copy(update={"capacity_per_week": None}) for each in base.processes),
        "resources": tuple(each.model_copy(update={"capacity": 300.0}) for each in base.resources),
    }
    parts: dict[str, Any] = {"items": items, "lanes": lanes, "routings": routings, **wide}
    return chain_world(racks_per_week=40, weeks=6, tail_weeks=6, **parts)


@cache
def logs(factor: float) -> tuple[Log, ...]:
    """Ten replications of a few hundred racks."""
    arm = arm_of(shipped_world(factor))
    return tuple(simulate_arm(arm, replication).log for replication in range(10))


def rows(log: Log, event: str, place: str) -> np.ndarray:
    """The rows of an event at a place."""
    at = log.places.index(place)
    return log.rows[log.of(event) & (log.column("place") == at)]


def per(log: Log, event: str, place: str, of: tuple[str, str]) -> float:
    """Defects of an event at a place, over units that came by another, at a first attempt."""
    passing = rows(log, *of)
    first = passing[(passing[:, 11] <= 1) | np.isnan(passing[:, 11])]
    return float(rows(log, event, place)[:, 8].sum()) / float(first[:, 8].sum())


LANE = "lane:integrator-campus"
ASSEMBLE, TEST, VERIFY = "step:integrator/assemble", "step:integrator/test", "step:campus/commission"


@pytest.mark.parametrize(("name", "factor"), [("dry", DRY), ("wet", WET)])
def test_the_gate_of_the_site_finds_what_escaped_and_what_the_way_added(name: str, factor: float) -> None:
    """Of 0.4 the factory finds 0.28; 0.12 and the lane's 0.2 (wet 0.5) come to a gate that finds 80 %."""
    escaped, added = PUT_IN * (1 - FACTORY), SHIPPED * factor
    built, taken_up = ("produced", "process:integration@integrator"), ("produced", "process:installation@campus")
    expected = {
        "found in the factory": (PUT_IN * FACTORY, "found", TEST, ("step", TEST)),
        "escaped from the factory": (escaped, "escaped", "site:integrator", built),
        "added on the way": (added, "flawed", LANE, ("docked", LANE)),
        "found at the site": ((escaped + added) * SITE, "found", VERIFY, ("step", VERIFY)),
        "at the customer": ((escaped + added) * (1 - SITE), "escaped", "site:campus", taken_up),
    }
    for what, (value, event, place, of) in expected.items():
        got = [per(log, event, place, of) for log in logs(factor)]
        estimate(f"{name} rack: {what}", value, got, 0.5, unit="defects a rack", **FAMILY)


def test_the_plan_expects_the_tests_that_the_defects_of_the_way_repeat() -> None:
    """Attempts at the gate of the site: 1 + 1 - exp(-(0.12 + 0.5) 0.8), in the plan and on the floor."""
    world = shipped_world(WET)
    network = build_network(world)
    (key,) = network.made_at["campus", "rack_accepted"]
    found = network.found_at(key)
    mean = (PUT_IN * (1 - FACTORY) + SHIPPED * WET) * SITE
    assert found == {2: pytest.approx(mean)}
    expected = 1 + 1 - np.exp(-mean)
    planned = attempts(network.routing[key][1], found[2])
    rung("wet rack: attempts at the gate of the site, as planned", expected, planned, planned, planned,
         unit="a rack", **FAMILY)  # fmt: skip
    done = [len(rows(log, "step", VERIFY)) / (rows(log, "step", VERIFY)[:, 11] <= 1).sum() for log in logs(WET)]
    estimate("wet rack: attempts at the gate of the site", expected, done, 0.1, unit="a rack", **FAMILY)


def by_serial(log: Log, event: str, place: str) -> dict[tuple[float, float], float]:
    """Quantities of an event at a place, by order and number."""
    return {(line[4], line[5]): line[8] for line in rows(log, event, place)}


def test_a_wet_rack_has_the_luck_of_the_dry_one_and_no_fewer_defects() -> None:
    """Racks built in both runs, and long shipped as they end."""
    for dry, wet in zip(logs(DRY), logs(WET), strict=True):
        few, many = by_serial(dry, "flawed", LANE), by_serial(wet, "flawed", LANE)
        assert sum(many.values()) > sum(few.values()) > 0
        found = [by_serial(log, "found", TEST) for log in (dry, wet)]
        done = [by_serial(log, "step", place).keys() for log in (dry, wet) for place in (ASSEMBLE, TEST)]
        both = done[0] & done[1] & done[2] & done[3]
        assert len(both) > 200
        early = {(line[4], line[5]) for line in rows(dry, "flawed", LANE) if line[0] < dry.report_s}
        assert all(many.get(serial, 0) >= few[serial] for serial in early & both)
        assert all(found[0].get(serial, 0) == found[1].get(serial, 0) for serial in both)


def test_a_lane_that_adds_none_changes_nothing() -> None:
    """Neither a factor of 0 nor a lane without defects leaves a trace; gates beside it are as they were."""
    one, other = (simulate_arm(arm_of(shipped_world(*each)), 0).log for each in ((0.0,), (DRY,)))
    bare = simulate_arm(arm_of(shipped_world(DRY, shipped=0.0)), 0).log
    assert by_serial(other, "flawed", LANE)
    assert not by_serial(one, "flawed", LANE)
    assert one.places == bare.places
    assert np.array_equal(one.rows, bare.rows, equal_nan=True)


def test_defects_are_conserved_rack_by_rack() -> None:
    """What was put in and added was found, or has escaped to the customer."""
    log = logs(WET)[0]
    balance: dict[tuple[float, float], float] = {}
    for event, sign in (("flawed", 1), ("found", -1)):
        for line in log.rows[log.of(event)]:
            serial = (line[4], line[5])
            balance[serial] = balance.get(serial, 0.0) + sign * line[8]
    left = {(line[4], line[5]): line[8] for line in rows(log, "escaped", "site:campus")}
    done = {(line[4], line[5]) for line in rows(log, "produced", "process:installation@campus")}
    assert len(done) > 200
    assert all(balance.get(serial, 0.0) == left.get(serial, 0.0) for serial in done)
