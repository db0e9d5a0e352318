"""What is kept of a study's first replication: its log, who consumed what, and why orders are late."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from twin.disrupt.availability import availability
from twin.events.late_result import LateOrders
from twin.events.run_folder import Kept
from twin.metrics.facts import facts_from
from twin.metrics.late_orders import late_orders
from twin.metrics.late_world import LateWorld, NewPlan
from twin.metrics.lineage import lineage
from twin.metrics.view import View
from twin.plan.frame import plan_frame
from twin.plan.passages import lane_passage, process_passage
from twin.plan.record import Binding, SupplyPlan
from twin.study.arms import Played
from twin.study.limits import tightest
from twin.study.replicate import Arm, available_in, own_luck

TOLD = 20
"""So many late orders stand in a run's result; all are in the file beside its log."""
TOLD_CAUSES = 60


def kept_of(played: Played, bindings: dict[int, Sequence[Binding]]) -> Kept:
    """The first replication's log and what is read from it; `bindings` by the moment of their plan."""
    log = played.main_runs[0].log
    assert log is not None
    view, playbook = View(log, facts_from(played.ground.network)), played.main_arm.playbook
    if playbook.opening is None:
        return Kept(log=log, lineage=lineage(view))
    return Kept(
        log=log,
        lineage=lineage(view),
        late=late_orders(view, late_world(played.main_arm, playbook.opening.plan, bindings)),
    )


def late_world(arm: Arm, opening: SupplyPlan, bindings: dict[int, Sequence[Binding]]) -> LateWorld:
    """The world's part in why orders of an arm's first replication are late.

    Planned times are those of the first plan's programme, without disruptions.
    """
    ground, playbook = arm.ground, arm.playbook
    calm = availability(ground.network, ())
    frame = plan_frame(ground.network, calm, ground.day_one, ground.orders, opening.edges_s, "operational")
    passages = {key: process_passage(frame, key) for key in frame.makers}
    held_by = {at_s: held_by_site(found, {line.site for line in ground.orders}) for at_s, found in bindings.items()}
    return LateWorld(
        network=ground.network,
        availability=available_in(arm, 0),
        process_s={key: passage.lead_s for key, passage in passages.items()},
        yields={key: passage.start_yield for key, passage in passages.items()},
        lane_s={name: lane_passage(frame, name).lead_s for name in sorted({flow.lane for flow in frame.flows})},
        disruptions=own_luck(ground, arm.disruptions, arm.seed, 0).true,
        plans=[
            NewPlan(at_s=at_s, promises=playbook.updates[at_s].plan.promises, held_by=held_by.get(at_s, {}))
            for at_s in playbook.replan_at_s
        ],
        held_by=held_by.get(0, {}),
        promises=opening.promises,
        scheduled=frozenset(
            (schedule.site, each.name, each.start_s) for schedule in playbook.schedules for each in schedule.assignments
        ),
    )


def held_by_site(bindings: Sequence[Binding], sites: Iterable[str]) -> dict[str, str]:
    """By site, what holds its orders back most in a plan, in words: a full datacenter holds back its own alone."""
    return {
        site: next(iter(tightest([each for each in bindings if each.kind != "readiness" or each.site == site])), "")
        for site in sites
    }


def first_of(late: LateOrders | None) -> LateOrders | None:
    """As much of it as stands in a run's result."""
    if late is None:
        return None
    return late.model_copy(update={"orders": late.orders[:TOLD], "causes": late.causes[:TOLD_CAUSES], "in_time": []})
