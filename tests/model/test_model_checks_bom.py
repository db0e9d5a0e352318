"""A cycle in the bill of materials is told once, in words, with every line of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

ReadProblems = Callable[[Path], list[str]]


def write_bom(folder: Path, *pairs: str) -> None:
    lines = [f"{pair.replace('>', ',')},1,maker" for pair in pairs]
    (folder / "bom.csv").write_text("\n".join(["item,input,quantity,source", *lines, ""]), encoding="utf-8")
    names = sorted({name for pair in pairs for name in pair.split(">")} - {"wafer", "tray", "rack"})
    with (folder / "items.csv").open("a", encoding="utf-8") as items:
        items.writelines(f"{name},part,1,maker\n" for name in names)


def test_a_cycle_is_told_once_at_the_line_that_closes_every_way(
    world_folder: Path, read_problems: ReadProblems
) -> None:
    """A rack takes wafers by two ways; of all lines, only the wrong one lies on both cycles."""
    write_bom(world_folder, "wafer>rack", "rack>tray", "rack>shelf", "tray>wafer", "shelf>wafer", "rack>bolt")
    (told,) = read_problems(world_folder)
    assert told.startswith("bom.csv:2:7: no item may go into itself (rack -> tray -> wafer -> rack) — got 'rack'")
    listed = [f"worlds/small/bom.csv:{line}" for line in (3, 5, 2)]
    assert told.endswith(f"remove or change one of the lines of this cycle: {', '.join(listed)}")


def test_each_tangle_of_the_bill_of_materials_is_told(world_folder: Path, read_problems: ReadProblems) -> None:
    write_bom(world_folder, "rack>tray", "tray>rack", "tray>wafer", "wafer>a", "a>b", "b>wafer", "b>bolt", "rack>rack")
    told = read_problems(world_folder)
    assert [line.partition(" — ")[0] for line in told] == [
        "bom.csv:7:3: no item may go into itself (wafer -> a -> b -> wafer)",
        "bom.csv:9:6: no item may go into itself (rack -> rack)",
    ]
