"""The reference world against the public record: provenance, content of a rack, and the gates of 2026.

The numbers expected are the arithmetic of the project's reference notes on public figures
(16 packages a CoWoS wafer, 72.5 thousand wafers a month at end-2025, 380 thousand wafers a
month of TSV lines, 48 hours of soak, 0.8 x 142 kW, PUE 1.15), done by hand beside each.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import twin
from twin.model.columns import columns_of
from twin.model.load import load_world
from twin.model.profile import StepProfile
from twin.model.row import RampPoint
from twin.model.rows_make import Process, Resource
from twin.model.units import HOURS_PER_WEEK
from twin.model.where import matches, parse_where
from twin.model.world import TABLES, World
from twin.network.build import build_network
from twin.network.capacity import ramp_profile

SCENARIOS = Path(twin.__file__).parents[1] / "scenarios"
WEEKS_PER_MONTH = 52 / 12
RACKS_A_WEEK = 1_200
ENTERING_2026 = date(2026, 1, 1)
LEVELS = ("", "L11")
TEST_STEP = 3


@cache
def world() -> World:
    """The reference world as it is run: racks come whole, rows of other levels are for scenarios."""
    whole = load_world(SCENARIOS / "worlds" / "nvl72")
    others = {f"rack_{state}_{config}" for state in ("kit", "set", "l12") for config in "abcd"}
    in_use: dict[str, Any] = {
        table: tuple(row for row in getattr(whole, table) if row.item not in others and row.level in LEVELS)
        for table in ("bom", "processes", "routings", "routing_resources")
    }
    return whole.model_copy(update=in_use)


def test_no_number_rests_on_what_a_seller_claims() -> None:
    assert not [source.key for source in world().sources if source.confidence == "claim"]


def inputs(item: str) -> dict[str, float]:
    return {line.input: line.quantity for line in world().bom if line.item == item}


def content(item: str) -> dict[str, float]:
    """Everything in one unit of an item, without any yield."""
    total: dict[str, float] = defaultdict(float)
    for name, quantity in inputs(item).items():
        total[name] += quantity
        for deeper, units in content(name).items():
            total[deeper] += quantity * units
    return total


def makers(item: str) -> list[Process]:
    return [row for row in world().processes if row.item == item]


def yield_of(item: str) -> float:
    return makers(item)[0].yield_fraction if makers(item) else 1.0


def gross_starts(item: str, wanted: str) -> float:
    """Starts of `wanted` for one good unit of `item`, every yield on the way included."""
    if item == wanted:
        return 1 / yield_of(item)
    return sum(quantity * gross_starts(name, wanted) for name, quantity in inputs(item).items()) / yield_of(item)


def fraction_on(ramp: tuple[RampPoint, ...], day: date) -> float:
    if not ramp or day <= ramp[0].at:
        return ramp[0].fraction if ramp else 1.0
    for before, after in pairwise(ramp):
        if day <= after.at:
            gone = (day - before.at) / (after.at - before.at)
            return before.fraction + gone * (after.fraction - before.fraction)
    return ramp[-1].fraction


def capacity_on(site: str, resource: str, day: date) -> float:
    """Of a resource as its table says: the latest row not after the day, with its ramp."""
    rows = [row for row in world().resources if (row.site, row.resource) == (site, resource)]
    row = max((row for row in rows if (row.from_date or date.min) <= day), key=lambda row: row.from_date or date.min)
    return row.capacity * fraction_on(row.ramp, day)


def left_by_claims(site: str, resource: str) -> float:
    left = 1.0
    for claim in world().claims:
        if claim.resource == resource and claim.site in ("", site):
            left *= 1 - claim.share
    return left


def racks_from_line(item: str, resource: str, day: date, own_yield_only: bool = False) -> float:
    """Racks a week that the lines of a resource allow on a day, after the other claimants."""
    rows = [row for row in makers(item) if row.resource == resource]
    units = sum(
        capacity_on(row.site, resource, day) * left_by_claims(row.site, resource) / row.resource_per_unit
        for row in rows
    )
    if own_yield_only:
        return units * yield_of(item) / content("rack_accepted_a")[item]
    return units / gross_starts("rack_accepted_a", item)


def at_sites(kind: str, resource: str) -> list[Resource]:
    sites = {row.site for row in world().sites if row.kind == kind}
    return [row for row in world().resources if row.site in sites and row.resource == resource]


def rows_as_written(table: str) -> list[dict[str, str]]:
    path = SCENARIOS / "worlds" / "nvl72" / f"{table}.csv"
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_numeric_row_names_a_known_source() -> None:
    keys = {row["key"] for row in rows_as_written("sources")}
    for table in TABLES:
        for row in rows_as_written(table):
            if table in ("sources", "site_groups", "lane_groups"):
                continue  # no cell of theirs is a number
            assert row["source"] in keys, (table, row)


def test_every_source_is_used_and_says_what_it_is() -> None:
    used = {row.get("source") for table in TABLES for row in rows_as_written(table)}
    for source in world().sources:
        assert source.key in used, f"{source.key} is not used"
        assert source.title
        estimated = source.key.startswith(("est-", "fc-", "design-"))
        assert (source.confidence == "estimate") == estimated, source.key
        if source.key.startswith("gk-"):
            assert source.confidence == "low"
            assert "general knowledge, not verified" in source.title


def test_size_of_the_network() -> None:
    sites = world().sites
    assert len(sites) >= 60
    campuses = [row for row in sites if row.kind == "datacenter"]
    assert sum(not row.site.startswith("other_") for row in campuses) >= 8
    assert sum(row.site.startswith("other_") for row in campuses) >= 4
    assert {"Taiwan", "Mexico", "United States"} <= {row.country for row in sites if row.kind == "rack_integration"}
    assert all(row.operator and row.country and row.latitude is not None for row in sites)
    assert {row.mode for row in world().lanes} >= {"air", "ocean", "truck"}
    assert len({row.customer_config for row in world().items if row.item.startswith("rack_l11")}) >= 4


def test_content_of_one_rack() -> None:
    for config in "abcd":
        rack = content(f"rack_accepted_{config}")
        expected = {
            "compute_tray": 18,
            "switch_tray": 9,
            "superchip_board": 36,
            "gpu": 72,
            "cpu": 36,
            "hbm_stack": 576,
            "lpddr_set": 36,
            "nvswitch": 18,
            "nic": 72,
            "dpu": 18,
            "nvlink_cartridge": 4,
            "power_shelf": 8,
            "management_switch": 2,
            "quick_disconnect": 108,
            "cold_plate_compute": 108,
        }
        assert {item: rack[item] for item in expected} == pytest.approx(expected)
        # 144 reticle-size dies, 62 gross on a wafer, about 80 % good: 2.9 wafers.
        assert rack["gpu_wafer"] == pytest.approx(144 / 62 / 0.8, rel=0.02)
        assert makers("gpu_package")[0].resource_per_unit * 72 == 4.5


def test_orders_of_the_year() -> None:
    orders = world().orders
    assert 60_000 <= sum(order.quantity for order in orders) <= 62_400
    weekly: Counter[int] = Counter()
    for order in orders:
        weekly[(order.requested - world().settings.starts).days // 7] += order.quantity
    assert set(weekly) == set(range(52))
    assert weekly[0] == pytest.approx(1_050, rel=0.02)
    assert weekly[51] == pytest.approx(1_350, rel=0.02)
    assert all(abs(weekly[week + 1] - weekly[week]) < 0.03 * weekly[week] for week in range(51)), "smooth"
    assert len({order.customer for order in orders}) >= 4


def test_cowos_binds_entering_2026_and_not_at_its_end() -> None:
    # 72.5k x 12 / 52 x 0.61 x 0.6 / (4.5 / 0.9) = 1,225; at 95k 1,605.
    assert racks_from_line("gpu_package", "cowos_line", ENTERING_2026, own_yield_only=True) == pytest.approx(
        1_225, rel=0.01
    )
    at_the_end = racks_from_line("gpu_package", "cowos_line", date(2026, 12, 31), own_yield_only=True)
    assert at_the_end == pytest.approx(1_605, rel=0.01)
    # Later yields (test, board, tray) and the ramp of the autumn before, when packages of
    # January's racks start, put supply below the orders of the first quarter.
    orders = world().orders
    quarter = sum(order.quantity for order in orders if order.requested < date(2026, 4, 1)) / 13
    autumn = [date(2025, 10, 15), date(2025, 11, 15), date(2025, 12, 15)]
    supply = sum(racks_from_line("gpu_package", "cowos_line", day) for day in autumn) / 3
    assert 0.90 * quarter < supply < quarter


def test_hbm_leaves_headroom_and_stands_on_public_nameplate() -> None:
    lines = {row.site: capacity_on(row.site, "tsv_line", date(2025, 12, 31)) for row in makers("hbm_stack")}
    assert sum(lines.values()) * WEEKS_PER_MONTH == pytest.approx(380_000, rel=0.01)
    assert 1.10 <= racks_from_line("hbm_stack", "tsv_line", ENTERING_2026) / RACKS_A_WEEK <= 1.15
    wafers = RACKS_A_WEEK * gross_starts("rack_accepted_a", "hbm_stack") * inputs("hbm_stack")["dram_wafer"]
    assert 106_000 <= wafers * WEEKS_PER_MONTH <= 149_000


def test_hand_check_of_the_hbm_outage() -> None:
    # Eight weeks and half a four-week ramp are ten lost weeks, before stock and surge.
    rows = {row.supplier: row for row in world().sourcing if row.item == "hbm_stack"}
    share = rows["skhynix_cheongju"].share_planned
    assert share is not None
    assert 6_600 <= 10 * share * RACKS_A_WEEK <= 7_440
    # The other makers have little idle: what they can add at once is some 2 % of all, a tenth more comes late.
    per_rack = gross_starts("rack_accepted_a", "hbm_stack")
    others = [site for site in rows if site != "skhynix_cheongju"]
    own = sum(
        capacity_on(site, "tsv_line", ENTERING_2026) * left_by_claims(site, "tsv_line") / 0.032 for site in others
    )
    assert 1.0 <= own / per_rack / (0.40 * RACKS_A_WEEK) <= 1.05
    assert all(rows[site].surge_fraction == 0.10 and rows[site].surge_after_weeks == 8 for site in others)


def test_memory_takes_two_steps_at_their_own_sites() -> None:
    front, back = makers("dram_wafer"), makers("hbm_stack")
    assert not {row.site for row in front} & {row.site for row in back}
    assert all(row.cycle_days and row.cycle_days.mean / 7 == pytest.approx(20, abs=1) for row in front)
    assert all(row.cycle_days and row.cycle_days.mean / 7 == pytest.approx(6, abs=0.5) for row in back)
    operator = {row.site: row.operator for row in world().sites}
    assert {operator[row.site] for row in back} == {"SK hynix", "Micron", "Samsung"}


def test_rack_test_cells_and_power_have_moderate_load() -> None:
    soak = next(row for row in world().routings if row.item == "rack_l11_a" and row.step == TEST_STEP)
    assert soak.first_pass_yield == 0.88
    # 343 cells busy for 48 h, 390 with retest, 458 at 85 % use; the table: 52 h in the mean, and 6 to power on.
    assert RACKS_A_WEEK * 48 / HOURS_PER_WEEK / soak.first_pass_yield / 0.85 == pytest.approx(458, abs=1)
    busy = RACKS_A_WEEK * soak.hours.mean / HOURS_PER_WEEK / soak.first_pass_yield
    cells = sum(row.capacity for row in at_sites("rack_integration", "test_cells"))
    assert 0.60 <= busy / cells <= 0.85
    amount = {
        row.step: row.amount
        for row in world().routing_resources
        if row.item == "rack_l11_a" and row.resource == "test_power"
    }
    assert amount[TEST_STEP] == pytest.approx(0.8 * 142)
    installed_kw = sum(row.capacity for row in at_sites("rack_integration", "test_power"))
    assert 55_000 <= installed_kw <= 85_000  # some 65 MW at 1,200 a week, so 81 at the 1,500 it is sized for
    assert 0.60 <= busy * amount[TEST_STEP] / installed_kw <= 0.85


def test_a_rack_takes_at_most_eight_steps_and_its_resources_exist() -> None:
    steps = Counter(row.item for row in world().routings)
    seized = {(row.item, row.resource) for row in world().routing_resources}
    present = {(row.site, row.resource) for row in world().resources}
    for config in "abcd":
        assert steps[f"rack_l11_{config}"] + steps[f"rack_accepted_{config}"] <= 8
        for process in [*makers(f"rack_l11_{config}"), *makers(f"rack_accepted_{config}")]:
            needed = {resource for item, resource in seized if item == process.item}
            assert {(process.site, resource) for resource in needed} <= present
    integrators = {row.site for row in world().sites if row.kind == "rack_integration"}
    assert {site for site, resource in present if resource == "finished_rack_places"} == integrators


def test_site_power_follows_the_orders() -> None:
    # 1,200 racks of 136 kW at PUE 1.15 are 188 MW a week at the meter.
    power_kw = next(row.power_kw for row in world().items if row.item == "rack_accepted_a")
    assert RACKS_A_WEEK * power_kw * 1.15 / 1_000 == pytest.approx(188, abs=1)
    year: dict[str, list[float]] = defaultdict(list)
    for row in world().readiness:
        assert row.from_date is not None
        assert row.firm_mw is not None
        assert row.pue == 1.15
        if row.from_date.year == 2026:
            year[row.site].append(row.firm_mw)
    ordered_mw = sum(order.quantity for order in world().orders) * power_kw * 1.15 / 1_000
    assert sum(values[-1] for values in year.values()) == pytest.approx(ordered_mw, rel=0.08)
    named = sum(values[-1] for site, values in year.items() if not site.startswith("other_"))
    assert 0.5 <= named / sum(values[-1] for values in year.values()) <= 0.75
    assert all(values == sorted(values) for values in year.values())


def test_some_campuses_are_energised_late() -> None:
    rack_mw = 0.136 * 1.15
    short = set()
    for row in world().readiness:
        assert row.from_date is not None
        assert row.firm_mw is not None
        month_ends = row.from_date + timedelta(days=27)
        due = sum(o.quantity for o in world().orders if o.site == row.site and o.requested <= month_ends)
        if due * rack_mw > row.firm_mw and row.from_date.year == 2026:
            short.add(row.site)
    assert 3 <= len(short - {"narvik", "abu_dhabi"}) <= 6


def test_everything_else_has_its_stated_headroom() -> None:
    named = {"est-headroom-15": 0.15, "est-headroom-25": 0.25}
    by_item: dict[str, float] = defaultdict(float)
    for row in world().processes:
        if row.source in named:
            assert "assumed headroom" in row.note
            by_item[row.item] += row.capacity_per_week or 0.0
    for item, capacity in by_item.items():
        need = max(gross_starts(f"rack_accepted_{config}", item) for config in "ac") * RACKS_A_WEEK
        if item == "cdu":
            need *= sum(o.quantity for o in world().orders if o.item in ("rack_accepted_a", "rack_accepted_c")) / sum(
                o.quantity for o in world().orders
            )
        assert 1.20 <= capacity / need <= 1.45, item


def test_lots_are_few_enough_to_simulate() -> None:
    lots = 0.0
    for item in {row.item for row in world().processes if row.cycle_days is not None}:
        share = 0.55 if item == "cdu" else 1.0
        lots += RACKS_A_WEEK * share * gross_starts("rack_accepted_a", item) / max(row.lot_size for row in makers(item))
    assert lots <= 1_500


def test_tail_covers_the_longest_lead_time() -> None:
    network = build_network(world())
    ways: dict[tuple[str, str], list[tuple[str, float]]] = defaultdict(list)
    for flow in network.flows:
        ways[flow.destination, flow.item].append((flow.origin, network.lanes[flow.lane].transit_days.mean))

    @cache
    def longest_days(site: str, item: str) -> float:
        """From the first start far upstream to the item's completion here, all at their means."""
        process = network.processes[network.made_at[site, item][0]][-1]
        own = process.cycle_days.mean if process.cycle_days else 7.0  # a rack's week in the factory or on the floor
        sources = [way for name, _ in network.inputs.get(item, ()) for way in lead(site, name)]
        return own + max(sources, default=0.0)

    def lead(site: str, item: str) -> list[float]:
        return [transit + longest_days(origin, item) for origin, transit in ways[site, item]]

    weeks = max(longest_days(site, item) for site, item in network.demanded) / 7
    assert 36 <= weeks <= 46  # memory, and racks that go by sea
    assert weeks <= world().settings.tail_weeks


def test_estimates_bracket_the_value_they_stand_for() -> None:
    assert len(world().estimates) >= 15
    for estimate in world().estimates:
        where = parse_where(estimate.where)
        rows = [row for row in getattr(world(), estimate.table) if matches(row, where)]
        assert rows, estimate.estimate
        field = columns_of(type(rows[0]))[estimate.column]
        for row in rows:
            value = getattr(row, field)
            number = value if isinstance(value, float | int) else value.mean
            assert estimate.low <= number <= estimate.high, estimate.estimate


def test_profile_of_the_ramp_agrees_with_the_table() -> None:
    """The hand-made reading of ramps above is that of the program."""
    row = next(row for row in world().resources if row.site == "tsmc_ap3_longtan" and row.resource == "cowos_line")
    profile: StepProfile = ramp_profile(world(), row.ramp)
    day = date(2026, 6, 30)
    assert profile.at(world().settings.second_of(day)) == pytest.approx(fraction_on(row.ramp, day), rel=0.01)
