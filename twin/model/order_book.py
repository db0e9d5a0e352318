"""Every order that plan and simulation must serve: the table's, the tail that repeats it, and those of drivers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from twin.model.demand_curves import AskedFor, Draws, asked_for, whole_units
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
    driver: str = ""
    formed: bool = False
    """Follows from the table `drivers`, so that its quantity may be another in each replication."""


def order_book(world: World, back_to_s: int = 0) -> tuple[OrderLine, ...]:
    """All orders by due time, then name: the table's, its tail and, before `starts`, its back-cast.

    The tail repeats each (customer, site, item) at the mean rate of its last four weeks in
    the report window, weekly, as far as plans look; the back-cast, made only for `back_to_s`
    below 0 (the day-one snapshot), at the mean rate of its first four weeks. Orders that
    the table itself holds there count towards that rate. What drivers ask for goes by their
    own curves, before `starts` and after the report window too.
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
    lines += formed_lines(world)
    if back_to_s < 0:
        lines += _formed(world, range(back_to_s // WEEK_S, 0), None)
    return _in_order(lines)


def ordered(world: World) -> tuple[OrderLine, ...]:
    """Orders that the tables ask for: the table's own and those of drivers, without what repeats the table's."""
    return _in_order([*(_line(world, order) for order in world.orders), *formed_lines(world)])


def every_order(world: World) -> tuple[OrderLine, ...]:
    """The order book, with orders of drivers that have no unit in the forecast and may have some in a replication."""
    return (*(line for line in order_book(world) if not line.formed), *_formed(world, _weeks(world), None, least=0))


def formed_lines(world: World, draws: Draws | None = None) -> list[OrderLine]:
    """Orders of drivers, one a week from `starts` as far as plans look: the forecast, or as they are drawn."""
    return _formed(world, _weeks(world), draws)


def drawn_book(
    world: World, book: Sequence[OrderLine], draws: Draws, known_s: int | None = None
) -> tuple[OrderLine, ...]:
    """A forecast's `book` with the orders that drivers bring in one replication.

    Orders placed by `starts` are as in the forecast, and so are all that are not placed by
    `known_s`, where it is given: what a planner knows of the replication at that moment.
    """

    def is_drawn(line: OrderLine) -> bool:
        return line.formed and line.placed_s > 0 and (known_s is None or line.placed_s <= known_s)

    forecast = [line for line in book if not is_drawn(line)]
    return _in_order([*forecast, *(line for line in formed_lines(world, draws) if is_drawn(line))])


def _in_order(lines: Sequence[OrderLine]) -> tuple[OrderLine, ...]:
    return tuple(sorted(lines, key=lambda line: (line.due_s, line.order)))


def _weeks(world: World) -> range:
    return range(world.settings.planned_s // WEEK_S)


def _formed(world: World, weeks: range, draws: Draws | None, least: int = 1) -> list[OrderLine]:
    """A line for each week in which a driver's demand for an item at a place comes to so many whole units."""
    by_driver: dict[str, list[AskedFor]] = defaultdict(list)
    for each in asked_for(world, weeks, draws):
        by_driver[each.driver].append(each)
    return [
        line
        for together in by_driver.values()
        for each, units in zip(together, whole_units([each.units for each in together]), strict=True)
        for line in _weekly(world, each, weeks, units.tolist(), least)
    ]


def _weekly(world: World, asked: AskedFor, weeks: range, units: list[int], least: int) -> Iterator[OrderLine]:
    for week, quantity in zip(weeks, units, strict=True):
        if quantity < least:
            continue
        due_s = (week + 1) * WEEK_S
        day = world.settings.starts + timedelta(seconds=due_s - DAY_S)
        share, priced = asked.share_on(day), asked.revenue_usd_per_unit
        yield OrderLine(
            order=f"{asked.stem}-{day}",
            customer=share.customer,
            site=share.site,
            item=asked.item,
            level="",
            quantity=quantity,
            priority=share.priority,
            placed_s=due_s - round((1 + share.ordered_days_ahead) * DAY_S),
            due_s=due_s,
            promised_s=None,
            revenue_usd=(share.revenue_usd_per_unit if priced is None else priced) * quantity,
            late_usd_per_week=share.late_usd_per_week,
            status="forecast",
            driver=asked.driver,
            formed=True,
        )


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
        driver=order.driver,
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
