"""Whole lots, by choice: against a plan by hand and against every way in which lots can be released."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from known.ladder import exact
from worlds import SOURCE, STARTS, day, row

from twin.disrupt.availability import availability
from twin.model.order_book import order_book
from twin.model.rows_demand import Order
from twin.model.rows_make import Process, Resource
from twin.model.rows_network import Item, Site
from twin.model.state import State
from twin.model.world import Settings, World
from twin.network.build import build_network
from twin.plan import lots as whole_lots
from twin.plan.make import make_plan
from twin.plan.record import PlanOptions, SupplyPlan

WEEKS = 6


def line_world(lots: dict[str, int], weekly: dict[str, int], per_week: float, **cells: Any) -> World:
    """Things made at once at a campus, all on one line, in lots; so many of each due at the end of every week."""
    orders = [
        row(
            Order, order=f"{item}-{week}", customer=f"of-{item}", site="campus", item=item, quantity=weekly[item],
            requested=day(7 * week - 1), priority=3 + 2 * number,
        )
        for number, item in enumerate(sorted(lots))
        for week in range(1, WEEKS + 1)
    ]  # fmt: skip
    drawn = {"site": "campus", "resource": "line", "resource_per_unit": 1.0, "cycle_days": 0}
    return World(
        name="lots",
        settings=Settings(starts=STARTS, report_weeks=WEEKS, minimum_lots=True, **cells),
        items=tuple(row(Item, item=item, kind="rack", value_usd=1000.0) for item in lots),
        sites=(row(Site, site="campus", kind="datacenter"),),
        resources=(row(Resource, site="campus", resource="line", capacity=per_week),),
        processes=tuple(row(Process, process=f"make-{i}", item=i, lot_size=lots[i], **drawn) for i in lots),
        orders=tuple(orders),
        sources=(SOURCE,),
    )


def planned(world: World) -> SupplyPlan:
    network = build_network(world)
    return make_plan(network, availability(network, ()), State(), order_book(world), PlanOptions())


def made(plan: SupplyPlan, item: str) -> np.ndarray:
    """So many are there by the end of each week, served or in stock."""
    return plan.stock["campus", item] + np.cumsum(plan.deliveries[f"of-{item}", "campus", item])


def test_lots_of_ten_for_four_a_week() -> None:
    """A lot at once for weeks 1 and 2 and half of 3, the next in week 3 for 4 and 5, the last in week 6."""
    plan = planned(line_world({"rack": 10}, {"rack": 4}, 100.0))
    assert plan.status == "optimal"
    assert plan.lots_of == (("make-rack", "campus", "rack"),)
    words = {"unit": "racks", "source": "by hand", "family": "Supply plan"}
    for week, expected in enumerate((10, 10, 20, 20, 20, 30)):
        exact(f"lots of ten for four a week, week {week + 1}", expected, made(plan, "rack")[week], within=1e-5, **words)
    assert plan.gap <= 1e-4
    # Without whole lots nothing is made before it is wanted.
    world = line_world({"rack": 10}, {"rack": 4}, 100.0)
    fluid = planned(world.model_copy(update={"settings": world.settings.model_copy(update={"minimum_lots": False})}))
    assert fluid.lots_of == ()
    assert made(fluid, "rack")[0] == pytest.approx(4.0, abs=1e-5)


def test_a_lot_larger_than_a_week_of_the_line_is_started_over_several() -> None:
    """Lots of 10 on a line of 4 a week fill up after 2.5 and 5 weeks."""
    plan = planned(line_world({"rack": 10}, {"rack": 4}, 4.0))
    words = {"unit": "racks", "source": "by hand", "family": "Supply plan"}
    for week, expected in ((2, 0), (3, 10), (4, 10), (5, 20)):
        name = f"lots of ten on a line of four a week, week {week}"
        exact(name, expected, made(plan, "rack")[week - 1], within=1e-5, **words)
    # 4, 8, 2, 6, 0 and 4 are late at the end of the weeks, where a fluid keeps pace; money weighs next to nothing.
    assert plan.lots_rack_weeks == pytest.approx(24, abs=0.1)


def least_lateness(lots: dict[str, int], weekly: dict[str, int], per_week: float) -> float:
    """Over every way to release lots that the line can fill in time: priority-weighted rack-weeks late."""
    (_, size_x), (_, size_y) = sorted(lots.items())
    due_x, due_y = (np.arange(1, WEEKS + 1) * weekly[item] for item in sorted(lots))
    # The first item's racks weigh four times those of the second, the mean rack weighs 1.
    weights = np.array([4.0, 1.0])
    weights /= (weights * [due_x[-1], due_y[-1]]).sum() / (due_x[-1] + due_y[-1])
    ways = np.cumsum(np.array(list(product(range(3), repeat=WEEKS))), axis=1)
    late_x = np.maximum(due_x - size_x * ways, 0).sum(axis=1) * weights[0]
    late_y = np.maximum(due_y - size_y * ways, 0).sum(axis=1) * weights[1]
    room = per_week * np.arange(1, WEEKS + 1)
    best = np.inf
    for index in np.argsort(late_x):
        if late_x[index] >= best:
            break
        fits = (size_x * ways[index] + size_y * ways <= room + 1e-9).all(axis=1)
        if fits.any():
            best = min(best, late_x[index] + late_y[fits].min())
    return float(best)


@pytest.mark.parametrize(
    ("sizes", "wanted", "per_week"),
    [((6, 4), (3, 2), 5.0), ((5, 7), (2, 3), 5.5), ((3, 8), (3, 3), 6.0), ((4, 4), (2, 2), 4.0)],
)
def test_every_way_to_release_lots(sizes: tuple[int, int], wanted: tuple[int, int], per_week: float) -> None:
    """Two things on one line, the first of higher priority; three to the twelfth ways are tried."""
    lots, weekly = (dict(zip(("x", "y"), pair, strict=True)) for pair in (sizes, wanted))
    plan = planned(line_world(lots, weekly, per_week))
    assert plan.status == "optimal"
    per_item = {item: float(plan.backlog[f"of-{item}", "campus", item].sum()) for item in lots}
    scale = (4.0 * wanted[0] + wanted[1]) / sum(wanted)
    late = (4.0 * per_item["x"] + per_item["y"]) / scale
    name = f"lots of {sizes[0]} and {sizes[1]}, {wanted[0]} and {wanted[1]} due a week, {per_week:g} made"
    words = {"unit": "rack-weeks", "source": "all 531,441 ways tried", "family": "Supply plan"}
    exact(name, least_lateness(lots, weekly, per_week), late, within=1e-4, **words)
    for item, size in lots.items():
        released = made(plan, item) / size
        assert released == pytest.approx(np.round(released), abs=1e-5)


def test_a_large_programme_rounds_its_lots_within_the_gap_it_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    world = line_world({"x": 6, "y": 4}, {"x": 3, "y": 2}, 5.5)
    exact_one = planned(world)
    monkeypatch.setattr(whole_lots, "SIMPLEX_COLUMNS", 0)
    rounded = planned(world)
    assert rounded.status == "feasible"
    assert rounded.bound <= exact_one.value * (1 + 1e-6) <= rounded.value * (1 + 2e-6)
    assert rounded.gap == pytest.approx((rounded.value - rounded.bound) / rounded.value)
    for item, size in (("x", 6), ("y", 4)):
        released = made(rounded, item) / size
        assert released == pytest.approx(np.round(released), abs=1e-5)


def test_the_same_lots_each_time() -> None:
    first, second = (planned(line_world({"x": 6, "y": 4}, {"x": 3, "y": 2}, 5.0)) for _ in range(2))
    for key, series in first.production.items():
        assert series.tobytes() == second.production[key].tobytes()
