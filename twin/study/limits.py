"""The gates of a planning meeting: what is needed each week against what there is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import timedelta

from twin.disrupt.record import Availability
from twin.events.plan_parts import BindingSpan, BrokenRow, ConversionRow
from twin.events.result import BindingRow, CustomerQuarter, Gate, PlanSummary
from twin.model.profile import StepProfile
from twin.model.units import HOURS_PER_WEEK, WEEK_S
from twin.network.layers import explode, finished_items, onward_times_s, own_time_s
from twin.network.levels import shares_of_ways
from twin.network.record import Network
from twin.plan.record import Binding, BrokenLimit, Series, SupplyPlan
from twin.plan.routing import attempts
from twin.study.ground import Ground
from twin.study.replicate import Replicated

NEVER_S = 1 << 60
"""After every moment of a plan."""
InForce = Sequence[tuple[int, Sequence[Binding]]]
"""What binds in each plan, with the second from which it is followed, in order."""

SHOWN_GATES = 10
LEAST_CONVERTED = 0.5
QUARTER_WEEKS = 13


@dataclass(slots=True)
class Family:
    """Like limits added up over sites: a kind of line, of test cell, of power."""

    name: str
    unit: str
    per_rack: float
    available_per_week: float
    members: set[tuple[str, str]]
    """(site, resource or item) as bindings name them."""


def plan_summary(ground: Ground, plan: SupplyPlan, bindings: Sequence[Binding]) -> PlanSummary:
    """The operational plan up to the horizon in short, with what binds; of racks, not of spares."""
    starts = ground.case.world.settings.starts
    edges = [edge for edge in plan.edges_s.tolist() if edge <= ground.case.world.settings.horizon_s]
    accepted, due, late = (
        _by_customer(ground, series, len(edges) - 1) for series in (plan.deliveries, plan.due, plan.backlog)
    )
    return PlanSummary(
        status=plan.status,
        columns=plan.columns,
        rows=plan.rows,
        time=[(starts + timedelta(seconds=edge)).isoformat() for edge in edges[:-1]],
        accepted=_total(accepted, len(edges) - 1),
        accepted_by_customer=accepted,
        due=_total(due, len(edges) - 1),
        backlog=_total(late, len(edges) - 1),
        report_end=(starts + timedelta(seconds=ground.case.world.settings.report_s)).isoformat(),
        bindings=[_binding_row(ground, binding) for binding in bindings],
        lots_of=[f"{process} at {site}" for process, site, _ in plan.lots_of],
        lots_rack_weeks=plan.lots_rack_weeks,
        gap=plan.gap,
        broken=[_broken_row(ground, limit) for limit in plan.broken],
        conversions=_conversions(ground, plan, len(edges) - 1),
    )


def _conversions(ground: Ground, plan: SupplyPlan, buckets: int) -> list[ConversionRow]:
    """What is converted in the first buckets, half a unit or more in all; less is an even flow's rounding."""
    rows = (
        ConversionRow(item=item.item, into=key[2], site=key[1], units=plan.production[key].tolist()[:buckets])
        for key, item in ground.network.conversions.items()
        if key in plan.production
    )
    return [row for row in rows if sum(row.units) >= LEAST_CONVERTED]


def _by_customer(ground: Ground, series: Mapping[tuple[str, str, str], Series], buckets: int) -> dict[str, list[float]]:
    """Racks by customer in the first buckets."""
    racks = finished_items(ground.network)
    total: dict[str, list[float]] = {}
    for (customer, _, item), units in series.items():
        if item in racks:
            before = total.get(customer, [0.0] * buckets)
            total[customer] = [a + b for a, b in zip(before, units.tolist()[:buckets], strict=True)]
    return total


def _total(by_customer: Mapping[str, Sequence[float]], buckets: int) -> list[float]:
    return [float(sum(series[bucket] for series in by_customer.values())) for bucket in range(buckets)]


def _broken_row(ground: Ground, limit: BrokenLimit) -> BrokenRow:
    return BrokenRow(
        kind=limit.kind,
        name=limit.name,
        site=limit.site,
        item=limit.item,
        unit=limit.unit,
        limit=limit.limit,
        reached=limit.reached,
        begins=_day(ground, limit.begins_s),
        ends=_day(ground, limit.ends_s),
        why=limit.why,
    )


def _binding_row(ground: Ground, binding: Binding) -> BindingRow:
    return BindingRow(
        kind=binding.kind,
        name=binding.name,
        site=binding.site,
        item=binding.item,
        unit=binding.unit,
        limit=binding.limit,
        load=binding.load,
        weeks_binding=binding.weeks_binding,
        first_binding=_day(ground, binding.first_binding_s),
        spans=[
            BindingSpan(
                begins=_day(ground, span.begins_s),
                ends=_day(ground, span.ends_s),
                weeks=span.length_s / WEEK_S,
                racks_per_unit=span.racks,
                rack_weeks_per_unit=span.rack_weeks,
            )
            for span in binding.spans
        ],
        racks_per_unit=binding.racks_per_unit,
        rack_weeks_per_unit=binding.rack_weeks_per_unit,
        racks_hold_percent=binding.racks_hold_percent,
        rack_weeks_hold_percent=binding.rack_weeks_hold_percent,
        source=binding.source,
        confidence=binding.confidence,
    )


def _day(ground: Ground, moment_s: int) -> str:
    return (ground.case.world.settings.starts + timedelta(seconds=moment_s)).isoformat()


def gates(ground: Ground, available: Availability, bindings: Sequence[Binding]) -> list[Gate]:
    """The tightest kinds of limit in the report window, most loaded first.

    Need is the racks due a week times what a rack takes of it, whatever the plan can do;
    the gain is by the prices of the plan, for a tenth more of it wherever it binds.
    """
    network = ground.network
    content = _content(ground)
    families = [*_lines(network, available, content), *_own_limits(network, available, content)]
    families += _floors(network, available, content)
    told = [_gate(ground, family, bindings) for family in families if family.available_per_week > 0]
    told += _readiness_gate(ground, bindings)
    told.sort(key=lambda gate: (-gate.racks_per_week_gained, -gate.load))
    return told[:SHOWN_GATES]


def racks_due_per_week(ground: Ground) -> float:
    """Racks due in the report window, per week."""
    settings = ground.case.world.settings
    return sum(line.quantity for line in ground.orders if 0 < line.due_s <= settings.report_s) / settings.report_weeks


def _content(ground: Ground) -> dict[str, float]:
    """Gross starts of each item for a mean rack of those due in the report window."""
    settings = ground.case.world.settings
    due: dict[str, int] = {}
    for line in ground.orders:
        if 0 < line.due_s <= settings.report_s:
            due[line.item] = due.get(line.item, 0) + line.quantity
    content: dict[str, float] = {}
    for finished, quantity in due.items():
        for item, units in explode(ground.network, finished, with_yields=True).items():
            content[item] = content.get(item, 0.0) + units * quantity / sum(due.values())
    return content


def _mean(profile: StepProfile, report_s: int) -> float:
    return profile.integral(0, report_s) / report_s


def _lines(network: Network, available: Availability, per_rack: dict[str, float]) -> Iterable[Family]:
    """Shared lines that processes draw on, by name."""
    report_s = network.world.settings.report_s
    units = {row.resource: row.unit for row in network.world.resources}
    families: dict[str, Family] = {}
    takes: dict[str, dict[str, list[float]]] = {}
    for key, rows in network.processes.items():
        name = rows[0].resource
        if not name or key not in network.made_at.get((key[1], key[2]), ()):
            continue
        family = families.setdefault(name, Family(name, units.get(name, ""), 0.0, 0.0, set()))
        if (key[1], name) not in family.members:
            family.members.add((key[1], name))
            family.available_per_week += _mean(available.resources[key[1], name], report_s)
        takes.setdefault(name, {}).setdefault(key[2], []).append(rows[0].resource_per_unit)
    for name, family in families.items():
        family.per_rack = sum(per_rack.get(item, 0.0) * min(each) for item, each in takes[name].items())
    return families.values()


def _own_limits(network: Network, available: Availability, per_rack: dict[str, float]) -> Iterable[Family]:
    """Items whose every process has a limit of its own."""
    report_s = network.world.settings.report_s
    for item, keys in network.makers.items():
        profiles = [available.processes[key].starts_per_week for key in keys]
        drawn = any(network.processes[key][0].resource for key in keys)
        if item in network.one_by_one or drawn or any(profile is None for profile in profiles):
            continue
        total = sum(_mean(profile, report_s) for profile in profiles if profile is not None)
        unit = network.items[item].unit
        members = {(key[1], item) for key in keys}
        yield Family(f"making {item}", f"{item} ({unit})", per_rack.get(item, 0.0), total, members)


def _floors(network: Network, available: Availability, per_rack: dict[str, float]) -> Iterable[Family]:
    """Resources that steps seize, in unit-hours a week, by kind of site: an item's mean of sites, there by share."""
    report_s = network.world.settings.report_s
    families: dict[tuple[str, str], Family] = {}
    hours: dict[tuple[str, str], dict[str, dict[str, float]]] = {}
    for made_by, part in shares_of_ways(network).items():
        _, site, item = made_by
        kind: str = network.sites[site].kind
        for step in network.routing[made_by]:
            tries = attempts(step, network.found.get((made_by, step.step), 0.0))
            for need in network.seizes.get((made_by, step.step), ()):
                key = (kind, need.resource)
                name = f"{need.resource} in {kind}".replace("_", " ")
                family = families.setdefault(key, Family(name, f"{need.resource} hours", 0.0, 0.0, set()))
                at_sites = hours.setdefault(key, {}).setdefault(item, {})
                at_sites[site] = at_sites.get(site, 0.0) + part * need.amount * step.hours.mean * tries
                if (site, need.resource) not in family.members:
                    family.members.add((site, need.resource))
                    open_capacity = available.resources[site, need.resource].times(
                        available.open_hours[site, need.resource]
                    )
                    family.available_per_week += _mean(open_capacity, report_s) * HOURS_PER_WEEK
    for key, family in families.items():
        family.per_rack = sum(
            per_rack.get(item, 0.0) * sum(at_sites.values()) / len(at_sites) for item, at_sites in hours[key].items()
        )
    return families.values()


def _gate(ground: Ground, family: Family, bindings: Sequence[Binding]) -> Gate:
    need = racks_due_per_week(ground) * family.per_rack
    mine = [each for each in bindings if _belongs(family, each)]
    return _told(ground, family.name, family.unit, (need, family.available_per_week), mine)


def _belongs(family: Family, binding: Binding) -> bool:
    """A binding is told by its site and by what it names: the item of a process, the resource of a line."""
    return any(
        binding.site == site and (thing == binding.item or thing in binding.name) for site, thing in family.members
    )


def _readiness_gate(ground: Ground, bindings: Sequence[Binding]) -> list[Gate]:
    """Places at the datacenters: racks that may be accepted by the end of the report window."""
    network, settings = ground.network, ground.case.world.settings
    if not network.world.readiness:
        return []
    places = 0.0
    for site in sorted({row.site for row in network.world.readiness}):
        rows = [row for row in network.world.readiness if row.site == site]
        dated = [row for row in rows if row.from_date is None or settings.second_of(row.from_date) < settings.report_s]
        if not dated:
            continue
        last = max(dated, key=lambda row: settings.second_of(row.from_date) if row.from_date else 0)
        kw = _mean_kw(ground, site)
        power = (
            float("inf") if last.firm_mw is None or not kw else (last.firm_mw + last.flexible_mw) * 1000 / last.pue / kw
        )
        positions = float("inf") if last.rack_positions is None else float(last.rack_positions)
        cooling = float("inf") if last.cooling_kw is None or not kw else last.cooling_kw / kw
        places += min(power, positions, cooling) if last.network_ready else 0.0
    mine = [each for each in bindings if each.kind == "readiness"]
    need = racks_due_per_week(ground)
    return [_told(ground, "places at the datacenters", "racks", (need, places / settings.report_weeks), mine)]


def _mean_kw(ground: Ground, site: str) -> float:
    """Of a rack due at a site in the report window."""
    due = [
        line for line in ground.orders if line.site == site and 0 < line.due_s <= ground.case.world.settings.report_s
    ]
    kw = sum(line.quantity * ground.network.items[line.item].power_kw for line in due)
    return kw / max(sum(line.quantity for line in due), 1)


def _told(ground: Ground, name: str, unit: str, sizes: tuple[float, float], mine: Sequence[Binding]) -> Gate:
    need, available = sizes
    gained = sum(each.racks_per_unit * each.limit / max(each.weeks_binding, 1.0) for each in mine) * 0.1
    relief = ""
    if mine:
        relief = _day(ground, max(each.spans[-1].ends_s for each in mine))
    grades = sorted({each.confidence for each in mine if each.confidence})
    return Gate(
        gate=name,
        unit=unit,
        need_per_week=need,
        available_per_week=available,
        load=need / available if available else 0.0,
        weeks_binding=max((each.weeks_binding for each in mine), default=0.0),
        racks_per_week_gained=gained,
        earliest_relief=relief,
        confidence=", ".join(grades),
    )


def customer_quarters(
    ground: Ground, plan: SupplyPlan, runs: Sequence[Replicated], in_force: InForce
) -> list[CustomerQuarter]:
    """By customer and quarter: committed by the opening plan, accepted in four of five replications, what gates.

    A limit gates the quarters in which its racks are missed: those in which it binds, later by
    the way from there to a datacenter.
    Without replications nothing is said of chances: a plan alone knows no luck.
    """
    settings = ground.case.world.settings
    ways_s = _ways_s(ground.network)
    racks = finished_items(ground.network)
    deliveries = {key: series for key, series in plan.deliveries.items() if key[2] in racks}
    every_site = {site for _, site, _ in deliveries}
    rows = []
    for customer in sorted({key[0] for key in deliveries}):
        elsewhere = every_site - {site for name, site, _ in deliveries if name == customer}
        for quarter in range(-(-settings.report_weeks // QUARTER_WEEKS)):
            start, end = quarter * QUARTER_WEEKS, min((quarter + 1) * QUARTER_WEEKS, settings.report_weeks)
            committed = sum(
                plan.cumulative(series, end * WEEK_S) - plan.cumulative(series, start * WEEK_S)
                for key, series in deliveries.items()
                if key[0] == customer
            )
            mine = [run.customers[customer][start:end] for run in runs if customer in run.customers]
            accepted = sorted(float(weeks.sum()) for weeks in mine)
            p80 = accepted[int(0.2 * (len(accepted) - 1))] if accepted else None
            first = settings.starts + timedelta(weeks=start)
            rows.append(
                CustomerQuarter(
                    customer=customer,
                    quarter=f"{first.year} Q{(first.month - 1) // 3 + 1}",
                    committed_racks=committed,
                    p80_racks=p80,
                    gap_racks=None if p80 is None else committed - p80,
                    gating=_gating(in_force, elsewhere, ways_s, start * WEEK_S, end * WEEK_S),
                )
            )
    return rows


def _ways_s(network: Network) -> dict[str, int]:
    """By site: the shortest time from a start there to a rack that is accepted."""
    onward = onward_times_s(network)
    ways: dict[str, int] = {}
    for (site, item), keys in network.made_at.items():
        taken_s = onward.get((site, item), 0) + min(own_time_s(network, key) for key in keys)
        ways[site] = min(ways.get(site, taken_s), taken_s)
    return ways


def _gating(in_force: InForce, elsewhere: Set[str], ways_s: Mapping[str, int], start_s: int, end_s: int) -> str:
    """What holds back most what is accepted between two moments, at no other customer's datacenter."""
    until = [from_s for from_s, _ in in_force[1:]]
    worth = []
    for (from_s, bindings), until_s in zip(in_force, [*until, NEVER_S], strict=True):
        for each in bindings:
            way_s = ways_s.get(each.site, 0)
            saved = _saved_within(each, max(from_s, start_s - way_s), min(until_s, end_s - way_s))
            if saved > 0 and each.site not in elsewhere:
                worth.append(replace(each, rack_weeks_per_unit=saved))
    return next(iter(tightest(worth)), "")


def _saved_within(binding: Binding, start_s: float, end_s: float) -> float:
    """The rack-weeks that one more unit saves in the periods between two moments, by the part of each inside."""
    return sum(
        each.rack_weeks * max(0.0, min(each.ends_s, end_s) - max(each.begins_s, start_s)) / each.length_s
        for each in binding.periods
    )


def tightest(bindings: Sequence[Binding]) -> list[str]:
    """Kinds of limit in words, like ones at several sites together, by the lateness that a tenth more saves."""
    worth: dict[tuple[str, str], float] = {}
    sites: dict[tuple[str, str], set[str]] = {}
    for each in bindings:
        thing = (each.kind, each.name.removesuffix(f" at {each.site}"))
        worth[thing] = worth.get(thing, 0.0) + each.rack_weeks_per_unit * each.limit
        sites.setdefault(thing, set()).add(each.site)
    ranked = sorted((thing for thing in worth if worth[thing] > 0), key=lambda thing: (-worth[thing], thing))
    return [f"{name.replace('_', ' ')} at {_places(sites[kind, name])}" for kind, name in ranked]


def _places(sites: Set[str]) -> str:
    return min(sites) if len(sites) == 1 else f"{len(sites)} sites"
