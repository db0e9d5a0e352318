"""Made-up on-time chances, for tests of the page and of the command line only."""

from __future__ import annotations

from datetime import date, timedelta

from twin.events.on_time import Chance, LikelyDates, OnTime, OrderChance, TotalChance
from twin.metrics.statistics import wilson_interval

START = date(2026, 1, 5)
WINDOW_DAYS = 28


def chance(hits: int, replications: int) -> Chance:
    """A share with its interval."""
    found = wilson_interval(hits, replications)
    return Chance(value=found.value, low=found.low or 0.0, high=found.high or 0.0, replications=replications)


def order_chance(number: int, orders: int, days: int) -> OrderChance:
    """One of so many orders spread over so many days; those of the first four weeks were replayed 200 times."""
    due = START + timedelta(days=number * days // orders)
    runs = 200 if (due - START).days < WINDOW_DAYS else 10
    likely = due + timedelta(days=number % 9 - 4)
    return OrderChance(
        order=f"CUSTOMER-other-us-central-{number % 22:02d}-w{number // 22:02d}",
        customer=f"Hyperscaler {'ABCD'[number % 4]}",
        site=f"campus-{number % 22}",
        item="rack_accepted",
        quantity=40 + number % 60,
        priority=3 + number % 4,
        due=due.isoformat(),
        promised=None if number % 22 == 7 else (due + timedelta(days=2)).isoformat(),
        by_due=chance(runs * (number % 11) // 10, runs),
        by_promise=None if number % 22 == 7 else chance(runs * min(number % 11 + 2, 10) // 10, runs),
        dates=LikelyDates(
            p50=likely.isoformat(),
            p80=(likely + timedelta(days=1)).isoformat(),
            p95=None if number % 13 == 0 else (likely + timedelta(days=3)).isoformat(),
            replications=runs,
        ),
    )


def sample_on_time(orders: int = 60, days: int = 84) -> OnTime:
    """Chances of so many orders that fall due within so many days."""
    last = (START + timedelta(days=WINDOW_DAYS - 1)).isoformat()
    end = (START + timedelta(days=days - 1)).isoformat()
    totals = [
        TotalChance(by=by, until=until, orders=count, chance=chance(runs * share // 100, runs))
        for by, until, count, share, runs in (
            ("due", last, orders * WINDOW_DAYS // days, 47, 200),
            ("promise", last, orders * WINDOW_DAYS // days, 63, 200),
            ("due", end, orders, 30, 10),
            ("promise", end, orders, 50, 10),
        )
    ]
    rows = [order_chance(number, orders, days) for number in range(orders)]
    return OnTime(replayed_until=last, replays=200, totals=totals, orders=rows)
