"""Supply plans with an optimum by hand, and worlds modelled a second time and solved by SciPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from known import second_modeller
from known.ladder import exact
from worlds import SOURCE, STARTS, day, row, weekly_orders

from twin.disrupt.availability import availability
from twin.disrupt.resolved import ResolvedDisruption
from twin.model.distribution import parse_distribution
from twin.model.order_book import order_book
from twin.model.rows_demand import Allocation, Order, Stock
from twin.model.rows_make import BomLine, Process
from twin.model.rows_network import Item, Lane, Site, Sourcing
from twin.model.scenario import Disruption, Target
from twin.model.state import State
from twin.model.units import WEEK_S
from twin.model.world import Settings, World
from twin.network.build import build_network
from twin.plan.make import make_plan
from twin.plan.record import PlanOptions, SupplyPlan

BY_HAND = {"source": "by hand", "family": "Supply plan"}
NEAR = 1e-4


def part_world(weeks: int = 8, per_week: int = 8, **tables: Any) -> World:
    """Sources a and b of a part, a campus that builds one part into one rack, at once and free unless told."""
    parts: dict[str, Any] = {
        "settings": Settings(starts=STARTS, report_weeks=weeks),
        "items": (row(Item, item="part", kind="part", mass_kg=1.0), row(Item, item="rack", kind="rack")),
        "sites": (
            row(Site, site="a", kind="component"),
            row(Site, site="b", kind="component"),
            row(Site, site="campus", kind="datacenter"),
        ),
        "processes": (make("a"), make("b"), row(Process, process="build", site="campus", item="rack", cycle_days=0)),
        "bom": (row(BomLine, item="rack", input="part", quantity=1),),
        "lanes": (way("a"), way("b")),
        "orders": weekly_orders("campus", "rack", weeks, per_week),
        "sources": (SOURCE,),
    }
    return World(name="parts", **(parts | tables))


def make(site: str, per_week: float = 100.0, **cells: Any) -> Process:
    cells = {"cycle_days": 0} | cells
    return row(Process, process=f"make-{site}", site=site, item="part", capacity_per_week=per_week, **cells)


def way(site: str, mode: str = "truck", **cells: Any) -> Lane:
    cells = {"transit_days": 0} | cells
    return row(Lane, lane=f"{site}-{mode}", origin=site, destination="campus", mode=mode, **cells)


def source(site: str, **cells: Any) -> Sourcing:
    return row(Sourcing, item="part", supplier=site, **cells)


def planned(world: World, state: State | None = None, *hits: ResolvedDisruption, bound: bool = False) -> SupplyPlan:
    network = build_network(world)
    options = PlanOptions(objective="bound" if bound else "operational")
    plan = make_plan(network, availability(network, hits), state or State(), order_book(world), options)
    assert plan.status == "optimal"
    return plan


def sent(plan: SupplyPlan, lane: str) -> float:
    return float(plan.shipments[lane, "part"].sum())


def test_shares_of_a_cheap_and_a_dear_source() -> None:
    """Parts of a are free, of b cost 10. Of 104 in a quarter b brings its least share; a no more than its most."""
    dear = make("b", cost_usd_per_unit=10.0)
    processes = (make("a"), dear, part_world().processes[2])
    least = planned(part_world(13, processes=processes, sourcing=(source("a"), source("b", share_min=0.25))))
    exact(
        "least share of the dear source, 104 parts", 26.0, sent(least, "b-truck"), unit="parts", within=NEAR, **BY_HAND
    )
    most = planned(part_world(13, processes=processes, sourcing=(source("a", share_max=0.5), source("b"))))
    exact(
        "most share of the cheap source, 104 parts", 52.0, sent(most, "a-truck"), unit="parts", within=NEAR, **BY_HAND
    )


def test_a_source_surges_while_the_other_is_down() -> None:
    """B starts 8 a week, a quarter more from week 2 to the end of a's outage in week 6: 2 x 8 + 4 x 10 + 2 x 8."""
    down = Disruption(name="fire", at=Target(site="a"), kind="outage", starts=STARTS, lasts_weeks=6)
    hit = ResolvedDisruption(disruption=down, starts_s=0, ends_s=6 * WEEK_S, recovered_s=6 * WEEK_S, known_s=0)
    sourcing = (source("a"), source("b", surge_fraction=0.25, surge_after_weeks=2))
    processes = (make("a", 1e-3), make("b", 8.0), part_world().processes[2])
    world = part_world(8, per_week=100, processes=processes, sourcing=sourcing)
    plan = planned(world, None, hit, bound=True)
    exact("surge of a quarter in four of eight weeks", 72.0, plan.value, unit="racks", within=0.01, **BY_HAND)


def test_a_source_that_is_qualified_in_week_five() -> None:
    """Ten a week from the fifth of eight weeks, and what it made before then in stock: 10 x 8."""
    processes = (make("a", 10.0), part_world().processes[2])
    late = (source("a", qualified_from=day(28)),)
    world = part_world(8, per_week=100, processes=processes, sourcing=late, lanes=(way("a"),))
    plan = planned(world, bound=True)
    reached = plan.cumulative(plan.deliveries["acme", "campus", "rack"], 4 * WEEK_S)
    exact("racks before the source is qualified", 0.0, reached, unit="racks", within=NEAR, **BY_HAND)
    exact("racks by week eight", 80.0, plan.value, unit="racks", within=NEAR, **BY_HAND)


def test_an_allocation_of_a_quarter() -> None:
    """Twenty parts and no more; acme may have a quarter of them and wants ten, bolt wants twenty."""
    orders = (order("o-a", "acme", 10), order("o-b", "bolt", 20))
    rows = (row(Allocation, item="part", customer="acme", share=0.25),)
    processes = (make("a", 0.0), part_world().processes[2])
    world = part_world(processes=processes, orders=orders, allocations=rows, lanes=(way("a"),))
    plan = planned(world, State(on_hand={("campus", "part"): 20.0}))
    exact(
        "a quarter of twenty parts",
        5.0,
        plan.deliveries["acme", "campus", "rack"].sum(),
        unit="racks",
        within=NEAR,
        **BY_HAND,
    )
    exact(
        "the rest of them", 15.0, plan.deliveries["bolt", "campus", "rack"].sum(), unit="racks", within=NEAR, **BY_HAND
    )


def order(name: str, customer: str, quantity: int, week: int = 1, **cells: Any) -> Order:
    cells = {"customer": customer, "site": "campus", "item": "rack", "quantity": quantity} | cells
    return row(Order, order=name, requested=day(7 * week - 1), **cells)


def test_air_only_for_what_the_ship_would_bring_late() -> None:
    """Two weeks by ship for 1 USD, none by air for 10: of 4 due a week, those of the first two weeks fly."""
    lanes = (way("a", "ocean", transit_days=14, cost_usd_per_kg=1.0), way("a", "air", cost_usd_per_kg=10.0))
    world = part_world(6, per_week=4, lanes=lanes, processes=(make("a"), part_world().processes[2]))
    plan = planned(world)
    exact("parts by air", 8.0, sent(plan, "a-air"), unit="parts", within=NEAR, **BY_HAND)
    exact("parts by ship", 16.0, sent(plan, "a-ocean"), unit="parts", within=NEAR, **BY_HAND)
    exact("racks late", 0.0, sum(s.sum() for s in plan.backlog.values()), unit="rack-weeks", within=NEAR, **BY_HAND)


@pytest.mark.parametrize(("quantile", "weeks"), [(0.5, 2), (0.75, 3)])
def test_safety_lead_time_is_the_quantile_above_the_mean(quantile: float, weeks: int) -> None:
    """A lane of 0 to 28 days, even: its mean is 14 days, its third quartile 21; ten a week come so much later."""
    lane = way("a", transit_days=0).model_copy(update={"transit_days": parse_distribution("uniform(0, 28)")})
    world = part_world(8, per_week=100, lanes=(lane,), processes=(make("a", 10.0), part_world().processes[2]))
    world = world.model_copy(update={"settings": Settings(starts=STARTS, report_weeks=8, lead_time_quantile=quantile)})
    plan = planned(world)
    got = float(plan.deliveries["acme", "campus", "rack"].sum())
    name = f"racks in 8 weeks at 10 a week, quantile {quantile:g} of a lane of 0 to 28 days"
    exact(name, 10.0 * (8 - weeks), got, unit="racks", within=NEAR, **BY_HAND)


def test_the_urgent_order_first_then_the_cheaper_source() -> None:
    """Five a week of a at 1 USD, five of b at 3 USD; ten urgent and ten others due at once.

    All ten a week for two weeks. Urgent ones weigh 4 times as much, so they are first: the
    others are late for one week. Then demand is over, and no dearer part is bought than needed.
    """
    processes = (
        make("a", 5.0, cost_usd_per_unit=1.0), make("b", 5.0, cost_usd_per_unit=3.0), part_world().processes[2],
    )  # fmt: skip
    orders = (order("o-a", "acme", 10, priority=2), order("o-b", "bolt", 10, priority=4))
    plan = planned(part_world(processes=processes, orders=orders))
    late = {customer: float(series.sum()) for (customer, _, _), series in plan.backlog.items()}
    exact("urgent rack-weeks late", 0.0, late["acme"], unit="rack-weeks", within=NEAR, **BY_HAND)
    exact("other rack-weeks late", 10.0, late["bolt"], unit="rack-weeks", within=NEAR, **BY_HAND)
    exact("parts of the dear source", 10.0, sent(plan, "b-truck"), unit="parts", within=NEAR, **BY_HAND)


# --- the same worlds modelled twice -----------------------------------------------------------


@st.composite
def worlds(draw: st.DrawFn) -> tuple[World, State]:
    """Whole weeks everywhere; all numbers drawn."""

    def number(low: int, high: int) -> float:
        return float(draw(st.integers(low, high)))

    def weeks() -> float:
        return 7.0 * draw(st.integers(0, 2))

    processes = [
        make(site, number(2, 12), cycle_days=weeks(), cost_usd_per_unit=number(0, 9), yield_fraction=number(6, 10) / 10)
        for site in "ab"
    ]
    build = {"cycle_days": weeks(), "capacity_per_week": number(5, 15), "cost_usd_per_unit": number(0, 5)}
    processes.append(row(Process, process="build", site="campus", item="rack", **build))
    lanes = [
        way("a", "ocean", transit_days=14, cost_usd_per_kg=number(1, 3)),
        way("a", "air", cost_usd_per_kg=number(4, 20), capacity_kg_per_week=number(1, 8)),
        way("b", transit_days=7, cost_usd_per_kg=number(0, 5)),
    ]
    most, least = draw(st.sampled_from((0.6, 0.8, 1.0))), draw(st.sampled_from((0.0, 0.2)))
    sourcing = [source("a", share_max=most), source("b", share_min=least, price_usd=number(0, 6))]
    orders = [
        order(f"{customer}-{week:02d}", customer, draw(st.integers(1, 7)), week, priority=priority)
        for customer, priority in (("acme", 3), ("bolt", 5))
        for week in range(1, 14)
    ]
    state = State(on_hand={("campus", "part"): number(0, 20), ("a", "part"): number(0, 10)})
    quantity = (row(BomLine, item="rack", input="part", quantity=draw(st.sampled_from((1, 2)))),)
    world = part_world(
        13, processes=tuple(processes), lanes=tuple(lanes), sourcing=tuple(sourcing), orders=tuple(orders), bom=quantity
    )
    return world, state


def outcome(world: World, plan: SupplyPlan) -> second_modeller.Optimum:
    """Lateness and money of a plan, added up from its series and the tables."""
    weights = second_modeller.priority_weights(world)
    priority = {order.customer: order.priority for order in world.orders}
    lateness = sum(weights[priority[customer]] * float(late.sum()) for (customer, _, _), late in plan.backlog.items())
    usd = sum(
        process.cost_usd_per_unit * float(plan.production[process.process, process.site, process.item].sum())
        for process in world.processes
    )
    price = {row.supplier: row.price_usd for row in world.sourcing}
    usd += sum((lane.cost_usd_per_kg + price[lane.origin]) * sent(plan, lane.lane) for lane in world.lanes)
    return second_modeller.Optimum(lateness=lateness, usd=usd)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(worlds())
def test_lateness_then_money_as_a_second_modeller_finds_them(asked: tuple[World, State]) -> None:
    """The weighted plan is the lexicographic one: no more lateness, and with it no more money."""
    world, state = asked
    found = outcome(world, planned(world, state))
    best = second_modeller.lexicographic(world, dict(state.on_hand))
    assert found.lateness == pytest.approx(best.lateness, rel=1e-5, abs=1e-4)
    assert found.usd == pytest.approx(best.usd, rel=1e-3, abs=0.05)


@settings(max_examples=15, deadline=None, derandomize=True)
@given(worlds(), st.sampled_from((0.0, 1e3, 1e6)), st.sampled_from((0.1, 3.0)), st.sampled_from((0.0, 50.0, 1e5)))
def test_no_money_outweighs_lateness(asked: tuple[World, State], value: float, rate: float, holding: float) -> None:
    """Dear goods, dear capital, dear places to hold them: lateness is as small as where all is free."""
    world, state = asked
    best = second_modeller.lexicographic(world, dict(state.on_hand))
    dear = {
        "items": tuple(item.model_copy(update={"value_usd": value}) for item in world.items),
        "settings": world.settings.model_copy(update={"carrying_rate_per_year": rate}),
        "stock": tuple(
            row(Stock, site=site, item="part", holding_usd_per_unit_week=holding) for site in ("a", "campus")
        ),
    }
    found = outcome(world, planned(world.model_copy(update=dear), state))
    assert found.lateness == pytest.approx(best.lateness, rel=1e-5, abs=1e-4)


def test_one_world_modelled_twice() -> None:
    processes = (
        make("a", 6.0, cycle_days=7, cost_usd_per_unit=2.0, yield_fraction=0.9),
        make("b", 5.0, cost_usd_per_unit=7.0),
        row(Process, process="build", site="campus", item="rack", cycle_days=7, capacity_per_week=9.0),
    )
    lanes = (
        way("a", "ocean", transit_days=14, cost_usd_per_kg=1.0),
        way("a", "air", cost_usd_per_kg=9.0, capacity_kg_per_week=3.0),
        way("b", transit_days=7, cost_usd_per_kg=2.0),
    )
    sourcing = (source("a", share_max=0.6), source("b", share_min=0.2))
    orders = [
        order(f"{c}-{week:02d}", c, 4, week, priority=p) for c, p in (("acme", 3), ("bolt", 5)) for week in range(1, 14)
    ]
    world = part_world(13, processes=processes, lanes=lanes, sourcing=sourcing, orders=tuple(orders))
    found = outcome(world, planned(world, State(on_hand={("campus", "part"): 12.0})))
    best = second_modeller.lexicographic(world, {("campus", "part"): 12.0})
    words = {"source": "modelled a second time, SciPy linprog", "family": "Supply plan"}
    exact("least lateness of two customers", best.lateness, found.lateness, unit="rack-weeks", within=1e-3, **words)
    exact("least money at that lateness", best.usd, found.usd, unit="USD", within=0.5, **words)
    assert np.isfinite(found.usd)
