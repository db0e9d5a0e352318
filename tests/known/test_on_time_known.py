"""The chance of an order to be on time where it is known in closed form, from tables to the answer."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from known.ladder import exact, rung
from worlds import SOURCE, STARTS, day, row

from twin import api
from twin.events.promise import Asked
from twin.metrics.chances import chances_by, moment_reached
from twin.metrics.statistics import wilson_about, wilson_interval
from twin.model.case import make_case
from twin.model.rows_demand import Order
from twin.model.rows_make import BomLine, Process, RoutingStep
from twin.model.rows_network import Item, Lane, Site
from twin.model.scenario import Budgets, Case, Scenario
from twin.model.state import State
from twin.model.world import Settings, World
from twin.study.asked import check_asked
from twin.study.ground import lay_ground, silent
from twin.study.order_replays import plan_until
from twin.study.playbook import make_playbook
from twin.study.promise import with_new
from twin.study.replicate import Arm, completions, simulate_arm

MEAN_H = 100.0
"""Of the one step that varies."""
REPLAYS = 1000
Z_999 = 3.2905


def one_rack(duration: str = f"exponential({MEAN_H})", **budgets: int) -> Case:
    """One rack for one order: an hour in the factory, a day on the road, and one step at the campus that varies."""
    world = World(
        name="one-rack",
        settings=Settings(starts=STARTS, report_weeks=6, tail_weeks=2, schedule_weeks=1),
        items=(
            row(Item, item="rack", kind="rack", value_usd=100.0, mass_kg=1000.0, power_kw=100.0),
            row(Item, item="rack_accepted", kind="rack", value_usd=100.0, mass_kg=1000.0, power_kw=100.0),
        ),
        sites=(
            row(Site, site="factory", kind="rack_integration", operator="Makers", country="US"),
            row(Site, site="campus", kind="datacenter", operator="Acme", country="US"),
        ),
        processes=(
            row(Process, process="integration", site="factory", item="rack"),
            row(Process, process="installation", site="campus", item="rack_accepted"),
        ),
        bom=(row(BomLine, item="rack_accepted", input="rack", quantity=1),),
        routings=(
            row(RoutingStep, item="rack", level="L11", step=1, name="assemble", hours="1"),
            row(RoutingStep, item="rack_accepted", level="L11", step=1, name="install", hours=duration),
        ),
        lanes=(row(Lane, lane="road", origin="factory", destination="campus", mode="truck", transit_days="1"),),
        orders=(
            row(Order, order="only", customer="acme", site="campus", item="rack_accepted", quantity=1,
                requested=day(13)),
        ),
        sources=(SOURCE,),
    )  # fmt: skip
    limits = Budgets(schedule_deterministic_seconds=0.05, schedule_dispatch_trials=1, **budgets)
    return make_case(world, Scenario(name="one-rack", replications=1, budgets=limits))


@pytest.mark.parametrize(
    ("hits", "trials", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_intervals_are_the_published_ones(hits: int, trials: int, low: float, high: float) -> None:
    """Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17, 1998."""
    found = wilson_interval(hits, trials)
    for end, expected, obtained in (("lower", low, found.low), ("upper", high, found.high)):
        exact(
            f"Wilson interval of {hits} of {trials}: {end} end",
            expected, obtained or 0.0, unit="", source="Newcombe 1998", family="Statistics", within=5e-5,
        )  # fmt: skip


@pytest.fixture(scope="module")
def arm() -> Arm:
    case = one_rack()
    # An empty day one: else the rack might be there before the clock begins.
    ground = replace(lay_ground(case), day_one=State())
    return Arm(ground=ground, disruptions=(), playbook=make_playbook(ground, ()), seed=case.scenario.seed)


@pytest.fixture(scope="module")
def completed_s(arm: Arm) -> np.ndarray:
    return np.vstack([completions(arm.ground, simulate_arm(arm, number).log) for number in range(REPLAYS)])[:, :1]


def test_a_rack_with_one_exponential_step_is_on_time_as_the_distribution_says(arm: Arm, completed_s) -> None:
    """P(complete by t) = 1 - exp(-(t - s) / m), where the step begins at s and lasts m in the mean."""
    begins_s = completions(arm.ground, simulate_arm(arm, 0, noise=False).log)[0] - MEAN_H * 3600
    for days_after in (1, 3, 8):
        moment_s = begins_s + days_after * 86_400
        expected = 1 - math.exp(-days_after * 24 / MEAN_H)
        obtained = chances_by(completed_s, np.array([moment_s]))[0].value
        interval = wilson_about(obtained, REPLAYS, 0.999)
        rung(
            f"One rack, one exponential step of 100 h: on time {days_after} d after it begins",
            expected, obtained, interval.low, interval.high,
            unit="", source="1 - exp(-x/m)", family="Statistics",
        )  # fmt: skip


def test_the_dates_are_the_quantiles_of_the_distribution(arm: Arm, completed_s) -> None:
    """The moment reached with chance p is s - m ln(1 - p)."""
    begins_s = completions(arm.ground, simulate_arm(arm, 0, noise=False).log)[0] - MEAN_H * 3600
    for chance in (0.5, 0.8, 0.95):
        expected_h = -MEAN_H * math.log(1 - chance)
        obtained_h = (moment_reached(completed_s[:, 0], chance) - begins_s) / 3600
        # The spread of a sample quantile: sqrt(p (1 - p) / n) over the density, which is (1 - p) / m.
        half_h = Z_999 * math.sqrt(chance * (1 - chance) / REPLAYS) * MEAN_H / (1 - chance)
        rung(
            f"One rack, one exponential step of 100 h: complete with a chance of {chance:.0%}".replace("%", " %"),
            expected_h, obtained_h, obtained_h - half_h, obtained_h + half_h,
            unit="h", source="- m ln(1 - p)", family="Statistics",
        )  # fmt: skip


LOW_H, MODE_H, HIGH_H = 40.0, 100.0, 250.0
"""Of a triangular step; its density rises to the mode and falls after it."""
PROMISED_REPLAYS, BY_DAY = 500, 27


def triangular_cdf(hours: float) -> float:
    if hours < MODE_H:
        return (hours - LOW_H) ** 2 / ((HIGH_H - LOW_H) * (MODE_H - LOW_H))
    return 1 - (HIGH_H - hours) ** 2 / ((HIGH_H - LOW_H) * (HIGH_H - MODE_H))


def test_a_promise_is_the_distribution_of_the_one_step_that_varies(tmp_path) -> None:
    """A new order of one rack, through `twin promise`: days at 50, 80 and 95 %, and the chance of the day asked for.

    The rack begins its step at a moment without luck; a day is told where the quantile falls in it.
    """
    case = one_rack(f"triangular({LOW_H:g}, {MODE_H:g}, {HIGH_H:g})", on_time_replays=PROMISED_REPLAYS)
    by = day(BY_DAY).isoformat()
    asked = check_asked(case, Asked(customer="acme", site="campus", quantity=1, by=by))
    view = api.promise(case, asked, workers=1, out=tmp_path)
    planned = plan_until(with_new(lay_ground(case), asked)[0], 1, 1, silent)
    at = next(at for at, line in enumerate(planned.lines) if line.order == view.order)
    mean_h = (LOW_H + MODE_H + HIGH_H) / 3
    begins_s = completions(planned.arm.ground, simulate_arm(planned.arm, 0, noise=False).log)[at] - mean_h * 3600
    source = "triangular distribution: inverse and value"
    for told in view.dates:
        # The quantile lies on the falling side, where the density is 2 (high - x) over the two spans.
        hours = HIGH_H - math.sqrt((1 - told.chance) * (HIGH_H - LOW_H) * (HIGH_H - MODE_H))
        density = 2 * (HIGH_H - hours) / ((HIGH_H - LOW_H) * (HIGH_H - MODE_H))
        half_days = Z_999 * math.sqrt(told.chance * (1 - told.chance) / PROMISED_REPLAYS) / density / 24
        found = (date.fromisoformat(told.date or "") - STARTS).days
        rung(
            f"Promise of one rack, one triangular step: day at a chance of {told.chance:.0%}".replace("%", " %"),
            begins_s / 86_400 + hours / 24, found + 0.5, found - half_days, found + 1 + half_days,
            unit="days", source=source, family="Statistics",
        )  # fmt: skip
    due_h = (BY_DAY + 1) * 24 - begins_s / 3600
    interval = wilson_about(view.by_due.value, PROMISED_REPLAYS, 0.999)
    rung(
        "Promise of one rack, one triangular step: chance of the day asked for",
        triangular_cdf(due_h), view.by_due.value, interval.low, interval.high,
        unit="", source=source, family="Statistics",
    )  # fmt: skip
    assert 0.05 < triangular_cdf(due_h) < 0.95
