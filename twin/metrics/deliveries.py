"""Racks and orders: how many, how late, how long they took."""

from __future__ import annotations

import numpy as np

from twin.metrics.rows import Floats, Mask, lookup, mean, ratio
from twin.metrics.view import View
from twin.model.units import DAY_S


def racks_shipped(view: View) -> float:
    """Racks that left for a place of demand in the report window."""
    return float(view.racks_shipped.until(view.log.report_s).racks.sum())


def racks_accepted(view: View) -> float:
    """Racks accepted in the report window."""
    return view.racks_accepted


def racks_online(view: View) -> float:
    """Racks that went into use in the report window."""
    return float(view.of("online").racks.sum())


def racks_due(view: View) -> float:
    """Racks that fell due in the report window."""
    return float(view.of("due").racks.sum())


def throughput_racks_per_day(view: View) -> float:
    """Racks accepted per day of the report window."""
    return ratio(view.racks_accepted * DAY_S, view.log.report_s)


def on_time_in_full(view: View) -> float:
    """Share of orders complete by their promise; by the due date where none was promised."""
    return share_complete(view, owed_by_s(view))


def owed_by_s(view: View) -> Floats:
    """The promise of each order entered; its due date where none was given."""
    ordered, promised = view.all("ordered"), view.all("promised")
    # A promise is frozen once given: the first one counts, so they are read backwards.
    promise = lookup(promised.order[::-1], promised.value[::-1], ordered.order)
    return np.where(np.isnan(promise), ordered.value, promise)


def on_time_to_request(view: View) -> float:
    """Share of orders complete by the date that the customer asked for."""
    return share_complete(view, view.all("ordered").value)


def share_complete(view: View, by_s: Floats, among: Mask | None = None) -> float:
    """Share complete by a moment of each order's own that lies in the report window, of all or of those `among`."""
    completed = view.all("completed")
    done_s = lookup(completed.order, completed.time_s, view.all("ordered").order)
    in_window = (by_s <= view.log.report_s) & (True if among is None else among)
    # An unknown completion compares as false: not complete.
    return ratio(float(np.sum((done_s <= by_s) & in_window)), float(np.sum(in_window)))


def order_cycle_time_days(view: View) -> float:
    """Mean time from the placing of an order to its last rack's acceptance."""
    rows = view.of("completed")
    return mean((rows.time_s - rows.since_s) / DAY_S)


def time_to_token_days(view: View) -> float:
    """Mean time from the placing of a rack's order to its first tokens."""
    ordered, online = view.all("ordered"), view.of("online")
    placed = np.where(np.isnan(ordered.since_s), ordered.time_s, ordered.since_s)
    return mean((online.time_s - lookup(ordered.order, placed, online.order)) / DAY_S)


def dock_to_token_days(view: View) -> float:
    """Mean time from a rack's docking at the datacenter to its first tokens."""
    accepted, online = view.all("accepted"), view.of("online")
    docked = lookup(accepted.serial, accepted.since_s, online.serial)
    return mean((online.time_s - docked) / DAY_S)


def dock_to_accept_days(view: View) -> float:
    """Mean time from a rack's docking at the datacenter to its acceptance."""
    rows = view.of("accepted")
    return mean((rows.time_s - rows.since_s) / DAY_S)


def release_to_accept_days(view: View) -> float:
    """Mean time from a rack's first step at the integrator to its acceptance."""
    rows = view.of("accepted")
    return mean((rows.time_s - rows.value) / DAY_S)


def factory_cycle_days(view: View) -> float:
    """Mean time a rack takes from its start to its finish at the integrator."""
    rows = view.made("produced")
    rows = rows.where(view.is_item(view.facts.racks)[rows.item])
    return mean((rows.time_s - rows.since_s) / DAY_S)


def finished_wait_days(view: View) -> float:
    """Mean time that a finished rack waited for room, truck or site, over all racks shipped."""
    rows = view.of("blocked")
    return ratio(float(np.nansum(rows.time_s - rows.since_s)) / DAY_S, racks_shipped(view))


def backlog_end_racks(view: View) -> float:
    """Racks due and not accepted at the end of the report window."""
    units, end_s = view.due_units, view.log.report_s
    return float(np.sum((units.due_s <= end_s) & (units.cleared_s > end_s)))


def backlog_area_rack_days(view: View) -> float:
    """Backlog summed over the report window."""
    units, end_s = view.due_units, view.log.report_s
    return float(np.sum(np.minimum(units.cleared_s, end_s) - np.minimum(units.due_s, end_s))) / DAY_S


def tardiness_days(view: View) -> Floats:
    """Days late of each rack due in the report window; so far, where the log ends before."""
    units = view.due_units
    due = units.due_s <= view.log.report_s
    return (np.minimum(units.cleared_s[due], view.log.horizon_s) - units.due_s[due]) / DAY_S


def tardiness_mean_days(view: View) -> float:
    """Mean lateness of racks due, early ones counting 0."""
    return mean(tardiness_days(view))


def tardiness_p95_days(view: View) -> float:
    """The lateness that 95 % of the racks due do not exceed."""
    days = tardiness_days(view)
    return float(np.quantile(days, 0.95, method="inverted_cdf")) if len(days) else float("nan")
