"""Most racks from the corner of a plan like it, against the bound made from nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from worlds import chain_world

from twin.disrupt.availability import availability
from twin.model.order_book import order_book
from twin.model.problems import RunError
from twin.model.state import State
from twin.model.world import World
from twin.network.build import build_network
from twin.plan import nearby
from twin.plan.make import make_plan
from twin.plan.nearby import Corner, most_racks
from twin.plan.record import PlanOptions

BOUND = PlanOptions(objective="bound", weekly_buckets=0, coarse_weeks=2)
STOCKED = State(on_hand={("trays", "package"): 40.0})


def asked(world: World, near: Corner | None = None) -> tuple[float, Corner | None]:
    network = build_network(world)
    return most_racks(network, availability(network, ()), STOCKED, order_book(world), BOUND, near)


def from_nothing(world: World) -> float:
    network = build_network(world)
    return make_plan(network, availability(network, ()), STOCKED, order_book(world), BOUND).value


def with_packages(factor: float) -> World:
    world = chain_world()
    rows = tuple(
        row.model_copy(update={"capacity_per_week": (row.capacity_per_week or 0.0) * factor})
        if row.process == "packaging"
        else row
        for row in world.processes
    )
    return world.model_copy(update={"processes": rows})


@pytest.mark.parametrize("factor", [0.1, 0.5, 0.9, 2.0])
def test_a_changed_world_has_the_same_answer_from_a_corner_as_from_nothing(factor: float) -> None:
    _, corner = asked(chain_world())
    assert corner is not None
    racks, _ = asked(with_packages(factor), corner)
    assert racks == pytest.approx(from_nothing(with_packages(factor)), abs=1e-5)


def test_fewer_packages_are_fewer_racks() -> None:
    assert asked(with_packages(0.1))[0] < asked(chain_world())[0] - 1


def test_a_corner_of_another_size_is_passed_over() -> None:
    corner = Corner(columns=np.full(3, 2, np.int8), rows=np.full(1, 5, np.int8))
    assert asked(chain_world(), corner)[0] == pytest.approx(from_nothing(chain_world()), abs=1e-5)


def test_where_the_simplex_method_gets_lost_the_answer_is_that_of_any_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nearby, "MOST_STEPS", 1)
    racks, corner = asked(chain_world())
    assert corner is None
    assert racks == pytest.approx(from_nothing(chain_world()), abs=1e-5)


def test_where_there_is_no_plan_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    solved = nearby.LinearProgram.solve
    monkeypatch.setattr(nearby, "MOST_STEPS", 1)
    monkeypatch.setattr(nearby.LinearProgram, "solve", lambda self: replace(solved(self), status="infeasible"))
    with pytest.raises(RunError, match="infeasible"):
        asked(chain_world())
