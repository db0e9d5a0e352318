"""The plan against answers worked out on paper: time to survive, prices, fluid starts."""

from __future__ import annotations

import math

import numpy as np
import pytest
from known.ladder import exact
from worlds import SOURCE, STARTS, day, row, weekly_orders

from twin.disrupt.availability import availability
from twin.disrupt.resolved import ResolvedDisruption
from twin.model.order_book import order_book
from twin.model.rows_make import BomLine, Process
from twin.model.rows_network import Item, Lane, Site
from twin.model.scenario import Disruption, Target
from twin.model.state import State
from twin.model.units import DAY_S, WEEK_S
from twin.model.world import Settings, World
from twin.network.build import build_network
from twin.network.record import Network
from twin.plan.make import make_plan
from twin.plan.record import PlanOptions, SupplyPlan
from twin.plan.survive import Survival, time_to_survive

OUTAGE_S = 14 * DAY_S


def two_source_world(rate_a: float, rate_b: float) -> World:
    """Sources a and b of a part, a rack made of one part, two racks a day wanted."""
    return World(
        name="two-source",
        settings=Settings(starts=STARTS, report_weeks=8),
        items=(row(Item, item="part", kind="part"), row(Item, item="rack", kind="rack")),
        sites=(
            row(Site, site="a", kind="component"),
            row(Site, site="b", kind="component"),
            row(Site, site="campus", kind="datacenter"),
        ),
        processes=(
            row(Process, process="make-a", site="a", item="part", cycle_days=1, capacity_per_week=7 * rate_a),
            row(Process, process="make-b", site="b", item="part", cycle_days=1, capacity_per_week=7 * rate_b),
            row(Process, process="build", site="campus", item="rack", cycle_days=1),
        ),
        bom=(row(BomLine, item="rack", input="part", quantity=1),),
        lanes=(
            row(Lane, lane="a-campus", origin="a", destination="campus", transit_days=1),
            row(Lane, lane="b-campus", origin="b", destination="campus", transit_days=1),
        ),
        orders=weekly_orders("campus", "rack", 8, 14),
        sources=(SOURCE,),
    )


def outage(site: str) -> ResolvedDisruption:
    """A fortnight from the start in which a site makes nothing."""
    record = Disruption(name=site, at=Target(site=site), kind="outage", starts=STARTS, lasts_days=14)
    return ResolvedDisruption(disruption=record, starts_s=0, ends_s=OUTAGE_S, recovered_s=OUTAGE_S, known_s=0)


def required(network: Network, per_day: float) -> SupplyPlan:
    """A stored baseline that delivers evenly."""
    plan = make_plan(network, availability(network, ()), State(on_hand={("campus", "rack"): 1000.0}), (), PlanOptions())
    even = np.full(len(plan.edges_s) - 1, per_day) * np.diff(plan.edges_s) / DAY_S
    plan.deliveries["acme", "campus", "rack"] = even
    return plan


def survival(rate_a: float, rate_b: float, down: str, stock: float = 10.5) -> Survival:
    network = build_network(two_source_world(rate_a, rate_b))
    hit = availability(network, tuple(outage(site) for site in down))
    # 10.5 racks' worth along the chain, as in the published example: 4.5 of parts, 6 of racks.
    state = State(on_hand={("campus", "part"): stock - 6.0, ("campus", "rack"): 6.0})
    return time_to_survive(network, state, required(network, 2.0), hit, 0, OUTAGE_S)


@pytest.mark.parametrize(
    ("left", "days", "lost"), [(0.0, 5.25, 17.5), (0.5, 7.0, 10.5), (1.0, 10.5, 3.5), (2.0, math.inf, 0.0)]
)
def test_time_to_survive_is_stock_over_the_gap(left: float, days: float, lost: float) -> None:
    """S = 10.5 racks, d = 2 a day, TTR = 14 days: TTS = S / (d - c), lost = (d - c) TTR - S."""
    found = survival(2.0, left, "a")
    words = {"source": "Simchi-Levi et al. 2015", "family": "Disruption and recovery"}
    name = f"stock 10.5, demand 2, {left:g} a day left"
    exact(f"{name}: time to survive", days, found.days, unit="days", within=1e-4, **words)
    exact(f"{name}: lost in 14 days", lost, found.lost_racks, unit="racks", within=1e-5, **words)


def test_a_pair_hides_what_neither_shows_alone() -> None:
    """Two suppliers of 2 a day each back the other: nothing lost alone, 17.5 racks together."""
    assert survival(2.0, 2.0, "a").lost_racks == 0.0
    assert survival(2.0, 2.0, "b").lost_racks == 0.0
    lost = survival(2.0, 2.0, "ab").lost_racks
    words = {"source": "Simchi-Levi et al. 2015", "family": "Disruption and recovery"}
    exact("both of two suppliers down: lost in 14 days", 17.5, lost, unit="racks", within=1e-5, **words)


def test_the_bound_counts_what_can_be_through_in_time() -> None:
    """Starts at 7 a week from day 0, out after 3 days of cycles and lanes: 8 weeks bring 7 x (56 - 3) / 7 racks."""
    network = build_network(two_source_world(1.0, 0.0))
    orders = order_book(network.world)
    plan = make_plan(network, availability(network, ()), State(), orders, PlanOptions(objective="bound"))
    assert plan.status == "optimal"
    # Three passages smear each bucket's starts; the first week is all that they cost.
    words = {"source": "7 x (56 - 3) / 7", "family": "Supply plan"}
    exact("most racks out in 8 weeks at 7 a week", 53.0, plan.value, unit="racks", within=0.2, **words)
    assert plan.bound >= plan.value


def test_a_unit_of_the_bottleneck_is_worth_a_rack_for_each_open_week() -> None:
    """One part a week more is one rack a week more, in the weeks whose parts come through in time."""
    network = build_network(two_source_world(1.0, 0.0))
    orders = order_book(network.world)
    plan = make_plan(network, availability(network, ()), State(), orders, PlanOptions(objective="bound"))
    worth = next(binding for binding in plan.bindings if binding.site == "a")
    assert worth.unit == "starts a week"
    assert worth.limit == pytest.approx(7.0)
    words = {"source": "one rack for each open week", "family": "Supply plan"}
    exact("one part a week more is worth", 53 / 7, worth.racks_per_unit, unit="racks", within=0.05, **words)


def test_an_order_is_promised_when_the_fluid_reaches_its_last_unit() -> None:
    """Stock of 14 serves the first order at once, the second needs production at 7 a week after 3 days."""
    network = build_network(two_source_world(1.0, 0.0))
    orders = order_book(network.world)
    state = State(on_hand={("campus", "rack"): 14.0})
    plan = make_plan(network, availability(network, ()), state, orders, PlanOptions())
    first, second = plan.promises["order-01"], plan.promises["order-02"]
    assert first is not None
    assert second is not None
    assert first <= WEEK_S
    words = {"source": "3 days and 2 weeks of production", "family": "Supply plan"}
    exact("promise of the order behind the stock", 17, second / DAY_S, unit="days", within=0.5, **words)
    assert day(0) == STARTS
