"""Where racks are built and what that does: time to token by stage, hours of work, capital, the freeze."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from twin.metrics.costs import wip_capital_usd, wip_capital_usd_by_owner
from twin.metrics.rows import mean, ratio
from twin.metrics.tokens import rack_day_usd
from twin.metrics.view import View
from twin.metrics.ways import STAGES, ByStep, site_of
from twin.model.units import DAY_S, DAYS_PER_YEAR

FACTORY, SITE = "factory", "site"
HOURS_PER_DAY = 24
LARGEST_HHI = 10_000.0


def time_to_token_stage_days(view: View) -> dict[str, float]:
    """Mean days of each stage, over racks of which the log has every milestone; none where there are none."""
    stages = view.ways.stages_s()
    whole = np.all([np.isfinite(each) for each in stages.values()], axis=0)
    return {name: mean(stages[name][whole]) / DAY_S for name in STAGES} if whole.any() else {}


def step_hours_per_rack(view: View) -> dict[str, float]:
    """Hours of work by `factory/STEP` and `site/STEP`, per rack accepted."""
    terms = view.facts.placement
    done = _by_place(view, "step", terms.hours)
    again = _by_place(view, "rework", terms.rework_hours)
    found: dict[str, float] = defaultdict(float)
    for (where, step), hours in (*done.items(), *again.items()):
        found[f"{where}/{step}"] += hours
    return {name: ratio(hours, view.racks_accepted) for name, hours in found.items()}


def crew_hours_per_rack(view: View) -> dict[str, float]:
    """Hours of people by `factory` and `site`, per rack accepted; none where no step is attended."""
    found: dict[str, float] = defaultdict(float)
    for (where, _), hours in _by_place(view, "step", view.facts.placement.crew_hours).items():
        found[where] += hours
    return {name: ratio(hours, view.racks_accepted) for name, hours in found.items()} if any(found.values()) else {}


def offsite_share(view: View) -> float:
    """Hours of work on racks in factories, of all; NaN where no rack is worked on."""
    hours = step_hours_per_rack(view)
    away = sum(each for name, each in hours.items() if name.startswith(f"{FACTORY}/"))
    return ratio(away, sum(hours.values()))


def _by_place(view: View, event: str, hours: ByStep) -> dict[tuple[str, str], float]:
    """Hours of the rows of an event in the report window, by (factory or site, step)."""
    rows, found = view.of(event), defaultdict[tuple[str, str], float](float)
    items = len(view.log.items) + 1
    pairs, counts = np.unique(rows.place * items + rows.item, return_counts=True)
    for pair, count in zip(pairs.tolist(), counts.tolist(), strict=True):
        place, item = view.log.places[pair // items], view.log.items[pair % items]
        site, _, step = place.partition(":")[2].partition("/")
        where = SITE if site in view.facts.demand_sites else FACTORY
        found[where, step] += count * hours.get((f"{site}/{step}", item), 0.0)
    return {key: value for key, value in found.items() if value}


def capital_days_usd_per_rack(view: View) -> float:
    """Value tied up times the days for which it is, of a rack accepted: by Little's law, value x cycle time."""
    return ratio(wip_capital_usd(view) * view.log.report_s / DAY_S, view.racks_accepted)


def capital_days_usd_per_rack_by_owner(view: View) -> dict[str, float]:
    """The same by who owns it; owners add up to it."""
    days = view.log.report_s / DAY_S
    return {name: ratio(usd * days, view.racks_accepted) for name, usd in wip_capital_usd_by_owner(view).items()}


def integrator_hhi(view: View) -> float:
    """Herfindahl index of the sites at which shipped states of racks are finished, 0 to 10,000."""
    rows = view.made("produced")
    rows = rows.where(view.is_item(view.facts.racks)[rows.item])
    sites: dict[str, float] = defaultdict(float)
    for place in np.unique(rows.place).tolist():
        sites[site_of(view.log.places[place])] += float(rows.racks[rows.place == place].sum())
    total = sum(sites.values())
    return LARGEST_HHI * sum((units / total) ** 2 for units in sites.values()) if total else float("nan")


def freeze_days(view: View) -> float:
    """Mean days before acceptance at which the configuration of a rack is fixed."""
    ways = view.ways
    return mean((ways.accepted_s - ways.frozen_s()) / DAY_S)


def late_change_usd(view: View) -> float:
    """What a change of configuration after the freeze costs a rack.

    Where states of racks convert: the mean hours of that, else the days from the freeze to
    acceptance, for which a rack begun anew would be awaited; at the worth of a rack-day, or
    without one at the carrying cost of its value.
    """
    facts = view.facts
    hours = [facts.placement.conversion_hours[name] for name in facts.racks if name in facts.placement.conversion_hours]
    days = float(np.mean(hours)) / HOURS_PER_DAY if hours else freeze_days(view)
    worth = rack_day_usd(view)
    if np.isnan(worth):
        values = [facts.item_value_usd.get(name, 0.0) for name in facts.finished]
        worth = float(np.mean(values)) * facts.carrying_rate_per_year / DAYS_PER_YEAR if values else float("nan")
    return days * worth
