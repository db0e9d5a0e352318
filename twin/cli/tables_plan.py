"""What `twin plan` and `twin kits` print."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate, compress
from typing import TYPE_CHECKING

from rich.console import RenderableType

from twin.cli.output import heading, number, percent, table

if TYPE_CHECKING:
    from twin.events.result import BindingRow, CustomerQuarter, Gate, PlanSummary
    from twin.events.views import KitsView, PlanView

_CUSTOMERS_ABREAST = 5
_LEAST_PERCENT = 0.1


def plan_tables(view: PlanView) -> Iterator[RenderableType]:
    """The verdict, accepted racks by week and by customer, gates, and what binds."""
    yield heading(plan_verdict(view.scenario, view.plan, view.foreseen))
    yield ""
    yield _by_week(view.plan)
    yield from _by_customer(view.plan)
    if view.gates:
        yield ""
        yield gate_table(view.gates)
    if view.customers:
        yield ""
        yield customer_table(view.customers)
    yield ""
    yield binding_table(view.plan.bindings)


def kit_tables(view: KitsView) -> Iterator[RenderableType]:
    """Full kits by site and week, and what blocks the rest."""
    blocked = sum(row.racks_blocked for row in view.kits)
    planned = sum(row.planned_racks for row in view.kits)
    yield heading(f"{view.scenario}: {_racks(planned - blocked)} of {_racks(planned)} planned racks have full kits.")
    yield ""
    yield table(
        "Clear to build",
        ("site", "week", "item", ">planned", ">full kits", "short", ">blocked"),
        (
            (
                row.site,
                row.week,
                row.item,
                _racks(row.planned_racks),
                _racks(row.full_kits),
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
    sentence = (
        f"{scenario}: {number(accepted)} racks are accepted and {number(due)} due before {plan.report_end}{knowing} "
        f"({plan.status})"
    )
    if not plan.bindings:
        return f"{sentence}; nothing binds."
    first = plan.bindings[0]
    return f"{sentence}; {first.name} holds back most, from {first.first_binding}."


def gate_table(gates: Sequence[Gate]) -> RenderableType:
    """Need against what is available, gate by gate."""
    rows = (
        (
            gate.gate,
            gate.unit,
            number(gate.need_per_week),
            number(gate.available_per_week),
            percent(gate.load),
            number(gate.weeks_binding),
            number(gate.racks_per_week_gained),
        )
        for gate in gates
    )
    columns = ("gate", "unit", ">need/wk", ">avail./wk", ">load", ">weeks", ">+10 %")
    return table("Gates (+10 %: racks a week gained)", columns, rows)


def customer_table(customers: Sequence[CustomerQuarter]) -> RenderableType:
    """Committed racks, against what can be counted on where it was simulated, by customer and quarter."""
    simulated = any(row.p80_racks is not None for row in customers)
    rows = (
        (
            row.customer,
            row.quarter,
            number(row.committed_racks),
            *((number(row.p80_racks), number(row.gap_racks)) if simulated else ()),
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
            row.name,
            row.unit,
            percent(row.load),
            number(row.weeks_binding),
            row.first_binding,
            _price(row.racks_per_unit, row.racks_hold_percent),
            _price(row.rack_weeks_per_unit, row.rack_weeks_hold_percent),
        )
        for row in bindings
    )
    columns = ("limit", "unit", ">load", ">weeks", "from", ">racks", ">rack-wk")
    when = f" (plan of {since})" if since else ""
    return table(f"What binds{when}; what one more unit gives, up to so much more", columns, rows)


def _price(per_unit: float, holds_percent: float | None) -> str:
    """A price and, where it was asked, up to which increase of the limit it holds."""
    if holds_percent is None:
        return number(per_unit)
    reach = f"to +{number(holds_percent, 2)} %" if holds_percent >= _LEAST_PERCENT else "first units only"
    return f"{number(per_unit)} ({reach})"


def _racks(value: float) -> str:
    """Racks to a thousandth: less is how exactly a linear programme is solved."""
    return number(round(value, 3))


def _by_week(plan: PlanSummary) -> RenderableType:
    late = (due - accepted for due, accepted in zip(accumulate(plan.due), accumulate(plan.accepted), strict=True))
    rows = (
        (week, _racks(due), _racks(accepted), _racks(backlog))
        for week, due, accepted, backlog in zip(plan.time, plan.due, plan.accepted, late, strict=True)
    )
    return table(
        "Racks from each day to the next",
        ("from", ">due", ">accepted", ">due, not accepted"),
        rows,
    )


def _by_customer(plan: PlanSummary) -> Iterator[RenderableType]:
    customers = list(plan.accepted_by_customer)
    for first in range(0, len(customers), _CUSTOMERS_ABREAST):
        names = customers[first : first + _CUSTOMERS_ABREAST]
        series = [plan.accepted_by_customer[name] for name in names]
        rows = ((week, *map(number, values)) for week, *values in zip(plan.time, *series, strict=True))
        yield ""
        yield table("Accepted racks by customer", ("from", *(f">{name}" for name in names)), rows)
