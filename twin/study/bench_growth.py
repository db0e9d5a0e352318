"""How the time of a replication grows with the sites of a network, each with the same racks a week."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Any

from twin.model.case import make_case
from twin.model.rows_demand import Order
from twin.model.rows_make import BomLine, Process, Resource, RoutingResource, RoutingStep
from twin.model.rows_network import Item, Lane, Site, Source
from twin.model.scenario import Scenario
from twin.model.world import Settings, World
from twin.study.bench_timing import Put, timed
from twin.study.ground import lay_ground
from twin.study.playbook import make_playbook
from twin.study.replicate import Arm, simulate_arm

FEW_SITES, MANY_SITES = 60, 200
ROUNDS = 7
"""In each of which every world is simulated once."""
TIERS = (("chip", "fab"), ("package", "packaging"), ("tray", "tray_assembly"), ("rack", "rack_integration"),
         ("rack_accepted", "datacenter"))  # fmt: skip
"""What each tier makes, and the kind of its sites; a fifth of all sites are of each."""
HELD = (("rack", 1, "bay"), ("rack", 2, "cell"), ("rack_accepted", 1, "crew"), ("rack_accepted", 2, "crew"))
"""Of each routing step, what it holds."""
WEEKS = 13
RACKS_PER_SITE_WEEK = 20
"""Of each integrator and each datacenter."""
WAYS = 2
"""Sites of the next tier that each site delivers to: as many lanes a site, however many sites."""


def measure_site_growth(put: Put) -> None:
    """Put how many times as long a replication takes with more sites, and that for each site."""
    few, many = replications_s((FEW_SITES, MANY_SITES))
    more = MANY_SITES / FEW_SITES
    put("sites_200_quarter_seconds", many, f"CPU s for {MANY_SITES // 5 * RACKS_PER_SITE_WEEK * WEEKS:,} racks")
    put("growth_60_to_200_sites", many / few, f"times as long for {more:.2f} times the sites and racks")


def replications_s(worlds: Sequence[int]) -> list[float]:
    """The median CPU seconds of replications of worlds with so many sites each, their plans made before.

    They take turns, so that a machine that is slower for a while is so for all of them.
    """
    arms = [_arm(sites) for sites in worlds]
    rounds = [
        [timed(lambda arm=arm, number=number: simulate_arm(arm, number))[1] for arm in arms]  # type: ignore[misc]
        for number in range(ROUNDS)
    ]
    return [statistics.median(seconds) for seconds in zip(*rounds, strict=True)]


def _arm(sites: int) -> Arm:
    ground = lay_ground(make_case(wide_world(sites), Scenario(name="wide")))
    return Arm(ground=ground, disruptions=(), playbook=make_playbook(ground, ()), seed=1)


def wide_world(sites: int) -> World:
    """Five tiers of equally many sites; each delivers to `WAYS` neighbours in the next."""
    across = sites // len(TIERS)
    return World(
        name=f"wide {sites}",
        settings=Settings.model_validate(
            {"starts": "2026-01-05", "report_weeks": WEEKS, "tail_weeks": 8, "schedule_weeks": 0}
        ),
        items=tuple(_row(Item, item=item, kind=item, mass_kg=1.0, power_kw=100.0) for item, _ in TIERS),
        sites=tuple(
            _row(Site, site=f"{kind}_{n}", kind=kind, country="TW") for _, kind in TIERS for n in range(across)
        ),
        resources=tuple(_resources(across)),
        processes=tuple(_processes(across)),
        bom=tuple(
            _row(BomLine, item=made[0], input=used[0], quantity=1 if used[0] == "rack" else 4)
            for used, made in pairwise(TIERS)
        ),
        routings=tuple(_steps()),
        routing_resources=tuple(
            _row(RoutingResource, item=item, level="L11", step=step, resource=resource) for item, step, resource in HELD
        ),
        lanes=tuple(_lanes(across)),
        orders=tuple(_orders(across)),
        sources=(Source(key="bench", title="Made for the benchmark", confidence="estimate"),),
    )


def _row(record: Any, **cells: Any) -> Any:
    return record.model_validate(cells | {"source": "bench"})


def _resources(across: int) -> Iterator[Resource]:
    for n in range(across):
        yield _row(Resource, site=f"rack_integration_{n}", resource="bay", capacity=8)
        yield _row(Resource, site=f"rack_integration_{n}", resource="cell", capacity=10)
        yield _row(Resource, site=f"datacenter_{n}", resource="crew", capacity=6)


def _processes(across: int) -> Iterator[Process]:
    per_week = {"chip": 64, "package": 16, "tray": 4}
    for item, kind in TIERS:
        for n in range(across):
            lots: dict[str, Any] = {}
            if item in per_week:
                limit = 1.3 * per_week[item] * RACKS_PER_SITE_WEEK
                lots = {
                    "lot_size": per_week[item],
                    "cycle_days": "gamma(7, 0.2)",
                    "capacity_per_week": limit,
                    "yield_fraction": 0.95,
                }
            yield _row(Process, process=f"make-{item}", site=f"{kind}_{n}", item=item, **lots)


def _steps() -> Iterator[RoutingStep]:
    numbers = (("rack", 1, "assemble", 20, 1.0), ("rack", 2, "test", 48, 0.9), ("rack_accepted", 1, "install", 10, 1.0),
               ("rack_accepted", 2, "commission", 14, 1.0))  # fmt: skip
    for item, step, name, hours, passing in numbers:
        rework = {"rework_hours": "2"} if passing < 1 else {}
        yield _row(RoutingStep, item=item, level="L11", step=step, name=name, hours=f"gamma({hours}, 0.2)",
                   first_pass_yield=passing, **rework)  # fmt: skip


def _lanes(across: int) -> Iterator[Lane]:
    for (_, start), (_, end) in pairwise(TIERS):
        for n in range(across):
            for step in range(min(WAYS, across)):
                one, other = f"{start}_{n}", f"{end}_{(n + step) % across}"
                yield _row(Lane, lane=f"{one}-{other}", origin=one, destination=other, transit_days="gamma(3, 0.2)",
                           cost_usd_per_kg=1 + step)  # fmt: skip


def _orders(across: int) -> Iterator[Order]:
    settings = Settings.model_validate({"starts": "2026-01-05"})
    for n in range(across):
        for week in range(1, WEEKS + 1):
            yield _row(
                Order,
                order=f"{n}-{week}",
                customer=f"customer_{n}",
                site=f"datacenter_{n}",
                item="rack_accepted",
                quantity=RACKS_PER_SITE_WEEK,
                requested=settings.starts + timedelta(days=7 * week - 1),
            )
