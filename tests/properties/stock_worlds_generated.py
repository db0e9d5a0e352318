"""Small worlds run by stock policies alone, for property tests: every policy, source and kind of demand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st
from worlds import SOURCE, STARTS, day, row

from twin.disrupt.availability import availability
from twin.disrupt.resolve import resolve
from twin.events.record import Log
from twin.model.case import make_case
from twin.model.order_book import order_book
from twin.model.rows_demand import Demand, Order, Stock
from twin.model.rows_make import BomLine, CalendarRow, Process, Resource, RoutingResource, RoutingStep
from twin.model.rows_network import Item, Lane, Site
from twin.model.scenario import Disruption, Scenario, Target
from twin.model.state import State
from twin.model.world import Settings, World
from twin.network.build import build_network
from twin.simulate.record import SimulationProblem
from twin.simulate.run import simulate

SHIFT = row(CalendarRow, calendar="shift", weekday="mon-fri", opens="08:00", closes="18:00")

POLICIES = (
    "base_stock({a})",
    "base_stock(0)",
    "reorder({a}, {b})",
    "order_up_to({a}, {c})",
    "kanban({b})",
    "moving_average({b}, {ratio})",
)


@st.composite
def policies(draw: st.DrawFn, least_cards: int = 1) -> dict[str, Any]:
    """The cells of a stock row: any policy that runs, reviewed or not, with or without a stated opening."""
    a, b = draw(st.integers(0, 8)), draw(st.integers(least_cards, 9))
    text = draw(st.sampled_from(POLICIES)).format(
        a=a, b=b, c=a + draw(st.integers(1, 12)), ratio=draw(st.sampled_from((0.5, 2, 3.25)))
    )
    reviewed = text.startswith("moving") or draw(st.booleans())
    return {
        "policy": text,
        "review_days": draw(st.sampled_from((0.5, 1, 7))) if reviewed else None,
        "on_hand": draw(st.sampled_from((None, 0, 3, 25))),
    }


@st.composite
def streams(draw: st.DrawFn) -> tuple[Demand, ...]:
    """One or two streams of customers at the shop."""
    return tuple(
        row(
            Demand,
            customer=customer,
            site="shop",
            item="good",
            every_days=draw(st.sampled_from(("0.5", "exponential(0.4)", "gamma(1, 0.5)"))),
            quantity=draw(st.sampled_from(("1", "3", "poisson(2)", "uniform(1, 6)"))),
            due_after_days=draw(st.sampled_from((None, "2"))),
        )
        for customer in ("acme", "bolt")[: draw(st.integers(1, 2))]
    )


@st.composite
def stocked_worlds(draw: st.DrawFn) -> World:
    """A shop that sells a good: brought by lane from a plant that makes it of parts, in lots or one by one.

    Parts are made at the plant, brought from outside the world, or both stocked and passed through.
    """
    lot, by_unit, stocked_parts = draw(st.integers(1, 4)), draw(st.booleans()), draw(st.booleans())
    rows = [{"site": "shop", "item": "good", "unmet": draw(st.sampled_from(("wait", "lost")))} | draw(policies())]
    if draw(st.booleans()):
        rows.append({"site": "plant", "item": "good"} | draw(policies(least_cards=1 if by_unit else lot)))
    rows.append({"site": "plant", "item": "part"} | (draw(policies(least_cards=3)) if stocked_parts else _TO_ORDER))
    return World(
        name="stocked",
        settings=Settings(starts=STARTS, report_weeks=6, tail_weeks=0, schedule_weeks=0),
        items=(row(Item, item="part", kind="part", mass_kg=1.0), row(Item, item="good", kind="good", mass_kg=1.0)),
        sites=(row(Site, site="plant", kind="component", country="TW"), row(Site, site="shop", kind="hub")),
        calendars=(SHIFT,),
        processes=draw(_processes(lot, by_unit=by_unit)),
        bom=(row(BomLine, item="good", input="part", quantity=draw(st.sampled_from((0.25, 1, 2)))),),
        lanes=(draw(_lane()),),
        stock=tuple(row(Stock, **cells) for cells in rows),
        demand=draw(streams()),
        orders=_orders() if draw(st.booleans()) else (),
        sources=(SOURCE,),
        **(_routing() if by_unit else {}),
    )


_TO_ORDER = {"policy": "base_stock(0)"}


@st.composite
def _processes(draw: st.DrawFn, lot: int, *, by_unit: bool) -> tuple[Process, ...]:
    cycle = st.sampled_from(("0", "1", "exponential(0.7)"))
    good: dict[str, Any] = {"capacity_per_week": draw(st.sampled_from((None, 40)))}
    if not by_unit:
        good |= {"lot_size": lot, "cycle_days": draw(cycle), "yield_fraction": draw(st.sampled_from((1.0, 0.8)))}
    made = row(
        Process, process="making", site="plant", item="good", calendar=draw(st.sampled_from(("", "shift"))), **good
    )
    if draw(st.booleans()):
        return (made,)
    parts = row(
        Process, process="parts", site="plant", item="part", lot_size=draw(st.integers(1, 3)), cycle_days=draw(cycle),
        yield_fraction=draw(st.sampled_from((1.0, 0.9))),
    )  # fmt: skip
    return (made, parts)


@st.composite
def _lane(draw: st.DrawFn) -> Lane:
    made = row(
        Lane, lane="way", origin="plant", destination="shop",
        transit_days=draw(st.sampled_from(("0", "1.5", "gamma(1, 0.5)"))),
        departs_every_days=draw(st.sampled_from((None, 2))),
        capacity_kg_per_week=draw(st.sampled_from((None, 60))),
    )  # fmt: skip
    assert isinstance(made, Lane)
    return made


def _routing() -> dict[str, Any]:
    steps = (("build", "2", 1.0), ("test", "exponential(3)", 0.8))
    return {
        "resources": (row(Resource, site="plant", resource="bench", capacity=2),),
        "routings": tuple(
            row(
                RoutingStep, item="good", level="plant", step=number, name=name, hours=hours, first_pass_yield=passing,
                rework_hours="1" if passing < 1 else None, max_attempts=2 if passing < 1 else None, then="scrap",
            )
            for number, (name, hours, passing) in enumerate(steps, start=1)
        ),
        "routing_resources": tuple(
            row(RoutingResource, item="good", level="plant", step=number, resource="bench") for number in (1, 2)
        ),
    }  # fmt: skip


def _orders() -> tuple[Order, ...]:
    return tuple(
        row(
            Order, order=f"order-{week}", customer="acme", site="shop", item="good", quantity=2 + week,
            placed=day(7 * week - 7), requested=day(7 * week),
        )
        for week in (1, 2, 3)
    )  # fmt: skip


@st.composite
def hits(draw: st.DrawFn) -> tuple[Disruption, ...]:
    """None or one disruption of the plant or the lane."""
    if draw(st.booleans()):
        return ()
    target = draw(st.sampled_from((Target(site="plant"), Target(lane="way"), Target(item="good"))))
    return (
        Disruption(
            name="hit", at=target, kind="outage", starts=day(draw(st.integers(2, 20))), lasts_days=5, wip_lost=0.4
        ),
    )


def run(world: World, disruptions: Sequence[Disruption] = (), seed: int = 1) -> Log:
    """The log of one replication of a world that has passed the input check."""
    case = make_case(world, Scenario(name="generated", seed=seed, disruptions=list(disruptions)))
    network = build_network(case.world)
    return simulate(
        SimulationProblem(
            network=network,
            availability=availability(network, resolve(case.world, case.scenario.disruptions)),
            orders=order_book(case.world),
            state=State(),
            opening=None,
            seed=seed,
        )
    ).log
