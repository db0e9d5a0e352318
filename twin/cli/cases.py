"""Scenarios named on the command line, loaded together so that every problem is seen at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from twin.model.problems import InputError, Problem

if TYPE_CHECKING:
    from twin.model.scenario import Case


def load_each(names: Sequence[str]) -> tuple[list[Case], list[Problem]]:
    """What could be loaded, and every problem of what could not, each once."""
    from twin import api

    cases: list[Case] = []
    problems: list[Problem] = []
    for name in names:
        try:
            cases.append(api.load(name))
        except InputError as error:
            problems.extend(error.problems)
    return cases, list(dict.fromkeys(problems))


def load_all(names: Sequence[str]) -> list[Case]:
    """All scenarios. Raises InputError with the problems of all of them."""
    cases, problems = load_each(names)
    if problems:
        raise InputError(problems)
    return cases


def refuse_twins(names: Sequence[str], cases: Sequence[Case]) -> None:
    """A comparison is between scenarios that differ. Raises typer.BadParameter where two are the same."""
    seen: dict[tuple[str, str], str] = {}
    for name, case in zip(names, cases, strict=True):
        key = (case.scenario_hash, case.world_hash)
        if key in seen:
            twice = f"'{name}' is named twice" if name == seen[key] else f"'{seen[key]}' and '{name}' say the same"
            raise typer.BadParameter(f"{twice}; name scenarios that differ", param_hint="SCENARIO...")
        seen[key] = name
