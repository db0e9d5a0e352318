"""The page on the command line says what the command line takes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer.main

from twin.cli.main import app


def commands(group: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Every command with the words that call it."""
    yield name, group
    for child_name, child in getattr(group, "commands", {}).items():
        yield from commands(child, f"{name} {child_name}")


def test_every_command_and_option_is_documented(project_folder: Path):
    page = (project_folder / "docs" / "command-line.md").read_text(encoding="utf-8")
    found = dict(commands(typer.main.get_command(app), "twin"))
    assert {"twin run", "twin runs delete"} <= set(found)
    options = {name for command in found.values() for parameter in command.params for name in parameter.opts}
    wanted = set(found) | {name for name in options if name.startswith("-")}
    assert not {words for words in wanted if words not in page}
