"""Money: capital tied up, what a rack costs landed, freight and its emissions, rework."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import numpy as np

from twin.metrics.rows import Floats, Rows, ratio, sum_of_products, tally
from twin.metrics.view import View
from twin.model.units import DAY_S, DAYS_PER_YEAR


def wip_capital_usd(view: View) -> float:
    """Mean over the weekly marks of the value on hand, in process and in transit."""
    levels = view.of("level")
    return ratio(sum_of_products(levels.quantity, _worth_usd(view, levels)), len(np.unique(levels.time_s)))


def wip_capital_usd_by_owner(view: View) -> dict[str, float]:
    """The capital of `wip_capital_usd` by who owns it, see `Facts.owner_at`; owners add up to it."""
    levels = view.of("level")
    marks, items = len(np.unique(levels.time_s)), len(view.log.items)
    pairs, number = np.unique(levels.place * items + levels.item, return_inverse=True)
    usd = tally(number, levels.quantity * _worth_usd(view, levels), len(pairs))
    held: dict[str, float] = defaultdict(float)
    for pair, worth in zip(pairs.tolist(), usd.tolist(), strict=True):
        held[view.facts.owner_at(view.log.places[pair // items], view.log.items[pair % items])] += worth
    return {owner: ratio(held[owner], marks) for owner in sorted(held)}


def _worth_usd(view: View, levels: Rows) -> Floats:
    """What a unit is worth at each weekly mark."""
    names = view.log.items
    on_hand = np.array([*(view.facts.item_value_usd.get(name, 0.0) for name in names), 0.0])
    in_process = np.array([*(view.facts.in_process_usd(name) for name in names), 0.0])
    return np.where(view.is_place("process")[levels.place], in_process[levels.item], on_hand[levels.item])


def carrying_usd_per_rack(view: View) -> float:
    """Cost of the capital tied up over the report window, per rack accepted."""
    years = view.log.report_s / (DAYS_PER_YEAR * DAY_S)
    return ratio(wip_capital_usd(view) * view.facts.carrying_rate_per_year * years, view.racks_accepted)


def freight_usd_per_rack(view: View) -> float:
    """All freight and duties of the report window, per rack accepted."""
    return ratio(float(view.of("shipped").usd.sum()), view.racks_accepted)


def freight_co2_kg_per_rack(view: View) -> float:
    """Emission of all freight of the report window, per rack accepted; NaN where no lane says what it emits.

    Kilograms sent x kilometres between the ends of the lane x its emission.
    """
    if not view.facts.co2_per_kg:
        return float("nan")
    rows, lanes = view.of("shipped"), view.places("lane")
    names = (lanes.get(at, "") for at in range(len(view.log.places)))
    per_kg = np.array([*(view.facts.co2_per_kg.get(name, 0.0) for name in names), 0.0])
    mass = np.array([*(view.facts.mass_kg.get(name, 0.0) for name in view.log.items), 0.0])
    sent_kg = rows.racks * mass[rows.item]
    return ratio(sum_of_products(sent_kg[sent_kg > 0], per_kg[rows.place[sent_kg > 0]]), view.racks_accepted)


def rework_usd_per_rack(view: View) -> float:
    """Cost of rework in the report window, per rack accepted."""
    return ratio(float(view.of("rework").usd.sum()), view.racks_accepted)


def resource_usd_per_rack(view: View) -> float:
    """Work in bays and test cells, with power and crews, at their hourly cost, per rack accepted."""
    return ratio(float(view.of("step").usd.sum()), view.racks_accepted)


def landed_cost_usd_per_rack(view: View) -> float:
    """What an accepted rack costs: materials, making, test, rework and freight rolled up, and capital.

    The roll-up takes the mean cost per unit of the report window at every stage, so that a
    pipeline that is being filled does not count as the cost of the racks of today.
    """
    unit_cost = rolled_up_usd(view)
    accepted = view.of("accepted")
    known = accepted.item >= 0
    worth = np.array([unit_cost.get(name, np.nan) for name in view.log.items])
    rolled = sum_of_products(accepted.racks[known], worth[accepted.item[known]])
    carrying = carrying_usd_per_rack(view) if view.facts.carrying_rate_per_year else 0.0
    return ratio(rolled, float(accepted.racks[known].sum())) + carrying


def rolled_up_usd(view: View) -> dict[str, float]:
    """Realised cost of a good unit of each item where it is used, with all that went into it.

    (mean process cost per unit started + inputs by the bill of materials) / realised yield,
    plus steps and rework per good unit, plus mean price, freight and duty. A bought item
    without any recorded cost counts at its `value_usd`, as does an item that was not made
    in the window. Units that came of a conversion cost what others of their item do.
    """
    started, produced, scrapped = view.made("started"), view.made("produced"), view.made("scrapped")
    started_units = view.per_item(started, started.quantity)
    started_usd = view.per_item(started, started.usd)
    good = view.per_item(produced, produced.quantity)
    lost = view.per_item(scrapped, scrapped.quantity)
    inbound, worked = _inbound_usd(view, good), _worked_usd(view, good)
    position = {name: at for at, name in enumerate(view.log.items)}
    cost: dict[str, float] = {}
    for item in view.facts.item_order:
        at = position.get(item)
        inputs = _inputs(view, item, started)
        if at is not None and started_units[at] > 0:
            realised_yield = good[at] / (good[at] + lost[at]) if good[at] else 1.0
            own = started_usd[at] / started_units[at]
            made = (own + sum(quantity * cost[name] for name, quantity in inputs)) / realised_yield
            cost[item] = made + float(worked[at] + inbound[at])
        else:
            paid = float(inbound[at]) if at is not None else 0.0
            value = view.facts.item_value_usd.get(item, 0.0)
            cost[item] = value if item in view.facts.made or paid == 0 else paid
    return cost


def _inputs(view: View, item: str, started: Rows) -> Iterable[tuple[str, float]]:
    """Inputs per unit started: of an item whose processes take different ones, as it was made in the window."""
    ways = [place for place, made in view.facts.lines if made == item]
    if not ways or item not in view.log.items:
        return view.facts.inputs.get(item, ())
    mine = started.where(started.item == view.log.items.index(item))
    taken: dict[str, float] = defaultdict(float)
    for place in np.unique(mine.place).tolist():
        units = float(mine.quantity[mine.place == place].sum()) / float(mine.quantity.sum())
        for name, quantity in view.facts.inputs_at(view.log.places[place], item):
            taken[name] += units * quantity
    return taken.items()


def _worked_usd(view: View, good: Floats) -> Floats:
    """Cost of routing steps and rework per good unit, by item."""
    spent = sum((view.per_item(rows, rows.usd) for rows in (view.of("step"), view.of("rework"))), np.zeros(len(good)))
    return np.divide(spent, good, out=np.zeros_like(spent), where=good > 0)


def _inbound_usd(view: View, good: Floats) -> Floats:
    """Price, freight and duty per unit by item: over units made, or units moved of bought items."""
    rows = view.of("shipped")
    prices = np.zeros((len(view.log.places) + 1, len(view.log.items) + 1))
    lanes = view.places("lane")
    for at, lane in lanes.items():
        for item_at, item in enumerate(view.log.items):
            prices[at, item_at] = view.facts.price_usd.get((lane, item), 0.0)
    paid = view.per_item(rows, rows.usd + rows.quantity * prices[rows.place, rows.item])
    units = np.where(good > 0, good, view.per_item(rows, rows.quantity))
    return np.divide(paid, units, out=np.zeros_like(paid), where=units > 0)
