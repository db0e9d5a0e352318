"""Queues, Little's law, yields."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from log_builder import Story, facts

from twin.events.record import Log
from twin.metrics.dictionary import compute_kpis
from twin.metrics.stations import little_gaps_s, number_integral_s, time_sum_s, weekly_utilisation
from twin.metrics.view import View
from twin.model.units import HOUR_S, WEEK_S


def bench_story() -> Log:
    """Two units on one bench, then a test that unit 1 fails once and repeats after rework."""
    story = Story(weeks=1)
    hour = HOUR_S
    for unit in (0, 1):
        story.tell(0, "started", "process:make@f", "rack", "a", unit, quantity=1)
    story.tell(2 * hour, "step", "step:f/bench", "rack", "a", 0, since_s=0, value=1)
    story.tell(4 * hour, "step", "step:f/bench", "rack", "a", 1, since_s=2 * hour, value=1)
    story.tell(5 * hour, "step", "step:f/test", "rack", "a", 0, since_s=3 * hour, value=1)
    story.tell(7 * hour, "step", "step:f/test", "rack", "a", 1, since_s=5 * hour, value=1)
    story.tell(7 * hour, "failed", "step:f/test", "rack", "a", 1, since_s=5 * hour, value=1)
    story.tell(8 * hour, "rework", "step:f/test", "rack", "a", 1, since_s=7 * hour, value=1, usd=1)
    story.tell(11 * hour, "step", "step:f/test", "rack", "a", 1, since_s=9 * hour, value=2)
    story.tell(11 * hour, "escaped", "site:f", "rack", "a", 1, quantity=2)
    story.tell(12 * hour, "accepted", "site:dc", "rack_done", "a", 1)
    return story.log()


def test_queues_of_the_story() -> None:
    found = compute_kpis(bench_story(), facts(tested_steps=frozenset({"/test"})))
    assert found["mean_wait_hours:f/bench"] == pytest.approx(1)
    assert found["mean_wait_hours:f/test"] == pytest.approx((1 + 1 + 1) / 3)
    assert found["delayed_share:f/bench"] == pytest.approx(1 / 2)
    assert found["mean_number_waiting:f/test"] == pytest.approx(3 / 168)
    assert found["first_pass_yield"] == pytest.approx(1 / 2)
    assert found["rolled_throughput_yield"] == pytest.approx(1 / 2)
    assert found["escaped_per_rack"] == 2


def test_rework_that_takes_no_time_comes_after_the_attempt_that_failed() -> None:
    story = Story()
    story.tell(0, "started", "process:make@f", "rack", "a", 0, quantity=1)
    story.tell(3600, "step", "step:f/test", "rack", "a", 0, since_s=0, value=1)
    story.tell(3600, "failed", "step:f/test", "rack", "a", 0, since_s=0, value=1)
    story.tell(3600, "rework", "step:f/test", "rack", "a", 0, since_s=3600, value=1)
    story.tell(14400, "step", "step:f/test", "rack", "a", 0, since_s=10800, value=2)
    assert compute_kpis(story.log(), facts())["mean_wait_hours:f/test"] == (0 + 2) / 2


def test_a_unit_does_not_queue_while_it_travels() -> None:
    story = Story()
    story.tell(10, "step", "step:f/pack", "rack", "a", 0, since_s=0, value=1)
    story.tell(1010, "started", "process:install@dc", "rack_done", "a", 0, quantity=1)
    story.tell(8210, "step", "step:dc/install", "rack_done", "a", 0, since_s=4610, value=1)
    assert compute_kpis(story.log(), facts())["mean_wait_hours:dc/install"] == 1


def test_units_without_an_order_are_known_by_site_and_item() -> None:
    story = Story()
    for site, item, begins in (("f", "rack", 3600), ("g", "rack", 7200), ("g", "job", 0)):
        story.tell(0, "started", f"process:make@{site}", item, unit=0, quantity=1)
        story.tell(begins + 9, "step", f"step:{site}/{item}", item, unit=0, since_s=begins, value=1)
    found = compute_kpis(story.log(), facts())
    assert [found[f"mean_wait_hours:{step}"] for step in ("f/rack", "g/rack", "g/job")] == [1, 2, 0]


def test_rolled_yield_multiplies_steps_and_pools_sites() -> None:
    story = Story()
    world = facts(tested_steps=frozenset({"/hot", "f/cold"}))
    for unit, (site, step, fails) in enumerate(
        [("f", "hot", True), ("f", "hot", False), ("g", "hot", False), ("g", "hot", False),
         ("f", "cold", True), ("f", "cold", False), ("g", "cold", True)]
    ):  # fmt: skip
        story.tell(9, "step", f"step:{site}/{step}", "rack", "a", unit, since_s=1, value=1)
        if fails:
            story.tell(9, "failed", f"step:{site}/{step}", "rack", "a", unit, since_s=1, value=1)
    found = compute_kpis(story.log(), world)
    assert found["rolled_throughput_yield"] == pytest.approx(0.75 * 0.5)
    assert found["first_pass_yield"] == pytest.approx(4 / 6)


def test_little_holds_exactly_for_every_station() -> None:
    gaps = little_gaps_s(View(bench_story(), facts()))
    assert gaps == {"f/bench": 0.0, "f/test": 0.0}


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(-50, 150), st.integers(0, 60)), max_size=30),
    st.integers(0, 40),
    st.integers(0, 80),
)
def test_number_integrated_equals_times_summed(stays: list[tuple[int, int]], start: int, length: int) -> None:
    came = np.array([stay[0] for stay in stays], np.float64)
    left = came + np.array([stay[1] for stay in stays], np.float64)
    window = (float(start), float(start + length))
    assert number_integral_s(came, left, *window) == time_sum_s(came, left, *window)
    seconds = np.arange(*window)
    counted = sum(int(np.sum((came <= second) & (left > second))) for second in seconds)
    assert time_sum_s(came, left, *window) == counted


def test_utilisation_week_by_week() -> None:
    story = Story(weeks=2)
    for week, held in ((1, 10), (2, 30)):
        story.tell(week * WEEK_S, "seized", "resource:f/bays", since_s=(week - 1) * WEEK_S, quantity=held, value=40)
    weekly = weekly_utilisation(View(story.log(), facts()))
    assert weekly["f/bays"].tolist() == [0.25, 0.75]
