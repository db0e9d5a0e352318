"""How the supply of each item is spread over suppliers, operators and countries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Literal

from twin.model.rows_make import Process
from twin.network.record import Network, ProcessKey, SupplyConcentration

By = Literal["supplier", "operator", "country"]


def herfindahl(shares: Mapping[str, float]) -> float:
    """Herfindahl-Hirschman index, 10000 x the sum of squared shares; shares need not add up to 1."""
    total = sum(shares.values())
    return 10_000 * sum((share / total) ** 2 for share in shares.values())


def concentration(network: Network) -> tuple[SupplyConcentration, ...]:
    """For each item that is made, from raw to finished: its spread by supplier, operator and country.

    The effective number of sources is 10000 / HHI. Sites without an operator or a country
    stand for themselves.
    """
    found = []
    for item in network.item_order:
        shares = supplier_shares(network, item)
        if not shares:
            continue
        found += [_spread(item, by, _grouped(network, shares, by)) for by in ("supplier", "operator", "country")]
    return tuple(found)


def supplier_shares(network: Network, item: str) -> dict[str, float]:
    """Share of each site that makes an item, adding up to 1; empty where nothing makes it.

    By `share_planned` (the mean over consumers where these have rows of their own), else by
    weekly capacity at `starts`, else equal.
    """
    makers = dict.fromkeys(site for _, site, _ in network.makers.get(item, ()))
    planned: dict[str, float] = defaultdict(float)
    for row in network.world.sourcing:
        if row.item == item and row.supplier in makers:
            planned[row.supplier] += row.share_planned or 0.0
    amounts = dict(planned) if sum(planned.values()) > 0 else _capacities(network, item)
    total = sum(amounts.values())
    if total <= 0:
        return {site: 1 / len(makers) for site in makers}
    return {site: amount / total for site, amount in amounts.items() if amount > 0}


def _capacities(network: Network, item: str) -> dict[str, float]:
    """Weekly starts by site at `starts`; empty where one of the sites has no limit."""
    capacities: dict[str, float] = defaultdict(float)
    for key in network.makers.get(item, ()):
        capacity = _capacity(network, key)
        if capacity is None:
            return {}
        capacities[key[1]] += capacity
    return capacities


def _capacity(network: Network, key: ProcessKey) -> float | None:
    starts = network.world.settings.starts
    rows = network.processes[key]
    row = next((row for row in reversed(rows) if (row.from_date or starts) <= starts), rows[0])
    limits = [row.capacity_per_week, _drawn(network, row)]
    return min((limit for limit in limits if limit is not None), default=None)


def _drawn(network: Network, row: Process) -> float | None:
    """What the shared resource of a process allows it alone, by the resource's last row at `starts`."""
    starts = network.world.settings.starts
    own = [one for one in network.world.resources if (one.site, one.resource) == (row.site, row.resource)]
    held = [one for one in own if (one.from_date or starts) <= starts] or own[:1]
    return held[-1].capacity / row.resource_per_unit if held else None


def _grouped(network: Network, shares: Mapping[str, float], by: By) -> dict[str, float]:
    groups: dict[str, float] = defaultdict(float)
    for site, share in shares.items():
        row = network.sites[site]
        name = {"supplier": site, "operator": row.operator, "country": row.country}[by]
        groups[name or site] += share
    return groups


def _spread(item: str, by: By, shares: Mapping[str, float]) -> SupplyConcentration:
    hhi = herfindahl(shares)
    largest = max(sorted(shares), key=lambda name: shares[name])
    return SupplyConcentration(
        item=item,
        by=by,
        hhi=hhi,
        effective_sources=10_000 / hhi,
        largest=largest,
        largest_share=shares[largest],
    )
