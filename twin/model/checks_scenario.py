"""Rules that join a scenario to its world."""

from __future__ import annotations

from twin.model.problems import Problem
from twin.model.scenario_file import ScenarioFile
from twin.model.tables import Tables


def scenario_problems(file: ScenarioFile, tables: Tables) -> list[Problem]:
    """Every problem of a scenario against the patched world."""
    return []
