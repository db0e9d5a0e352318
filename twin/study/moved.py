"""What moved between two scenarios played under the same luck: sources, sites, weeks, lanes, dates, loads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Literal, TypeVar

from twin.events.moved_result import (
    LEAST_DAYS,
    LEAST_PART,
    MOST_ROWS,
    AllOperationsMoved,
    LaneMoved,
    LanesMoved,
    MakersMoved,
    ModeMoved,
    Moved,
    OperationsMoved,
    OrderResourced,
    OrdersResourced,
    SuppliesMoved,
    SupplyMoved,
    UtilisationMoved,
    UtilisationsMoved,
)
from twin.events.result import RunResult
from twin.metrics.facts import facts_from
from twin.metrics.moves import Place, Shift, process_shifts, site_shifts, step_shifts
from twin.metrics.traffic import LaneLoad, lane_loads, racks_by_maker, received_by_origin
from twin.metrics.view import View
from twin.model.order_book import OrderLine
from twin.model.units import DAY_S, WEEK_S
from twin.network.record import Network
from twin.study.arms import Played
from twin.study.moved_orders import completions_moved, order_book_moved, orders_of_both, promises_moved

NO_LOAD = LaneLoad(units=0.0, kg=0.0, departures=0, usd=0.0)

Row = TypeVar("Row")


def moved_between(first: Played, second: Played, results: tuple[RunResult, RunResult]) -> Moved:
    """What differs in the second from the first, largest first; `results` are theirs."""
    weeks = min(each.ground.case.world.settings.report_weeks for each in (first, second))
    views = _view(first, weeks), _view(second, weeks)
    lines = orders_of_both(first, second, weeks)
    makers = racks_by_maker(views[0]), racks_by_maker(views[1])
    return Moved(
        first=results[0].scenario,
        second=results[1].scenario,
        weeks=weeks,
        book=order_book_moved(first, second, weeks),
        orders=_orders_resourced(lines, *makers),
        supplies=_supplies_moved(
            received_by_origin(views[0]), received_by_origin(views[1]), views[1].facts.item_value_usd
        ),
        operations=_operations_moved(step_shifts(*views), process_shifts(*views)),
        lanes=_lanes_moved(views, (first.ground.network, second.ground.network)),
        promises=promises_moved(first, second, lines),
        completions=completions_moved(first, second, lines),
        utilisation=_utilisations_moved(*results),
    )


def _view(played: Played, weeks: int) -> View:
    """The first replication, with the weeks that both report as its report window."""
    log = played.main_runs[0].log
    assert log is not None
    return View(replace(log, report_s=weeks * WEEK_S), facts_from(played.ground.network))


def _largest(rows: Iterable[Row], size: Callable[[Row], float | tuple[float, ...]]) -> list[Row]:
    """The largest rows; those of one size stay in their order."""
    return sorted(rows, key=size, reverse=True)[:MOST_ROWS]


# --- sources ----------------------------------------------------------------------------------


def _orders_resourced(
    lines: Mapping[str, OrderLine], first: Mapping[str, dict[str, float]], second: Mapping[str, dict[str, float]]
) -> OrdersResourced:
    """Racks of an order that a site makes fewer of are set against those that another makes more of."""
    rows = []
    for order, line in lines.items():
        before, after = first.get(order, {}), second.get(order, {})
        for giver, taker, racks in exchanged(before, after):
            rows.append(
                OrderResourced(
                    order=order,
                    customer=line.customer,
                    racks=racks,
                    of_racks=sum(before.values()),
                    from_site=giver,
                    to_site=taker,
                )
            )
    return OrdersResourced(
        orders=len({row.order for row in rows}),
        racks=sum(row.racks for row in rows),
        of_racks=sum(sum(first.get(order, {}).values()) for order in lines),
        moves=len(rows),
        makers=_makers_moved(rows),
        rows=_largest(rows, lambda row: row.racks),
    )


def _makers_moved(rows: Sequence[OrderResourced]) -> list[MakersMoved]:
    pairs: dict[tuple[str, str], list[float]] = defaultdict(list)
    for row in rows:
        pairs[row.from_site, row.to_site].append(row.racks)
    totals = [
        MakersMoved(from_site=giver, to_site=taker, orders=len(racks), racks=sum(racks))
        for (giver, taker), racks in sorted(pairs.items())
    ]
    return _largest(totals, lambda row: row.racks)


def exchanged(before: Mapping[str, float], after: Mapping[str, float]) -> list[tuple[str, str, float]]:
    """Who gives how much to whom, the largest giver to the largest taker first.

    What is lost or gained in sum has no other end and is left out.
    """
    change = {name: after.get(name, 0.0) - before.get(name, 0.0) for name in sorted({*before, *after})}
    givers = sorted((amount, name) for name, amount in change.items() if amount < 0)
    takers = sorted((-amount, name) for name, amount in change.items() if amount > 0)
    gives, takes = [-amount for amount, _ in givers], [-amount for amount, _ in takers]
    moves, giver, taker = [], 0, 0
    while giver < len(gives) and taker < len(takes):
        amount = min(gives[giver], takes[taker])
        moves.append((givers[giver][1], takers[taker][1], amount))
        gives[giver] -= amount
        takes[taker] -= amount
        giver, taker = giver + (gives[giver] <= 0), taker + (takes[taker] <= 0)
    return moves


def _supplies_moved(
    first: Mapping[tuple[str, str], dict[str, float]],
    second: Mapping[tuple[str, str], dict[str, float]],
    value_usd: Mapping[str, float],
) -> SuppliesMoved:
    """Shares of what a site receives of an item, where it receives some in both."""
    rows = []
    for item, site in sorted({*first} & {*second}):
        before, after = first[item, site], second[item, site]
        all_before, all_after = sum(before.values()), sum(after.values())
        for supplier in sorted({*before, *after}):
            had, has = before.get(supplier, 0.0), after.get(supplier, 0.0)
            moved = has - had / all_before * all_after
            if abs(moved) > LEAST_PART * all_after:
                rows.append(
                    SupplyMoved(
                        item=item,
                        site=site,
                        supplier=supplier,
                        first_units=had,
                        second_units=has,
                        first_share=had / all_before,
                        second_share=has / all_after,
                        units_moved=moved,
                        usd_moved=moved * value_usd.get(item, 0.0),
                    )
                )
    supplies = len({(row.item, row.site) for row in rows})
    largest = _largest(rows, lambda row: (abs(row.usd_moved), abs(row.second_share - row.first_share)))
    return SuppliesMoved(supplies=supplies, shares=len(rows), rows=largest)


# --- operations -------------------------------------------------------------------------------


def _operations_moved(steps: Mapping[Place, Shift], processes: Mapping[Place, Shift]) -> AllOperationsMoved:
    """Those of which most of the work moved; all operations of racks in sum."""
    of_sites, of_steps = _operations("site", site_shifts(steps)), _operations("step", steps)
    of_processes = _operations("process", processes)
    return AllOperationsMoved(
        step_count=len(of_steps),
        process_count=len(of_processes),
        operations=sum(shift.matched for shift in steps.values()),
        elsewhere=sum(shift.elsewhere for shift in steps.values()),
        earlier=sum(shift.earlier for shift in steps.values()),
        later=sum(shift.later for shift in steps.values()),
        sites=_largest(of_sites, lambda row: (_moved_work(row), abs(row.mean_shift_weeks))),
        steps=_largest(of_steps, lambda row: (_moved_work(row), abs(row.mean_shift_weeks))),
        processes=_largest(
            of_processes,
            lambda row: (_moved_work(row) / max(row.first, row.second, 1.0), abs(row.mean_shift_weeks)),
        ),
    )


def _operations(kind: Literal["site", "step", "process"], shifts: Mapping[Place, Shift]) -> list[OperationsMoved]:
    """Of the places of a kind those of which the work moved, or begins later or earlier in the mean."""
    rows = [
        OperationsMoved(
            kind=kind,
            site=site,
            name=name,
            item=item,
            first=shift.first,
            second=shift.second,
            matched=shift.matched,
            elsewhere=shift.elsewhere,
            earlier=shift.earlier,
            later=shift.later,
            mean_shift_weeks=shift.mean_s / WEEK_S,
        )
        for (site, name, item), shift in shifts.items()
    ]
    least_weeks = LEAST_DAYS * DAY_S / WEEK_S
    return [
        row
        for row in rows
        if _moved_work(row) > LEAST_PART * max(row.first, row.second) or abs(row.mean_shift_weeks) >= least_weeks
    ]


def _moved_work(row: OperationsMoved) -> float:
    """The largest of the work gone or come, the work at another site, and the work in other weeks."""
    return max(abs(row.second - row.first), row.elsewhere, row.earlier + row.later)


# --- lanes ------------------------------------------------------------------------------------


def _lanes_moved(views: tuple[View, View], networks: tuple[Network, Network]) -> LanesMoved:
    loads = [
        lane_loads(view, {name: item.mass_kg for name, item in network.items.items()})
        for view, network in zip(views, networks, strict=True)
    ]
    rows = []
    for name in sorted({*loads[0], *loads[1]}):
        before, after = loads[0].get(name, NO_LOAD), loads[1].get(name, NO_LOAD)
        if _differs(before, after):
            rows.append(_lane_row(networks[1 if name in networks[1].lanes else 0], name, before, after))
    return LanesMoved(
        lanes=len(rows),
        modes=_modes(loads, networks),
        rows=_largest(rows, lambda row: (abs(row.second_usd - row.first_usd), abs(row.second_kg - row.first_kg))),
    )


def _differs(before: LaneLoad, after: LaneLoad) -> bool:
    pairs = (
        (before.units, after.units),
        (before.kg, after.kg),
        (before.usd, after.usd),
        (before.departures, after.departures),
    )
    return any(abs(has - had) > LEAST_PART * max(had, has) for had, has in pairs)


def _lane_row(network: Network, name: str, before: LaneLoad, after: LaneLoad) -> LaneMoved:
    lane = network.lanes[name]
    return LaneMoved(
        lane=name,
        origin=lane.origin,
        destination=lane.destination,
        mode=lane.mode,
        first_units=before.units,
        second_units=after.units,
        first_kg=before.kg,
        second_kg=after.kg,
        first_departures=before.departures,
        second_departures=after.departures,
        first_usd=before.usd,
        second_usd=after.usd,
    )


def _modes(loads: Sequence[Mapping[str, LaneLoad]], networks: Sequence[Network]) -> list[ModeMoved]:
    """Sums over the lanes of a mode, each by its own world, where any differs."""
    totals = [_by_mode(each, network) for each, network in zip(loads, networks, strict=True)]
    rows = []
    for mode in sorted({*totals[0], *totals[1]}):
        before, after = totals[0].get(mode, NO_LOAD), totals[1].get(mode, NO_LOAD)
        if _differs(before, after):
            rows.append(
                ModeMoved(
                    mode=mode,
                    first_kg=before.kg,
                    second_kg=after.kg,
                    first_departures=before.departures,
                    second_departures=after.departures,
                    first_usd=before.usd,
                    second_usd=after.usd,
                )
            )
    return _largest(rows, lambda row: (abs(row.second_usd - row.first_usd), abs(row.second_kg - row.first_kg)))


def _by_mode(loads: Mapping[str, LaneLoad], network: Network) -> dict[str, LaneLoad]:
    modes: dict[str, list[LaneLoad]] = defaultdict(list)
    for name, load in loads.items():
        modes[network.lanes[name].mode].append(load)
    return {
        mode: LaneLoad(
            units=sum(load.units for load in members),
            kg=sum(load.kg for load in members),
            departures=sum(load.departures for load in members),
            usd=sum(load.usd for load in members),
        )
        for mode, members in modes.items()
    }


# --- loads ------------------------------------------------------------------------------------


def _utilisations_moved(first: RunResult, second: RunResult) -> UtilisationsMoved:
    """Resources of both that are busier or less busy by more than two points."""
    before = {(row.site, row.resource): row.mean for row in first.utilisation}
    rows = [
        UtilisationMoved(site=row.site, resource=row.resource, first=had, second=row.mean)
        for row in second.utilisation
        if (had := before.get((row.site, row.resource))) is not None and abs(row.mean - had) > LEAST_PART
    ]
    return UtilisationsMoved(resources=len(rows), rows=_largest(rows, lambda row: abs(row.second - row.first)))
