"""What a planner may get wrong about services and what racks cost, each told at its cell with a remedy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from twin.model.load import load_world

SERVICES = "item,service,tokens_per_second,share,usd_per_million_tokens,flexibility,source\n"
CHAT = "rack,chat,1000,{share},0.5,0,maker\n"
COSTS = "item,capital_usd,life_years,source\n"
RACK = "rack,3000000,5,maker\n"
Read = Callable[[Path], list[str]]


def put(folder: Path, services: str, costs: str) -> None:
    (folder / "services.csv").write_text(SERVICES + services, encoding="utf-8")
    (folder / "rack_economics.csv").write_text(COSTS + costs, encoding="utf-8")


def test_one_service_that_takes_all_is_fine(world_folder: Path) -> None:
    put(world_folder, CHAT.format(share=1), RACK)
    world = load_world(world_folder)
    assert world.services[0].flexibility == 0.0
    assert world.rack_economics[0].utilisation == 1.0


def test_shares_that_do_not_make_a_whole_are_told_at_the_last(world_folder: Path, read_problems: Read) -> None:
    put(world_folder, CHAT.format(share=0.5), RACK)
    (line,) = read_problems(world_folder)
    assert "services.csv:2:" in line
    assert "the shares of the services of rack must add up to 1" in line


def test_services_need_a_cost_and_a_cost_needs_services(world_folder: Path, read_problems: Read) -> None:
    put(world_folder, CHAT.format(share=1), "")
    assert any("needs a row in 'rack_economics'" in line for line in read_problems(world_folder))
    put(world_folder, "", RACK)
    assert any("needs a row in 'services'" in line for line in read_problems(world_folder))


def test_what_is_too_heavy_for_a_floor_is_told_at_the_floor(world_folder: Path, read_problems: Read) -> None:
    lines = (world_folder / "sites.csv").read_text(encoding="utf-8").splitlines()

    def floor(kilograms: str) -> None:
        rows = [f"{lines[0]},floor_kg,source", *(f"{line},," for line in lines[1:-1]), f"{lines[-1]},{kilograms},maker"]
        (world_folder / "sites.csv").write_text("\n".join(rows), encoding="utf-8")

    for enough in ("", "1000"):
        floor(enough)
        load_world(world_folder)
    floor("999")
    (line,) = read_problems(world_folder)
    assert "sites.csv:4:" in line
    assert "the floor must bear what is ordered there (rack, 1,000 kg)" in line
