"""What there is at a moment: the day-one snapshot, or the state a new plan starts from."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class LotInProcess:
    """A lot started and not yet out. `quantity` is gross: its yield acts at completion."""

    process: str
    site: str
    item: str
    quantity: int
    ready_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipment:
    """Units of an item on a lane."""

    lane: str
    item: str
    quantity: int
    arrives_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RackInProcess:
    """A unit of an item with a routing, on its way through it at a site.

    `remaining_s` is what is left of the work of step number `step`, in its `mode` if it was
    begun in one of several, and `kept_mode` the one in which it does all steps that keep it, if
    it has begun them; `destination` is a site, or empty where the unit is made for
    stock or is already at its last site. `process` is blank where the site has one way to make it.
    """

    site: str
    item: str
    step: int
    remaining_s: int
    destination: str = ""
    mode: str = ""
    kept_mode: str = ""
    process: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Stock, work in process, goods in transit and promises kept so far, at `at_s`.

    `on_hand` is by (site, item). `accepted` counts finished units accepted at a site since
    the world's `starts`, by (site, item): they use up its readiness. `delivered` counts
    units per order name. `owed` are units that customers of streams have come
    for and wait for, by (customer, site, item, priority); day one has none.
    """

    at_s: int = 0
    on_hand: dict[tuple[str, str], float] = field(default_factory=dict)
    in_process: tuple[LotInProcess, ...] = ()
    in_transit: tuple[Shipment, ...] = ()
    racks: tuple[RackInProcess, ...] = ()
    accepted: dict[tuple[str, str], float] = field(default_factory=dict)
    delivered: dict[str, int] = field(default_factory=dict)
    owed: dict[tuple[str, str, str, int], float] = field(default_factory=dict)
