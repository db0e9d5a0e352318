"""A small world as the text of its files, for tests of what a planner may get wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from twin.model.load import load_world
from twin.model.problems import InputError

FILES = {
    "settings": "name,value\nstarts,2026-01-05\nreport_weeks,8\n",
    "items": "item,kind,mass_kg,source\nwafer,wafer,0.1,maker\ntray,tray,20,maker\nrack,rack,1000,maker\n",
    "sites": (
        "site,kind,country,operator,timezone\n"
        "fab,fab,TW,Wafer Works,UTC\n"
        "plant,tray_assembly,MX,Tray Makers,America/Chicago\n"
        "campus,datacenter,US,Acme,UTC\n"
    ),
    "processes": (
        "process,site,item,cycle_days,capacity_per_week,resource,source\n"
        "etch,fab,wafer,14,10,,maker\n"
        "build,plant,tray,2,8,,maker\n"
        "install,campus,rack,,,,\n"
    ),
    "bom": "item,input,quantity,source\ntray,wafer,0.25,maker\nrack,tray,18,maker\n",
    "routings": (
        "item,level,step,name,hours,rework_to,source\n"
        "rack,L11,1,place,10,,maker\n"
        'rack,L11,2,commission,"triangular(8, 12, 20)",,maker\n'
    ),
    "resources": "site,resource,capacity,source\ncampus,crew,2,maker\n",
    "routing_resources": "item,level,step,resource\nrack,L11,1,crew\nrack,L11,2,crew\n",
    "lanes": (
        "lane,origin,destination,mode,transit_days,source\na,fab,plant,air,3,maker\nb,plant,campus,truck,2,maker\n"
    ),
    "sourcing": "item,supplier,consumer,share_planned,source\nwafer,fab,plant,1,maker\n",
    "orders": (
        "order,customer,site,item,quantity,requested,source\n"
        "o1,acme,campus,rack,2,2026-02-02,maker\n"
        "o2,acme,campus,rack,2,2026-03-02,maker\n"
    ),
    "sources": "key,title,confidence\nmaker,Made up for a test,estimate\n",
}

SCENARIO = """\
name: fire
title: The fab burns
world: small
disruptions:
  - name: fire
    at: {site: fab}
    kind: outage
    starts: 2026-01-19
    lasts_weeks: 2
changes:
  - table: resources
    where: {site: campus, resource: crew}
    set: {capacity: 4}
levers:
  - name: crews
    table: resources
    where: {resource: crew}
    column: capacity
    low: 1
    high: 8
    step: 1
"""

Edit = Callable[[str, str, str], Path]
ReadProblems = Callable[[Path], list[str]]


@pytest.fixture
def world_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The small world in `worlds/small` below an empty current folder."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "worlds" / "small"
    folder.mkdir(parents=True)
    for name, text in FILES.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def scenario_file(world_folder: Path) -> Path:
    """A valid scenario of the small world, beside `worlds`."""
    path = world_folder.parent.parent / "fire.yaml"
    path.write_text(SCENARIO, encoding="utf-8")
    return path


@pytest.fixture
def edit() -> Edit:
    """Replace the one place where a text stands in a file."""

    def replace(path: str, old: str, new: str) -> Path:
        file = Path(path)
        text = file.read_text(encoding="utf-8") if file.exists() else ""
        if old:
            assert text.count(old) == 1, (old, text)
        file.write_text(text.replace(old, new) if old else text + new, encoding="utf-8")
        return file

    return replace


@pytest.fixture
def read_problems() -> ReadProblems:
    """The problems of a world as they are told, below the folder of the world."""

    def read(folder: Path) -> list[str]:
        with pytest.raises(InputError) as caught:
            load_world(folder)
        return [str(problem).removeprefix("worlds/small/") for problem in caught.value.problems]

    return read
