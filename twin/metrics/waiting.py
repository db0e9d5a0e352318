"""Finished racks that stand and wait: for what, where, whose they are meanwhile, and what it costs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta

import numpy as np

from twin.events.record import Log
from twin.events.result import WaitingRow
from twin.metrics.facts import Facts, facts_from
from twin.metrics.rows import Floats, Rows
from twin.metrics.view import View
from twin.model.units import DAY_S, WEEK_S
from twin.network.record import Network

Spell = tuple[str, str, str]
"""For what is waited, the site, and whose the racks are meanwhile."""
TEST, TRUCK, PLACE = "test", "truck", "place at the datacenter"


def waiting_rows(log: Log, network: Network) -> list[WaitingRow]:
    """Finished racks that wait in one replication's report window, longest first.

    A rack is the integrator's (the operator of its site) until it docks, then its customer's;
    what it costs meanwhile is the carrying rate on the mean value of a finished rack.
    """
    facts = facts_from(network)
    came, left = _spells(View(log, facts), network, facts)
    values = [facts.item_value_usd.get(item, 0.0) for item in facts.racks]
    usd_per_day = float(np.mean(values)) * facts.carrying_rate_per_year / 365 if values else 0.0
    rows = [_row(spell, came[spell], left[spell], log.report_s, network.world.settings.starts) for spell in came]
    told = [row.model_copy(update={"carrying_usd": row.rack_days * usd_per_day}) for row in rows if row.rack_days > 0]
    return sorted(told, key=lambda row: (-row.rack_days, row.stage, row.site, row.owner))


def _spells(view: View, network: Network, facts: Facts) -> tuple[dict[Spell, Floats], dict[Spell, Floats]]:
    """When racks came to wait and when they left; counted, since racks of a queue may change their order."""
    came: dict[Spell, list[Floats]] = defaultdict(list)
    left: dict[Spell, list[Floats]] = defaultdict(list)
    owner = {site: row.operator for site, row in network.sites.items()}
    for place, name in view.places("step").items():
        site = name.partition("/")[0]
        if site in facts.demand_sites or not facts.tested_steps & {name, f"/{name.partition('/')[2]}"}:
            continue
        visits = view.visits.where(view.visits.place == place)
        came[TEST, site, owner[site]].append(visits.came_s)
        left[TEST, site, owner[site]].append(visits.began_s)
    racks = view.is_item(facts.racks)
    shipped = view.racks_shipped
    for event, kind in (("opened", "site"), ("produced", "process")):
        for site, times_s in _by_site(view, view.all(event).where(racks[view.all(event).item]), kind):
            came[TRUCK, site, owner[site]].append(times_s)
    begun = view.all("started")
    begun = begun.where(racks[begun.item] & view.is_conversion[begun.place])
    for site, times_s in _by_site(view, begun, "process"):
        left[TRUCK, site, owner[site]].append(times_s)
    for lane, times_s in _by_place(shipped):
        site = facts.lane_ends[view.log.places[lane].partition(":")[2]][0]
        left[TRUCK, site, owner[site]].append(times_s)
    _at_datacenters(view, facts, came, left)
    finished = {spell: np.sort(np.concatenate(parts)) for spell, parts in came.items()}
    gone = {spell: np.sort(np.concatenate(left[spell])) if spell in left else np.empty(0) for spell in finished}
    return finished, gone


def _at_datacenters(view: View, facts: Facts, came: dict[Spell, list[Floats]], left: dict[Spell, list[Floats]]) -> None:
    """From docking to the start of installation, by customer of the order."""
    docked, started = view.all("docked"), view.all("started")
    docked = docked.where(view.is_item(facts.racks)[docked.item] & (docked.order >= 0))
    started = started.where(view.is_item(facts.finished)[started.item] & (started.order >= 0))
    ends = {f"lane:{name}": site for name, (_, site) in facts.lane_ends.items()}
    for spells, rows in ((came, docked), (left, started)):
        for place, order, times_s in _by_place_and_order(rows):
            name = view.log.places[place]
            site = ends.get(name) or name.rpartition("@")[2]
            if site in facts.demand_sites:
                spells[PLACE, site, facts.customer_of.get(view.log.orders[order], "")].append(times_s)


def _by_site(view: View, rows: Rows, kind: str) -> Iterable[tuple[str, Floats]]:
    """Times by site for places of a kind, `site:S` or `process:P@S`; a row of several units stands for each."""
    for place, times_s in _by_place(rows):
        name = view.log.places[place]
        site = name.partition(":")[2].rpartition("@")[2]
        if name.startswith(f"{kind}:") and site not in view.facts.demand_sites:
            yield site, times_s


def _by_place(rows: Rows) -> Iterable[tuple[int, Floats]]:
    for place in np.unique(rows.place).tolist():
        mine = rows.where(rows.place == place)
        yield place, np.repeat(mine.time_s, mine.racks.astype(np.int64))


def _by_place_and_order(rows: Rows) -> Iterable[tuple[int, int, Floats]]:
    pairs, index = np.unique(np.stack((rows.place, rows.order), axis=1), axis=0, return_inverse=True)
    for number, (place, order) in enumerate(pairs.tolist()):
        yield place, order, rows.time_s[index.reshape(-1) == number]


def _row(spell: Spell, came_s: Floats, left_s: Floats, report_s: int, starts: date) -> WaitingRow:
    """Sums over the report window and the fullest week's end."""
    stage, site, owner = spell
    rack_days = float(np.sum(np.maximum(report_s - came_s, 0)) - np.sum(np.maximum(report_s - left_s, 0))) / DAY_S
    ends = np.arange(1, report_s // WEEK_S + 1) * WEEK_S
    standing = np.searchsorted(came_s, ends, side="right") - np.searchsorted(left_s, ends, side="right")
    peak = int(np.argmax(standing)) if len(standing) else 0
    return WaitingRow(
        stage=stage,
        site=site,
        owner=owner,
        mean_racks=rack_days * DAY_S / report_s,
        peak_racks=float(standing[peak]) if len(standing) else 0.0,
        peak_week=(starts + timedelta(days=7 * (peak + 1) - 1)).isoformat(),
        rack_days=rack_days,
        carrying_usd=0.0,
    )
