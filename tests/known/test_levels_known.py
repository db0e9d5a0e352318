"""Assembly in the factory or on the floor: what the level of a rack does to deliveries, by hand."""

from __future__ import annotations

from typing import Any

import pytest
from known.ladder import rung
from properties.log_reading import balance_gaps, levels_below_zero
from properties.test_late_properties import assert_told_without_rest, why
from properties.worlds_generated import arm_of
from simulate.sim_floor import column
from worlds import chain_world, day, levels_world, row, two_ways_world

from twin.events.canonical import log_digest
from twin.events.record import Log
from twin.metrics.facts import facts_from
from twin.metrics.view import View
from twin.model.rows_make import Resource
from twin.model.scenario import Disruption, Target
from twin.model.units import DAY_S, HOUR_S
from twin.study.replicate import simulate_arm

UPSTREAM = {
    "source": "the capacity of the station that binds, over what a rack takes of it",
    "family": "Assembly moves upstream",
}
AT_L10 = ({"level": "L10", "share": 1.0},)
AT_L11 = ({"level": "L11", "share": 1.0},)
FIRST_DAY, LAST_DAY = 28, 98


def log_of(
    levels: tuple[dict[str, Any], ...], racks_per_week: int = 2, *, crews: int = 2, trays_a_week: float = 8
) -> Log:
    """So many racks a week asked for over eighteen weeks, with no limit before the trays."""
    base, most = levels_world(levels=levels), {"wafer": 1000.0, "package": 1000.0, "tray": float(trays_a_week)}
    world = levels_world(
        levels=levels,
        weeks=18,
        racks_per_week=racks_per_week,
        resources=(*base.resources[:2], row(Resource, site="campus", resource="crew", capacity=crews)),
        processes=tuple(
            each.model_copy(update={"capacity_per_week": most[each.item]}) if each.item in most else each
            for each in base.processes
        ),
    )
    return simulate_arm(arm_of(world), 0).log


def accepted_a_week(log: Log) -> float:
    """Racks accepted a week once the chain is full."""
    days = column(log, "accepted", "time_s") / DAY_S
    return float(((days > FIRST_DAY) & (days <= LAST_DAY)).sum()) * 7 / (LAST_DAY - FIRST_DAY)


@pytest.mark.parametrize(("level", "hours"), [("L10", 60), ("L11", 24)])
def test_where_site_crews_bind_the_level_says_how_many_racks(level: str, hours: int) -> None:
    """One crew does 168 hours a week: 2.8 racks of 60 h from kits, and of whole racks of 24 h the four asked for."""
    got = accepted_a_week(log_of(({"level": level, "share": 1.0},), 4, crews=1, trays_a_week=1000))
    name = f"one crew, {hours} h of it a rack ({level}): racks accepted a week"
    rung(name, min(168 / hours, 4.0), got, got - 0.1, got + 0.1, unit="racks a week", **UPSTREAM)


def test_where_a_part_binds_moving_upstream_gains_nothing() -> None:
    """Six trays a week make three racks, wherever they are put together; crews enough for either."""
    site, factory = (accepted_a_week(log_of(levels, 4, crews=4, trays_a_week=6)) for levels in (AT_L10, AT_L11))
    rung(
        "six trays a week, L10: racks accepted a week",
        3.0,
        site,
        site - 0.1,
        site + 0.1,
        unit="racks a week",
        **UPSTREAM,
    )
    rung("six trays a week: gain of L11 over L10", 0.0, factory - site, factory - site - 0.1, factory - site + 0.1,
         unit="racks a week", **UPSTREAM)  # fmt: skip


def starts(log: Log, process: str, site: str = "campus") -> list[float]:
    """Days on which a process started racks."""
    place, time_s = column(log, "started", "place"), column(log, "started", "time_s")
    return list(time_s[place == log.places.index(f"process:{process}@{site}")] / DAY_S)


@pytest.mark.parametrize("share", [0.25, 0.5, 0.75])
def test_racks_come_at_their_shares(share: float) -> None:
    log = log_of(({"level": "L10", "share": share}, {"level": "L11", "share": 1 - share}))
    on_site, whole = len(starts(log, "assembly-on-site")), len(starts(log, "installation"))
    assert on_site / (on_site + whole) == pytest.approx(share, abs=0.06)


def test_a_share_that_moves_in_a_day() -> None:
    """From kits until the sixth week, whole ones from then on."""
    moved = (
        {"level": "L10", "share": 1.0},
        {"level": "L10", "share": 0.0, "from": day(42)},
        {"level": "L11", "share": 1.0, "from": day(42)},
    )
    log = log_of(moved)
    # A plan's bucket is a week, and a rack that is under way is taken up as it is.
    assert max(starts(log, "assembly-on-site")) < 42 + 7
    assert min(starts(log, "installation")) > 42 - 7


def test_the_plan_chooses_where_the_share_is_blank() -> None:
    """With one crew for four racks a week kits come too slowly: 2.8; whole racks keep the dates."""
    either = ({"level": "L10"}, {"level": "L11"})
    log = log_of(either, 4, crews=1, trays_a_week=1000)
    assert len(starts(log, "installation")) > len(starts(log, "assembly-on-site"))
    assert accepted_a_week(log) == pytest.approx(4.0, abs=0.2)


def test_a_level_that_is_not_in_use_leaves_no_trace() -> None:
    """Byte for byte the chain, in which nobody has heard of kits."""
    one = simulate_arm(arm_of(levels_world(levels=AT_L11)), 0).log
    assert log_digest(one) == log_digest(simulate_arm(arm_of(chain_world()), 0).log)


@pytest.mark.parametrize(
    "levels",
    [
        ({"level": "L11", "share": 1.0}, {"level": "L10"}),
        ({"level": "L11", "share": 1.0}, {"level": "L10", "share": 1.0, "from": day(4000)}),
    ],
    ids=["nothing left", "after the end"],
)
def test_a_level_that_gets_no_share_takes_no_rack(levels: tuple[dict[str, Any], ...]) -> None:
    """It is in use, so that its way is there; all racks go the other."""
    log = log_of(levels)
    assert starts(log, "assembly-on-site") == []
    assert accepted_a_week(log) == pytest.approx(2.0, abs=0.1)


@pytest.mark.parametrize("share", [0.25, 0.5, None])
def test_racks_are_tested_deeper_at_their_share(share: float | None) -> None:
    """Two ways to make one rack in one place; what costs time alone is not chosen where the plan may choose."""
    arm = arm_of(two_ways_world(share))
    log = simulate_arm(arm, 0).log
    assert balance_gaps(log, arm.ground.network) == []
    deep, usual = (len(starts(log, name, "integrator")) for name in ("deep-integration", "integration"))
    assert deep / (deep + usual) == pytest.approx(share or 0.0, abs=0.06)


def test_hours_at_the_site_are_those_of_the_level() -> None:
    """Sixty hours of a crew a rack at L10, twenty-four at L11."""
    for levels, hours in ((AT_L10, 60.0), (AT_L11, 24.0)):
        log = log_of(levels)
        place, took_s = column(log, "step", "place"), column(log, "step", "time_s") - column(log, "step", "since_s")
        here = [number for number, name in enumerate(log.places) if name.startswith("step:campus/")]
        racks = len(column(log, "accepted", "time_s"))
        worked = sum(float(took_s[place == number].sum()) for number in here) / HOUR_S
        assert worked / racks == pytest.approx(hours, rel=0.05)


@pytest.mark.parametrize("share", [0.0, 0.4, 1.0])
def test_goods_are_conserved_at_every_level(share: float) -> None:
    """Each rack takes what its own level takes, a tray is in one of them, and nothing comes of nothing."""
    levels = ({"level": "L10", "share": share}, {"level": "L11", "share": 1 - share})
    arm = arm_of(levels_world(levels=levels))
    log = simulate_arm(arm, 0).log
    assert balance_gaps(log, arm.ground.network) == []
    assert levels_below_zero(log, arm.ground.network) == []


@pytest.mark.parametrize(("share", "steps"), [(1.0, {"rack", "verify"}), (0.0, {"install", "commission"})])
def test_late_racks_of_either_level_are_told_without_rest(share: float, steps: set[str]) -> None:
    """The way of a late rack is that of its own level, whose steps are named, though both levels are in use."""
    fire = Disruption(
        name="fire", at=Target(site="campus", resource="crew"), kind="capacity", starts=day(20), lasts_weeks=2
    )
    later = {"from": day(84)}
    levels = (
        {"level": "L10", "share": share},
        {"level": "L11", "share": 1 - share},
        {"level": "L10", "share": 1 - share, **later},
        {"level": "L11", "share": share, **later},
    )
    arm = arm_of(levels_world(levels=levels), (fire,))
    view = View(simulate_arm(arm, 0).log, facts_from(arm.ground.network))
    late = why(arm, view)
    assert_told_without_rest(late, view)
    told = {link.what for order in late.orders for link in order.links if "waited for" in link.what}
    assert any(step in what for step in steps for what in told), told
