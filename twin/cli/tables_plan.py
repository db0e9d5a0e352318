"""What `twin plan` and `twin kits` print."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import compress, pairwise
from typing import TYPE_CHECKING

from rich.console import RenderableType

from twin.cli.output import counted, heading, number, percent, sentence, table

if TYPE_CHECKING:
    from twin.events.plan_parts import BrokenRow
    from twin.events.result import BindingRow, CustomerQuarter, Gate, PlanSummary
    from twin.events.views import KitsView, PlanView

_CUSTOMERS_ABREAST = 5
_LIMITS_SHOWN = 20
_SPANS_SHOWN = 8
"""So many limits are told with each time in which they bind."""
_LEAST_PERCENT = 0.1
_LEAST_WORTH = 0.05
"""Racks or rack-weeks."""


def plan_tables(view: PlanView, horizon: date) -> Iterator[RenderableType]:
    """The verdict, accepted racks by week and by customer, gates, and what binds; up to the day after the horizon."""
    buckets = _buckets(view.plan.time, horizon)
    yield heading(plan_verdict(view.scenario, view.plan, view.foreseen))
    if view.plan.broken:
        yield ""
        yield broken_table(view.plan.broken)
    yield ""
    yield _by_week(view.plan, buckets)
    yield from _by_customer(view.plan, buckets)
    if view.plan.conversions:
        yield ""
        yield conversion_table(view.plan)
    if view.gates:
        yield ""
        yield gate_table(view.gates)
    if view.customers:
        yield ""
        yield customer_table(view.customers)
    yield from _limits(view.plan.bindings)


def _limits(bindings: Sequence[BindingRow]) -> Iterator[RenderableType]:
    """What binds and when, of what more would be worth something."""
    telling = [row for row in bindings if _tells(row)]
    shown = telling[:_LIMITS_SHOWN]
    if shown:
        yield ""
        yield binding_table(shown)
    if more := len(telling) - len(shown):
        yield sentence(f"{counted(more, 'more limit')} bind, for which see --json.")
    if idle := len(bindings) - len(telling):
        yield sentence(f"{counted(idle, 'limit')} of which twice as much would save next to nothing: see --json.")
    if shown:
        yield ""
        yield span_table(shown[:_SPANS_SHOWN])


def kit_tables(view: KitsView) -> Iterator[RenderableType]:
    """Full kits by site and week, and what blocks the rest; all counted from the start, so that no weeks add up."""
    weeks = [row.week for row in view.kits]
    last = [row for row in view.kits if row.week == max(weeks)]
    blocked, planned = sum(row.racks_blocked for row in last), sum(row.planned_racks for row in last)
    until = f" by {max(weeks)}" if weeks else ""
    yield heading(
        f"{view.scenario}: {_racks(planned - blocked)} of {_racks(planned)} racks planned{until} have full kits."
    )
    yield ""
    yield table(
        "Clear to build, counted from the start until the day",
        ("site", "until", "item", ">planned", ">full kits", "short", ">blocked"),
        (
            (
                row.site,
                row.week,
                row.item,
                _racks(row.planned_racks),
                # Kits beyond the racks that are planned by then wait for later ones.
                _racks(min(row.full_kits, row.planned_racks)),
                row.short_item,
                _racks(row.racks_blocked),
            )
            for row in view.kits
        ),
    )


def plan_verdict(scenario: str, plan: PlanSummary, foreseen: Sequence[str] = ()) -> str:
    """The plan in one sentence; with what it knows will come."""
    inside = [day < plan.report_end for day in plan.time]
    accepted, due = sum(compress(plan.accepted, inside)), sum(compress(plan.due, inside))
    knowing = f", with {', '.join(foreseen)} foreseen from the first day" if foreseen else ""
    racks = "1 rack is" if number(accepted) == "1" else f"{number(accepted)} racks are"
    sentence = (
        f"{scenario}: {racks} accepted and {number(due)} due before {plan.report_end}{knowing} "
        f"({plan.status}{_whole_lots(plan)})"
    )
    return f"{sentence}; {_held_back(plan)}."


def _held_back(plan: PlanSummary) -> str:
    """What holds a plan back, in words."""
    first = next((row for row in plan.bindings if _tells(row)), None)
    if first is not None:
        return f"{first.name} holds back most, from {first.first_binding}"
    if plan.broken:
        return "no plan keeps every limit"
    late = max(plan.backlog, default=0.0) >= _LEAST_WORTH
    return "racks are late, and more of no limit would help much" if late else "nothing holds it back"


def _tells(row: BindingRow) -> bool:
    """Whether a limit is worth a line: twice as much of it would save or gain something."""
    return max(row.racks_per_unit, row.rack_weeks_per_unit) * row.limit >= _LEAST_WORTH


def _whole_lots(plan: PlanSummary) -> str:
    """What whole lots cost and how near to the best they are, where the plan has some."""
    if not plan.lots_of:
        return ""
    cost = number(round(plan.lots_rack_weeks, 2), 3)
    return f", whole lots cost {cost} rack-weeks and are within {number(100 * plan.gap, 2)} % of the bound"


def broken_table(broken: Sequence[BrokenRow]) -> RenderableType:
    """Limits that no plan can keep, how far this one goes beyond them, when and why."""
    rows = (
        (f"{row.name} ({row.unit})", number(row.limit), number(row.reached), row.begins, row.ends, row.why)
        for row in broken
    )
    columns = ("limit", ">is", ">comes to", "from", "until", "since")
    return table("Limits that no plan can keep; this one breaks them by the least", columns, rows)


def broken_in_words(row: BrokenRow) -> str:
    """One limit that no plan can keep, as a part of a sentence."""
    told = f"{number(row.reached)} against {number(row.limit)} {row.unit} from {row.begins} to {row.ends}"
    return f"{row.name}, {told}, since {row.why}"


def conversion_table(plan: PlanSummary) -> RenderableType:
    """What the plan converts, and in which of its buckets."""
    rows = []
    for row in plan.conversions:
        inside = [day for day, units in zip(plan.time, row.units, strict=True) if units >= _LEAST_WORTH]
        rows.append((row.item, row.into, row.site, number(sum(row.units)), min(inside), max(inside)))
    columns = ("item", "into", "at", ">units", "first from", "last from")
    return table("Conversions of finished units", columns, rows)


def gate_table(gates: Sequence[Gate]) -> RenderableType:
    """Need against what is available, gate by gate."""
    rows = (
        (
            _gate(gate),
            number(gate.need_per_week),
            number(gate.available_per_week),
            percent(gate.load),
            number(gate.weeks_binding),
            _racks(gate.racks_per_week_gained),
        )
        for gate in gates
    )
    columns = ("gate", ">need/wk", ">avail./wk", ">load", ">weeks", ">+10 %")
    return table("Gates (+10 %: racks a week gained, at most)", columns, rows)


def _gate(gate: Gate) -> str:
    """Its name with its unit, which often begins with the item or resource that the name ends with."""
    thing, _, unit = gate.unit.partition(" (")
    return f"{gate.gate} ({unit}" if unit and gate.gate.endswith(thing) else f"{gate.gate} ({gate.unit})"


def customer_table(customers: Sequence[CustomerQuarter]) -> RenderableType:
    """Committed racks, against what can be counted on where it was simulated, by customer and quarter."""
    simulated = any(row.p80_racks is not None for row in customers)
    rows = (
        (
            row.customer,
            row.quarter,
            _racks(row.committed_racks),
            *((_racks(row.p80_racks), _racks(row.gap_racks)) if simulated else ()),
            row.gating,
        )
        for row in customers
    )
    sure = (">80 % sure", ">gap") if simulated else ()
    return table("Customers (racks)", ("customer", "quarter", ">committed", *sure, "gating"), rows)


def binding_table(bindings: Sequence[BindingRow], since: str = "") -> RenderableType:
    """What binds, and what one more unit of it is worth; `since` when, for a plan made anew."""
    rows = (
        (
            f"{row.name} ({row.unit})" if row.unit else row.name,
            number(row.weeks_binding),
            row.first_binding,
            _price(row.racks_per_unit),
            _reach(row.racks_hold_percent),
            _price(row.rack_weeks_per_unit),
            _reach(row.rack_weeks_hold_percent),
        )
        for row in bindings
    )
    columns = ("limit", ">weeks", "from", ">racks", ">up to", ">rack-wk", ">up to")
    when = f" (plan of {since})" if since else ""
    return table(f"What binds{when}; what one more unit gives, up to so much more", columns, rows)


def span_table(bindings: Sequence[BindingRow]) -> RenderableType:
    """When limits bind, and what one more unit is worth in each of these times."""
    rows = (
        (
            row.name if number_of == 0 else "",
            span.begins,
            span.ends,
            number(span.weeks),
            _price(span.racks_per_unit),
            _price(span.rack_weeks_per_unit),
        )
        for row in bindings
        for number_of, span in enumerate(row.spans)
    )
    columns = ("limit", "from", "until", ">weeks", ">racks", ">rack-wk")
    return table("When, and what one more unit gives in each of these times", columns, rows)


def _price(per_unit: float) -> str:
    """What a unit gives, to a millionth: less is how exactly a linear programme is solved."""
    return number(round(per_unit, 6))


def _reach(holds_percent: float | None) -> str:
    """Up to which increase of the limit a price holds, where it was asked."""
    if holds_percent is None:
        return ""
    return f"+{number(holds_percent, 2)} %" if holds_percent >= _LEAST_PERCENT else "first"


def _racks(value: float | None) -> str:
    """Racks to a thousandth: less is how exactly a linear programme is solved."""
    return number(None if value is None else round(value, 3))


def _buckets(begins: Sequence[str], horizon: date) -> list[tuple[str, str]]:
    """The first day of each bucket of the plan, and its length in weeks."""
    days = [*map(date.fromisoformat, begins), horizon]
    return [(str(first), number((after - first).days / 7)) for first, after in pairwise(days)]


def _by_week(plan: PlanSummary, buckets: Sequence[tuple[str, str]]) -> RenderableType:
    rows = (
        (*bucket, _racks(due), _racks(accepted), _racks(backlog))
        for bucket, due, accepted, backlog in zip(buckets, plan.due, plan.accepted, plan.backlog, strict=True)
    )
    return table(
        "Racks from each day, over so many weeks",
        ("from", ">weeks", ">due", ">accepted", ">due, not accepted"),
        rows,
    )


def _by_customer(plan: PlanSummary, buckets: Sequence[tuple[str, str]]) -> Iterator[RenderableType]:
    customers = list(plan.accepted_by_customer)
    tables = -(-len(customers) // _CUSTOMERS_ABREAST)
    for part in range(tables):
        names = customers[part * len(customers) // tables : (part + 1) * len(customers) // tables]
        series = [plan.accepted_by_customer[name] for name in names]
        rows = ((*bucket, *map(_racks, values)) for bucket, *values in zip(buckets, *series, strict=True))
        yield ""
        yield table("Accepted racks by customer", ("from", ">weeks", *(f">{name}" for name in names)), rows)
