"""Late orders made up for pages, with links that add up."""

from __future__ import annotations

from twin.events.late_result import LateCause, LateLink, LateOrder, LateOrders

LINKS = (
    (2.0, "promised later than it is due", "abilene", "held back by HBM stacking at m15x", "plan"),
    (60.5, "a new plan promised it later", "abilene", "planned anew, knowing of cleanroom fire", "new_plan"),
    (-6.5, "the plan allows for waits, pauses and rework", "abilene", "it reckons with 11 days", "slack"),
    (8.25, "switch-tray-l10 could not start", "foxconn_juarez", "no more than 5,620 a week may start", "limit"),
    (0.25, "small differences", "", "each less than an hour", "small"),
)


def sample_late(orders: int = 4, causes: int = 4) -> LateOrders:
    """Late orders, each with the same links but the last longer by a day than the order after it."""
    return LateOrders(
        orders_due=10 * orders,
        orders_late=3 * orders,
        orders=[_order(number, orders - number) for number in range(orders)],
        causes=[
            LateCause(
                what="a new plan promised it later" if not number else f"waited for part_{number}",
                where="" if not number else f"site_{number}",
                because="planned anew, knowing of cleanroom fire",
                orders=orders,
                rack_days=5_000.0 / (number + 1),
            )
            for number in range(causes)
        ],
    )


def _order(number: int, more_days: int) -> LateOrder:
    links = [
        LateLink(days=days, what=what, where=where, because=because, cause=cause)
        for days, what, where, because, cause in LINKS
    ]
    links.append(
        LateLink(days=more_days, what="waited at the dock", where="abilene", because="power came then", cause="dock")
    )
    return LateOrder(
        order=f"ORDER-{number:02d}",
        customer="Oracle",
        site="abilene",
        item="rack_accepted_c",
        quantity=36,
        late_racks=30,
        due="2026-03-02T00:00",
        promised="2026-03-04T00:00",
        accepted="2026-05-10T06:00",
        delay_days=sum(link.days for link in links),
        links=links,
    )
