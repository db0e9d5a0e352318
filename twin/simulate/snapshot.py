"""Putting a state into the running parts, and reading one out of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from twin.events.record import EVENTS
from twin.model.problems import RunError
from twin.model.state import LotInProcess, RackInProcess, Shipment, State
from twin.simulate.build import Replication
from twin.simulate.record import Done, ReleasedUnit
from twin.simulate.targets import Target
from twin.simulate.units import Unit, mode_begun

OPENED = EVENTS.index("opened")
NAN = float("nan")


def open_with(made: Replication, state: State) -> None:
    """Day one: stock on hand, lots and racks in process, goods in transit, each with its row.

    What stock policies run begins as its policies say, and is left out here.

    Raises RunError where the state names something that the network does not have.
    """
    made.desk.deliver(state.delivered)
    _open_places(made, state)
    for (site, item), quantity in sorted(state.on_hand.items()):
        if (site, item) not in made.pulled:
            _open_stock(made, site, item, quantity)
    for lot in state.in_process:
        if (lot.site, lot.item) not in made.pulled:
            _open_lot(made, state, lot)
    for shipment in state.in_transit:
        if (made.network.lanes[shipment.lane].destination, shipment.item) not in made.pulled:
            _open_shipment(made, state, shipment)
    for rack in state.racks:
        if (rack.site, rack.item) not in made.pulled:
            _open_rack(made, rack)


def _open_places(made: Replication, state: State) -> None:
    """Racks accepted before the clock began hold their places, in use or in stock."""
    for (site, _), acceptor in made.acceptors.items():
        key = (site, acceptor.item)
        racks = state.accepted.get(key, 0.0) + state.on_hand.get(key, 0.0)
        acceptor.places.take_over(racks, made.network.items[acceptor.item].power_kw)


def _open_stock(made: Replication, site: str, item: str, quantity: float) -> None:
    floor = made.floor
    _row(made, f"site:{site}", item, quantity)
    shipping = made.shipping.get((site, item))
    acceptor = made.acceptors.get((site, item))
    if acceptor is not None:
        for _ in range(round(quantity)):
            unit = _unit_for(made, site, acceptor.item)
            if not acceptor.commits_here:
                acceptor.commit()
            acceptor.dock(unit)
        return
    floor.stocks.add(floor.stocks.index(site, item), quantity)
    if shipping is not None and shipping.lanes:
        for _ in range(round(quantity)):
            shipping.resume_finished()


def _open_lot(made: Replication, state: State, lot: LotInProcess) -> None:
    station = made.lots.get((lot.process, lot.site, lot.item))
    if station is None:
        raise RunError(f"the state has a lot of {lot.item} in {lot.process} at {lot.site}, which does not run there")
    station.resume(lot.quantity, max(0, lot.ready_s - state.at_s))
    _row(made, f"process:{lot.process}@{lot.site}", lot.item, lot.quantity)


def _open_shipment(made: Replication, state: State, shipment: Shipment) -> None:
    key, remaining_s = (shipment.lane, shipment.item), max(0, shipment.arrives_s - state.at_s)
    if key in made.flows:
        made.flows[key].resume(shipment.quantity, remaining_s)
    elif key in made.rack_lanes:
        lane = made.rack_lanes[key]
        row = lane.way.lane
        shipping, acceptor = made.shipping[row.origin, shipment.item], made.acceptors[row.destination, shipment.item]
        for _ in range(shipment.quantity):
            if not acceptor.commits_here:
                acceptor.commit()
            shipping.resume(row.destination, lane, remaining_s)
    else:
        raise RunError(f"the state has {shipment.item} on lane {shipment.lane}, which does not carry it")
    _row(made, f"lane:{shipment.lane}", shipment.item, shipment.quantity)


def _open_rack(made: Replication, rack: RackInProcess) -> None:
    keys = made.network.routed_at(rack.site, rack.item)
    key = next((each for each in keys if rack.process in ("", each[0])), ("", "", ""))
    position = next((n for n, row in enumerate(made.network.routing.get(key, ())) if row.step == rack.step), None)
    if position is None:
        raise RunError(f"the state has {rack.item} at step {rack.step} at {rack.site}, which has no such step")
    if key in made.racks:
        made.racks[key].resume(position, rack)
    else:
        acceptor = next(
            each for each in made.acceptors.values() if each.routing is not None and each.routing.key == key
        )
        acceptor.resume(_unit_for(made, rack.site, rack.item), position, rack)
    _row(made, f"process:{key[0]}@{key[1]}", rack.item, 1)


def _unit_for(made: Replication, site: str, item: str) -> Unit:
    """A rack already at its place, with a serial and the order it counts for."""
    opened, number, luck = made.desk.peg(site, item)
    unit = Unit(
        order=opened.code if opened else -1,
        number=number,
        luck=luck,
        urgency=opened.urgency if opened else (9, 0, ""),
    )
    made.desk.assign(unit, site, item)
    return unit


def _row(made: Replication, place: str, item: str, quantity: float) -> None:
    log = made.floor.log
    log.row(0, OPENED, log.place(place), log.item(item), -1, -1, -1, -1, quantity, 0.0, NAN, NAN)


def read_state(made: Replication) -> State:
    """The state of a run now, as a planner may know it: work left is work left, no luck to come."""
    now, stocks = made.floor.clock.now, made.floor.stocks
    lots = [
        LotInProcess(
            process=key[0], site=key[1], item=key[2], quantity=lot.quantity, ready_s=now + station.remaining_s(lot)
        )
        for key, station in made.lots.items()
        for lot in station.lots.values()
    ]
    accepted: dict[tuple[str, str], float] = {}
    for opened in made.desk.by_code.values():
        key = (opened.line.site, opened.line.item)
        accepted[key] = accepted.get(key, 0.0) + opened.accepted
    return State(
        at_s=now,
        on_hand={key: quantity for key, quantity in zip(stocks.keys, stocks.on_hand, strict=True) if quantity > 0},
        in_process=tuple(lots),
        in_transit=tuple(_shipments(made, now)),
        racks=tuple(_racks(made)),
        accepted=accepted,
        delivered=made.desk.delivered(),
        owed=_owed(made),
    )


def _owed(made: Replication) -> dict[tuple[str, str, str, int], float]:
    owed: dict[tuple[str, str, str, int], float] = {}
    for row, stream in made.streams:
        if stream.owed:
            key = (row.customer, row.site, row.item, row.priority)
            owed[key] = owed.get(key, 0.0) + stream.owed
    return owed


def _shipments(made: Replication, now: int) -> Iterator[Shipment]:
    for (lane, item), station in made.flows.items():
        for trip in station.trips.values():
            arrives_s = now + station.remaining_s(trip)
            yield Shipment(lane=lane, item=item, quantity=trip.quantity, arrives_s=arrives_s)
    for (lane, item), rack_lane in made.rack_lanes.items():
        for trip in rack_lane.trips.values():
            arrives_s = now + rack_lane.way.remaining_s(trip)
            yield Shipment(lane=lane, item=item, quantity=1, arrives_s=arrives_s)


def _racks(made: Replication) -> Iterator[RackInProcess]:
    for site, floor in made.sites.items():
        for unit, routing, remaining_s, under_way in floor.units_inside():
            yield RackInProcess(
                site=site,
                item=routing.item,
                process=routing.key[0],
                step=unit.at.number,
                remaining_s=remaining_s,
                destination="" if unit.destination == site else unit.destination,
                mode=mode_begun(unit, under_way=under_way),
                kept_mode=unit.kept_mode,
            )


def settled(made: Replication) -> tuple[ReleasedUnit, ...]:
    """The units noted for the scheduler, each with the first step for which it still waits for others to enter."""
    open_clusters = {
        number
        for floor in made.sites.values()
        for routing in floor.routings.values()
        for together in routing.together
        for number in together.incomplete()
    }
    if not open_clusters:
        return tuple(made.releases)
    held = [next((step for step, number in unit.clusters if number in open_clusters), None) for unit in made.releases]
    return tuple(replace(unit, held_at=step) for unit, step in zip(made.releases, held, strict=True))


def read_progress(made: Replication) -> dict[tuple[str, ...], Done]:
    """Units started and shipped since the clock began, and begun of the next ones, by the keys of a plan."""
    now, done = made.floor.clock.now, dict[tuple[str, ...], Done]()
    for process, station in made.lots.items():
        done[process] = _done(station.started, station.target, now, station.lot_size)
    for process, racks in made.racks.items():
        done[process] = _done(racks.started, racks.target, now, 1)
    for way, flow in made.flows.items():
        done[way] = _done(flow.shipped, flow.target, now, flow.block)
    for way, lane in made.rack_lanes.items():
        done[way] = _done(lane.shipped, lane.target, now, 1)
    return done


def _done(units: float, target: Target | None, now: int, block: int) -> Done:
    return Done(units, 0.0 if target is None else target.begun(now, block))
