"""What `twin why` prints."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.console import RenderableType

from twin.cli.output import counted, heading, number, sentence, table

if TYPE_CHECKING:
    from twin.events.late_result import LateOrder, LateOrders

_SHOWN = 12


def order_tables(late: LateOrder) -> Iterator[RenderableType]:
    """One late order: what happened, then the links with their sum."""
    yield heading(f"{late.order}: {number(late.delay_days)} days late")
    yield sentence(
        f"{counted(late.quantity, 'rack')} for {late.customer or 'a customer'} at {late.site}, due {_day(late.due)}, "
        f"promised {_day(late.promised) or 'no date'}, {_ending(late)}; {late.late_racks} of them late. The chain "
        "runs from the promise back through the last rack:"
    )
    yield ""
    rows = [(_days(link.days), link.what, link.where, link.because) for link in late.links]
    total = (_days(late.delay_days), "delay", late.site, "the sum of all links")
    yield table("", (">days", "what", "where", "because"), [*rows, total])


def causes_tables(late: LateOrders, run: str) -> Iterator[RenderableType]:
    """What makes orders late over a whole run, and the orders that it costs most."""
    yield heading(f"{late.orders_late} of {counted(late.orders_due, 'order')} that fell due were late, or are")
    yield ""
    rows = [
        (number(cause.rack_days), str(cause.orders), cause.what, cause.where, cause.because)
        for cause in late.causes[:_SHOWN]
    ]
    yield table("Causes, by the days of each link times the late racks of its order",
                (">rack-days", ">orders", "what", "where", "mostly because"), rows)  # fmt: skip
    yield ""
    worst = [
        (each.order, each.customer, each.site, number(each.delay_days), f"{each.late_racks} of {each.quantity}")
        for each in late.orders[:_SHOWN]
    ]
    yield table(
        "Orders that wait longest, racks counted", ("order", "customer", "site", ">days late", ">late racks"), worst
    )
    if late.orders:
        yield sentence(f"Each link of one: twin why {run} {late.orders[0].order}")


def late_line(late: LateOrders, run: str) -> str:
    """What costs most, and where the rest is told."""
    told = f"Late: {late.orders_late:,} of {counted(late.orders_due, 'order')} that fell due in the first replication"
    if late.causes:
        most = late.causes[0]
        told += f"; dearest cause: {most.what}, {most.because} ({number(most.rack_days)} rack-days)"
    return f"{told}. More: twin why {run}"


def _ending(late: LateOrder) -> str:
    if late.accepted:
        return f"complete on {_day(late.accepted)}"
    return "not complete at the end of the run"


def _day(moment: str) -> str:
    return moment[:10]


def _days(days: float) -> str:
    """Days to a hundredth, so that a reader can add them up."""
    return f"{days:+.2f}"
