"""Tiny named worlds, built in code and shared by all tests.

Numbers are round so that answers can be worked out on paper. Every world is valid input: it
names its source on every row with a number. Change one with `world.model_copy(update={...})`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from twin.model.rows_demand import Demand, Order, Stock
from twin.model.rows_make import BomLine, CalendarRow, LevelRow, Process, Resource, RoutingResource, RoutingStep
from twin.model.rows_network import Item, Lane, Site, Source, Sourcing
from twin.model.world import Settings, World

STARTS = date(2026, 1, 5)
"""A Monday."""

SOURCE = Source(key="test", title="Made up for a test", confidence="estimate")


def day(number: int) -> date:
    """The date that many days after `STARTS`."""
    return STARTS + timedelta(days=number)


def row(record: type[Any], **cells: Any) -> Any:
    """A table row whose numbers come from the one source of all test worlds."""
    return record(source="test", **cells)


def weekly_orders(site: str, item: str, weeks: int, quantity: int, **cells: Any) -> tuple[Order, ...]:
    """One order a week, each due at the end of its week; further cells hold for all of them."""
    return tuple(
        row(
            Order,
            order=f"order-{week:02d}",
            customer=cells.get("customer", "acme"),
            site=site,
            item=item,
            quantity=quantity,
            requested=day(7 * week - 1),
            **{name: value for name, value in cells.items() if name != "customer"},
        )
        for week in range(1, weeks + 1)
    )


# --- a supply chain in five tiers -------------------------------------------------------------


def chain_world(*, racks_per_week: int = 2, weeks: int = 12, tail_weeks: int = 8, **tables: Any) -> World:
    """Wafer to accepted rack, without any noise: two racks a week for twelve weeks.

    fab -> pack_a (60 %) and pack_b (40 %) -> trays -> integrator -> campus. A rack is 2 trays,
    a tray 4 packages, a package a quarter of a wafer: two racks a week need 4 trays, 16
    packages and 4 wafers. Weekly limits: 10 wafers, 12 packages at each packager, 8 trays.
    Integrator: assemble 20 h (bay), test 30 h (cell), pack 4 h (bay), two of each resource;
    campus: install 10 h, commission 14 h (two crews). Lead time 2+1+1+3 days of lanes,
    14+7+2 days of cycles and 78 h of routings: 33.25 days. Tables may be replaced by name.
    """
    parts: dict[str, Any] = {
        "settings": Settings(starts=STARTS, report_weeks=weeks, tail_weeks=tail_weeks, schedule_weeks=1),
        "items": _chain_items(),
        "sites": _chain_sites(),
        "resources": _chain_resources(),
        "processes": _chain_processes(),
        "bom": _chain_bom(),
        "routings": _chain_routings(),
        "routing_resources": _chain_seizes(),
        "lanes": _chain_lanes(),
        "sourcing": _chain_sourcing(),
        "orders": weekly_orders(
            "campus", "rack_accepted", weeks, racks_per_week, revenue_usd=1000.0, late_usd_per_week=10.0
        ),
        "sources": (SOURCE,),
    }
    return World(name="chain", **(parts | tables))


def noisy_chain_world(**tables: Any) -> World:
    """The chain with all that varies: durations, yields, failed tests, breakdowns, a day shift.

    Cycles and lanes triangular about their value, yields 0.95 upstream, first pass 0.85 at
    the rack test with an hour's rework before it, cells that break down every 500 h for 8 h,
    and campus crews that work from Monday to Friday, 8 to 18 h.
    """
    shift = row(CalendarRow, calendar="day-shift", weekday="mon-fri", opens="08:00", closes="18:00")
    noisy: dict[str, Any] = {
        "resources": _chain_resources(breakdowns=True, crew_calendar="day-shift"),
        "processes": _chain_processes(vary=True, yield_fraction=0.95),
        "routings": _chain_routings(vary=True, first_pass_yield=0.85),
        "routing_resources": _chain_seizes(attended=True),
        "lanes": _chain_lanes(vary=True),
        "calendars": (shift,),
    }
    return chain_world(**(noisy | tables)).model_copy(update={"name": "noisy-chain"})


def _vary(value: float, vary: bool) -> str:
    return f"triangular({0.8 * value:g}, {value:g}, {1.5 * value:g})" if vary else f"{value:g}"


def _chain_items() -> tuple[Item, ...]:
    numbers = (
        ("wafer", "wafer", 10.0, 0.1, 0.0),
        ("package", "package", 5.0, 0.1, 0.0),
        ("tray", "tray", 40.0, 20.0, 0.0),
        ("rack_l11", "rack", 100.0, 1000.0, 132.0),
        ("rack_accepted", "rack", 120.0, 1000.0, 132.0),
    )
    return tuple(
        row(Item, item=item, kind=kind, value_usd=value, mass_kg=mass, power_kw=power)
        for item, kind, value, mass, power in numbers
    )


def _chain_sites() -> tuple[Site, ...]:
    places = (
        ("fab", "fab", "Wafer Works", "TW"),
        ("pack_a", "packaging", "Package One", "TW"),
        ("pack_b", "packaging", "Package Two", "KR"),
        ("trays", "tray_assembly", "Tray Makers", "MX"),
        ("integrator", "rack_integration", "Rack Makers", "US"),
        ("campus", "datacenter", "Acme Cloud", "US"),
    )
    return tuple(row(Site, site=site, kind=kind, operator=who, country=where) for site, kind, who, where in places)


def _chain_resources(breakdowns: bool = False, crew_calendar: str = "") -> tuple[Resource, ...]:
    failing = {"failures": "time", "mtbf_hours": "exponential(500)", "mttr_hours": "8"} if breakdowns else {}
    return (
        row(Resource, site="integrator", resource="bay", capacity=2, usd_per_hour=5.0),
        row(Resource, site="integrator", resource="cell", capacity=2, usd_per_hour=8.0, **failing),
        row(Resource, site="campus", resource="crew", capacity=2, usd_per_hour=3.0, calendar=crew_calendar),
    )


def _chain_processes(vary: bool = False, yield_fraction: float = 1.0) -> tuple[Process, ...]:
    numbers = (
        ("fabrication", "fab", "wafer", 14, 10),
        ("packaging", "pack_a", "package", 7, 12),
        ("packaging", "pack_b", "package", 7, 12),
        ("tray-assembly", "trays", "tray", 2, 8),
    )
    lots = tuple(
        row(
            Process,
            process=process,
            site=site,
            item=item,
            cycle_days=_vary(days, vary),
            capacity_per_week=limit,
            yield_fraction=yield_fraction,
            cost_usd_per_unit=1.0,
        )
        for process, site, item, days, limit in numbers
    )
    integration = row(Process, process="integration", site="integrator", item="rack_l11")
    installation = row(Process, process="installation", site="campus", item="rack_accepted")
    return (*lots, integration, installation)


def _chain_bom() -> tuple[BomLine, ...]:
    return (
        row(BomLine, item="package", input="wafer", quantity=0.25),
        row(BomLine, item="tray", input="package", quantity=4),
        row(BomLine, item="rack_l11", input="tray", quantity=2),
        row(BomLine, item="rack_accepted", input="rack_l11", quantity=1),
    )


def _chain_routings(vary: bool = False, first_pass_yield: float = 1.0) -> tuple[RoutingStep, ...]:
    steps = (
        ("rack_l11", 1, "assemble", 20, 1.0),
        ("rack_l11", 2, "test", 30, first_pass_yield),
        ("rack_l11", 3, "pack", 4, 1.0),
        ("rack_accepted", 1, "install", 10, 1.0),
        ("rack_accepted", 2, "commission", 14, 1.0),
    )
    return tuple(
        row(
            RoutingStep,
            item=item,
            level="L11",
            step=number,
            name=name,
            hours=_vary(hours, vary),
            first_pass_yield=passing,
            rework_hours="1" if passing < 1 else None,
        )
        for item, number, name, hours, passing in steps
    )


def _chain_seizes(attended: bool = False) -> tuple[RoutingResource, ...]:
    held = (("rack_l11", 1, "bay"), ("rack_l11", 2, "cell"), ("rack_l11", 3, "bay"))
    floor = (("rack_accepted", 1, "crew"), ("rack_accepted", 2, "crew"))
    return tuple(
        row(
            RoutingResource,
            item=item,
            level="L11",
            step=step,
            resource=resource,
            attended=attended and resource == "crew",
        )
        for item, step, resource in (*held, *floor)
    )


def _chain_lanes(vary: bool = False) -> tuple[Lane, ...]:
    ways = (
        ("fab-pack_a", "fab", "pack_a", 2),
        ("fab-pack_b", "fab", "pack_b", 2),
        ("pack_a-trays", "pack_a", "trays", 1),
        ("pack_b-trays", "pack_b", "trays", 1),
        ("trays-integrator", "trays", "integrator", 1),
        ("integrator-campus", "integrator", "campus", 3),
    )
    return tuple(
        row(
            Lane,
            lane=lane,
            origin=origin,
            destination=destination,
            transit_days=_vary(days, vary),
            cost_usd_per_kg=0.1,
        )
        for lane, origin, destination, days in ways
    )


def _chain_sourcing() -> tuple[Sourcing, ...]:
    return (
        row(Sourcing, item="package", supplier="pack_a", share_planned=0.6),
        row(Sourcing, item="package", supplier="pack_b", share_planned=0.4, surge_fraction=0.25, surge_after_weeks=1),
    )


# --- racks integrated in the factory, or from a kit on the campus ------------------------------


def levels_world(*, levels: Sequence[dict[str, Any]], **tables: Any) -> World:
    """The chain, where the campus may also build racks from kits: L11 comes whole, L10 as a set of tested parts.

    At the integrator a kit takes 4 h of a bay (`kit`) and a whole rack 54 h of bays and cells;
    on the campus 24 h of a crew finish a whole rack, and 60 h one from a kit (`rack` 36 h,
    `verify` 24 h). Both take two trays. `levels` are the cells of the rows for the campus.
    """
    whole = chain_world()
    kit = row(Item, item="rack_kit", kind="rack", value_usd=95.0, mass_kg=1000.0, power_kw=132.0)
    level: dict[str, Any] = {"item": "rack_accepted", "level": "L10"}
    site_steps = [
        row(RoutingStep, step=1, name="rack", hours=36, **level),
        row(RoutingStep, step=2, name="verify", hours=24, **level),
    ]
    parts: dict[str, Any] = {
        "items": (*whole.items, kit),
        "processes": (
            *(each for each in whole.processes if each.item != "rack_accepted"),
            row(Process, process="kitting", site="integrator", item="rack_kit"),
            row(Process, process="installation", site="campus", item="rack_accepted", level="L11"),
            row(Process, process="assembly-on-site", site="campus", item="rack_accepted", level="L10"),
        ),
        "bom": (
            *(line for line in whole.bom if line.item != "rack_accepted"),
            row(BomLine, item="rack_kit", input="tray", quantity=2),
            row(BomLine, item="rack_accepted", input="rack_l11", quantity=1, level="L11"),
            row(BomLine, item="rack_accepted", input="rack_kit", quantity=1, level="L10"),
        ),
        "routings": (
            *whole.routings,
            row(RoutingStep, item="rack_kit", level="L10", step=1, name="kit", hours=4),
            *site_steps,
        ),
        "routing_resources": (
            *whole.routing_resources,
            row(RoutingResource, item="rack_kit", level="L10", step=1, resource="bay"),
            *(row(RoutingResource, step=step, resource="crew", **level) for step in (1, 2)),
        ),
        "levels": tuple(row(LevelRow, **{"site": "campus", "item": "rack_accepted", **cells}) for cells in levels),
    }
    return chain_world(**(parts | tables)).model_copy(update={"name": "levels"})


def two_ways_world(deep_share: float | None, **tables: Any) -> World:
    """The chain, whose integrator tests some racks for 60 h instead of 30: level `deep` beside `L11`.

    A share of None leaves both levels to the plan. Both ways make one item, through the same
    bays and cells.
    """
    one = chain_world()
    deep: dict[str, Any] = {"update": {"level": "deep"}}
    shares = (None, None) if deep_share is None else (1 - deep_share, deep_share)
    parts: dict[str, Any] = {
        "processes": (
            *(each for each in one.processes if each.item != "rack_l11"),
            row(Process, process="integration", site="integrator", item="rack_l11", level="L11"),
            row(Process, process="deep-integration", site="integrator", item="rack_l11", level="deep"),
        ),
        "routings": (
            *one.routings,
            *(
                row(RoutingStep, item="rack_l11", level="deep", step=number, name=name, hours=hours)
                for number, name, hours in ((1, "assemble", 20), (2, "test", 60), (3, "pack", 4))
            ),
        ),
        "routing_resources": (
            *one.routing_resources,
            *(each.model_copy(**deep) for each in one.routing_resources if each.item == "rack_l11"),
        ),
        "levels": tuple(
            row(LevelRow, site="integrator", item="rack_l11", level=level, share=share)
            for level, share in zip(("L11", "deep"), shares, strict=True)
        ),
    }
    return chain_world(**(parts | tables)).model_copy(update={"name": "two-ways"})


# --- racks of two customers' configurations ---------------------------------------------------


def two_configs_world(*, hours: float = 8.0, back_hours: float | None = None, **tables: Any) -> World:
    """Racks of A's and B's configuration, of which those of A can be made into B's in `hours`.

    At the integrator two boards a week are made, in three weeks; a rack takes one, and 24 h
    in one of two bays. A day's lane leads to A's and to B's hall, where a rack is accepted
    after 12 h. From an empty pipeline a rack needs 21 + 1 + 1 + 0.5 = 23.5 days, one that
    stands at the integrator 1.5, one of the other configuration 8 h more. Four racks for B
    are due after two weeks, four for A after ten. `back_hours`: B's can be made into A's too.
    """
    parts: dict[str, Any] = {
        "settings": Settings(starts=STARTS, report_weeks=12, schedule_weeks=1),
        "items": _config_items(hours, back_hours),
        "sites": (
            row(Site, site="integrator", kind="rack_integration", operator="Rack Makers", country="US"),
            row(Site, site="hall_a", kind="datacenter", operator="A", country="US"),
            row(Site, site="hall_b", kind="datacenter", operator="B", country="US"),
        ),
        "resources": (row(Resource, site="integrator", resource="bay", capacity=2),),
        "processes": (
            row(Process, process="boards", site="integrator", item="board", cycle_days=21, capacity_per_week=2),
            *(row(Process, process="racks", site="integrator", item=f"rack_{one}") for one in "ab"),
            *(row(Process, process="taking up", site=f"hall_{one}", item=f"running_{one}") for one in "ab"),
        ),
        "bom": (
            *(row(BomLine, item=f"rack_{one}", input="board", quantity=1) for one in "ab"),
            *(row(BomLine, item=f"running_{one}", input=f"rack_{one}", quantity=1) for one in "ab"),
        ),
        "routings": tuple(
            row(RoutingStep, item=f"{item}_{one}", level="L11", step=1, name=name, hours=work)
            for item, name, work in (("rack", "assemble", 24), ("running", "install", 12))
            for one in "ab"
        ),
        "routing_resources": tuple(
            row(RoutingResource, item=f"rack_{one}", level="L11", step=1, resource="bay") for one in "ab"
        ),
        "lanes": tuple(
            row(Lane, lane=f"to_{one}", origin="integrator", destination=f"hall_{one}", transit_days=1) for one in "ab"
        ),
        "orders": (config_order("for_b", "b", 4, 13), config_order("for_a", "a", 4, 69)),
        "sources": (SOURCE,),
    }
    return World(name="two-configs", **(parts | tables))


def config_order(name: str, customer: str, quantity: int, due_day: int, **cells: Any) -> Order:
    """An order of `two_configs_world`, due by the end of a day."""
    where: dict[str, Any] = {"customer": customer, "site": f"hall_{customer}", "item": f"running_{customer}"}
    made: Order = row(Order, order=name, quantity=quantity, requested=day(due_day), **where, **cells)
    return made


def _config_items(hours: float, back_hours: float | None) -> tuple[Item, ...]:
    back = {} if back_hours is None else {"convertible_to": "rack_a", "conversion_hours": back_hours}
    rack: dict[str, Any] = {"kind": "rack", "value_usd": 100.0, "mass_kg": 1000.0, "power_kw": 100.0}
    return (
        row(Item, item="board", kind="board", value_usd=10.0),
        row(Item, item="rack_a", customer_config="A", convertible_to="rack_b", conversion_hours=hours, **rack),
        row(Item, item="rack_b", customer_config="B", **back, **rack),
        *(row(Item, item=f"running_{one}", **rack) for one in "ab"),
    )


# --- one shop, make to order ------------------------------------------------------------------


def shop_world(
    name: str,
    steps: Sequence[dict[str, Any]],
    resources: Sequence[dict[str, Any]],
    *,
    report_weeks: int = 52,
    **tables: Any,
) -> World:
    """One site `shop` that makes item `job` to order, through steps numbered from 1.

    Each step's dictionary holds the cells of its `routings` row and `resource`, the one it
    seizes; each resource's holds the cells of its row. Stock policy base_stock(0): no plan,
    no schedule, first come, first served. Orders or a demand stream are given in `tables`.
    """
    routings, seizes = [], []
    for number, cells in enumerate(steps, start=1):
        own = {key: value for key, value in cells.items() if key != "resource"}
        routings.append(row(RoutingStep, item="job", level="shop", step=number, **({"name": f"step {number}"} | own)))
        seizes.append(row(RoutingResource, item="job", level="shop", step=number, resource=cells["resource"]))
    return World(
        name=name,
        settings=Settings(starts=STARTS, report_weeks=report_weeks, tail_weeks=0, schedule_weeks=0),
        items=(row(Item, item="job", kind="job"),),
        sites=(row(Site, site="shop", kind="component"),),
        resources=tuple(row(Resource, site="shop", **cells) for cells in resources),
        processes=(row(Process, process="work", site="shop", item="job"),),
        routings=tuple(routings),
        routing_resources=tuple(seizes),
        stock=(row(Stock, site="shop", item="job", policy="base_stock(0)"),),
        sources=(SOURCE,),
        **tables,
    )


def queue_world(
    *,
    arrival_days: str = "exponential(1.25)",
    service_hours: str = "exponential(24)",
    servers: int = 1,
    report_weeks: int = 520,
    **breakdowns: Any,
) -> World:
    """A queue: jobs come at intervals, each holds one of `servers` for a service time.

    The default is M/M/1 with 0.8 arrivals and 1 service a day: waiting 4 days, in all 5.
    Other queues by the two texts: `service_hours="24"` is M/D/1, `gamma(24, 0.5)` M/G/1 with
    a squared coefficient of variation of 0.25; `servers=3, arrival_days="exponential(0.416667)"`
    M/M/3. `failures`, `mtbf_hours` and `mttr_hours` go to the servers.
    """
    stream = row(Demand, customer="acme", site="shop", item="job", every_days=arrival_days, quantity=1)
    return shop_world(
        "queue",
        [{"name": "service", "hours": service_hours, "resource": "server"}],
        [{"resource": "server", "capacity": servers, **breakdowns}],
        report_weeks=report_weeks,
        demand=(stream,),
    )


def line_world(*, hours: Sequence[float] = (2, 3, 1), units: int = 10) -> World:
    """A line of stations, one unit in each at a time; `units` jobs are all there at the start.

    With 2, 3 and 1 hours and 10 units the last is out after 2 + 10 x 3 + 1 = 33 hours.
    """
    steps = [
        {"name": f"station {n}", "hours": f"{h:g}", "resource": f"station_{n}"} for n, h in enumerate(hours, start=1)
    ]
    stations = [{"resource": f"station_{n}", "capacity": 1} for n in range(1, len(hours) + 1)]
    return shop_world("line", steps, stations, report_weeks=4, orders=(_batch(units),))


def rework_world(
    *,
    first_pass_yield: float = 0.85,
    units: int = 200,
    test_hours: float = 1.0,
    rework_hours: float = 0.0,
    max_attempts: int | None = None,
    then: str = "pass",
) -> World:
    """One test at which a job fails with 1 - `first_pass_yield` and is repeated after rework.

    Without a limit of attempts a job needs 1 / first_pass_yield of them: 1.17647 at 0.85.
    There is a cell for every job, so none waits.
    """
    step = {
        "name": "test",
        "hours": f"{test_hours:g}",
        "first_pass_yield": first_pass_yield,
        "rework_hours": f"{rework_hours:g}",
        "max_attempts": max_attempts,
        "then": then,
        "resource": "cell",
    }
    cells = [{"resource": "cell", "capacity": units}]
    return shop_world("rework", [step], cells, report_weeks=8, orders=(_batch(units),))


def two_gates_world(coverages: Sequence[float] = (0.5, 0.6, 0.9), *, units: int = 1000) -> World:
    """Three steps that put in 0.3, 0.2 and 0.1 defects a unit, each with a gate that finds some.

    A defect found costs an hour's rework of the gate: 100, 1000 and 10000 USD. The steps
    themselves take no time, so that all cost is rework. By the published formula found_ij =
    lambda_i c_j prod(1 - c_m): coverages (.5, .6, .9) cost 2385 USD a unit and let .0240
    defects escape; (.9, .8, .9) cost 1525 and let .0146 escape.
    """
    introduced, usd = (0.3, 0.2, 0.1), (100.0, 1000.0, 10000.0)
    steps = [
        {
            "name": f"gate {n}",
            "hours": "0",
            "defects_introduced": introduced[n - 1],
            "gate_coverage": coverages[n - 1],
            "rework_hours": "1",
            "resource": f"gate_{n}",
        }
        for n in (1, 2, 3)
    ]
    gates = [{"resource": f"gate_{n}", "capacity": units, "usd_per_hour": usd[n - 1]} for n in (1, 2, 3)]
    return shop_world("two-gates", steps, gates, report_weeks=8, orders=(_batch(units),))


def _batch(units: int) -> Order:
    """One order for all units, placed at the start and due a week later."""
    return row(Order, order="batch", customer="acme", site="shop", item="job", quantity=units, requested=day(6))
