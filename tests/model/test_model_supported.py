"""What no engine runs yet is refused, with what runs instead; the rest passes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from worlds import chain_world, levels_world, queue_world, row, two_configs_world

from twin.model.case import make_case
from twin.model.problems import InputError
from twin.model.rows_demand import Demand, Stock
from twin.model.rows_make import RoutingStep
from twin.model.scenario import Disruption, Embargo, Scenario, Target
from twin.model.supported import DISRUPTIONS

BARE = Scenario(name="bare")


def stock(**cells: Any) -> dict[str, Any]:
    return {"stock": (row(Stock, site="fab", item="wafer", **cells),)}


@pytest.mark.parametrize(("site", "item"), [("integrator", "board"), ("integrator", "rack_a"), ("hall_b", "running_b")])
def test_conversions_beside_stock_policies_do_not_run_yet(site: str, item: str) -> None:
    """A policy of what goes into racks does no harm; one of the racks, or of what they go into, orders them itself."""
    pulled = two_configs_world(stock=(row(Stock, site=site, item=item, policy="base_stock(2)"),))
    if item == "board":
        assert make_case(pulled, BARE).world.stock
        return
    with pytest.raises(InputError, match=f"conversions do not run beside stock policies yet .that of {item}"):
        make_case(pulled, BARE)


@pytest.mark.parametrize(
    ("site", "item", "runs"),
    [
        ("integrator", "tray", True),
        ("integrator", "rack_l11", False),
        ("campus", "rack_l11", False),
        ("campus", "rack_accepted", True),
    ],
)
def test_racks_that_the_plan_has_taken_up_do_not_come_from_a_stock_policy(site: str, item: str, runs: bool) -> None:
    """What is ordered may be under a policy, and then all racks are; so may what goes into racks."""
    pulled = chain_world(stock=(row(Stock, site=site, item=item, policy="base_stock(2)"),))
    if runs:
        assert make_case(pulled, BARE).world.stock
        return
    with pytest.raises(InputError, match="taken up at a datacenter do not come from a stock policy") as caught:
        make_case(pulled, BARE)
    (problem,) = caught.value.problems
    assert "give a policy to what is ordered" in problem.remedy


@pytest.mark.parametrize(("lane", "noted"), [("trays-integrator", True), ("integrator-campus", False)])
def test_defects_added_to_lots_on_the_way_are_told_to_have_no_effect(lane: str, noted: bool) -> None:
    base = chain_world()
    lanes = tuple(
        each.model_copy(update={"shipping_defects": 0.1}) if each.lane == lane else each for each in base.lanes
    )
    told = [note for note in make_case(chain_world(lanes=lanes), BARE).warnings if "shipping_defects" in note]
    assert len(told) == noted
    assert all(note.endswith(lane) for note in told)


BOTH = ({"level": "L10", "share": 0.5}, {"level": "L11", "share": 0.5})


@pytest.mark.parametrize(("levels", "runs"), [(BOTH, False), (BOTH[1:], True), (BOTH[:1], False)])
def test_an_order_that_names_its_level(levels: Sequence[dict[str, Any]], runs: bool) -> None:
    """It may name the only one of its site, which is L11 where nothing else is said."""
    whole = [{**cells, "share": 1.0} for cells in levels] if len(levels) == 1 else levels
    base = levels_world(levels=whole)
    orders = (base.orders[0].model_copy(update={"level": "L11"}), *base.orders[1:])
    world = levels_world(levels=whole, orders=orders)
    if runs:
        assert make_case(world, BARE).world.orders
        return
    with pytest.raises(InputError, match="an order that asks for one level does not run where its site has others"):
        make_case(world, BARE)


def test_a_policy_makes_an_item_at_one_level() -> None:
    stocked = levels_world(
        levels=BOTH, stock=(row(Stock, site="campus", item="rack_accepted", policy="base_stock(2)"),)
    )
    with pytest.raises(InputError, match="a stock policy makes rack_accepted at campus at one level") as caught:
        make_case(stocked, BARE)
    assert any("keep one level" in problem.remedy for problem in caught.value.problems)


def stream(site: str, item: str) -> dict[str, Any]:
    return {"demand": (row(Demand, customer="bolt", site=site, item=item, every_days="7", quantity="1"),)}


@pytest.mark.parametrize(("site", "item"), [("campus", "rack_accepted"), ("integrator", "rack_l11")])
def test_a_stream_of_racks_under_the_plan_does_not_run_yet(site: str, item: str) -> None:
    with pytest.raises(InputError, match="made one by one does not run under the plan yet") as caught:
        make_case(chain_world(**stream(site, item)), BARE)
    (problem,) = caught.value.problems
    assert (problem.sheet, problem.row, problem.column, problem.value) == ("demand", 1, "item", item)
    assert f"give {item} at {site} a row in 'stock' with a policy such as base_stock(0)" in problem.remedy


def test_a_stream_of_racks_that_a_policy_makes_runs() -> None:
    """The policy being one of what they go into, which makes them too."""
    held = (row(Stock, site="campus", item="rack_accepted", policy="base_stock(2)"),)
    assert make_case(chain_world(stock=held, **stream("integrator", "rack_l11")), BARE).world.demand


@pytest.mark.parametrize(
    "tables",
    [
        stream("integrator", "tray"),
        stream("fab", "wafer") | stock(policy="plan", unmet="lost"),
        stock(policy="plan"),
        stock(policy="base_stock(4)"),
        stock(policy="reorder(5, 20)"),
        stock(policy="order_up_to(5, 20)", review_days=7),
        stock(policy="kanban(4)"),
        stock(policy="moving_average(4, 2)", review_days=1),
        stock(policy="base_stock(4)", unmet="lost"),
    ],
)
def test_tables_that_run(tables: dict[str, Any]) -> None:
    assert make_case(chain_world(**tables), BARE).world.orders


def disrupted(kind: str) -> Scenario:
    embargo = Embargo(from_country="TW", to_country="MX") if kind == "embargo" else None
    at = Target(resource="bay") if kind == "curtailment" else Target(site="pack_a")
    one = Disruption(name="it", at=at, kind=kind, starts="2026-02-02", lasts_weeks=1, embargo=embargo)
    return Scenario(name="tried", disruptions=[one])


@pytest.mark.parametrize("kind", ["quality_hold"])
def test_kinds_that_no_engine_runs(kind: str) -> None:
    with pytest.raises(InputError, match=f"{kind} are not simulated yet") as caught:
        make_case(chain_world(), disrupted(kind))
    assert all(known in caught.value.problems[0].remedy for known in DISRUPTIONS)


@pytest.mark.parametrize("kind", DISRUPTIONS)
def test_kinds_that_run(kind: str) -> None:
    assert make_case(chain_world(), disrupted(kind)).scenario.disruptions[0].kind == kind


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ({"replan_every_weeks": 4}, ()),
        ({"replan": "each"}, ("makes no new plan",)),
        ({"replan": "each", "replan_every_weeks": 4}, ("makes up to 4 plans with schedules in each replication:",)),
        ({"replan": "each", "replan_every_weeks": 19}, ("makes one plan with schedules",)),
        ({"replan_every_weeks": 20}, ("makes no new plan, since the tail ends after 20",)),
        ({"replan": "each", "replan_every_weeks": 20}, ("since the tail ends after 20", "nothing is disrupted")),
    ],
)
def test_plans_of_each_replication_are_told_with_their_cost(cells: dict[str, Any], told: tuple[str, ...]) -> None:
    """Of twenty weeks: after 4, 8, 12 and 16."""
    warnings = [line for line in make_case(chain_world(), Scenario(name="tried", **cells)).warnings if "replan" in line]
    assert all(part in line for part, line in zip(told, warnings, strict=True)), warnings


def test_where_nothing_is_planned_planning_anew_has_no_effect() -> None:
    case = make_case(queue_world(), Scenario(name="tried", replan="each", replan_every_weeks=4))
    assert "replan and replan_every_weeks without effect: this world has no orders to plan for" in case.warnings
    assert not [line for line in make_case(queue_world(), BARE).warnings if "replan" in line]


def clustered(size: int, item: str = "rack_l11") -> tuple[RoutingStep, ...]:
    """The chain's routings, racks of an order tested by so many together on two cells."""
    return tuple(
        step.model_copy(update={"cluster": size}) if (step.item, step.step) == (item, 2) else step
        for step in chain_world().routings
    )


def test_racks_together_under_a_stock_policy_do_not_run_yet() -> None:
    pulled = (row(Stock, site="integrator", item="rack_l11", policy="base_stock(0)"),)
    with pytest.raises(InputError, match="do not run under a stock policy yet"):
        make_case(chain_world(routings=clustered(2), stock=pulled), BARE)


def test_racks_together_in_several_modes_do_not_run_yet() -> None:
    base = chain_world()
    seizes = tuple(
        use.model_copy(update={"mode": "fast"}) if (use.item, use.step) == ("rack_l11", 2) else use
        for use in base.routing_resources
    )
    with pytest.raises(InputError, match="does not run in several modes yet"):
        make_case(chain_world(routings=clustered(2), routing_resources=seizes), BARE)


def test_what_docks_is_taken_up_in_one_way() -> None:
    """Two levels of a campus that take the same rack would leave the floor to choose, which does not know shares."""
    base = levels_world(levels=({"level": "L10", "share": 0.5}, {"level": "L11", "share": 0.5}))
    assert make_case(base, BARE)
    alike = tuple(
        line.model_copy(update={"input": "rack_l11"}) if line.input == "rack_kit" else line for line in base.bom
    )
    with pytest.raises(InputError, match="rack_l11 is taken up at campus in one way, which is installation"):
        make_case(base.model_copy(update={"bom": alike}), BARE)
    whole = levels_world(levels=({"level": "L11", "share": 1.0},), bom=alike)
    assert make_case(whole, BARE)
