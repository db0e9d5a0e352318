"""Vera Rubin NVL72 as a second product of the reference world: what it takes of the lines it shares, and its orders."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from functools import cache

import pytest

from twin.model.case import load_case
from twin.model.order_book import order_book
from twin.model.units import DAY_S
from twin.model.world import World
from twin.network.build import build_network
from twin.network.layers import explode
from twin.network.silicon import silicon_in


@cache
def world(scenario: str = "rubin-ramp") -> World:
    return load_case(scenario).world


@cache
def content(item: str) -> dict[str, float]:
    return explode(build_network(world()), item)


def drawn(item: str, resource: str) -> float:
    """Of a line, by one unit started."""
    (amount,) = {row.resource_per_unit for row in world().processes if (row.item, row.resource) == (item, resource)}
    return amount


def test_a_rubin_rack_displaces_1_78_racks_on_the_cowos_lines_of_both() -> None:
    old, new = (content(f"rack_accepted_{kind}") for kind in "dr")
    assert (old["gpu"], new["gpu_r"]) == (72, 72)
    wafers = new["gpu_package_r"] * drawn("gpu_package_r", "cowos_line")
    assert wafers == pytest.approx(8.0, abs=0.01)  # nine packages a wafer
    assert wafers / (old["gpu_package"] * drawn("gpu_package", "cowos_line")) == pytest.approx(1.78, abs=0.01)
    lines = {row.site for row in world().processes if row.item == "gpu_package"}
    assert lines == {row.site for row in world().processes if row.item == "gpu_package_r"}
    # Eight stacks a package of either, a quarter more of a memory wafer each.
    assert drawn("hbm4_stack", "tsv_line") / drawn("hbm_stack", "tsv_line") == pytest.approx(1.25)


def test_trays_come_complete_and_racks_draw_210_kilowatts() -> None:
    new = content("rack_accepted_r")
    assert (new["compute_tray_r"], new["switch_tray_r"], new["cpu_r"], new["nic"]) == (18, 9, 36, 144)
    assert silicon_in(build_network(world()), "rack_accepted_r").chips == {"gpu_r": 72, "cpu_r": 36}
    power = next(row.power_kw for row in world().items if row.item == "rack_accepted_r")
    assert 190 <= power <= 230
    tests = {row.item: row.amount for row in world().routing_resources if row.resource == "test_power"}
    assert tests["rack_l11_r"] == pytest.approx(0.8 * power)


def test_one_product_gives_way_to_the_other_rack_for_rack() -> None:
    starts = world().settings.starts
    months: dict[str, Counter[int]] = {"d": Counter(), "r": Counter()}
    for order in order_book(world()):
        due = starts + timedelta(days=order.due_s // DAY_S)
        if order.item[-1] in months and due < date(2027, 1, 1):
            months[order.item[-1]][due.month] += order.quantity
    assert sum(months["r"][month] for month in range(1, 7)) == 0
    rising = [months["r"][month] for month in (8, 9, 10, 11)]
    assert rising == sorted(rising)
    # As many in all as the order book of the reference world has for these customers, and the spare fifty.
    before = sum(row.quantity for row in world("baseline").orders if row.item == "rack_accepted_d")
    assert sum(sum(each.values()) for each in months.values()) == pytest.approx(before, rel=0.03)


def test_the_reference_world_knows_nothing_of_it() -> None:
    assert not any(row.item.endswith("_r") for row in world("baseline").items)
    assert not world("baseline").transitions
