"""The AI factory: what racks that went online served, drew, cost and earned in the report window."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from twin.metrics.economics import HOURS_PER_YEAR, MILLION, capital_recovery_factor, kept_under_curtailment
from twin.metrics.rows import Floats
from twin.model.units import DAY_S, HOUR_S, WEEK_S

if TYPE_CHECKING:
    from twin.metrics.view import View
    from twin.model.rows_demand import Readiness
    from twin.model.rows_factory import RackEconomics, Service
    from twin.model.world import World

KW_PER_MW = 1000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RackUse:
    """What a rack of an item serves, draws and costs."""

    power_kw: float
    economics: RackEconomics
    services: tuple[Service, ...]

    @property
    def working(self) -> float:
        """Part of its time online in which it is at full load, were its load put together."""
        return self.economics.availability * self.economics.utilisation

    @property
    def work_kw(self) -> float:
        """Mean power that goes with the load, above what an idle rack draws."""
        return self.power_kw * (1.0 - self.economics.idle_power) * self.working

    @property
    def mean_kw(self) -> float:
        """Mean power of a rack online; one that is down draws none."""
        return self.work_kw + self.power_kw * self.economics.idle_power * self.economics.availability

    @property
    def usd_per_year(self) -> float:
        """Capital in equal parts, and upkeep."""
        terms = self.economics
        return terms.capital_usd * capital_recovery_factor(terms.interest_per_year, terms.life_years) + (
            terms.opex_usd_per_year
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerTerms:
    """A row of `readiness` on the clock: power at the meter, when it is away, what it costs."""

    from_s: float
    firm_mw: float
    flexible_mw: float
    curtailed_hours_per_year: float
    usd_per_mwh: float
    pue: float
    backs_down_to: float = 1.0

    @property
    def left_mw(self) -> float:
        """What is there while power is curtailed."""
        return self.firm_mw * self.backs_down_to if self.backs_down_to else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FactoryTerms:
    """What is known of racks by finished item, and of power by datacenter, earliest row first."""

    racks: Mapping[str, RackUse] = field(default_factory=dict)
    power: Mapping[str, tuple[PowerTerms, ...]] = field(default_factory=dict)


@dataclass(slots=True)
class Served:
    """Sums over the report window; tokens by service are expected values over when power is curtailed."""

    rack_days: float = 0.0
    tokens: dict[str, float] = field(default_factory=dict)
    lost_tokens: float = 0.0
    """That power away cost."""
    lost_usd: float = 0.0
    """What they would have earned."""
    revenue_usd: float = 0.0
    energy_mwh: float = 0.0
    """At the meter."""
    energy_usd: float = 0.0
    standing_usd: float = 0.0
    """Capital and upkeep."""
    broken_hours: float = 0.0
    """Expected hours, added up over datacenters, in which a service loses more than it may."""


def factory_terms(world: World) -> FactoryTerms:
    """The tables `rack_economics`, `services` and `readiness` as the measures need them."""
    second_of, power_kw = world.settings.second_of, {row.item: row.power_kw for row in world.items}
    racks = {
        row.item: RackUse(
            power_kw=power_kw.get(row.item, 0.0),
            economics=row,
            services=tuple(each for each in world.services if each.item == row.item),
        )
        for row in world.rack_economics
    }
    power: dict[str, list[PowerTerms]] = {}
    for row in world.readiness:
        from_s = float(second_of(row.from_date)) if row.from_date else -np.inf
        power.setdefault(row.site, []).append(_power_terms(row, from_s))
    return FactoryTerms(
        racks=racks, power={site: tuple(sorted(rows, key=lambda row: row.from_s)) for site, rows in power.items()}
    )


def _power_terms(row: Readiness, from_s: float) -> PowerTerms:
    return PowerTerms(
        from_s=from_s,
        firm_mw=float("inf") if row.firm_mw is None else row.firm_mw,
        flexible_mw=row.flexible_mw,
        curtailed_hours_per_year=row.curtailed_hours_per_year,
        usd_per_mwh=row.usd_per_mwh,
        pue=row.pue,
        backs_down_to=row.backs_down_to,
    )


def served_by_site(view: View) -> dict[str, Served]:
    """What the racks that went online within the run did in the report window, by datacenter."""
    found: dict[str, Served] = {}
    for site, edges, racks in _racks_online(view):
        served = found.setdefault(site, Served())
        for at, (begins_s, ends_s) in enumerate(pairwise(edges)):
            here = {item: float(count[at]) for item, count in racks.items() if count[at] > 0}
            if here:
                _serve(served, view.facts.factory, site, here, (begins_s, ends_s))
    return found


def served_in_all(sites: Iterable[Served]) -> Served:
    """All datacenters together."""
    total = Served()
    for one in sites:
        for part in fields(Served):
            if part.name != "tokens":
                setattr(total, part.name, getattr(total, part.name) + getattr(one, part.name))
        for name, tokens in one.tokens.items():
            total.tokens[name] = total.tokens.get(name, 0.0) + tokens
    return total


def _racks_online(view: View) -> Iterator[tuple[str, list[float], dict[str, Floats]]]:
    """By datacenter: spells of a week or less with one row of `readiness`, and the mean racks online in each, by item.

    Only items of which the world says what they cost.
    """
    online, places = view.of("online"), view.places("site")
    for at, site in places.items():
        rows = online.where(online.place == at)
        known = {number for number, name in enumerate(view.log.items) if name in view.facts.factory.racks}
        items = sorted({int(item) for item in np.unique(rows.item)} & known)
        if items:
            changes = {terms.from_s for terms in view.facts.factory.power.get(site, ())}
            weeks = {float(week) for week in range(0, view.log.report_s, WEEK_S)} | {float(view.log.report_s)}
            inside = {time_s for time_s in changes if 0 < time_s < view.log.report_s}
            edges = sorted(weeks | inside)
            counts = {
                view.log.items[item]: _mean_count(np.repeat(mine.time_s, mine.racks.astype(np.int64)), edges)
                for item in items
                for mine in (rows.where(rows.item == item),)
            }
            yield site, edges, counts


def _mean_count(began_s: Floats, edges: list[float]) -> Floats:
    """Mean number begun between each two edges: the exact integral over the length."""
    ends = np.array(edges)
    began_s = np.sort(began_s)
    before = np.searchsorted(began_s, ends, side="right")
    area = ends * before - np.concatenate([[0.0], np.cumsum(began_s)])[before]
    return np.asarray(np.diff(area) / np.diff(ends), np.float64)


def _serve(
    served: Served, terms: FactoryTerms, site: str, racks: Mapping[str, float], spell_s: tuple[float, float]
) -> None:
    """Add what racks of one datacenter do in a spell."""
    power, hours = _power_at(terms.power.get(site, ()), spell_s[0]), (spell_s[1] - spell_s[0]) / HOUR_S
    away = min(power.curtailed_hours_per_year / HOURS_PER_YEAR, 1.0)
    uses = [(terms.racks[item], count) for item, count in racks.items()]
    lines = [_Line(use, count, service) for use, count in uses for service in use.services]
    drawn_mw = sum(use.mean_kw * count for use, count in uses) * power.pue / KW_PER_MW
    kept, broken = _kept_while_away(power, drawn_mw, lines)
    saved_mw = sum(line.work_mw(power) * (1.0 - part) for line, part in zip(lines, kept, strict=True)) * away
    served.rack_days += sum(racks.values()) * hours * HOUR_S / DAY_S
    served.energy_mwh += (drawn_mw - saved_mw) * hours
    served.energy_usd += (drawn_mw - saved_mw) * hours * power.usd_per_mwh
    served.standing_usd += sum(use.usd_per_year * count for use, count in uses) * hours / HOURS_PER_YEAR
    served.broken_hours += hours * away if broken else 0.0
    for line, part in zip(lines, kept, strict=True):
        tokens, name = line.tokens_per_second * hours * HOUR_S, line.service.service
        lost = tokens * away * (1.0 - part)
        served.tokens[name] = served.tokens.get(name, 0.0) + tokens - lost
        served.lost_tokens += lost
        served.lost_usd += lost * line.service.usd_per_million_tokens / MILLION
        served.revenue_usd += (tokens - lost) * line.service.usd_per_million_tokens / MILLION


@dataclass(frozen=True, slots=True)
class _Line:
    """A service on the racks of one item at one datacenter."""

    use: RackUse
    count: float
    service: Service

    @property
    def tokens_per_second(self) -> float:
        return self.service.tokens_per_second * self.service.share * self.use.working * self.count

    @property
    def usd_per_kw_second(self) -> float:
        """What a kilowatt of its work earns in a second; without any, all of it is free of power and never shed."""
        full_kw = self.use.power_kw * (1.0 - self.use.economics.idle_power)
        return self.service.tokens_per_second * self.service.usd_per_million_tokens / full_kw if full_kw else 0.0

    def work_mw(self, power: PowerTerms) -> float:
        """Power at the meter that goes with its load."""
        return self.use.work_kw * self.service.share * self.count * power.pue / KW_PER_MW


def _kept_while_away(power: PowerTerms, drawn_mw: float, lines: list[_Line]) -> tuple[list[float], bool]:
    """What each service keeps of its tokens while the flexible power of a datacenter is away."""
    if drawn_mw <= power.left_mw or not power.curtailed_hours_per_year:
        return [1.0] * len(lines), False
    return kept_under_curtailment(
        drawn_mw - power.left_mw,
        [line.work_mw(power) for line in lines],
        [line.usd_per_kw_second for line in lines],
        [line.service.flexibility for line in lines],
    )


def _power_at(rows: tuple[PowerTerms, ...], time_s: float) -> PowerTerms:
    held = [row for row in rows if row.from_s <= time_s]
    if held:
        return held[-1]
    return PowerTerms(
        from_s=0.0, firm_mw=float("inf"), flexible_mw=0.0, curtailed_hours_per_year=0.0, usd_per_mwh=0.0, pue=1.0
    )
