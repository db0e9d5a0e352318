"""What the plans alone say of a study: what binds, how long stock lasts, what estimates move."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from twin.disrupt.availability import availability
from twin.disrupt.resolve import resolve
from twin.events.result import EstimateSwing
from twin.model.state import State
from twin.model.units import DAY_S
from twin.plan.make import explain
from twin.plan.record import Binding, SupplyPlan
from twin.plan.survive import Survival, time_to_survive
from twin.study.arms import Arms
from twin.study.estimates import begin_estimates
from twin.study.ground import Ground, Progress
from twin.study.playbook import Playbook, known_capacity
from twin.study.runner import begin, collect, shared


@dataclass(frozen=True, slots=True, kw_only=True)
class Reckoned:
    """What needs no replication.

    `bindings` are of the opening plan, `rebound` of the plan made when a disruption is first known, from that state.
    `expected` is the verdict's number by the plan of the estimates.
    """

    bindings: tuple[Binding, ...]
    rebound: tuple[Binding, ...]
    survival: Survival | None
    expected: float
    swings: list[EstimateSwing]


Collected = Callable[[Progress], Reckoned]


def begin_reckoning(files: ExitStack, arms: Arms, workers: int, *, with_estimates: bool) -> Collected:
    """Set workers to everything that needs the arms' plans alone; the answers come when asked for.

    What workers read lies in files that go with `files`.
    """
    (path,) = files.enter_context(shared(arms))
    asked = begin(_ask, [(path, question) for question in _QUESTIONS], workers)
    estimates = begin_estimates(files, arms.ground, known_state(arms), workers) if with_estimates else None

    def collected(progress: Progress) -> Reckoned:
        bindings, rebound, survival = collect(asked, len(_QUESTIONS), "what binds", progress)
        expected, swings = estimates(progress) if estimates else (0.0, [])
        return Reckoned(bindings=bindings, rebound=rebound, survival=survival, expected=expected, swings=swings)

    return collected


def opening_of(playbook: Playbook) -> SupplyPlan | None:
    """The first plan; None in a world that runs by stock policies."""
    return playbook.opening.plan if playbook.opening else None


def plan_bindings(ground: Ground, plan: SupplyPlan) -> tuple[Binding, ...]:
    """What holds a plan back, in accepted racks and rack-weeks."""
    return explain(ground.network, availability(ground.network, ()), ground.day_one, ground.orders, plan)


def known_state(arms: Arms) -> State:
    """Day one, or the state in which a disruption is first known."""
    playbook = arms.main_arm.playbook
    at_s = playbook.learns_at_s
    return arms.ground.day_one if at_s is None else playbook.states.get(at_s, arms.ground.day_one)


def starts_s(arms: Arms) -> int:
    """The first second of the first disruption, 0 where that lies before day one."""
    return max(0, min(one.starts_s for one in resolve(arms.ground.case.world, arms.main_arm.disruptions)))


def _bindings(arms: Arms) -> tuple[Binding, ...]:
    opening = opening_of(arms.baseline.playbook)
    return plan_bindings(arms.ground, opening) if opening else ()


def _rebound(arms: Arms) -> tuple[Binding, ...]:
    """What holds back the first plan that knows of a disruption."""
    ground, playbook = arms.ground, arms.main_arm.playbook
    at_s, learnt = playbook.learns_at_s, playbook.learnt
    if at_s is None or learnt is None:
        return ()
    known = known_capacity(ground, resolve(ground.case.world, arms.main_arm.disruptions), at_s)
    return explain(ground.network, known, playbook.states[at_s], ground.orders, learnt.plan)


def _survival(arms: Arms) -> Survival | None:
    """By the plan's programme, from the state when a disruption becomes known; days count from its start."""
    arm, required = arms.disrupted, opening_of(arms.baseline.playbook)
    if arm is None or required is None:
        return None
    known_s = arm.playbook.learns_at_s
    end_s = max(one.recovered_s for one in resolve(arms.ground.case.world, arm.disruptions))
    if known_s is None or known_s >= end_s:
        return None
    state = known_state(arms)
    found = time_to_survive(arms.ground.network, state, required, arm.playbook.available, known_s, end_s)
    return replace(found, days=found.days + (known_s - starts_s(arms)) / DAY_S)


_QUESTIONS = ("bindings", "rebound", "survival")


def _ask(path: str, question: str) -> Any:
    """One question on written arms: what a worker is sent."""
    answers: dict[str, Callable[[Arms], Any]] = dict(zip(_QUESTIONS, (_bindings, _rebound, _survival), strict=True))
    return answers[question](_load(path))


@lru_cache(maxsize=1)
def _load(path: str) -> Arms:
    arms = pickle.loads(Path(path).read_bytes())
    assert isinstance(arms, Arms)
    return arms
