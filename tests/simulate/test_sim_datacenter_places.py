"""Places: of a datacenter by date, and of finished racks at an integrator."""

from __future__ import annotations

from typing import Any

from simulate.sim_floor import WEEK_S, make_floor
from worlds import row

from twin.model.profile import StepProfile
from twin.model.rows_demand import Readiness
from twin.model.rows_make import RoutingStep
from twin.model.rows_network import Item
from twin.simulate.datacenter import Places
from twin.simulate.gates import OpenTime
from twin.simulate.lots import Floor
from twin.simulate.luck import LuckGroup
from twin.simulate.pools import Pool
from twin.simulate.shipping import FinishedPlaces
from twin.simulate.units import Queue, Step, Unit

RACK = row(Item, item="rack", kind="rack", power_kw=100.0)


def places_of(floor: Floor, *dated: tuple[int, dict[str, Any]]) -> Places:
    return Places(floor, [(from_s, row(Readiness, site="dc", **cells)) for from_s, cells in dated], 52 * WEEK_S)


def room(places: Places) -> int:
    """How many racks fit."""
    racks = 0
    while racks < 99 and places.room_for(RACK):
        places.commit(RACK)
        racks += 1
    return racks


def test_without_rows_there_is_no_limit() -> None:
    assert room(places_of(make_floor())) == 99


def test_megawatts_at_the_meter_over_pue() -> None:
    assert room(places_of(make_floor(), (0, {"firm_mw": 0.5, "flexible_mw": 0.1, "pue": 1.2}))) == 5


def test_the_scarcest_of_power_positions_and_cooling() -> None:
    assert room(places_of(make_floor(), (0, {"firm_mw": 1.0, "rack_positions": 3, "cooling_kw": 450.0}))) == 3
    assert room(places_of(make_floor(), (0, {"firm_mw": 1.0, "rack_positions": 9, "cooling_kw": 450.0}))) == 4
    assert room(places_of(make_floor(), (0, {"rack_positions": 9, "network_ready": False}))) == 0


def test_a_later_row_holds_from_its_day_and_listeners_hear_of_it() -> None:
    floor = make_floor()
    places, heard = places_of(floor, (0, {"rack_positions": 2}), (WEEK_S, {"rack_positions": 5})), []
    places.listeners.append(lambda: heard.append(floor.clock.now))
    places.take_over(1, 100.0)
    assert room(places) == 1
    floor.clock.run(WEEK_S + 1)
    assert heard == [WEEK_S]
    assert room(places) == 3
    places.free(RACK)
    assert room(places) == 1


class Bays:
    """Remembers which racks have freed their bay."""

    def __init__(self) -> None:
        self.freed: list[int] = []

    def release(self, unit: Unit, step: Step) -> None:
        self.freed.append(unit.number)


PACKING = Step(
    row=row(RoutingStep, item="rack", level="L11", step=1, name="pack", hours="1"),
    number=1,
    position=0,
    queue=Queue(0, [], [], None, []),
    stops=None,
    place=0,
    cost_per_hour=0.0,
    tested=False,
)


def test_a_full_floor_keeps_racks_in_their_bays_until_one_leaves() -> None:
    floor, bays = make_floor(), Bays()
    hours = StepProfile.constant(1.0)
    pool = Pool("finished_rack_places", 0, StepProfile.constant(2.0), hours, OpenTime(hours))
    places = FinishedPlaces(pool, floor)
    luck = LuckGroup(floor.streams, "x", 1)
    racks = [Unit(order=0, number=number, luck=luck, urgency=(5, 0, "")) for number in range(5)]
    for rack in racks:
        places.enter(rack, bays, PACKING)
    assert bays.freed == [0, 1]
    places.leave(racks[0])
    assert bays.freed == [0, 1, 2]
    # Straight from its bay, past the one that waits longer.
    places.leave(racks[4])
    assert bays.freed == [0, 1, 2, 4]
    assert pool.held == 2
    for rack in racks[1:4]:
        places.leave(rack)
    assert (bays.freed, pool.held) == ([0, 1, 2, 4, 3], 0)
