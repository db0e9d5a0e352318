"""The third level of the operational plan: level production, with lateness and money held."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import given, settings
from properties.test_plan_properties import states, worlds
from scipy.optimize import linprog
from scipy.sparse import csr_array, vstack

from twin.disrupt.availability import availability
from twin.model.order_book import order_book
from twin.model.state import State
from twin.model.world import World
from twin.network.build import build_network
from twin.plan.buckets import plan_edges
from twin.plan.frame import Frame, plan_frame
from twin.plan.linear import Reals, Solution
from twin.plan.make import build_program
from twin.plan.program import Program
from twin.plan.record import PlanOptions

FEW = settings(max_examples=12, deadline=None, derandomize=True)
TOLERANCE = 2e-3
"""Of all money: so much may level production cost."""


@dataclass(frozen=True)
class Twice:
    """A plan with level production and one without; lateness, money and changes of rates, weighted."""

    level: Program
    solution: Solution
    money_cost: Reals
    change_cost: Reals
    lateness: tuple[float, float]
    money: tuple[float, float]
    changes: float


def made_twice(frame: Frame, state: State) -> Twice:
    plain, level = build_program(frame, state, level=False), build_program(frame, state)
    without, solution = plain.linear.solve(), level.linear.solve()
    cost = priced(level)
    # The columns of level production come last.
    both = np.where(np.arange(level.linear.columns) < plain.linear.columns, cost, 0.0)
    late = np.zeros(len(cost))
    late[level.late] = cost[level.late]
    values = np.append(without.values, np.zeros(level.linear.columns - plain.linear.columns))
    return Twice(
        level=level,
        solution=solution,
        money_cost=both,
        change_cost=cost - both,
        lateness=(float(late @ solution.values), float(late @ values)),
        money=(float((both - late) @ solution.values), float((both - late) @ values)),
        changes=float((cost - both) @ solution.values),
    )


def priced(program: Program) -> Reals:
    scaled = program.linear.scaled()
    return np.asarray(scaled.cost / scaled.scale)


def framed(world: World, state: State) -> Frame:
    network = build_network(world)
    edges = plan_edges(world.settings, PlanOptions(), state.at_s)
    return plan_frame(network, availability(network, ()), state, order_book(world), edges, "operational")


def least_changes(twice: Twice) -> float:
    """The smoothest of all plans with no more lateness and money together, by a programme that asks for that alone."""
    linear = twice.level.linear
    scaled = linear.scaled()
    rows, columns, values = scaled.matrix
    matrix = csr_array((values, (rows, columns)), shape=(linear.rows, linear.columns))
    equal = scaled.row_lower == scaled.row_upper
    above, below = np.isfinite(scaled.row_lower) & ~equal, np.isfinite(scaled.row_upper) & ~equal
    held = csr_array((twice.money_cost * scaled.scale).reshape(1, -1))
    most = float(twice.money_cost @ twice.solution.values)
    limits = np.concatenate((scaled.row_upper[below], -scaled.row_lower[above], [most + 1e-9 * abs(most)]))
    found = linprog(
        twice.change_cost * scaled.scale,
        A_ub=csr_array(vstack((matrix[below], -matrix[above], held))),
        b_ub=limits,
        A_eq=matrix[equal],
        b_eq=scaled.row_upper[equal],
        bounds=np.column_stack((np.zeros(linear.columns), scaled.upper)),
        method="highs",
    )
    assert found.success, found.message
    return float(found.fun)


@FEW
@given(world=worlds(), state=states())
def test_the_plan_is_the_smoothest_that_costs_no_more(world: World, state: State) -> None:
    twice = made_twice(framed(world, state), state)
    # Pushed apart a little by how exactly each of the programmes is solved.
    assert 0 < twice.changes <= least_changes(twice) * (1 + 1e-2) + 1e-6


@FEW
@given(world=worlds(), state=states())
def test_level_production_costs_no_lateness_and_hardly_any_money(world: World, state: State) -> None:
    held(made_twice(framed(world, state), state))


def held(twice: Twice) -> None:
    """No more lateness than without level production, and hardly more money."""
    (late, least_late), (money, least_money) = twice.lateness, twice.money
    assert late <= least_late * (1 + 1e-5) + 1e-4
    assert late + money <= least_late + least_money * (1 + TOLERANCE) + 1e-5
