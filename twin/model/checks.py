"""Every rule that joins rows or tables, in the order of a planner's reading."""

from __future__ import annotations

from twin.model.problems import Problem
from twin.model.tables import Tables


def run_checks(tables: Tables, as_files: bool = False) -> list[Problem]:
    """Every problem that the checks find."""
    return []
