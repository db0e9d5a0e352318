"""What `twin plan` counts: racks and not spares, what was overdue, orders that lie beyond the plan."""

from __future__ import annotations

import pytest
from worlds import chain_world, config_order, day, row, two_configs_world

from twin.cli.tables_plan import plan_verdict
from twin.events.plan_parts import BrokenRow
from twin.events.views import PlanView
from twin.model.case import make_case
from twin.model.problems import RunError
from twin.model.rows_demand import Demand, Order, Stock
from twin.model.scenario import Scenario
from twin.model.world import World
from twin.study.ground import silent
from twin.study.views import plan_case


def view_of(world: World) -> PlanView:
    return plan_case(make_case(world, Scenario(name="small")), None, silent)


def streaming(*orders: Order) -> World:
    """The chain, and three trays a week for another customer."""
    cells = {"customer": "bolt", "site": "integrator", "item": "tray", "due_after_days": "7"}
    return chain_world(orders=orders, demand=(row(Demand, every_days="7", quantity="3", **cells),))


def test_units_of_a_stream_are_due_as_those_of_orders_are() -> None:
    """Where nobody orders racks, trays are what the plan is for."""
    plan = view_of(streaming()).plan
    assert plan.due[:4] == pytest.approx([0, 3, 3, 3])


def test_spares_are_no_racks() -> None:
    view = view_of(streaming(*chain_world().orders))
    assert view.plan.due[:4] == pytest.approx([2, 2, 2, 2])
    assert sum(view.plan.accepted[:13]) <= 26
    assert set(view.plan.accepted_by_customer) == {"acme"} == {row.customer for row in view.customers}


def test_conversions_are_told_by_bucket() -> None:
    """Four racks for A stand at the integrator, and B asks for eight within two weeks."""
    held = (row(Stock, site="integrator", item="rack_a", on_hand=4, policy="plan"),)
    orders = (config_order("for_b", "b", 8, 13), config_order("for_a", "a", 4, 69))
    (told,) = view_of(two_configs_world(stock=held, orders=orders)).plan.conversions
    assert (told.item, told.into, told.site) == ("rack_a", "rack_b", "integrator")
    assert told.units[0] == pytest.approx(4, abs=1e-6)
    assert len(told.units) == 12
    assert view_of(chain_world()).plan.conversions == []


def test_what_was_overdue_at_the_start_is_due_in_the_first_week() -> None:
    orders = tuple(order.model_copy(update={"requested": day(-369)}) for order in chain_world().orders)
    plan = view_of(chain_world(orders=orders)).plan
    assert plan.due[:2] == pytest.approx([24, 0])
    assert plan.backlog[0] == pytest.approx(24 - plan.accepted[0])


def test_nobody_is_less_late_because_another_is_early() -> None:
    """Due, less accepted, would set the racks that one customer has early off against those that another lacks."""
    orders = tuple(
        order.model_copy(update={"order": f"{name}-{order.order}", "customer": name, "priority": priority})
        for order in chain_world(racks_per_week=3).orders
        for name, priority in (("acme", 2), ("bolt", 5))
    )
    plan = view_of(chain_world(orders=orders)).plan
    late = [
        sum(
            max(3.0 * (week + 1) - sum(series[: week + 1]), 0.0)
            for series in (plan.accepted_by_customer[name] for name in ("acme", "bolt"))
        )
        for week in range(12)
    ]
    assert plan.backlog[:12] == pytest.approx(late, abs=1e-4)
    assert max(late) > 1


def test_orders_beyond_the_plan_leave_nothing_to_do() -> None:
    orders = tuple(order.model_copy(update={"requested": day(2000)}) for order in chain_world().orders)
    view = view_of(chain_world(orders=orders))
    assert set(view.plan.accepted) == set(view.plan.due) == {0.0}
    assert plan_verdict("small", view.plan).endswith(
        "0 racks are accepted and 0 due before 2026-03-30 (optimal); nothing holds it back."
    )


def test_what_twice_as_much_of_would_hardly_help_holds_nothing_back() -> None:
    view = view_of(chain_world())
    assert view.plan.bindings
    assert plan_verdict("small", view.plan).endswith("nothing holds it back.")


def test_where_no_limit_holds_it_back_the_verdict_says_why_racks_are_late() -> None:
    plan = view_of(chain_world(tail_weeks=0)).plan.model_copy(update={"bindings": []})
    late = plan.model_copy(update={"backlog": [1.0 for _ in plan.backlog]})
    assert plan_verdict("small", late).endswith("racks are late, and more of no limit would help much.")
    broken = BrokenRow(
        kind="demand", name="racks", site="campus", item="rack", unit="units", limit=1, reached=0,
        begins="2026-01-05", ends="2026-01-12", why="there is no way",
    )  # fmt: skip
    assert plan_verdict("small", late.model_copy(update={"broken": [broken]})).endswith("no plan keeps every limit.")


def test_the_verdict_says_what_whole_lots_cost() -> None:
    """A lot of 500 wafers never fills: what there is on day one is all that ever comes."""
    world = chain_world()
    processes = tuple(
        each.model_copy(update={"lot_size": 500}) if each.item == "wafer" else each for each in world.processes
    )
    settings = world.settings.model_copy(update={"minimum_lots": True})
    plan = view_of(world.model_copy(update={"processes": processes, "settings": settings})).plan
    assert plan.lots_rack_weeks > 300
    assert "whole lots cost" in plan_verdict("small", plan)


def test_a_world_without_orders_says_what_to_do() -> None:
    with pytest.raises(RunError, match="add rows to 'orders'"):
        view_of(chain_world(orders=()))
