"""What the tables can say and the engines do not run yet, in one place."""

from __future__ import annotations

from twin.model.problems import Problem
from twin.model.scenario_file import ScenarioFile
from twin.model.tables import Tables


def check_supported(tables: Tables, file: ScenarioFile) -> list[Problem]:
    """A problem for every cell that asks for what no engine does yet."""
    return []
