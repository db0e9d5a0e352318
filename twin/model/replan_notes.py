"""What planning anew costs, told before it is paid."""

from __future__ import annotations

from twin.model.scenario import Scenario
from twin.model.units import WEEK_S


def replan_notes(scenario: Scenario, horizon_s: int) -> tuple[str, ...]:
    """A line where every replication makes plans of its own, or would and has no moment for them."""
    if scenario.replan != "each":
        return ()
    every = scenario.replan_every_weeks
    moments = 2 * len(scenario.disruptions) + (len(range(every * WEEK_S, horizon_s, every * WEEK_S)) if every else 0)
    if not moments:
        return ("replan: each makes no new plan, since nothing is disrupted and replan_every_weeks is blank",)
    arms = "each replication of both runs" if scenario.disruptions else "each replication"
    plans = "one plan" if moments == 1 else f"up to {moments} plans"
    return (f"replan: each makes {plans} with schedules in {arms}: begin with few replications",)
