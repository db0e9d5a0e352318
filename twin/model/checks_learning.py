"""Checks of learning curves: each is of a step that is there, and there is one for it."""

from __future__ import annotations

from collections.abc import Iterator

from twin.model.problems import Problem, suggestion
from twin.model.rows_learning import Learning
from twin.model.rows_make import Process, RoutingStep
from twin.model.tables import Tables


def check_learning_steps(tables: Tables) -> Iterator[Problem]:
    """A curve names a routing, one of its steps or none, and a site that makes the item or none."""
    steps: dict[tuple[str, str], list[str]] = {}
    for step, _ in tables.of(RoutingStep):
        steps.setdefault((step.item, step.level), []).extend((step.name, str(step.step)))
    makers: dict[str, list[str]] = {}
    for process, _ in tables.of(Process):
        makers.setdefault(process.item, []).append(process.site)
    for row, place in tables.of(Learning):
        levels = [level for item, level in steps if item == row.item]
        known = steps.get((row.item, row.level), [])
        if not known:
            rule = f"level must be one of the routings of {row.item}"
            yield place.problem("level", rule, row.level, suggestion(row.level, levels, "the table 'routings'"))
        elif row.step and row.step not in known:
            rule = f"the step must be one of the routing of {row.item} at {row.level}, by name or number"
            yield place.problem("step", rule, row.step, suggestion(row.step, known, "the table 'routings'"))
        if row.site and row.site not in makers.get(row.item, []):
            rule = f"the site must make {row.item}"
            here = suggestion(row.site, makers.get(row.item, []), "the table 'processes'")
            yield place.problem("site", rule, row.site, here)


def check_one_curve(tables: Tables) -> Iterator[Problem]:
    """A step at a site has one curve by the same words."""
    seen: set[tuple[str, str, str, str]] = set()
    for row, place in tables.of(Learning):
        words = (row.item, row.level, row.step, row.site)
        if words in seen:
            rule = "there is a row for the same item, level, step and site above"
            yield place.problem("step", rule, row.step, "remove one of the two rows")
        seen.add(words)
