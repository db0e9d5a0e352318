"""Stock policies in tables: numbers that make no sense, and cells that do not go together."""

from __future__ import annotations

from pathlib import Path

import pytest

from twin.model.load import load_world
from twin.model.problems import InputError

HEAD = "site,item,policy,review_days,unmet,source\n"


def problem(world_folder: Path, cells: str) -> str:
    (world_folder / "stock.csv").write_text(f"{HEAD}fab,wafer,{cells},maker\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_world(world_folder)
    (only,) = caught.value.problems
    return str(only)


@pytest.mark.parametrize(
    ("policy", "rule", "remedy"),
    [
        ('"reorder(5, 0)"', "a whole number of units, 1 or more", "reorder(5, 20)"),
        ('"reorder(5, 2.5)"', "a whole number of units", "reorder(5, 20)"),
        ('"order_up_to(20, 20)"', "up to more than the point at which it orders", "order_up_to(5, 20)"),
        ("kanban(0)", "a whole number of cards, 1 or more", "kanban(6)"),
        ("kanban(1.5)", "a whole number of cards", "kanban(6)"),
        ('"moving_average(0, 2)"', "a whole number of reviews, 1 to 1,000", "moving_average(4, 2)"),
        ("moving_average(4)", "its numbers (2)", "moving_average(periods, cover)"),
        ("base_stock(-1)", "numbers from 0", "base_stock(20)"),
    ],
)
def test_numbers_of_a_policy(world_folder: Path, policy: str, rule: str, remedy: str) -> None:
    told = problem(world_folder, f"{policy},1,wait")
    assert told.startswith("worlds/small/stock.csv:2:11: ")
    assert rule in told
    assert remedy in told


@pytest.mark.parametrize(
    ("cells", "column", "rule", "remedy"),
    [
        ("plan,7,wait", 16, "a stock under plan is reviewed when plans are made", "base_stock(20)"),
        ("plan,,lost", 17, "orders under plan wait until they are met", "clear the cell"),
        ('"moving_average(4, 2)",,wait', None, "review_days must be given", "from one review to the next"),
    ],
)
def test_cells_that_do_not_go_together(
    world_folder: Path, cells: str, column: int | None, rule: str, remedy: str
) -> None:
    told = problem(world_folder, cells)
    assert column is None or told.startswith(f"worlds/small/stock.csv:2:{column}: ")
    assert rule in told
    assert remedy in told


def test_cards_for_less_than_a_lot(world_folder: Path) -> None:
    path = world_folder / "processes.csv"
    head, *rows = path.read_text(encoding="utf-8").splitlines()
    assert rows[0].startswith("etch,fab,wafer")
    lots = [f"{head},lot_size", f"{rows[0]},4", *(f"{row}," for row in rows[1:])]
    path.write_text("\n".join(lots) + "\n", encoding="utf-8")
    told = problem(world_folder, "kanban(3),,wait")
    assert told.startswith("worlds/small/stock.csv:2:11: ")
    assert "as many cards as a lot has units (4)" in told
    assert "give kanban(4) or more" in told
    (world_folder / "stock.csv").write_text(f"{HEAD}fab,wafer,kanban(4),,wait,maker\n", encoding="utf-8")
    assert load_world(world_folder).stock[0].policy.kind == "kanban"


def test_what_is_on_hand_alone_does_not_meet_orders(world_folder: Path) -> None:
    """A stock of the plan counts where something makes or brings the item; under a policy it is replenished."""
    orders = world_folder / "orders.csv"
    orders.write_text(orders.read_text(encoding="utf-8").replace("o1,acme,campus", "o1,acme,fab"), encoding="utf-8")
    ordered = orders.read_text(encoding="utf-8").splitlines()[1].split(",")[3]
    (world_folder / "stock.csv").write_text(f"{HEAD}fab,{ordered},plan,,wait,maker\n", encoding="utf-8")
    with pytest.raises(InputError, match="nobody makes or brings"):
        load_world(world_folder)
    (world_folder / "stock.csv").write_text(f"{HEAD}fab,{ordered},base_stock(0),,wait,maker\n", encoding="utf-8")
    load_world(world_folder)
