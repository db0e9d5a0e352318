"""What the tables may say about conversions, and what is told of those that nobody asks for."""

from __future__ import annotations

from typing import Any

import pytest
from worlds import config_order, row, two_configs_world

from twin.model.case import make_case
from twin.model.checks_convert import check_conversions, check_converted_racks, conversion_notes
from twin.model.checks_trade import check_demand_supplied, check_suppliers
from twin.model.problems import Problem
from twin.model.rows_make import Process
from twin.model.rows_network import Item, Site, Sourcing
from twin.model.scenario import Scenario
from twin.model.tables import tables_of
from twin.model.world import World


def problems(world: World) -> list[Problem]:
    tables = tables_of(world)
    return [*check_conversions(tables), *check_converted_racks(tables)]


def changed(item: str, world: World | None = None, **cells: Any) -> World:
    """A world with other cells of an item."""
    base = world or two_configs_world()
    items = tuple(one.model_copy(update=cells) if one.item == item else one for one in base.items)
    return base.model_copy(update={"items": items})


def test_what_runs_has_no_problem_and_no_note() -> None:
    for world in (two_configs_world(), two_configs_world(hours=0), two_configs_world(hours=0, back_hours=1)):
        assert problems(world) == []
        assert conversion_notes(world) == ()


@pytest.mark.parametrize(
    ("item", "cells", "rule", "remedy"),
    [
        ("rack_a", {"convertible_to": "rack_a"}, "must be converted into another one", "clear the cell"),
        ("rack_b", {"conversion_hours": 3}, "conversion_hours need an item to convert into", "give convertible_to"),
        ("rack_a", {"kind": "cabinet"}, "one of its kind (cabinet), and rack_b is of kind rack", "the same kind"),
        (
            "running_a",
            {"convertible_to": "running_b"},
            "before they are shipped, not once they are taken up",
            "in its shipped state",
        ),
    ],
)
def test_cells_that_make_no_sense(item: str, cells: dict[str, Any], rule: str, remedy: str) -> None:
    (problem,) = problems(changed(item, **cells))
    assert rule in problem.rule
    assert remedy in problem.remedy


def test_a_circle_must_take_time() -> None:
    (problem,) = problems(two_configs_world(hours=0, back_hours=0))
    assert "must take time for it (rack_a -> rack_b -> rack_a)" in problem.rule
    assert problem.value == "rack_a"
    assert problem.remedy == "give conversion_hours, or clear the cell"


def test_only_items_in_a_circle_are_in_it() -> None:
    """One that leads into a circle of two is not part of it, and the circle is told once."""
    world = two_configs_world(hours=0, back_hours=0)
    third = row(Item, item="rack_c", kind="rack", convertible_to="rack_a")
    made = row(Process, process="racks", site="integrator", item="rack_c")
    steps = tuple(one.model_copy(update={"item": "rack_c"}) for one in world.routings if one.item == "rack_a")
    world = world.model_copy(
        update={
            "items": (third, *world.items),
            "processes": (*world.processes, made),
            "routings": (*world.routings, *steps),
        }
    )
    (problem,) = problems(world)
    assert "(rack_a -> rack_b -> rack_a)" in problem.rule


def test_both_are_made_and_made_alike() -> None:
    world = two_configs_world()
    bought = world.model_copy(update={"processes": tuple(p for p in world.processes if p.item != "rack_b")})
    assert any("must be made at some site, and rack_b is not" in problem.rule for problem in problems(bought))
    lots = world.model_copy(update={"routings": tuple(step for step in world.routings if step.item != "rack_b")})
    assert any("rack_a alone has one" in problem.rule for problem in problems(lots))


def test_its_process_has_a_name_of_its_own() -> None:
    world = two_configs_world()
    same = row(Process, process="conversion of rack_a", site="integrator", item="rack_b")
    (problem,) = problems(world.model_copy(update={"processes": (*world.processes, same)}))
    assert problem.remedy == "rename the process"


def test_a_site_that_converts_may_supply_and_be_ordered_from() -> None:
    """B's racks are made far away; the integrator supplies them all the same, and B orders them there."""
    base = two_configs_world()
    far = row(Site, site="far", kind="rack_integration")
    moved = tuple(p.model_copy(update={"site": "far"}) if p.item == "rack_b" else p for p in base.processes)
    source = row(Sourcing, item="rack_b", supplier="integrator", consumer="hall_b")
    on_site = base.orders[0].model_copy(update={"order": "there", "site": "integrator", "item": "rack_b"})
    world = base.model_copy(
        update={
            "sites": (*base.sites, far),
            "processes": moved,
            "sourcing": (source,),
            "orders": (*base.orders, on_site),
        }
    )
    checks = (check_suppliers, check_demand_supplied)
    assert [problem for check in checks for problem in check(tables_of(world))] == []
    bare = changed("rack_a", world, convertible_to="", conversion_hours=0.0)
    assert len([problem for check in checks for problem in check(tables_of(bare))]) == 2


def test_what_nobody_asks_for_is_told() -> None:
    """What B's racks would become is made, and nobody orders it or anything made of it."""
    spare = changed("rack_b", convertible_to="rack_c", conversion_hours=1.0)
    third = row(Item, item="rack_c", kind="rack")
    made = row(Process, process="racks", site="integrator", item="rack_c")
    steps = tuple(one.model_copy(update={"item": "rack_c"}) for one in spare.routings if one.item == "rack_a")
    world = spare.model_copy(
        update={
            "items": (*spare.items, third),
            "processes": (*spare.processes, made),
            "routings": (*spare.routings, *steps),
        }
    )
    told = "rack_b is never converted: no order and no bill of materials asks for rack_c"
    assert conversion_notes(world) == (told,)
    assert told in make_case(world, Scenario(name="bare")).warnings
    asked = config_order("spare", "b", 1, 30).model_copy(update={"site": "integrator", "item": "rack_c"})
    assert conversion_notes(world.model_copy(update={"orders": (*world.orders, asked)})) == ()
