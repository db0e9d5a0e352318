"""Rules about steps that keep a rack's mode, such as the building that it is in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from twin.model.checks_make import (
    fits,
    held_by_step,
    most_by_site,
    resources_by_site,
    sites_running,
)
from twin.model.place import Place
from twin.model.problems import Problem
from twin.model.rows_make import RoutingResource, RoutingStep
from twin.model.tables import Tables

Held = Sequence[tuple[RoutingResource, Place]]
Kept = list[tuple[RoutingStep, Place]]


def check_kept_modes(tables: Tables) -> Iterator[Problem]:
    """Steps that keep a rack's mode have modes, of the same names, of which a site has one at all of them."""
    held = held_by_step(tables)
    routings: dict[tuple[str, str, str], Kept] = defaultdict(list)
    for step, place in tables.of(RoutingStep):
        if step.keeps_mode:
            routings[step.item, step.level, step.site].append((step, place))
    if not routings:
        return
    present, most, running = resources_by_site(tables), most_by_site(tables), sites_running(tables)
    for key, kept in routings.items():
        by_step = {step.step: held[step.item, step.level, step.step] for step, _ in kept}
        wrong = list(_check_names(kept, by_step))
        yield from wrong
        for site in () if wrong else running[key]:
            yield from _check_site(kept, by_step, site, present, most)


def _check_names(kept: Kept, by_step: Mapping[int, Held]) -> Iterator[Problem]:
    """All have modes, and those of the first."""
    first = kept[0][0]
    wanted = _names(by_step[first.step])
    for step, place in kept:
        names = _names(by_step[step.step])
        if not names:
            rule = "a step that keeps its racks' mode must have modes"
            remedy = f"name the modes of step {step.step} in routing_resources, or clear the cell"
            yield place.problem("keeps_mode", rule, "yes", remedy)
        elif wanted and set(names) != set(wanted):
            missing = [name for name in wanted if name not in names]
            beyond = [name for name in names if name not in wanted]
            there = f"step {first.step} has {_listed(wanted)}"
            rule = f"steps that keep their racks' mode must have modes of the same names: {there}"
            todo = [f"add rows of mode {_listed(missing)} to step {step.step}"] if missing else []
            todo += [f"add rows of mode {_listed(beyond)} to step {first.step}"] if beyond else []
            remedy = f"in routing_resources {' and '.join(todo)}, or clear the cell"
            yield place.problem("keeps_mode", rule, f"step {step.step} has {_listed(names)}", remedy)


def _check_site(
    kept: Kept,
    by_step: Mapping[int, Held],
    site: str,
    present: dict[str, set[str]],
    most: dict[tuple[str, str], float],
) -> Iterator[Problem]:
    """A site has all that the steps hold in one mode at least, and enough of it where it has any.

    What no single step lacks is told here; a step that lacks every mode by itself has been told already.
    """
    lacking: dict[str, tuple[RoutingResource, Place]] = {}
    alone = False
    for step, _ in kept:
        missing = {}
        for row, place in by_step[step.step]:
            there = most.get((site, row.resource), 0.0)
            if row.mode and (row.resource not in present[site] or (there > 0 and not fits(row.amount, there))):
                missing[row.mode] = row, place
        alone = alone or missing.keys() >= set(_names(by_step[step.step]))
        lacking |= missing
    if alone or not lacking.keys() >= set(_names(by_step[kept[0][0].step])):
        return
    row, place = next(iter(lacking.values()))
    listed = ", ".join(f"{name} lacks {each.resource}" for name, (each, _) in lacking.items())
    rule = f"the site {site} must have enough for all steps that keep their racks' mode in one mode at least ({listed})"
    there = most.get((site, row.resource), 0.0)
    if row.resource in present[site]:
        remedy = f"give {site} at least {row.amount:g} of {row.resource}, where it has {there:g}"
    else:
        remedy = f"list {row.resource} for {site} in resources"
    yield place.problem("resource", rule, row.resource, remedy)


def _names(rows: Iterable[tuple[RoutingResource, Place]]) -> list[str]:
    return list(dict.fromkeys(row.mode for row, _ in rows if row.mode))


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names)
