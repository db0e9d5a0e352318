"""How many racks a datacenter has room for, and which of its limits says so."""

from __future__ import annotations

import math

from twin.model.rows_demand import Readiness
from twin.model.units import DAY_S
from twin.study.ground import Ground
from twin.study.on_time import day_of


def full_until(ground: Ground, site: str, item: str, at_s: float, wanted: float = math.inf) -> str:
    """Which limit holds racks back at a datacenter at a moment, for how many of the item there is room, until when.

    A clause to end a sentence with; blank where no row of `readiness` holds then, or where all those wanted have room.
    """
    settings, rack_kw = ground.case.world.settings, ground.network.items[item].power_kw
    rooms = sorted(
        (settings.second_of(row.from_date) if row.from_date else 0, *_room(row, rack_kw))
        for row in ground.network.world.readiness
        if row.site == site
    )
    in_force = [room for room in rooms if room[0] <= at_s]
    if not in_force or in_force[-1][1] >= wanted:
        return ""
    _, racks, what = in_force[-1]
    more_s = next((begins_s for begins_s, more, _ in rooms if begins_s > at_s and more > racks), None)
    until = "" if more_s is None else f" until {day_of(settings, more_s + DAY_S)}"
    return f", where {what}{until}"


def _room(row: Readiness, rack_kw: float) -> tuple[float, str]:
    """Racks in all that a row has room for by its tightest limit, and that limit in words."""
    if not row.network_ready:
        return 0.0, "the network is not ready"
    meter_kw = math.inf if row.firm_mw is None else (row.firm_mw + row.flexible_mw) * 1000
    limits = (
        (meter_kw / row.pue / rack_kw if rack_kw else math.inf, "power"),
        (math.inf if row.rack_positions is None else float(row.rack_positions), "room on the floor"),
        (math.inf if row.cooling_kw is None or not rack_kw else row.cooling_kw / rack_kw, "cooling"),
    )
    racks, what = min(limits)
    return racks, f"{what} is for {math.floor(racks):,} racks" if math.isfinite(racks) else what
