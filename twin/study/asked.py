"""An order that a promise is asked for: found in the book, or added to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta

from twin.events.promise import Asked
from twin.model.case import with_changes
from twin.model.order_book import ordered
from twin.model.problems import InputError, Problem, RunError, suggestion
from twin.model.scenario import Case, Change
from twin.model.units import DAY_S
from twin.model.world import Settings, World

NEW = "promise"
"""Name of a new order, with a number behind it where the book has one of that name."""


def check_asked(case: Case, asked: Asked) -> Asked:
    """The same, with the item filled in where a site takes one alone, and the priority where none is given.

    Raises InputError with every name that is not known, and RunError for a world without orders.
    """
    world = case.world
    book = ordered(world)
    if not book:
        raise RunError(f"world {world.name} has no orders: it runs by stock policies, so there is nothing to promise")
    if asked.order:
        _raise(_unknown("--order", "order", asked.order, (row.order for row in book)))
        return asked
    items = sorted({row.item for row in book if row.site == asked.site})
    item = asked.item or (items[0] if len(items) == 1 else "")
    problems = [
        *_unknown("--customer", "customer", asked.customer, (row.customer for row in book)),
        *_unknown("--site", "ordering site", asked.site, (row.site for row in book)),
    ]
    if items:
        problems += _unknown("--item", "item", item, items, f"{asked.site} orders no item of this name")
    elif item:
        problems += _unknown("--item", "ordered item", item, (row.item for row in book))
    if asked.by:
        problems += _out_of_time(world.settings, asked.by)
    _raise(problems)
    return asked.model_copy(update={"item": item, "priority": asked.priority or _usual_priority(world, asked)})


def _out_of_time(settings: Settings, by: str) -> list[Problem]:
    """What is wrong with a day before the world starts, or after what is run of it."""
    last = settings.starts + timedelta(days=settings.horizon_s // DAY_S - 1)
    if settings.starts <= date.fromisoformat(by) <= last:
        return []
    rule, remedy = "a new order is wanted within the time that is run", f"{settings.starts} to {last}"
    return [Problem(file="--by", rule=rule, value=by, remedy=remedy)]


def _usual_priority(world: World, asked: Asked) -> int:
    """That of most orders of the customer at the site, else of all its orders; of equals the more urgent."""
    own = [row for row in ordered(world) if row.customer == asked.customer]
    counted = Counter(row.priority for row in [row for row in own if row.site == asked.site] or own)
    return min(counted, key=lambda priority: (-counted[priority], priority))


def with_order(case: Case, asked: Asked) -> tuple[Case, str]:
    """The case with a new order in its book, and the order's name; day one is that of the case without it."""
    name = _free_name(case.world)
    starts = case.world.settings.starts
    row = {
        "order": name,
        "customer": asked.customer,
        "site": asked.site,
        "item": asked.item,
        "quantity": asked.quantity,
        "priority": asked.priority,
        "placed": starts.isoformat(),
        "requested": asked.by or starts.isoformat(),
        "source": (*case.world.orders, *case.world.driver_shares)[0].source,
    }
    return with_changes(case, [Change(table="orders", add=[row])]), name


def _free_name(world: World) -> str:
    taken = {row.order for row in ordered(world)}
    names = (NEW if number == 1 else f"{NEW}-{number}" for number in range(1, len(taken) + 2))
    return next(name for name in names if name not in taken)


def _unknown(option: str, what: str, name: str, known: Iterable[str], no_such: str = "") -> list[Problem]:
    names = set(known)
    if name in names:
        return []
    rule = (no_such or f"the book has no {what} of this name") if name else f"which {what} is meant"
    return [Problem(file=option, rule=rule, value=name, remedy=suggestion(name, names, ""))]


def _raise(problems: list[Problem]) -> None:
    if problems:
        raise InputError(problems)
