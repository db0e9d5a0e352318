"""What a planner may get wrong about steps that keep a rack's mode, each told at its cell with a remedy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from twin.model.load import load_world

STEPS = (
    "item,level,step,name,hours,keeps_mode,source\nrack,L11,1,place,10,yes,maker\nrack,L11,2,test,10,{second},maker\n"
)
PLACES = "site,resource,capacity,source\n" + "".join(
    f"campus,{name},{{{name}}},maker\n" for name in ("east_bay", "east_cell", "west_bay", "west_cell")
)
SEIZED = (
    "item,level,step,resource,amount,mode,source\n"
    "rack,L11,1,east_bay,1,east,maker\nrack,L11,1,west_bay,1,west,maker\n"
    "rack,L11,2,east_cell,{east},east,maker\nrack,L11,2,west_cell,1,{west},maker\n"
)
Read = Callable[[Path], list[str]]


def put(folder: Path, *, second: str = "yes", east: str = "1", west: str = "west", **capacities: str) -> None:
    places = dict.fromkeys(("east_bay", "east_cell", "west_bay", "west_cell"), "2") | capacities
    texts = {
        "routings": STEPS.format(second=second),
        "resources": PLACES.format(**places),
        "routing_resources": SEIZED.format(east=east, west=west),
    }
    for table, text in texts.items():
        (folder / f"{table}.csv").write_text(text, encoding="utf-8")


def test_two_halls_are_fine(world_folder: Path) -> None:
    put(world_folder)
    world = load_world(world_folder)
    assert [step.keeps_mode for step in world.routings] == [True, True]


def test_a_step_without_modes_keeps_none(world_folder: Path, read_problems: Read) -> None:
    put(world_folder)
    seized = (
        "item,level,step,resource,mode\nrack,L11,1,east_bay,east\nrack,L11,1,west_bay,west\nrack,L11,2,east_cell,\n"
    )
    (world_folder / "routing_resources.csv").write_text(seized, encoding="utf-8")
    (told,) = [text for text in read_problems(world_folder) if "keeps" in text]
    assert told.startswith("routings.csv:3:20: a step that keeps its racks' mode must have modes")
    assert "name the modes of step 2 in routing_resources, or clear the cell" in told


def test_the_steps_have_modes_of_the_same_names(world_folder: Path, read_problems: Read) -> None:
    put(world_folder, west="vest")
    (told,) = read_problems(world_folder)
    assert told.startswith(
        "routings.csv:3:20: steps that keep their racks' mode must have modes of the same names: step 1 has east, west"
    )
    assert "step 2 has east, vest" in told
    assert "in routing_resources add rows of mode west to step 2 and add rows of mode vest to step 1" in told


def test_a_step_that_keeps_nothing_may_have_others(world_folder: Path) -> None:
    put(world_folder, second="", west="vest")
    assert load_world(world_folder).name == "small"


def test_each_hall_lacks_something_at_another_step(world_folder: Path, read_problems: Read) -> None:
    """Either step has a hall for it, but no hall has enough for both."""
    put(world_folder, east="3", west_bay="0.5")
    (told,) = read_problems(world_folder)
    assert told.startswith(
        "routing_resources.csv:3:12: the site campus must have enough for all steps that keep their racks' mode in one "
        "mode at least (west lacks west_bay, east lacks east_cell)"
    )
    assert "give campus at least 1 of west_bay, where it has 0.5" in told


def test_a_hall_that_is_shut_on_purpose_is_no_mistake(world_folder: Path) -> None:
    put(world_folder, east_cell="0", west_bay="0")
    assert load_world(world_folder).name == "small"


def test_a_hall_of_which_a_resource_is_not_listed_is_not_there(world_folder: Path, read_problems: Read) -> None:
    """The site lists the cells of the west alone, and the bays of the east: no rack could stay anywhere."""
    put(world_folder)
    places = "site,resource,capacity,source\ncampus,east_bay,2,maker\ncampus,west_cell,2,maker\n"
    (world_folder / "resources.csv").write_text(places, encoding="utf-8")
    (told,) = read_problems(world_folder)
    assert "in one mode at least (west lacks west_bay, east lacks east_cell)" in told
    assert "list west_bay for campus in resources" in told
