"""What a planner may get wrong about what more of a capacity costs, each told at its cell with a remedy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from twin.model.load import load_world

HEAD = "target,site,step,usd_per_unit,lead_days,source\n"
Read = Callable[[Path], list[str]]


def test_what_is_there_may_be_expanded(world_folder: Path) -> None:
    resource = load_world(world_folder).resources[0]
    (world_folder / "expansions.csv").write_text(f"{HEAD}{resource.resource},,2,100,90,maker\n", encoding="utf-8")
    [row] = load_world(world_folder).expansions
    assert (row.step, row.usd_per_unit, row.lead_days) == (2.0, 100.0, 90.0)


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ("cels,,,100,,maker", "target must be a resource, an item that is made, a lane"),
        ("power,fab,,100,,maker", "power must be at the site named"),
        (",,,100,,maker", "target"),
        ("power,,0,100,,maker", "step"),
    ],
)
def test_what_is_not_there_is_told(world_folder: Path, read_problems: Read, cells: str, said: str) -> None:
    (world_folder / "expansions.csv").write_text(f"{HEAD}{cells}\n", encoding="utf-8")
    (line,) = read_problems(world_folder)
    assert "expansions.csv:2:" in line
    assert said in line
