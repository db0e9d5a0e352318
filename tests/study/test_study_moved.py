"""What a comparison says moved: in small worlds, by hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from worlds import chain_world, day, noisy_chain_world, queue_world, row

from twin import api
from twin.events.moved_result import MOST_ROWS, Moved
from twin.events.views import CompareResult
from twin.model.case import make_case
from twin.model.places import shipped_scenarios, shown
from twin.model.rows_network import Sourcing
from twin.model.scenario import Budgets, Case, Change, Scenario
from twin.model.world import World
from twin.study.compare import compare_cases
from twin.study.moved import exchanged

QUICK = Budgets(schedule_deterministic_seconds=0.05, schedule_dispatch_trials=1, on_time_replays=12)
AIR = Change(
    table="lanes",
    where={"lane": "integrator-campus"},
    set={"mode": "air", "transit_days": "1", "cost_usd_per_kg": 0.5},
)
CELLS = Change(table="resources", where={"resource": "cell"}, set={"capacity": 4})
FLIPPED = [
    Change(table="sourcing", where={"supplier": "integrator"}, set={"share_planned": 0.0}),
    Change(table="sourcing", where={"supplier": "second"}, set={"share_planned": 1.0}),
]


def two_integrators() -> World:
    """The chain with a second integrator like the first, which is planned to make nothing."""
    world = chain_world()
    lanes = {lane.lane: lane for lane in world.lanes}

    def and_second(rows: tuple[Any, ...]) -> tuple[Any, ...]:
        return (*rows, *(each.model_copy(update={"site": "second"}) for each in rows if each.site == "integrator"))

    return world.model_copy(
        update={
            "sites": and_second(world.sites),
            "resources": and_second(world.resources),
            "processes": and_second(world.processes),
            "lanes": (
                *world.lanes,
                lanes["trays-integrator"].model_copy(update={"lane": "trays-second", "destination": "second"}),
                lanes["integrator-campus"].model_copy(update={"lane": "second-campus", "origin": "second"}),
            ),
            "sourcing": (
                *world.sourcing,
                row(Sourcing, item="rack_l11", supplier="integrator", consumer="campus", share_planned=1.0),
                row(Sourcing, item="rack_l11", supplier="second", consumer="campus", share_planned=0.0),
            ),
        }
    )


def case_of(world: World, name: str, *changes: Change) -> Case:
    return make_case(world, Scenario(name=name, replications=2, changes=list(changes), budgets=QUICK))


def compared(world: World, folder: Path, *changes: Sequence[Change], workers: int = 1) -> CompareResult:
    """The world as it is, and changed in one way after the other."""
    others = [case_of(world, f"other-{number}", *each) for number, each in enumerate(changes, start=1)]
    return compare_cases([case_of(world, "first"), *others], folder, workers)


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> CompareResult:
    return compared(chain_world(), tmp_path_factory.mktemp("chain"), [], [AIR])


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Moved:
    return compared(two_integrators(), tmp_path_factory.mktemp("sites"), FLIPPED).moved[0]


def test_the_same_under_another_name_moves_nothing(chain: CompareResult) -> None:
    same = chain.moved[0]
    assert (same.first, same.second) == ("first", "other-1")
    assert same.is_nothing
    parts = (same.orders, same.supplies, same.operations, same.lanes, same.promises, same.completions, same.utilisation)
    assert not any(part.rows for part in parts)
    assert not same.lanes.modes
    assert not same.orders.makers
    assert same.promises.moved == same.completions.moved == 0
    # There was something to be moved.
    assert same.operations.operations > 100
    assert (same.orders.of_racks, same.completions.orders, same.promises.orders) == (24, 12, 12)


def test_with_the_same_luck_nothing_else_moves(tmp_path: Path) -> None:
    """Two cells never wait: four of them are half as busy, and no rack of the noisy chain meets other luck."""
    (moved,) = compared(noisy_chain_world(), tmp_path, [CELLS]).moved
    assert not moved.is_nothing
    (cell,) = moved.utilisation.rows
    assert (cell.site, cell.resource) == ("integrator", "cell")
    assert cell.second == pytest.approx(cell.first / 2, rel=0.02)
    busy = moved.model_copy(update={"utilisation": moved.utilisation.model_copy(update={"rows": []})})
    assert busy.is_nothing


def test_a_quicker_and_dearer_lane(chain: CompareResult) -> None:
    moved = chain.moved[1]
    lane = next(each for each in moved.lanes.rows if each.lane == "integrator-campus")
    # A rack of 1,000 kg costs 100 USD by truck and 500 by air, and leaves alone.
    for units, kg, departures, usd, each_usd in (
        (lane.first_units, lane.first_kg, lane.first_departures, lane.first_usd, 100),
        (lane.second_units, lane.second_kg, lane.second_departures, lane.second_usd, 500),
    ):
        assert units > 20
        assert (kg, departures, usd) == (1000 * units, units, each_usd * units)
    assert lane.mode == "air"
    # By mode each counts as in its own world; freight changed most by air.
    air, truck = moved.lanes.modes
    assert (air.mode, air.first_kg, air.second_kg) == ("air", 0, lane.second_kg)
    assert truck.mode == "truck"
    assert truck.first_usd - truck.second_usd > 0.9 * lane.first_usd
    # The second rack of the first order leaves on day 1.1 in both, and is on its way for two days less.
    first_order = next(each for each in moved.completions.rows if each.order == "order-01")
    assert first_order.shift_days == pytest.approx(-2)
    assert (first_order.first, first_order.second) == ("2026-01-10", "2026-01-08")


def test_racks_of_another_integrator(sites: Moved) -> None:
    """Two racks a week for twelve weeks, of which the first two are made already on day one."""
    assert (sites.orders.orders, sites.orders.racks, sites.orders.of_racks) == (11, 22, 24)
    (makers,) = sites.orders.makers
    assert (makers.from_site, makers.to_site, makers.orders, makers.racks) == ("integrator", "second", 11, 22)
    assert [each.racks for each in sites.orders.rows] == [2] * 11
    assert {each.of_racks for each in sites.orders.rows} == {2}
    assert sites.orders.moves == 11


def test_work_and_supplies_of_another_integrator(sites: Moved) -> None:
    work = {(each.site, each.name): each for each in sites.operations.steps}
    gone, come = work["integrator", "assemble"], work["second", "assemble"]
    # All that is assembled, but for the first order, which is assembled on day one.
    assert (gone.second, come.first) == (0, 0)
    assert gone.elsewhere == gone.matched == gone.first == come.second
    assert sites.operations.elsewhere == sum(each.elsewhere for each in work.values())
    whole = {each.site: each for each in sites.operations.sites}
    assert whole["integrator"].first == sum(work["integrator", name].first for name in ("assemble", "test", "pack"))
    assert whole["integrator"].elsewhere == sites.operations.elsewhere
    assert (whole["second"].first, whole["second"].matched) == (0, 0)
    shares = {each.supplier: each for each in sites.supplies.rows if each.item == "rack_l11"}
    assert shares["integrator"].first_share == 1
    assert shares["integrator"].second_share + shares["second"].second_share == pytest.approx(1)
    assert shares["second"].first_units == 0
    assert shares["second"].units_moved == pytest.approx(shares["second"].second_units)
    assert shares["second"].units_moved == pytest.approx(-shares["integrator"].units_moved)
    # All trays go over the other lane, two of 20 kg for each rack.
    lanes = {each.lane: each for each in sites.lanes.rows}
    assert lanes["trays-integrator"].second_kg == lanes["trays-second"].first_kg == 0
    assert lanes["trays-second"].second_kg == pytest.approx(20 * lanes["trays-second"].second_units)
    busy = {(each.site, each.resource) for each in sites.utilisation.rows}
    assert busy == {(site, resource) for site in ("integrator", "second") for resource in ("bay", "cell")}


def test_packages_of_another_packager(tmp_path: Path) -> None:
    """At most one package a week at the one for twelve weeks, as many as are needed at the other."""
    limits = [
        Change(table="processes", where={"site": site}, set={"capacity_per_week": limit})
        for site, limit in (("pack_a", 1), ("pack_b", 24))
    ]
    (moved,) = compared(chain_world(), tmp_path, limits).moved
    rows = {each.supplier: each for each in moved.supplies.rows if each.item == "package"}
    assert set(rows) == {"pack_a", "pack_b"}
    less, more = rows["pack_a"], rows["pack_b"]
    assert less.second_share < less.first_share
    assert less.first_share == less.first_units / (less.first_units + more.first_units)
    units = less.second_units + more.second_units
    assert more.units_moved == pytest.approx((more.second_share - more.first_share) * units)
    assert more.units_moved == pytest.approx(-less.units_moved)
    # A package is worth 5 USD.
    assert more.usd_moved == pytest.approx(5 * more.units_moved)
    assert (moved.supplies.supplies, moved.supplies.shares) == (1, 2)
    assert not moved.orders.rows
    packaging = {each.site: each for each in moved.operations.processes if each.name == "packaging"}
    assert packaging["pack_a"].second <= 12
    # Fewer are started at the one, so the n-th is later; more at the other, and earlier.
    assert packaging["pack_a"].second < packaging["pack_a"].first
    assert packaging["pack_a"].mean_shift_weeks > 0 > packaging["pack_b"].mean_shift_weeks


def test_a_world_without_plan_has_no_promises_and_workers_change_nothing(tmp_path: Path) -> None:
    more = Change(table="resources", where={"resource": "server"}, set={"capacity": 2})
    world = queue_world(report_weeks=20)
    (moved,), again = (compared(world, tmp_path / str(count), [more], workers=count).moved for count in (1, 2))
    assert again == [moved]
    (service,) = moved.operations.steps
    assert moved.operations.sites[0].mean_shift_weeks == service.mean_shift_weeks
    assert (service.site, service.name) == ("shop", "service")
    assert service.mean_shift_weeks < 0
    assert moved.operations.later == 0
    assert moved.promises.orders == moved.lanes.lanes == 0
    assert moved.utilisation.rows[0].second < moved.utilisation.rows[0].first


def test_what_luck_and_rounding_do_has_not_moved(tmp_path: Path) -> None:
    """With one cell for two, racks wait for hours here and there, which moves no work by a day in the mean."""
    one_cell = Change(table="resources", where={"resource": "cell"}, set={"capacity": 1})
    (moved,) = compared(chain_world(), tmp_path, [one_cell]).moved
    assert not moved.is_nothing
    assert moved.operations.rows == []
    assert moved.supplies.rows == []
    days = [abs(each.shift_days or 0) for each in moved.completions.rows]
    assert min(days, default=1) >= 1
    assert moved.completions.moved == len(days)


def test_orders_that_only_one_has_are_told_and_not_compared(tmp_path: Path) -> None:
    """Two of twelve go, one of them under another name; one is added, one asks for more and a week later."""
    added = {"order": "rush", "customer": "late & co", "site": "campus", "item": "rack_accepted", "quantity": 6}
    changes = [
        Change(table="orders", where={"order": "order-03"}, remove=True),
        Change(table="orders", where={"order": "order-05"}, set={"order": "other-05"}),
        Change(table="orders", where={"order": "order-07"}, set={"quantity": 4, "requested": str(day(55))}),
        Change(table="orders", add=[added | {"requested": str(day(48))}]),
    ]
    (moved,) = compared(chain_world(), tmp_path, changes).moved
    book = moved.book
    assert (book.added, book.removed, book.changed, book.added_units, book.removed_units) == (2, 2, 1, 8, 4)
    rows = {each.order: each for each in book.rows}
    assert book.rows[0] == rows["rush"]
    assert set(rows) == {"rush", "order-03", "order-05", "other-05", "order-07"}
    assert (rows["rush"].first_quantity, rows["rush"].second_quantity, rows["rush"].first_due) == (None, 6, None)
    assert (rows["order-03"].second_quantity, rows["order-03"].second_asks) == (None, None)
    grown = rows["order-07"]
    assert (grown.first_quantity, grown.second_quantity) == (2, 4)
    assert (grown.first_due, grown.second_due) == (str(day(48)), str(day(55)))
    assert moved.completions.orders == moved.promises.orders == 10


def test_of_other_report_weeks_those_are_compared_that_both_report(tmp_path: Path) -> None:
    """Eight weeks and twelve of tail against twelve and eight: the same course, of which nothing moved."""
    scenario = Scenario(name="short", replications=2, budgets=QUICK, settings={"report_weeks": 8, "tail_weeks": 12})
    cases = [case_of(chain_world(), "first"), make_case(chain_world(), scenario)]
    (moved,) = compare_cases(cases, tmp_path, 1).moved
    assert moved.weeks == 8
    assert moved.operations.operations > 60
    assert moved.lanes.rows == moved.operations.rows == []
    assert moved.orders.of_racks == 16


def test_two_of_one_name_are_told_apart(tmp_path: Path) -> None:
    """Files of two folders may have the same name."""
    result = compare_cases([case_of(chain_world(), "plan"), case_of(chain_world(), "plan", AIR)], tmp_path, 1)
    assert [each.scenario for each in result.results] == ["plan", "plan-2"]
    assert (result.moved[0].first, result.moved[0].second) == ("plan", "plan-2")


def test_lists_are_short_and_largest_first(sites: Moved) -> None:
    for part in (sites.orders, sites.supplies, sites.lanes, sites.utilisation):
        assert len(part.rows) <= MOST_ROWS
    assert max(map(len, (sites.operations.sites, sites.operations.steps, sites.operations.processes))) <= MOST_ROWS
    days = [abs(each.shift_days or 0) for each in sites.completions.rows]
    assert len(days) <= 10
    assert days == sorted(days, reverse=True)
    freight = [abs(each.second_usd - each.first_usd) for each in sites.lanes.rows]
    assert freight == sorted(freight, reverse=True)


def test_what_one_gives_another_takes() -> None:
    assert exchanged({"a": 5, "b": 2}, {"a": 1, "c": 3, "d": 1, "b": 2}) == [("a", "c", 3), ("a", "d", 1)]
    # Two that nobody makes any more are no move.
    assert exchanged({"a": 5}, {"b": 3}) == [("a", "b", 3)]
    assert exchanged({"a": 5}, {"a": 5}) == []
    assert exchanged({}, {"a": 5}) == []


def test_the_library_stores_the_command_that_compares_again(tmp_path: Path) -> None:
    """A case names its file, a shipped scenario by its bare name, one made in memory its own."""
    world = queue_world(report_weeks=2)
    files = (("./my queue.yaml",), (shown(shipped_scenarios()["baseline"]), "worlds"), ())
    cases = [case_of(world, f"queue-{at}").model_copy(update={"files": names}) for at, names in enumerate(files)]
    found = api.compare(cases, replications=1, seed=3, workers=1, out=tmp_path)
    again = "twin compare './my queue.yaml' baseline queue-2 --replications 1 --seed 3"
    assert {result.manifest.command for result in found.results} == {again}
