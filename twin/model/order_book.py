"""Every order that plan and simulation must serve: the table's, and the tail that repeats it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from twin.model.rows_demand import Order
from twin.model.units import DAY_S, WEEK_S
from twin.model.world import World

RATE_WEEKS = 4
"""The last (first) rate of a stream of orders is its mean over so many weeks, or over the report window if shorter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """An order on the clock of the world. Units are racks; money is per whole order or unit."""

    order: str
    customer: str
    site: str
    item: str
    level: str
    quantity: int
    priority: int
    placed_s: int
    due_s: int
    """End of the requested day."""
    promised_s: int | None
    """End of the promised day, where the table fixes it."""
    revenue_usd: float = 0.0
    late_usd_per_week: float = 0.0
    status: str = "firm"


def order_book(world: World, back_to_s: int = 0) -> tuple[OrderLine, ...]:
    """All orders by due time, then name: the table's, its tail and, before `starts`, its back-cast.

    The tail repeats each (customer, site, item) at the mean rate of its last four weeks in
    the report window, weekly, as far as plans look; the back-cast, made only for `back_to_s`
    below 0 (the day-one snapshot), at the mean rate of its first four weeks. Orders that
    the table itself holds there count towards that rate.
    """
    lines = [_line(world, order) for order in world.orders]
    streams: dict[tuple[str, str, str], list[OrderLine]] = defaultdict(list)
    for line in lines:
        streams[line.customer, line.site, line.item].append(line)
    settings = world.settings
    for stream in streams.values():
        weeks = min(RATE_WEEKS, settings.report_weeks)
        lines += _repeat(stream, settings.report_s, settings.planned_s, "tail", weeks)
        if back_to_s < 0:
            lines += _repeat(stream, back_to_s, 0, "back", weeks)
    return tuple(sorted(lines, key=lambda line: (line.due_s, line.order)))


def _line(world: World, order: Order) -> OrderLine:
    clock = world.settings.second_of
    promised = clock(order.promised) + DAY_S if order.promised else None
    return OrderLine(
        order=order.order,
        customer=order.customer,
        site=order.site,
        item=order.item,
        level=order.level,
        quantity=order.quantity,
        priority=order.priority,
        placed_s=clock(order.placed) if order.placed else 0,
        due_s=clock(order.requested) + DAY_S,
        promised_s=promised,
        revenue_usd=order.revenue_usd,
        late_usd_per_week=order.late_usd_per_week,
        status=order.status,
    )


def _repeat(stream: list[OrderLine], start_s: int, end_s: int, word: str, weeks: int) -> list[OrderLine]:
    """Weekly orders between two moments at the rate of the stream's last (tail) or first (back) weeks."""
    span_s = weeks * WEEK_S
    edge_s = start_s if word == "tail" else end_s
    near = (edge_s - span_s, edge_s) if word == "tail" else (edge_s, edge_s + span_s)
    recent = [line for line in stream if near[0] < line.due_s <= near[1]]
    if not recent:
        return []
    pattern = max(recent, key=lambda line: line.due_s)
    units = sum(line.quantity for line in recent)
    weekly = units / weeks
    price = sum(line.revenue_usd for line in recent) / units
    repeated, formed = [], 0
    for week in range(-(-(end_s - start_s) // WEEK_S)):
        due_s = start_s + (week + 1) * WEEK_S
        own = sum(line.quantity for line in stream if start_s < line.due_s <= due_s)
        quantity = round((week + 1) * weekly) - own - formed
        if quantity <= 0 or due_s > end_s:
            continue
        formed += quantity
        repeated.append(
            OrderLine(
                order=f"{pattern.customer}-{pattern.site}-{pattern.item}-{word}-{week + 1}",
                customer=pattern.customer,
                site=pattern.site,
                item=pattern.item,
                level=pattern.level,
                quantity=quantity,
                priority=pattern.priority,
                placed_s=min(0, start_s),
                due_s=due_s,
                promised_s=None,
                revenue_usd=price * quantity,
                late_usd_per_week=pattern.late_usd_per_week,
                status="forecast",
            )
        )
    return repeated
