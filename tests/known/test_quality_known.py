"""Closed forms of flow, tests and rework, through tables, simulation and measures.

Where chance is at work the closed form must lie within the 99.9 % interval of replications at
seed 1, and the interval be no wider than promised; see `ladder`.
"""

from __future__ import annotations

import numpy as np
import pytest
from known.closed_forms import Measured, replications
from known.ladder import estimate, exact, rung
from worlds import day, line_world, rework_world, row, shop_world, two_gates_world

from twin.events.record import Log
from twin.metrics.statistics import paired_interval
from twin.model.rows_demand import Order
from twin.model.units import HOUR_S
from twin.model.world import World


def count(log: Log, event: str) -> float:
    return float(np.nansum(log.column("quantity")[log.of(event)]))


FLOW = "Flow, tests and rework"


# --- flow -------------------------------------------------------------------------------------


def flow_measures(log: Log, _kpis: Measured) -> Measured:
    accepted_h = log.column("time_s")[log.of("accepted")] / HOUR_S
    return {"units": count(log, "accepted"), "last": float(accepted_h.max(initial=-1))}


@pytest.mark.parametrize(
    ("hours", "units", "makespan"),
    [((2, 3, 1), 10, 33.0), ((2, 3, 1), 1, 6.0), ((4,), 7, 28.0), ((1, 1, 1, 1), 5, 8.0)],
)
def test_a_line_takes_its_bottleneck_and_one_pass(hours: tuple[float, ...], units: int, makespan: float) -> None:
    """Sum of the stations' hours plus (units - 1) times the longest: 33 h for 2, 3, 1 and ten units."""
    found = replications(line_world(hours=hours, units=units), 1, flow_measures)
    assert found["units"] == [float(units)]
    name = f"line of {', '.join(f'{each:g}' for each in hours)} h, {units} units: makespan"
    exact(name, makespan, found["last"][0], unit="h", source="bottleneck and one pass", family=FLOW)


# --- tests and rework -------------------------------------------------------------------------


def attempts(log: Log, kpis: Measured) -> Measured:
    return {
        "attempts": float(log.of("step").sum()) / count(log, "accepted"),
        "first pass": kpis["first_pass_yield"],
        "accepted": count(log, "accepted"),
        "scrapped": count(log, "scrapped"),
    }


def test_rework_repeats_a_test_one_over_yield_times() -> None:
    """p = 0.15: 1 / 0.85 = 1.17647 attempts a unit."""
    found = replications(rework_world(first_pass_yield=0.85, units=2000), 10, attempts)
    assert found["accepted"] == [2000.0] * 10
    words = {"source": "geometric series", "family": FLOW}
    estimate("test passed at 0.85: attempts", 1 / 0.85, found["attempts"], 0.02, unit="a unit", **words)
    estimate("test passed at 0.85: first-pass yield", 0.85, found["first pass"], 0.02, unit="", **words)


def test_a_limit_of_attempts_cuts_the_geometric_series() -> None:
    """At most 3 attempts at 0.6: 1 + 0.4 + 0.16 a unit, and 0.064 that never passed are let through."""
    world = rework_world(first_pass_yield=0.6, units=2000, max_attempts=3, then="pass")
    found = replications(world, 8, attempts)
    assert found["accepted"] == [2000.0] * 8
    words = {"source": "truncated geometric series", "family": FLOW}
    estimate("at most 3 attempts at 0.6: attempts", 1.56, found["attempts"], 0.03, unit="a unit", **words)


def test_what_is_scrapped_after_its_attempts_is_made_again() -> None:
    """2 attempts at 0.7, else scrapped: 1 / 0.91 units are begun for a good one, of 1.3 attempts each."""
    world = rework_world(first_pass_yield=0.7, units=2000, max_attempts=2, then="scrap")
    found = replications(world, 16, attempts)
    assert found["accepted"] == [2000.0] * 16
    words = {"source": "truncated geometric series", "family": FLOW}
    estimate(
        "2 attempts at 0.7, else scrap: attempts", 1.3 / 0.91, found["attempts"], 0.02, unit="a good unit", **words
    )
    scrapped = [each / 2000 for each in found["scrapped"]]
    estimate("2 attempts at 0.7, else scrap: scrapped", 0.09 / 0.91, scrapped, 0.1, unit="a good unit", **words)


def test_rolled_throughput_yield_is_the_product_of_four_steps() -> None:
    """0.98 x 0.95 x 0.90 x 0.99 = 0.829521, and as many units pass all four at the first attempt."""
    units = 2500
    steps = [
        {"hours": "1", "first_pass_yield": passing, "rework_hours": "1", "resource": "cell"}
        for passing in (0.98, 0.95, 0.90, 0.99)
    ]
    order = row(Order, order="batch", customer="acme", site="shop", item="job", quantity=units, requested=day(6))
    world = shop_world("four tests", steps, [{"resource": "cell", "capacity": units}], report_weeks=4, orders=(order,))

    def measure(log: Log, kpis: Measured) -> Measured:
        failed = np.unique(log.column("unit")[log.of("failed")])
        return {"RTY": kpis["rolled_throughput_yield"], "untouched": 1 - len(failed) / units}

    found = replications(world, 8, measure)
    words = {"source": "0.98 x 0.95 x 0.90 x 0.99", "family": FLOW}
    estimate("four tests: rolled throughput yield", 0.829521, found["RTY"], 0.02, unit="", **words)
    estimate("four tests: units that never failed", 0.829521, found["untouched"], 0.025, unit="", **words)


# --- defects and gates ------------------------------------------------------------------------

LATE, EARLY = (0.5, 0.6, 0.9), (0.9, 0.8, 0.9)
"""Share of the defects present that each of three gates finds: found_ij = lambda_i c_j prod(1 - c_m)."""


def gate_measures(log: Log, kpis: Measured) -> Measured:
    return {"usd": kpis["rework_usd_per_rack"], "escapes": kpis["escaped_per_rack"], "units": count(log, "accepted")}


def gated(coverages: tuple[float, ...]) -> World:
    return two_gates_world(coverages, units=4000)


@pytest.mark.slow
def test_early_gates_save_rework_and_escapes() -> None:
    """2385 against 1525 USD and 0.0240 against 0.0146 defects a unit."""
    late, early = (replications(gated(coverages), 12, gate_measures) for coverages in (LATE, EARLY))
    words = {"source": "found_ij = lambda_i c_j prod(1 - c_m)", "family": FLOW}
    for name, found, usd, escapes in (("late gates", late, 2385.0, 0.0240), ("early gates", early, 1525.0, 0.0146)):
        assert found["units"] == [4000.0] * 12
        estimate(f"{name}: rework", usd, found["usd"], 0.06, unit="USD a unit", **words)
        estimate(f"{name}: escapes", escapes, found["escapes"], 0.22, unit="defects a unit", **words)
    saved = paired_interval(np.array(early["usd"]), np.array(late["usd"]), 0.999)
    assert saved is not None
    assert saved.low is not None
    assert saved.high is not None
    assert saved.half_width < 150
    rung("early against late gates: rework saved", 860, saved.value, saved.low, saved.high, unit="USD a unit", **words)


@pytest.mark.parametrize(("name", "coverages"), [("late", LATE), ("early", EARLY)])
def test_defects_by_gate_are_those_of_the_formula(name: str, coverages: tuple[float, ...]) -> None:
    """Late gates find 0.15, 0.21 and 0.216 a unit, and a unit repeats a step where its gate finds any."""
    gates = [f"defects_found:shop/gate {n}" for n in (1, 2, 3)]

    def measure(_log: Log, kpis: Measured) -> Measured:
        return {each: kpis[each] for each in (*gates, "defects_escaped:shop", "defects_per_rack", "retests_per_rack")}

    found = replications(two_gates_world(coverages, units=2000), 10, measure)
    present, again = 0.0, 0.0
    words = {"unit": "defects a unit", "source": "found_ij = lambda_i c_j prod(1 - c_m)", "family": FLOW}
    for gate, introduced, coverage in zip(gates, (0.3, 0.2, 0.1), coverages, strict=True):
        present += introduced
        number = gate.partition("/")[2]
        estimate(f"{name} gates: found at {number}", present * coverage, found[gate], 0.13, **words)
        again += 1 - np.exp(-present * coverage)
        present *= 1 - coverage
    estimate(f"{name} gates: put in", 0.6, found["defects_per_rack"], 0.05, **words)
    estimate(f"{name} gates: escaped", present, found["defects_escaped:shop"], 0.5, **words)
    words |= {"unit": "steps a unit", "source": "1 - exp(-mean found), by gate"}
    estimate(f"{name} gates: steps done again", again, found["retests_per_rack"], 0.08, **words)


def test_a_gate_that_sees_nothing_lets_all_defects_escape() -> None:
    """Coverage 0 at all gates: no rework, 0.6 defects a unit."""
    found = replications(two_gates_world((0.0, 0.0, 0.0), units=4000), 12, gate_measures)
    assert found["usd"] == [0.0] * 12
    words = {"source": "sum of the defects put in", "family": FLOW}
    estimate("gates that see nothing: escapes", 0.6, found["escapes"], 0.05, unit="defects a unit", **words)


def test_perfect_gates_let_nothing_escape() -> None:
    """Coverage 1: each defect is found where it was put in, 30 + 200 + 1000 USD a unit."""
    found = replications(two_gates_world((1.0, 1.0, 1.0), units=4000), 8, gate_measures)
    assert found["escapes"] == [0.0] * 8
    words = {"source": "0.3 x 100 + 0.2 x 1000 + 0.1 x 10000", "family": FLOW}
    estimate("gates that see all: rework", 1230.0, found["usd"], 0.1, unit="USD a unit", **words)
