"""Levels of an item: what their rows must say, and what is told where they do not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from worlds import day, levels_world, row

from twin.model.load import load_world
from twin.model.problems import InputError
from twin.model.rows_make import BomLine, Process
from twin.model.world import World
from twin.model.write import write_world_csv
from twin.network.build import build_network

BOTH = ({"level": "L10", "share": 0.5}, {"level": "L11", "share": 0.5})


def read(world: World, folder: Path) -> World:
    """The world as read from the files that it is written to."""
    write_world_csv(world, folder)
    return load_world(folder)


def refused(world: World, folder: Path) -> list[str]:
    with pytest.raises(InputError) as caught:
        read(world, folder)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("levels", "said"),
    [
        (BOTH, ""),
        (({"level": "L10"}, {"level": "L11"}), ""),
        (({"level": "L10", "share": 0.3}, {"level": "L11"}), ""),
        (({"level": "L10", "share": 0.3}, {"level": "L11", "share": 0.3}), "add up to 1 — got 0.6"),
        (({"level": "L10", "share": 0.7}, {"level": "L11", "share": 0.7}), "add up to 1 — got 1.4"),
        (({"level": "L10", "share": 1.0}, {"level": "L12", "share": 0.0}), "level must be one of the routings"),
        ((*BOTH, {"level": "L11", "share": 0.5, "from": day(7)}), "add up to 1 — got 0.5"),
    ],
    ids=["both", "the plan's", "what is left", "too little", "too much", "unknown", "too little later"],
)
def test_shares_of_levels(levels: tuple[dict[str, Any], ...], said: str, tmp_path: Path) -> None:
    world = levels_world(levels=levels)
    if not said:
        assert read(world, tmp_path).levels == world.levels
        return
    (problem,) = refused(world, tmp_path)
    assert said in problem


def with_process(level: str, **cells: Any) -> World:
    """The levels world, where the process of a level is another one."""
    base = levels_world(levels=BOTH)
    others = [each for each in base.processes if (each.item, each.level) != ("rack_accepted", level)]
    process = [row(Process, site="campus", item="rack_accepted", **cells)] if cells else []
    return levels_world(levels=BOTH, processes=(*others, *process))


def test_each_level_in_use_has_a_process(tmp_path: Path) -> None:
    (problem,) = refused(with_process("L10"), tmp_path)
    assert "levels.csv:2:" in problem
    assert "each needs a process with its level there" in problem
    assert "add a row to 'processes' for rack_accepted at campus" in problem


def test_a_process_says_which_level_is_its_own(tmp_path: Path) -> None:
    lacking, blank = refused(with_process("L10", process="assembly-on-site"), tmp_path)
    assert "each needs a process with its level there" in lacking
    assert "a process must say which is its own" in blank
    assert "write one of L10, L11" in blank


def test_a_process_has_one_level(tmp_path: Path) -> None:
    base = levels_world(levels=BOTH)
    again = row(Process, process="installation", site="campus", item="rack_accepted", level="L10", **{"from": day(14)})
    (problem,) = refused(levels_world(levels=BOTH, processes=(*base.processes, again)), tmp_path)
    assert "level must be the same in all rows of the process installation at campus" in problem


def test_a_line_of_an_unknown_level(tmp_path: Path) -> None:
    base = levels_world(levels=BOTH)
    line = row(BomLine, item="rack_accepted", input="tray", quantity=1, level="L13")
    (problem,) = refused(levels_world(levels=BOTH, bom=(*base.bom, line)), tmp_path)
    assert "level must be one of the routings of rack_accepted" in problem


def test_rows_of_no_site_hold_for_every_other_site(tmp_path: Path) -> None:
    """A campus without rows of its own goes by them, and needs their processes."""
    blank = tuple({**cells, "site": ""} for cells in BOTH)
    assert read(levels_world(levels=blank), tmp_path).levels[0].site == ""
    own = ({"level": "L11", "share": 1.0},)
    assert len(build_network(levels_world(levels=blank)).made_at["campus", "rack_accepted"]) == 2
    assert len(build_network(levels_world(levels=(*blank, *own))).made_at["campus", "rack_accepted"]) == 1


def test_steps_of_one_name_hold_the_same(tmp_path: Path) -> None:
    """The log tells a step by its name, so that `install` at L10 may not hold two crews and at L11 one."""
    base = levels_world(levels=BOTH)
    named = tuple(
        step.model_copy(update={"name": "install"}) if (step.level, step.name) == ("L10", "rack") else step
        for step in base.routings
    )
    assert read(levels_world(levels=BOTH, routings=named), tmp_path)
    held = tuple(
        use.model_copy(update={"amount": 2.0}) if (use.item, use.level) == ("rack_accepted", "L10") else use
        for use in base.routing_resources
    )
    (problem,) = refused(levels_world(levels=BOTH, routings=named, routing_resources=held), tmp_path)
    assert "a step of rack_accepted that holds other things than at L11 must have another name" in problem


def test_a_level_is_of_a_site_that_makes_the_item(tmp_path: Path) -> None:
    """A row for the integrator, which makes no accepted rack, would say nothing."""
    (problem,) = refused(levels_world(levels=(*BOTH, {"site": "integrator", "level": "L11", "share": 1.0})), tmp_path)
    assert "levels.csv:4:1" in problem
    assert "must name a site that makes rack_accepted — got 'integrator'" in problem
    assert "use one of: campus" in problem
