"""Mean hours, repetitions and yield of a routing."""

from __future__ import annotations

import math

import pytest
from worlds import row

from twin.model.rows_make import RoutingResource, RoutingStep
from twin.plan.routing import attempts, held_hours, passed, step_loads
from twin.schedule.reserve import expected_failures


def step(number: int, hours: float, **cells: object) -> RoutingStep:
    cells = {"item": "rack", "level": "L11", "step": number, "name": f"step {number}", "hours": hours} | cells
    found: RoutingStep = row(RoutingStep, **cells)
    return found


def loads_of(*steps: RoutingStep, open_share: float = 1.0, attended: bool = False) -> list[float]:
    seized: RoutingResource = row(
        RoutingResource, item="rack", level="L11", step=1, resource="crew", amount=2, attended=attended
    )
    loads = step_loads(steps, lambda n: (seized,) if n == 1 else (), lambda d: d.mean, lambda _: open_share)
    return [load.elapsed_hours for load in loads] + [held_hours(loads, stretch=True)["crew", attended]]


def test_attempts_without_limit_are_geometric() -> None:
    assert attempts(step(1, 1, first_pass_yield=0.8)) == pytest.approx(1.25)


def test_attempts_with_a_limit_are_cut_and_scrap_the_rest() -> None:
    limited = step(1, 1, first_pass_yield=0.8, max_attempts=2, then="scrap")
    assert attempts(limited) == pytest.approx(1.2)
    assert passed(limited) == pytest.approx(0.96)


def test_a_gate_that_finds_defects_fails_first_attempts_by_the_poisson_chance_of_any() -> None:
    """0.5 found on the mean, yield 0.8: the first fails with 1 - 0.8 exp(-0.5), those after it with 0.2."""
    failing = 1 - 0.8 * math.exp(-0.5)
    assert attempts(step(1, 1, first_pass_yield=0.8), 0.5) == pytest.approx(1 + failing / 0.8)
    limited = step(1, 1, first_pass_yield=0.8, max_attempts=3, then="scrap")
    assert attempts(limited, 0.5) == pytest.approx(1 + failing * 1.2)
    assert passed(limited, 0.5) == pytest.approx(1 - failing * 0.04)
    assert expected_failures(limited, 0.5) == pytest.approx(failing * 1.2)


def test_what_a_gate_finds_is_reworked_and_tested_again() -> None:
    """A gate that finds 0.5: each unit that has any repeats 4 h there after 3 h of rework."""
    gate = step(1, 4, rework_hours=3)
    loads = step_loads([gate], lambda _: (), lambda d: d.mean, lambda _: 1.0, {1: 0.5})
    assert loads[0].elapsed_hours == pytest.approx(4 + (1 - math.exp(-0.5)) * 7)


def test_rework_goes_back_to_an_earlier_step() -> None:
    assembly, test, held = loads_of(
        step(1, 10), step(2, 4, first_pass_yield=0.5, max_attempts=2, rework_to=1, rework_hours=3)
    )
    assert assembly == pytest.approx(15.0)
    assert test == pytest.approx(1.5 * 4 + 0.5 * 3)
    assert held == pytest.approx(2 * 15.0)


def test_attended_steps_take_the_closed_hours_too_but_hold_only_open_ones() -> None:
    elapsed, held = loads_of(step(1, 10), open_share=0.25, attended=True)
    assert elapsed == pytest.approx(40.0)
    assert held == pytest.approx(20.0)
