"""Why orders are late, in every world: links add up without rest, and who consumed what is conserved."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from properties.late_worlds_generated import REPLANS, late_worlds, planned_anew
from properties.worlds_generated import GENERATE, arm_of, small_worlds, some_disruptions
from worlds import chain_world, day, weekly_orders

from twin.events.late_result import LateOrders
from twin.events.lineage_file import CONSUMERS
from twin.metrics.facts import facts_from
from twin.metrics.late_orders import late_orders
from twin.metrics.lineage import lineage
from twin.metrics.view import View
from twin.model.scenario import Disruption, Target
from twin.model.world import World
from twin.simulate.run import simulate
from twin.study.bench_chain import chain_problem
from twin.study.late import late_world
from twin.study.replicate import Arm, simulate_arm

LOT, RACK, CUSTOMER = (CONSUMERS.index(name) for name in ("lot", "rack", "customer"))
TAKES_TIME = frozenset({"wait", "dock", "rework", "disruption", "end", "limit", "material"})
"""Kinds of links that are above zero."""
EACH_RUNS_A_WORLD = settings(max_examples=25, phases=GENERATE)


def view_of(arm: Arm) -> View:
    return View(simulate_arm(arm, 0).log, facts_from(arm.ground.network))


def why(arm: Arm, view: View) -> LateOrders:
    assert arm.playbook.opening is not None
    return late_orders(view, late_world(arm, arm.playbook.opening.plan, {}))


def assert_told_without_rest(late: LateOrders, view: View) -> None:
    """Links add up, each says what, and no wait or repetition takes less than no time.

    And an order is told of if, and only if, units of it are late by the log's own account.
    """
    for order in late.orders:
        assert sum(link.days for link in order.links) == pytest.approx(order.delay_days, abs=1e-9)
        assert all(link.what and link.cause and (link.where or link.cause == "small") for link in order.links)
        assert all(link.because for link in order.links), [link for link in order.links if not link.because]
        assert all(link.days > 0 for link in order.links if link.cause in TAKES_TIME), order
    owed = view.due_units
    assert sum(order.late_racks for order in late.orders) == int((owed.accepted_s > owed.due_s).sum())
    assert late.orders_due == len(late.orders) + len(late.in_time)


@EACH_RUNS_A_WORLD
@given(small_worlds(), some_disruptions())
def test_the_links_of_every_late_order_add_up_to_its_delay(world: World, hits: tuple[Disruption, ...]) -> None:
    arm = arm_of(world, hits)
    view = view_of(arm)
    assert_told_without_rest(why(arm, view), view)


@EACH_RUNS_A_WORLD
@given(late_worlds(), some_disruptions(), st.sampled_from(REPLANS))
def test_links_add_up_with_modes_clusters_limits_policies_and_plans_made_anew(
    world: World, hits: tuple[Disruption, ...], replan: dict[str, Any]
) -> None:
    arm = planned_anew(world, hits, replan)
    view = view_of(arm)
    assert_told_without_rest(why(arm, view), view)


@EACH_RUNS_A_WORLD
@given(small_worlds(), some_disruptions())
def test_what_was_consumed_is_what_came_in_first(world: World, hits: tuple[Disruption, ...]) -> None:
    """Each consumer got all it took, no lot gave more than it held, and none was used before it was there."""
    view = view_of(arm_of(world, hits))
    found = lineage(view)
    taken: dict[int, float] = defaultdict(float)
    given_out: dict[tuple[int, int, int], float] = defaultdict(float)
    for parent, kind, site, item, lot, quantity in zip(
        found.parent.tolist(), found.kind.tolist(), found.site.tolist(), found.item.tolist(), found.lot.tolist(),
        found.quantity.tolist(), strict=True,
    ):  # fmt: skip
        if kind == LOT:
            taken[parent] += quantity
        if lot >= 0:
            given_out[site, item, lot] += quantity
    consumed = view.all("consumed")
    for parent in set(consumed.parent.tolist()) - {-1}:
        wanted = float(consumed.quantity[consumed.parent == parent].sum())
        assert taken[parent] == pytest.approx(wanted, abs=1e-5)
    held = {
        int(number): float(quantity)
        for event in ("produced", "docked")
        for number, quantity in zip(view.all(event).lot, view.all(event).quantity, strict=True)
    }
    assert all(quantity <= held[lot] + 1e-5 for (_, _, lot), quantity in given_out.items())
    _assert_none_is_used_before_it_is_there(view, found.lot, found.parent, found.kind)


def _assert_none_is_used_before_it_is_there(
    view: View, lots: np.ndarray, parents: np.ndarray, kinds: np.ndarray
) -> None:
    there = {
        int(number): float(time_s)
        for event in ("produced", "docked")
        for number, time_s in zip(view.all(event).lot, view.all(event).time_s, strict=True)
    }
    begun = {
        (kind, int(number)): float(time_s)
        for kind, event, column in ((LOT, "started", "lot"), (LOT, "shipped", "lot"), (RACK, "started", "parent"))
        for number, time_s in zip(getattr(view.all(event), column), view.all(event).time_s, strict=True)
    }
    for lot, parent, kind in zip(lots.tolist(), parents.tolist(), kinds.tolist(), strict=True):
        # A rack has one number at every site: its last start is not before the one that took the kit.
        assert lot < 0 or there[lot] <= begun[kind, parent]


def test_a_rack_holds_what_its_bill_of_materials_says() -> None:
    """In the noiseless chain each rack takes two trays, of lots that were made before."""
    view = view_of(arm_of(chain_world()))
    found = lineage(view)
    tray = found.items.index("tray")
    racks: dict[int, float] = defaultdict(float)
    for number in np.flatnonzero((found.kind == RACK) & (found.item == tray)).tolist():
        racks[int(found.parent[number])] += float(found.quantity[number])
    assert len(racks) >= 12
    assert set(racks.values()) == {2.0}


def test_customers_of_a_stock_policy_got_what_came_first() -> None:
    """A chain of base stocks: all that was served came from day one, then from shipments in their order of coming."""
    problem = chain_problem(days=60)
    view = View(simulate(problem).log, facts_from(problem.network))
    found, docked = lineage(view), view.all("docked")
    sold = found.kind == CUSTOMER
    assert float(found.quantity[sold].sum()) == float(view.all("served").quantity.sum()) > 1_000
    came_s = dict(zip(docked.lot.tolist(), docked.time_s.tolist(), strict=True))
    times = [came_s.get(lot, -1.0) for lot in found.lot[sold].tolist()]
    assert times == sorted(times)
    assert times[0] == -1.0 < times[-1]


def test_an_outage_upstream_is_named_as_the_root() -> None:
    """Trays stand still for three weeks and no planner hears of it in time: the chain ends in the outage."""
    fire = Disruption(
        name="tray fire", at=Target(site="trays"), kind="starts_blocked", starts=day(40), known_after_days=300,
        lasts_weeks="3",
    )  # fmt: skip
    arm = arm_of(chain_world(), (fire,))
    late = why(arm, view_of(arm))
    told = [link for order in late.orders for link in order.links if link.because == "tray fire"]
    assert told
    assert max(link.days for link in told) == pytest.approx(21, abs=3)
    assert late.causes[0].because == "tray fire"
    assert late.causes[0].rack_days == pytest.approx(
        sum(link.days * order.late_racks for order in late.orders for link in order.links
            if (link.what, link.where) == (late.causes[0].what, late.causes[0].where) and link.days > 0)
    )  # fmt: skip


def test_nothing_is_late_where_all_is_in_time() -> None:
    """One rack, due in the tenth week: no late order, no cause; it stands among those in time."""
    order = weekly_orders("campus", "rack_accepted", 10, 1)[-1]
    arm = arm_of(chain_world(orders=(order,), tail_weeks=0))
    late = why(arm, view_of(arm))
    assert (late.orders, late.causes) == ([], [])
    assert order.order in late.in_time
    assert late.orders_due == len(late.in_time)
