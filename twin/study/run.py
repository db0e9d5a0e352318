"""`twin run`: a scenario planned, scheduled, simulated, measured and told."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np

from twin.disrupt.availability import availability
from twin.events.result import (
    GanttBar,
    HandCheck,
    KitRow,
    Measure,
    PlanSummary,
    RecoveryMeasure,
    RunResult,
    ScheduleSummary,
)
from twin.events.run_folder import Kept, new_run, save_run
from twin.metrics.dictionary import kpi_of
from twin.metrics.waiting import waiting_rows
from twin.model.scenario import Case
from twin.model.units import DAY_S
from twin.plan.kits import clear_to_build
from twin.plan.record import Binding, SupplyPlan
from twin.plan.survive import Survival
from twin.resilience.hand_check import hand_check
from twin.resilience.paired import PairedDays
from twin.resilience.summary import resilience_measures
from twin.schedule.record import Schedule
from twin.study.aggregate import outcome_of, paired_measures, utilisation_rows
from twin.study.arms import Arms, Played, play_beside
from twin.study.demand_told import demand_told
from twin.study.estimates import ESTIMATED_BY, estimate_range
from twin.study.factory import factory_told
from twin.study.ground import Ground, Progress, silent
from twin.study.hand import hand_terms
from twin.study.late import first_of, kept_of
from twin.study.limits import customer_quarters, gates, plan_summary, tightest
from twin.study.on_time import Moments, begin_on_time, on_time_of
from twin.study.picture import disruptions_told, network_picture
from twin.study.playbook import Playbook
from twin.study.powered import power_told
from twin.study.provenance import assumptions, changes_of, manifest, sources
from twin.study.reckon import Reckoned, begin_reckoning, opening_of, starts_s
from twin.study.runner import worker_count
from twin.study.verdict import baseline_verdict, disrupted_verdict

GANTT_SITES = 1
"""The page draws the fortnight of the busiest site."""


def with_overrides(case: Case, replications: int | None, seed: int | None) -> Case:
    """The case with the command's own number of replications and seed."""
    changed = {"replications": replications, "seed": seed}
    update = {name: value for name, value in changed.items() if value is not None}
    return case.model_copy(update={"scenario": case.scenario.model_copy(update=update)})


def run_case(
    case: Case,
    out: Path,
    workers: int | None = None,
    progress: Progress = silent,
    command: str = "",
    *,
    with_estimates: bool = True,
) -> RunResult:
    """Run a case and its paired baseline, and save the run under `out`.

    Raises RunError where the case cannot be run. Interrupted, it leaves no run behind.
    """

    def beside(files: ExitStack, arms: Arms) -> Callable[[Progress], tuple[Reckoned, list[Moments]]]:
        reckoning = begin_reckoning(files, arms, worker_count(workers), with_estimates=with_estimates)
        replays = begin_on_time(files, arms.main_arm, worker_count(workers))
        return lambda tell_progress: (reckoning(tell_progress), replays(tell_progress))

    played, (reckoned, replays) = play_beside(case, workers, out / "day-one", progress, beside)
    kept = kept_of(played, in_force(played, reckoned))
    result = tell(played, reckoned, kept, command, new_run(out, case), replays)
    save_run(Path(result.run), result, kept)
    return result


def tell(
    played: Played,
    reckoned: Reckoned,
    kept: Kept,
    command: str,
    run: Path,
    replays: Sequence[Moments] | None = None,
) -> RunResult:
    """Everything a page says of a played study; `run` is the folder it is to be saved in.

    Without `replays`, on-time chances rest on the study's own replications.
    """
    ground, case, settings = played.ground, played.ground.case, played.ground.case.world.settings
    main = outcome_of(played.main_runs, settings)
    opening = opening_of(played.baseline.playbook)
    plan_parts = _plan_parts(played, opening, reckoned) if opening else _no_plan()
    resilience, survival = _resilience(played) if played.disrupted else None, reckoned.survival
    simulated = _verdict_number(main.kpis, resilience)
    spread = estimate_range(simulated, reckoned.expected, reckoned.swings)
    if resilience is None:
        verdict = baseline_verdict(case, main.kpis, tightest(reckoned.bindings), spread)
    else:
        verdict = disrupted_verdict(case, resilience, spread, survival.days if survival else None)
    return RunResult(
        scenario=case.scenario.name,
        title=case.scenario.title,
        world=case.world.name,
        world_title=settings.title,
        seed=case.scenario.seed,
        replications=case.scenario.replications,
        run=str(run),
        starts=settings.starts.isoformat(),
        report_weeks=settings.report_weeks,
        tail_weeks=settings.tail_weeks,
        verdict=verdict,
        kpis=main.kpis | (_survival_kpis(survival) if survival else {}),
        series=main.series,
        baseline=outcome_of(played.baseline_runs, settings) if played.disrupted else None,
        resilience=resilience,
        paired=paired_measures(played.baseline_runs, played.disrupted_runs) if played.disrupted else None,
        disruptions=disruptions_told(case, ground.network),
        hand_check=_hand_check(played, resilience) if resilience and ground.planned else None,
        estimates=reckoned.swings,
        estimate_range=spread,
        estimates_by=ESTIMATED_BY,
        on_time=on_time_of(ground, played.main_arm.playbook, [each.completed_s for each in played.main_runs], replays),
        waiting=waiting_rows(kept.log, ground.network),
        late=first_of(kept.late),
        demand=demand_told(ground, played.main_runs),
        changes=changes_of(case),
        network=network_picture(ground.network, opening),
        utilisation=utilisation_rows(played.main_runs, ground.network),
        power=power_told(played.main_runs, ground.network),
        factory=factory_told(played.main_runs, main.kpis, case.world),
        assumptions=assumptions(case.world),
        sources=sources(case.world),
        warnings=list(case.warnings),
        manifest=manifest(case, str(run), command, played.seconds),
        **plan_parts,
    )


def _verdict_number(kpis: dict[str, Measure], resilience: dict[str, RecoveryMeasure] | None) -> float:
    if resilience is not None:
        return resilience["lost_in_report_racks"].mean or 0.0
    return kpis["racks_accepted"].value or 0.0


def _plan_parts(played: Played, opening: SupplyPlan, reckoned: Reckoned) -> dict[str, Any]:
    """Plan, gates, kits and schedules, as the opening plan has them, and what new plans change in them."""
    ground, playbook = played.ground, played.main_arm.playbook
    available, bindings = availability(ground.network, ()), reckoned.bindings
    followed = sorted(in_force(played, reckoned).items())
    return {
        "plan": plan_summary(ground, opening, bindings),
        "replan": plan_summary(ground, playbook.learnt.plan, reckoned.rebound) if playbook.learnt else None,
        "gates": gates(ground, available, bindings),
        "customers": customer_quarters(ground, opening, played.main_runs, followed),
        "kits": kit_rows(ground, opening),
        "schedules": [schedule_summary(ground, each, at_s) for at_s, each in windows(playbook)],
        "gantt": gantt_bars(ground, playbook),
    }


def in_force(played: Played, reckoned: Reckoned) -> dict[int, Sequence[Binding]]:
    """What binds in the first plan and in each new one, by the moment from which it is followed."""
    playbook = played.main_arm.playbook
    later = {at_s: playbook.updates[at_s].plan.bindings for at_s in playbook.replan_at_s}
    own = playbook.opening if playbook.learns_at_s == 0 else None
    return {0: own.plan.bindings if own else reckoned.bindings, **later}


def _no_plan() -> dict[str, Any]:
    nothing: list[float] = []
    plan = PlanSummary(
        status="no plan: this world runs by stock policies",
        columns=0, rows=0, time=[], accepted=nothing, accepted_by_customer={}, due=nothing, report_end="", bindings=[],
    )  # fmt: skip
    return {"plan": plan}


def kit_rows(ground: Ground, plan: SupplyPlan) -> list[KitRow]:
    """Clear to build for the first eight weeks."""
    starts = ground.case.world.settings.starts
    kits = clear_to_build(ground.network, availability(ground.network, ()), ground.day_one, ground.orders, plan)
    return [
        KitRow(
            site=each.site,
            item=each.item,
            week=(starts + timedelta(seconds=each.ends_s - DAY_S)).isoformat(),
            planned_racks=each.wanted,
            full_kits=each.full,
            short_item=each.short,
            racks_blocked=each.blocked,
        )
        for each in kits
    ]


def windows(playbook: Playbook) -> list[tuple[int, Schedule]]:
    """Every schedule with the start of its window."""
    opening = playbook.opening.schedules if playbook.opening else ()
    later = [(at_s, each) for at_s in playbook.replan_at_s for each in playbook.updates[at_s].schedules]
    return [(0, each) for each in opening] + later


def schedule_summary(ground: Ground, schedule: Schedule, at_s: int) -> ScheduleSummary:
    """A site's schedule and what is proven about it, or why there is none."""
    found = schedule.status in ("optimal", "feasible")
    return ScheduleSummary(
        site=schedule.site,
        window_starts=(ground.case.world.settings.starts + timedelta(seconds=at_s)).isoformat(),
        status=schedule.status,
        reason="" if found else schedule.method,
        racks=schedule.racks,
        tardiness_h=schedule.tardiness_h if found else None,
        tardiness_bound_h=schedule.tardiness_bound_h if found else None,
        edd_tardiness_h=schedule.edd_tardiness_h if found else None,
        atc_tardiness_h=schedule.atc_tardiness_h if found else None,
        makespan_h=schedule.makespan_h if found else None,
        makespan_bound_h=schedule.makespan_bound_h if found else None,
        makespan_gap=schedule.makespan_gap if found else None,
        flow_h=schedule.flow_h if found else None,
        flow_bound_h=schedule.flow_bound_h if found else None,
        utilisation=schedule.utilisation,
        standing_operations=schedule.standing_operations,
        moved_operations=schedule.moved_operations,
    )


def gantt_bars(ground: Ground, playbook: Playbook, sites: int = GANTT_SITES) -> list[GanttBar]:
    """The first fortnight of the sites with the most racks."""
    starts_at = ground.case.world.settings.starts_at
    opening = playbook.opening.schedules if playbook.opening else ()
    busiest = sorted(opening, key=lambda each: (-each.racks, each.site))[:sites]
    return [
        GanttBar(
            site=schedule.site,
            order=each.order,
            unit=each.unit,
            item=each.item,
            step=each.step,
            name=each.name,
            start=(starts_at + timedelta(seconds=each.start_s)).strftime("%Y-%m-%dT%H:%M:%S"),
            end=(starts_at + timedelta(seconds=each.end_s)).strftime("%Y-%m-%dT%H:%M:%S"),
            bay=each.bay,
            mode=each.mode,
        )
        for schedule in busiest
        for each in schedule.assignments
    ]


def _resilience(played: Played) -> dict[str, RecoveryMeasure]:
    """Measures over the pairs."""
    before, after = played.baseline_runs, played.disrupted_runs
    pair = PairedDays(
        baseline_accepted=np.vstack([each.series["daily_accepted"] for each in before]),
        disrupted_accepted=np.vstack([each.series["daily_accepted"] for each in after]),
        baseline_backlog=np.vstack([each.series["daily_backlog"] for each in before]),
        disrupted_backlog=np.vstack([each.series["daily_backlog"] for each in after]),
        start_day=starts_s(played) // DAY_S,
        report_days=played.ground.case.world.settings.report_weeks * 7,
    )
    return resilience_measures(pair)


def _survival_kpis(survival: Survival) -> dict[str, Measure]:
    values = {"time_to_survive_days": survival.days, "performance_impact_racks": survival.lost_racks}
    return {
        name: Measure(value=value if math.isfinite(value) else None, unit=kpi_of(name).unit)
        for name, value in values.items()
    }


def _hand_check(played: Played, resilience: dict[str, RecoveryMeasure]) -> HandCheck | None:
    required = opening_of(played.baseline.playbook)
    assert played.disrupted is not None
    assert required is not None
    found = hand_terms(played.disrupted, required)
    if found is None:
        return None
    terms, note = found
    return hand_check(terms, resilience["peak_shortfall_racks"].mean or 0.0, note)
