"""What `twin bottleneck` answers: the gates of a chain in the order in which they bind, and what each brings."""

from __future__ import annotations

from pydantic import Field

from twin.events.part import Part
from twin.events.provenance_parts import SourceEntry
from twin.events.result import Measure


class Added(Part):
    """More of one limit: what there is of it in the window at most, and what it would have to be."""

    name: str
    site: str
    unit: str
    present: float
    needed: float
    cost_usd: float | None = None
    """Of the difference; None: the world does not say."""
    lead_days: float | None = None
    """Until it is there; None: the world does not say."""


class RungGate(Part):
    """A gate of a rung: like limits of a kind, wherever they stand."""

    gate: str
    kind: str
    """`process`, `resource`, `lane`, `readiness`, `sourcing` or `allocation`."""
    sites: list[str]
    """Where it stands."""
    factor: float | None
    """By which its highest limit grows; None: it is given up as a whole, as shares of suppliers are."""
    added: list[Added]
    confidence: str
    """The weakest grade of what its capacity rests on."""
    sources: list[SourceEntry]


class Rung(Part):
    """One rung: gates that bind together, raised together until others bind."""

    number: int
    step: int
    """Rungs on one step change places where one of them has a fifth more than is said."""
    gates: list[RungGate]
    also: list[RungGate] = []
    """Gates of rungs below that have to grow further with it."""
    binds_from: str
    """ISO date of the first bucket in which it binds."""
    binds_until: str
    weeks_binding: float
    before: float
    """Racks a week in the report window by the plan's limits, with the rungs below."""
    after: float
    gain: float
    orders_grown: float
    """By which every order is taken times as large here."""
    simulated: Measure | None = None
    """Racks accepted a week in the report window; None: not simulated."""
    simulated_gain: Measure | None = None
    """Against the rung below, replication by replication."""
    cost_usd: float | None
    """Of all that it adds; None: the world does not say for all of it."""
    lead_days: float | None
    """Of what takes longest; None: the world does not say for all of it."""
    said: str
    """What a planner would say of it."""
    scenario: str = Field(repr=False)
    """A scenario file that has this rung and those below in it, to be run again."""


class Lever(Part):
    """What more of one gate brings by itself, as things stand."""

    gate: str
    kind: str
    sites: list[str]
    used: float
    """Use over limit in the report window."""
    gain_alone: float
    """Racks a week that as much again of it brings, with all else as it is."""
    rung: int | None
    """The rung on which it binds; None: on none of those looked at."""
    confidence: str


class BottleneckView(Part):
    """The ladder of a scenario."""

    schema_version: int = 1
    scenario: str
    title: str
    world: str
    world_title: str
    starts: str
    report_weeks: int
    seed: int
    replications: int
    """Of each rung; 0: nothing was simulated."""
    ordered: float
    """Racks a week that fall due in the report window."""
    orders_grown: float
    """By which every order is taken times as large as things stand, so that the chain, not the book, is the limit."""
    start: float
    """Racks a week as things stand, by the plan's limits."""
    start_simulated: Measure | None
    rungs: list[Rung]
    levers: list[Lever]
    """Every gate of the world, in the order of the rungs; those on none after them, by use."""
    ended: str
    """Why there are no more rungs; blank: as many as were asked for."""
    verdict: str
    said: list[str]
    """What gains nothing, and why, as a planner would say it."""
    command: str
    """That gives the same answer again."""
