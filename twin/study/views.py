"""The shorter questions: what is in a world, what the plan says, what can be built, the schedule."""

from __future__ import annotations

from pathlib import Path

from twin.disrupt.availability import availability
from twin.disrupt.resolve import resolve
from twin.events.views import KitsView, PlanView, ScheduleView, ShowResult, SiliconContent
from twin.model.problems import RunError
from twin.model.scenario import Case
from twin.model.units import DAY_S
from twin.model.world import TABLES
from twin.network.build import build_network
from twin.network.layers import explode, longest_lead_time_s
from twin.network.silicon import ordered_or_beyond, silicon_in
from twin.network.structure import infeasible_demand
from twin.plan.make import explain, make_plan
from twin.plan.record import PlanOptions
from twin.schedule.record import Schedule
from twin.study.ground import Ground, Progress, lay_ground
from twin.study.limits import customer_quarters, gates, plan_summary
from twin.study.picture import disruptions_told, network_picture
from twin.study.playbook import SiteWindow, make_playbook, schedule_site
from twin.study.run import gantt_bars, kit_rows, schedule_summary, windows
from twin.study.runner import run_all


def show_case(case: Case) -> ShowResult:
    """What is in a scenario's world, what it hangs on, and what its disruptions hit; nothing is planned."""
    network = build_network(case.world)
    finished = ordered_or_beyond(network)
    silicon = {item: silicon_in(network, item) for item in finished}
    counts = {table: len(getattr(case.world, table)) for table in TABLES if table != "settings"}
    return ShowResult(
        scenario=case.scenario.name,
        world=case.world.name,
        counts={table: count for table, count in counts.items() if count},
        disruptions=disruptions_told(case, network),
        network=network_picture(network),
        infeasible=[f"{each.item} at {each.site}: {each.missing}" for each in infeasible_demand(network)],
        longest_lead_time_days=longest_lead_time_s(network) / DAY_S,
        content={item: explode(network, item) for item in finished},
        silicon={
            item: SiliconContent(chips=each.chips, dies=each.dies, transistors=each.transistors)
            for item, each in silicon.items()
            if each.chips
        },
    )


def planned_ground(case: Case, store: Path | None, progress: Progress) -> Ground:
    """The ground of a case that has orders to plan for. Raises RunError for one run by stock policies."""
    ground = lay_ground(case, store, progress)
    if not ground.planned:
        by_policy = "it runs by stock policies, without plan or schedule"
        why = by_policy if case.world.demand else "there is nothing to plan; add rows to 'orders'"
        raise RunError(f"world {case.world.name} has no orders: {why}")
    return ground


def plan_case(case: Case, store: Path | None, progress: Progress) -> PlanView:
    """The operational plan with all disruptions of the scenario reckoned with from the start."""
    ground = planned_ground(case, store, progress)
    available = availability(ground.network, resolve(case.world, case.scenario.disruptions))
    progress("plan", 0, 2)
    plan = make_plan(ground.network, available, ground.day_one, ground.orders, PlanOptions())
    progress("plan", 1, 2)
    bindings = explain(ground.network, available, ground.day_one, ground.orders, plan)
    progress("plan", 2, 2)
    return PlanView(
        scenario=case.scenario.name,
        foreseen=[one.name for one in case.scenario.disruptions],
        plan=plan_summary(ground, plan, bindings),
        gates=gates(ground, available, bindings),
        customers=customer_quarters(ground, plan, (), [(0, bindings)]),
    )


def kits_case(case: Case, store: Path | None, progress: Progress) -> KitsView:
    """Clear to build for the first eight weeks of the plan."""
    ground = planned_ground(case, store, progress)
    available = availability(ground.network, resolve(case.world, case.scenario.disruptions))
    progress("plan", 0, 1)
    plan = make_plan(ground.network, available, ground.day_one, ground.orders, PlanOptions())
    progress("plan", 1, 1)
    return KitsView(scenario=case.scenario.name, kits=kit_rows(ground, plan))


def schedule_case(case: Case, store: Path | None, workers: int, progress: Progress) -> ScheduleView:
    """The schedules of the first window at every site, made with what is known of disruptions by then."""
    ground = planned_ground(case, store, progress)
    if not case.world.settings.schedule_weeks:
        raise RunError("schedule_weeks is 0, so this world runs by its dispatch rule alone; set it to 1 or more")

    def all_sites(work: list[SiteWindow]) -> list[Schedule]:
        return run_all(schedule_site, work, workers, "schedules", progress)

    known = [one.disruption for one in resolve(case.world, case.scenario.disruptions) if one.known_s <= 0]
    # No moment after the first: no new plan, as when a known disruption ends.
    playbook = make_playbook(ground, known, None, progress, all_sites, moments=())
    return ScheduleView(
        scenario=case.scenario.name,
        foreseen=[one.name for one in known],
        schedules=[schedule_summary(ground, each, at_s) for at_s, each in windows(playbook)],
        gantt=gantt_bars(ground, playbook, len(windows(playbook))),
    )
