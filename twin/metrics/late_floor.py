"""A late rack's way through a routing: what it waited for, what it repeated, what took longer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from twin.metrics.late_link import SMALL_S, Link, reasons
from twin.metrics.late_log import AtSite, LateLog
from twin.metrics.late_rows import Attempt
from twin.metrics.late_world import LateWorld, plain, span, versus
from twin.model.rows_make import RoutingStep
from twin.model.units import HOUR_S
from twin.network.record import ProcessKey


class FloorWay:
    """The links of racks on the floors of a world, from its log."""

    def __init__(self, log: LateLog, world: LateWorld) -> None:
        self._log, self._world = log, world

    def links(self, here: AtSite, key: ProcessKey, begun_s: float, end_s: float, planned_s: float) -> Iterator[Link]:
        """Waits, rework and longer work of a rack in a process, less what the plan allows for them."""
        site, attempts = here[0], self._log.attempts(here)
        steps = self._world.steps(key)
        for each in attempts:
            yield from self._in_vain(key, each, steps)
            yield self._wait(key, each)
        yield self._again(site, attempts, steps)
        yield from self._work(key, [each for each in attempts if each.number == 1 and each.name in steps])
        told_s = sum(each.ended_s - each.came_s + each.rework_s + each.in_vain_s for each in attempts)
        yield Link(end_s - begun_s - told_s, "was on the floor", site, "since before day one", "work")
        mean_s = sum(steps[each.name].hours.mean for each in attempts if each.number == 1 and each.name in steps)
        mean_s *= HOUR_S
        yield Link(mean_s - planned_s, "the plan allows for waits, pauses and rework", site,
                   f"it reckons with {span(planned_s)} for {span(mean_s)} of work", "slack")  # fmt: skip

    def _in_vain(self, key: ProcessKey, attempt: Attempt, steps: dict[str, RoutingStep]) -> Iterator[Link]:
        """A wait for the step after this one that lasted too long, so that this one was repeated."""
        row = steps.get(attempt.name)
        if row is None or not attempt.in_vain_s:
            return
        after = _after(row, steps)
        needs = [need.resource for need in self._world.held(key, after, attempt.mode)]
        hit = self._world.struck.steps(key, needs, attempt.came_s - attempt.in_vain_s, attempt.came_s)
        limit = f"it may wait {span((row.max_wait_hours_after or 0) * HOUR_S)}, so {attempt.name} had to be repeated"
        yield Link(attempt.in_vain_s, f"waited too long for {after}", key[1], reasons(hit, limit),
                   "disruption" if hit else "wait")  # fmt: skip

    def _wait(self, key: ProcessKey, attempt: Attempt) -> Link:
        """A wait for a step: for what came free at its start, for others, for hours, or for its moment."""
        seconds, site, mode = attempt.began_s - attempt.came_s, key[1], attempt.mode
        what = f"waited for {attempt.name}"
        if seconds < SMALL_S:
            return Link(seconds, what, site, "", "wait")
        needs = self._world.held(key, attempt.name, mode)
        ended = self._log.ended_at(site, attempt.began_s)
        if self._world.mode_of(key, attempt.name, mode) is not None:
            what += f" in {plain(mode)}"
        else:
            mode = ""
        given = self._world.freed(site, ended)
        scarce = " and ".join(plain(need.resource) for need in needs if need.resource in given)
        hit = self._world.struck.steps(key, self._needed(key, attempt), attempt.came_s, attempt.began_s)
        ahead = _ahead(self._log.begun_between(f"step:{site}/{attempt.name}", attempt.came_s, attempt.began_s, mode))
        others = self._others(key, attempt, [name for name, _ in ended])
        if others and not hit:
            return Link(seconds, what, site, others, "wait")
        if hit or scarce:
            what += f": {scarce}" if scarce else ""
            because = reasons(hit, ahead) or "all were in use"
            return Link(seconds, what, site, because, "disruption" if hit else "wait")
        if any(self._world.hours_opened(site, need.resource, attempt.began_s) for need in needs if need.attended):
            return Link(seconds, f"{what}: working hours", site, "its crew was not at work", "wait")
        return Link(seconds, what, site, reasons(self._moment(key, attempt), ahead) or "until its turn came", "wait")

    def _needed(self, key: ProcessKey, attempt: Attempt) -> list[str]:
        """The resources of a step, and those of the next where that must begin within some time."""
        steps = self._world.steps(key)
        row, names = steps.get(attempt.name), [attempt.name]
        if row is not None and row.max_wait_hours_after is not None:
            names.append(_after(row, steps))
        return [need.resource for each in names for need in self._world.held(key, each, attempt.mode)]

    def _others(self, key: ProcessKey, attempt: Attempt, ended: Sequence[str]) -> str:
        """That a rack waited for others of its cluster, the last of which came as the step began."""
        steps = self._world.steps(key)
        row = steps.get(attempt.name)
        if row is None or row.cluster == 1:
            return ""
        racks = self._log.begun_at(f"step:{key[1]}/{attempt.name}", attempt.began_s)
        before = {each.name for each in steps.values() if each.step == row.step - 1}
        came = before & set(ended) or not before
        return f"for the others of its cluster: {racks} racks do it together" if came and racks > 1 else ""

    def _moment(self, key: ProcessKey, attempt: Attempt) -> str:
        """Why a step began at a moment at which nothing was given back."""
        site, began_s = key[1], attempt.began_s
        if (site, attempt.name, int(began_s)) in self._world.scheduled:
            return "its turn in the schedule"
        needs = [need.resource for need in self._world.held(key, attempt.name, attempt.mode)]
        repaired = [plain(name) for name in needs if self._log.repaired_at(f"resource:{site}/{name}", began_s)]
        if repaired:
            return f"{' and '.join(repaired)} had broken down"
        more = [plain(name) for name in needs if self._world.rose(site, name, began_s)]
        if more:
            return f"more of {' and '.join(more)} was there from then on"
        row = self._world.steps(key).get(attempt.name)
        if row is not None and row.max_wait_hours_after is not None:
            return f"held back, since after it a rack may wait {span(row.max_wait_hours_after * HOUR_S)} at most"
        return ""

    def _again(self, site: str, attempts: Sequence[Attempt], steps: dict[str, RoutingStep]) -> Link:
        """Rework, and steps that were repeated after it or after too long a wait."""
        again_s = {each.name: 0.0 for each in attempts if each.number > 1 or each.rework_s or each.name not in steps}
        for each in attempts:
            if each.name in again_s:
                work_s = 0.0 if each.number == 1 and each.name in steps else each.ended_s - each.began_s
                again_s[each.name] += work_s + each.rework_s
        return Link(sum(again_s.values()), "rework and repeated work", site, f"at {', '.join(sorted(again_s))}",
                    "rework")  # fmt: skip

    def _work(self, key: ProcessKey, attempts: Sequence[Attempt]) -> Iterator[Link]:
        """First attempts: the time their crews were off, and what they took over their mean hours."""
        world, site = self._world, key[1]
        closed_s, over_s = 0.0, dict.fromkeys([each.name for each in attempts], 0.0)
        struck_s: dict[tuple[str, str], float] = defaultdict(float)
        for each in attempts:
            mean_s, work_s = world.steps(key)[each.name].hours.mean * HOUR_S, each.ended_s - each.began_s
            pause_s = world.closed_s(site, world.held(key, each.name, each.mode), each.began_s, each.ended_s)
            closed_s += pause_s
            seconds = work_s - pause_s - mean_s
            hit = world.struck.work(key, each.began_s, each.ended_s) if seconds >= SMALL_S else ""
            if hit:
                struck_s[each.name, hit] += seconds
            else:
                over_s[each.name] += seconds
        yield Link(closed_s, "work stood still", site, "outside working hours", "wait")
        for (name, hit), seconds in struck_s.items():
            yield Link(seconds, f"{name} took longer", site, hit, "disruption")
        total_s = sum(over_s.values())
        yield Link(total_s, "steps took " + ("longer" if total_s >= 0 else "less"), site,
                   self._than(key, attempts, over_s), "work")  # fmt: skip

    def _than(self, key: ProcessKey, attempts: Sequence[Attempt], over_s: dict[str, float]) -> str:
        """The step that differs most, and by how much."""
        sign = 1 if sum(over_s.values()) >= 0 else -1
        most = max(attempts, key=lambda each: sign * over_s[each.name], default=None)
        if most is None:
            return "than their mean hours"
        row = self._world.steps(key)[most.name]
        slower = self._of_mode(key, row, most, sign)
        mean_s = row.hours.mean * HOUR_S
        took, mean = versus(mean_s + over_s[most.name], mean_s)
        broken = self._broken(key, most) if sign > 0 else ""
        return f"than their mean hours, most at {most.name}: {took} for {mean}{slower}{broken}"

    def _of_mode(self, key: ProcessKey, row: RoutingStep, attempt: Attempt, sign: int) -> str:
        """That a step is slower (sign 1) or quicker (-1) in the mode that the rack keeps, or in one of its modes."""
        kept = self._world.mode_of(key, attempt.name, attempt.mode)
        word = "slower" if sign > 0 else "quicker"
        if kept is not None:
            return f", which is {word} in {plain(attempt.mode)}" if sign * (kept - 1) > 0 else ""
        factors = [mode.factor for mode in self._world.network.modes.get((key, row.step), ())]
        return f", which has a {word} mode" if any(sign * (factor - 1) > 0 for factor in factors) else ""

    def _broken(self, key: ProcessKey, attempt: Attempt) -> str:
        """Resources of the step that broke down while the rack was at work: those of which there is one alone."""
        names = {need.resource for need in self._world.held(key, attempt.name, attempt.mode)}
        single = {
            row.resource
            for row in self._world.network.world.resources
            if row.site == key[1] and row.resource in names and row.capacity <= 1
        }
        broken = sorted(
            plain(name)
            for name in single
            if self._log.broke_down(f"resource:{key[1]}/{name}", attempt.began_s, attempt.ended_s)
        )
        return f"; {' and '.join(broken)} broke down meanwhile" if broken else ""


def _ahead(racks: int) -> str:
    return "" if not racks else f"{racks} {'rack was' if racks == 1 else 'racks were'} ahead of it"


def _after(row: RoutingStep, steps: dict[str, RoutingStep]) -> str:
    """The name of the step after a step."""
    return next((each.name for each in steps.values() if each.step == row.step + 1), "the next step")
