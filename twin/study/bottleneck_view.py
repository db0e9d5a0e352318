"""The answer of `twin bottleneck`: a scenario's ladder, simulated, in records and in words."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import numpy as np
import yaml

from twin.disrupt.availability import availability
from twin.disrupt.resolve import resolve
from twin.events.bottleneck import Added, BottleneckView, Lever, Rung, RungGate
from twin.model.order_book import order_book
from twin.model.places import shipped_scenarios, shown
from twin.model.problems import RunError
from twin.model.scenario import Case
from twin.model.units import WEEK_S
from twin.network.build import build_network
from twin.network.structure import infeasible_demand
from twin.plan.linear import Reals
from twin.plan.rate_gates import Gate
from twin.plan.rate_levels import Level, RateSolver, ceiling_of
from twin.plan.rates import RateProgram, rate_program, ways_s
from twin.study.bottleneck import Climbed, Ladder, alone, climb, peak_of
from twin.study.bottleneck_runs import gain_of, level_of, simulated
from twin.study.bottleneck_words import lever_lines, rung_said, verdict_of
from twin.study.ground import Progress
from twin.study.relief import changes_of_relief, cost_of, evidence
from twin.study.runner import worker_count

LEAST_RELIEF = 1e-6


def bottleneck_case(
    case: Case, rungs: int, store: Path | None, workers: int | None, progress: Progress
) -> BottleneckView:
    """The ladder of a case, as many rungs as asked for, each simulated with the case's replications.

    Raises RunError where the case has no orders to plan for, or asks for what nothing can make.
    """
    asked = _Asked(case)
    solver = RateSolver(asked.rates)
    ladder = climb(solver, rungs, progress)
    gains = alone(solver, ladder.start)
    runs = _runs(case, asked.rates, ladder, store, worker_count(workers), progress)
    return asked.told(ladder, gains, runs, rungs)


def _runs(
    case: Case, rates: RateProgram, ladder: Ladder, store: Path | None, workers: int, progress: Progress
) -> list[list[float]]:
    levels = [ladder.start, *(rung.after for rung in ladder.rungs)]
    changes = [changes_of_relief(rates, level.relief) for level in levels]
    return simulated(case, changes, case.scenario.replications, store, workers, progress)


class _Asked:
    """A case with its programme of rates, to tell a ladder of."""

    def __init__(self, case: Case) -> None:
        network = build_network(case.world)
        missing = infeasible_demand(network)
        if missing:
            raise RunError("\n".join(f"{one.item} at {one.site} can never be made: {one.missing}" for one in missing))
        book = order_book(case.world)
        if not book:
            raise RunError(f"world {case.world.name} has no orders, so there is no rate to raise; add rows to 'orders'")
        self._case, self._settings = case, case.world.settings
        ahead_s = max(ways_s(network).values(), default=0)
        available = availability(
            network, resolve(case.world, case.scenario.disruptions), -ahead_s, self._settings.report_s
        )
        self.rates = rate_program(network, available, book)

    def told(self, ladder: Ladder, gains: Reals, runs: Sequence[Sequence[float]], asked: int) -> BottleneckView:
        """The ladder in records."""
        case, settings = self._case, self._settings
        rungs = [self._rung(number, each, ladder, runs) for number, each in enumerate(ladder.rungs, start=1)]
        levers = self._levers(ladder, gains)
        ordered = self._weekly(self.rates.members[-1].limit[-1])
        start = self._weekly(ladder.start.racks)
        return BottleneckView(
            scenario=case.scenario.name,
            title=case.scenario.title,
            world=case.world.name,
            world_title=settings.title,
            starts=settings.starts.isoformat(),
            report_weeks=settings.report_weeks,
            seed=case.scenario.seed,
            replications=case.scenario.replications,
            ordered=ordered,
            orders_grown=self._orders_grown(ladder.start),
            start=start,
            start_simulated=level_of(runs[0]),
            rungs=rungs,
            levers=levers,
            ended=ladder.ended,
            verdict=verdict_of(start, ordered, rungs, ladder.ended),
            said=lever_lines(self.rates.program.frame.network, levers, rungs, start),
            command=self._command(asked),
        )

    def _weekly(self, racks: float) -> float:
        return float(racks) / self._settings.report_weeks

    def _orders_grown(self, level: Level) -> float:
        return 1.0 + float(level.relief[-1])

    def _command(self, asked: int) -> str:
        scenario = self._case.scenario
        return shlex.join(
            ["twin", "bottleneck", self._extended(), "--rungs", str(asked), "--replications",
             str(scenario.replications), "--seed", str(scenario.seed)]
        )  # fmt: skip

    def _rung(self, number: int, climbed: Climbed, ladder: Ladder, runs: Sequence[Sequence[float]]) -> Rung:
        below = [gate for rung in ladder.rungs[: number - 1] for gate in rung.gates]
        own = [self._gate(self.rates.gates[gate], climbed) for gate in climbed.gates]
        also = [each for gate in below for each in [self._gate(self.rates.gates[gate], climbed)] if each.added]
        added = [each for gate in (*own, *also) for each in gate.added]
        costs, days = [each.cost_usd for each in added], [each.lead_days for each in added]
        binds_from_s, binds_until_s, weeks = self._binds(climbed)
        freed = any(gate.factor is None for gate in own)
        next_ = ladder.rungs[number].gates if number < len(ladder.rungs) else ()
        before, after = self._weekly(climbed.before.racks), self._weekly(climbed.after.racks)
        rung = Rung(
            number=number,
            step=climbed.step,
            gates=own,
            also=also,
            binds_from=self._day(binds_from_s),
            binds_until=self._day(binds_until_s),
            weeks_binding=weeks,
            before=before,
            after=after,
            gain=after - before,
            orders_grown=self._orders_grown(climbed.after),
            simulated=level_of(runs[number]),
            simulated_gain=gain_of(runs[number - 1], runs[number]),
            cost_usd=None if freed or None in costs or not costs else sum(cost for cost in costs if cost is not None),
            lead_days=None if freed or None in days or not days else max(day for day in days if day is not None),
            said="",
            scenario=self._scenario(number, climbed.after.relief),
        )
        next_names = [self.rates.gates[gate].name for gate in next_]
        return rung.model_copy(update={"said": rung_said(rung, next_names)})

    def _gate(self, gate: Gate, climbed: Climbed) -> RungGate:
        sources = evidence(self._case.world, self.rates, gate)
        before, after = climbed.before.relief, climbed.after.relief
        more = [number for number in gate.members if after[number] - before[number] > LEAST_RELIEF]
        factor = (1.0 + ceiling_of(gate, after)) / (1.0 + ceiling_of(gate, before))
        return RungGate(
            gate=gate.name,
            kind=gate.kind,
            sites=self._sites(gate),
            factor=None if gate.is_freed else factor,
            added=[] if gate.is_freed else [self._added(gate, number, before, after) for number in more],
            confidence=sources[0].confidence if sources else "",
            sources=sources,
        )

    def _sites(self, gate: Gate) -> list[str]:
        return sorted({self.rates.members[number].site for number in gate.members} - {""})

    def _added(self, gate: Gate, number: int, before: Reals, after: Reals) -> Added:
        member, peak = self.rates.members[number], peak_of(self.rates.members[number])
        present, needed = (peak * (1.0 + float(relief[number])) for relief in (before, after))
        usd, days = cost_of(self._case.world, gate, member, needed - present)
        return Added(
            name=member.name,
            site=member.site,
            unit=member.unit,
            present=present,
            needed=needed,
            cost_usd=usd,
            lead_days=days,
        )

    def _binds(self, climbed: Climbed) -> tuple[int, int, float]:
        """From and until when the gates bind, in seconds, and for how many weeks in all."""
        spans = {
            (int(member.begins_s[at]), float(member.weeks[at]))
            for gate in climbed.gates
            for number in self.rates.gates[gate].members
            for member in [self.rates.members[number]]
            for at in np.flatnonzero(climbed.bound.binds[number])
        }
        if not spans:
            return 0, self._settings.report_s, 0.0
        until_s = max(begins_s + round(weeks * WEEK_S) for begins_s, weeks in spans)
        return min(spans)[0], until_s, sum(dict(spans).values())

    def _day(self, moment_s: int) -> str:
        return (self._settings.starts + timedelta(seconds=moment_s)).isoformat()

    def _levers(self, ladder: Ladder, gains: Reals) -> list[Lever]:
        on = {gate: number for number, rung in enumerate(ladder.rungs, start=1) for gate in rung.gates}
        levers = [
            Lever(
                gate=gate.name,
                kind=gate.kind,
                sites=self._sites(gate),
                used=float(ladder.start.used[number]),
                gain_alone=self._weekly(gains[number]),
                rung=on.get(number),
                confidence=next((each.confidence for each in evidence(self._case.world, self.rates, gate)), ""),
            )
            for number, gate in enumerate(self.rates.gates)
            if gate.kind != "orders"
        ]
        return sorted(levers, key=lambda each: (each.rung or len(levers) + 1, -each.used, each.gate))

    def _extended(self) -> str:
        """The scenario as the command line names it: a shipped one by its bare name, else its file."""
        own = self._case.files[0] if self._case.files else self._case.scenario.name
        return {shown(path): name for name, path in shipped_scenarios().items()}.get(own, own)

    def _scenario(self, number: int, relief: Reals) -> str:
        """A scenario file with the relief, beside the scenario it extends."""
        changes = [
            {part: value for part, value in change.model_dump().items() if value}
            for change in changes_of_relief(self.rates, relief)
        ]
        extended = self._extended()
        data = {
            "name": f"{self._case.scenario.name}-rung-{number}",
            "title": f"With the first {number} gates raised" if number > 1 else "With the first gate raised",
            "extends": extended if "/" not in extended else f"./{Path(extended).name}",
            "warm_start": "own",
            "changes": changes,
        }
        return str(yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=120))
