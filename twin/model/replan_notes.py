"""What planning anew costs, told before it is paid."""

from __future__ import annotations

from twin.model.scenario import Scenario
from twin.model.units import WEEK_S


def replan_notes(scenario: Scenario, horizon_s: int, planned: bool) -> tuple[str, ...]:
    """A line where every replication makes plans of its own, and one where what is asked for makes no new plan.

    `planned` is False in a world run by stock policies alone.
    """
    every, each = scenario.replan_every_weeks, scenario.replan == "each"
    if not planned:
        asked = " and ".join([*(["replan"] if each else []), *(["replan_every_weeks"] if every else [])])
        return (f"{asked} without effect: this world has no orders to plan for",) if asked else ()
    periodic = len(range(every * WEEK_S, horizon_s, every * WEEK_S)) if every else 0
    notes = []
    if every and not periodic:
        notes.append(f"replan_every_weeks: {every} makes no new plan, since the tail ends after {horizon_s // WEEK_S}")
    if each:
        notes.append(_cost(scenario, 2 * len(scenario.disruptions) + periodic))
    return tuple(notes)


def _cost(scenario: Scenario, moments: int) -> str:
    if not moments:
        return (
            "replan: each makes no new plan, since nothing is disrupted and replan_every_weeks gives no moment for one"
        )
    arms = "each replication of both runs" if scenario.disruptions else "each replication"
    plans = "one plan" if moments == 1 else f"up to {moments} plans"
    return f"replan: each makes {plans} with schedules in {arms}: begin with few replications"
