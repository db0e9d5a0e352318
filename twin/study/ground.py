"""What all runs of a scenario share: its network, its orders, and day one."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

import twin
from twin.disrupt.availability import availability
from twin.model.case import content_hash
from twin.model.order_book import OrderLine, order_book, ordered
from twin.model.problems import RunError
from twin.model.scenario import Case
from twin.model.state import LotInProcess, RackInProcess, Shipment, State
from twin.network.build import build_network
from twin.network.pulled import begun_by_policy, pull_places
from twin.network.record import Network
from twin.network.structure import infeasible_demand

Progress = Callable[[str, int, int], None]
"""Called with a stage in words, how much of it is done, and how much there is."""


def silent(_stage: str, _done: int, _total: int) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A case with its network, its orders on the clock, and the state on day one.

    `planned` is False in a world run by stock policies alone: no plan, no schedule.
    """

    case: Case
    network: Network
    orders: tuple[OrderLine, ...]
    day_one: State
    planned: bool


def lay_ground(
    case: Case,
    store: Path | None = None,
    progress: Progress = silent,
    day_one: State | None = None,
    orders: tuple[OrderLine, ...] | None = None,
) -> Ground:
    """Build what the case's runs share. `store` is where day-one snapshots are kept, if at all.

    `day_one` is the state to begin from, and `orders` what is to be served, where these are not the case's own.
    Raises RunError where an order can never be met, naming what is missing, and where day one
    holds what the scenario's changes leave no way for.
    """
    network = build_network(case.world)
    missing = infeasible_demand(network)
    if missing:
        raise RunError("\n".join(f"{each.item} at {each.site} can never be made: {each.missing}" for each in missing))
    planned = bool(ordered(case.world)) or _has_planned_streams(network)
    if day_one is None:
        progress("day one", 0, 1)
        day_one = day_one_of(case, store) if planned else State()
        _refuse_misfits(network, day_one)
        progress("day one", 1, 1)
    day_one = begun_by_policy(network, day_one)
    book = order_book(case.world) if orders is None else orders
    return Ground(case=case, network=network, orders=book, day_one=day_one, planned=planned)


def _has_planned_streams(network: Network) -> bool:
    """Do customers of a stream ask for what the plan brings, and no stock policy?"""
    pulled = pull_places(network)
    return any((row.site, row.item) not in pulled for row in network.world.demand)


def _refuse_misfits(network: Network, day_one: State) -> None:
    """Work and goods under way on day one need their process or lane in the changed world."""
    made = {key for keys in network.made_at.values() for key in keys}
    flows = {(flow.lane, flow.item) for flow in network.flows}
    left: Counter[str] = Counter()
    for lot in day_one.in_process:
        if (lot.process, lot.site, lot.item) not in made:
            left[f"{lot.item} in {lot.process} at {lot.site}"] += lot.quantity
    for rack in day_one.racks:
        keys = [key for key in network.routed_at(rack.site, rack.item) if rack.process in ("", key[0])]
        rows = [row for key in keys for row in network.routing[key]]
        if all(row.step != rack.step for row in rows):
            left[f"{rack.item} at step {rack.step} of its routing at {rack.site}"] += 1
    for shipment in day_one.in_transit:
        if (shipment.lane, shipment.item) not in flows:
            left[f"{shipment.item} on lane {shipment.lane}"] += shipment.quantity
    if left:
        told = "\n".join(f"  {units:,} {what}" for what, units in left.items())
        raise RunError(
            "day one, which the scenario shares with its world, has under way what its changes leave no way for:\n"
            f"{told}\nbegin with a day one of its own (warm_start: own), or let the changes keep these ways"
        )


def day_one_of(case: Case, store: Path | None) -> State:
    """The day-one snapshot: of the unpatched world unless the scenario asks for its own.

    Made once per world and kept as JSON in `store`, under the hash of the world.
    """
    world = case.world if case.scenario.warm_start == "own" else case.base_world
    key = hashlib.sha256(f"{twin.__version__} {content_hash(world)}".encode()).hexdigest()[:16]
    kept = store / f"{key}.json" if store else None
    if kept is not None and kept.exists():
        return state_from(json.loads(kept.read_text(encoding="utf-8")))
    state = _make_day_one(case if world is case.world else case.model_copy(update={"world": world}))
    if kept is not None:
        _keep(kept, json.dumps(state_to(state)))
    return state


def _make_day_one(case: Case) -> State:
    from twin.plan.snapshot import day_one, warm_up_s

    network = build_network(case.world)
    before_s = warm_up_s(network, availability(network, ()), order_book(case.world))
    return day_one(network, availability(network, (), -before_s), order_book(case.world, -before_s), before_s)


def _keep(path: Path, text: str) -> None:
    """Write whole or not at all, so that a killed run leaves no broken snapshot."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as draft:
        draft.write(text)
    Path(draft.name).replace(path)


def state_to(state: State) -> dict[str, object]:
    """A state as plain data for JSON."""
    return {
        "at_s": state.at_s,
        "on_hand": [[*key, quantity] for key, quantity in sorted(state.on_hand.items())],
        "in_process": [asdict(lot) for lot in state.in_process],
        "in_transit": [asdict(shipment) for shipment in state.in_transit],
        "racks": [asdict(rack) for rack in state.racks],
        "accepted": [[*key, quantity] for key, quantity in sorted(state.accepted.items())],
        "delivered": state.delivered,
    }


def state_from(data: dict[str, object]) -> State:
    """The state that `state_to` wrote."""
    parts: dict[str, list[dict[str, object]]] = data  # type: ignore[assignment]
    return State(
        at_s=int(str(data["at_s"])),
        on_hand={(site, item): quantity for site, item, quantity in data["on_hand"]},  # type: ignore[attr-defined]
        in_process=tuple(LotInProcess(**lot) for lot in parts["in_process"]),  # type: ignore[arg-type]
        in_transit=tuple(Shipment(**each) for each in parts["in_transit"]),  # type: ignore[arg-type]
        racks=tuple(RackInProcess(**rack) for rack in parts["racks"]),  # type: ignore[arg-type]
        accepted={(site, item): quantity for site, item, quantity in data["accepted"]},  # type: ignore[attr-defined]
        delivered=data["delivered"],  # type: ignore[arg-type]
    )
