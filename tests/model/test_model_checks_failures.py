"""Resources whose units break down one by one are seized by whole units."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from twin.model.load import load_world

FAILING = "site,resource,capacity,failures,mtbf_hours,mttr_hours,source\ncampus,crew,2,{by},{life},{repair},maker\n"
SEIZED = "item,level,step,resource,amount,source\nrack,L11,1,crew,{amount},maker\nrack,L11,2,crew,2,maker\n"


def put(folder: Path, amount: str, *, fails: bool) -> None:
    cells = {"by": "use", "life": "500", "repair": "8"} if fails else {"by": "", "life": "", "repair": ""}
    (folder / "resources.csv").write_text(FAILING.format(**cells), encoding="utf-8")
    (folder / "routing_resources.csv").write_text(SEIZED.format(amount=amount), encoding="utf-8")


def test_half_a_unit_that_may_break_down_is_refused(
    world_folder: Path, read_problems: Callable[[Path], list[str]]
) -> None:
    put(world_folder, "0.5", fails=True)
    (told,) = read_problems(world_folder)
    assert told.startswith("routing_resources.csv:2:17: amount must be a whole number")
    assert "units of crew at campus" in told


@pytest.mark.parametrize(("amount", "fails"), [("0.5", False), ("1", True), ("", True)])
def test_whole_units_and_parts_of_what_does_not_fail_are_fine(world_folder: Path, amount: str, fails: bool) -> None:
    put(world_folder, amount, fails=fails)
    assert load_world(world_folder).name == "small"
