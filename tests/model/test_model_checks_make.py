"""What the steps of a routing hold is there, at each site that runs them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from twin.model.load import load_world

STEPS = "item,level,step,name,hours,cluster,source\nrack,L11,1,place,10,,maker\nrack,L11,2,test,10,{cluster},maker\n"
CREW = "site,resource,capacity,ramp,source\ncampus,crew,{capacity},{ramp},maker\n"
SEIZED = "item,level,step,resource,amount,source\nrack,L11,1,crew,{amount},maker\nrack,L11,2,crew,{amount},maker\n"


def put(folder: Path, *, cluster: int = 1, capacity: str = "2", ramp: str = "", amount: str = "1") -> None:
    texts = {
        "routings": STEPS.format(cluster=cluster),
        "resources": CREW.format(capacity=capacity, ramp=ramp),
        "routing_resources": SEIZED.format(amount=amount),
    }
    for table, text in texts.items():
        (folder / f"{table}.csv").write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("cluster", "capacity", "ramp", "amount"),
    [
        (2, "2", "", "1"),
        (4, "2", "2026-01-01:1 2026-03-01:2", "1"),
        (3, "0.3", "", "0.1"),
        (1, "0", "", "1"),
        (4, "0", "", "1"),
    ],
    ids=["as many", "after the ramp", "in tenths", "none at all", "none at all for four"],
)
def test_what_is_there_at_some_time_or_never_is_fine(
    world_folder: Path, cluster: int, capacity: str, ramp: str, amount: str
) -> None:
    put(world_folder, cluster=cluster, capacity=capacity, ramp=ramp, amount=amount)
    assert load_world(world_folder).name == "small"


def test_four_together_on_the_two_that_the_ramp_leaves_of_eight(
    world_folder: Path, read_problems: Callable[[Path], list[str]]
) -> None:
    put(world_folder, cluster=4, capacity="8", ramp="2026-01-01:0.1 2026-03-01:0.25")
    (told,) = read_problems(world_folder)
    assert told.startswith("routings.csv:3:20: 4 racks together must not need more of crew than the 2 at campus")
    assert "give 2 or less, or more capacity" in told


def test_where_one_rack_has_no_room_its_amount_is_told_and_not_the_cluster(
    world_folder: Path, read_problems: Callable[[Path], list[str]]
) -> None:
    put(world_folder, cluster=4, amount="3")
    told = read_problems(world_folder)
    assert [text.split(": ")[0] for text in told] == ["routing_resources.csv:2:17", "routing_resources.csv:3:17"]


def test_a_mode_with_too_little_is_no_mistake_where_another_has_enough(world_folder: Path) -> None:
    put(world_folder)
    (world_folder / "routing_resources.csv").write_text(
        "item,level,step,resource,amount,mode,source\n"
        "rack,L11,1,crew,9,wide,maker\nrack,L11,1,crew,1,narrow,maker\nrack,L11,2,crew,,,maker\n",
        encoding="utf-8",
    )
    assert load_world(world_folder).name == "small"


def test_a_site_with_a_routing_of_its_own_is_not_held_to_that_of_the_others(world_folder: Path) -> None:
    put(world_folder, cluster=4)
    own = "item,level,site,step,name,hours,cluster,source\n"
    for site, cluster in (("", 4), ("campus", 2)):
        own += f"rack,L11,{site},1,place,10,{cluster},maker\nrack,L11,{site},2,test,10,{cluster},maker\n"
    (world_folder / "routings.csv").write_text(own, encoding="utf-8")
    assert load_world(world_folder).name == "small"
