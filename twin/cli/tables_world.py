"""What `twin show` prints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.console import RenderableType

from twin.cli.output import counted, heading, number, percent, sentence, table
from twin.model.units import WEEK_S

if TYPE_CHECKING:
    from twin.disrupt.targets import Hits
    from twin.events.views import ShowResult
    from twin.model.scenario import Case, Disruption

_MOST_STRUCK = 6


def world_tables(view: ShowResult) -> Iterator[RenderableType]:
    """The world in short, then its sites, what goes into a rack, and what hangs on one supplier."""
    yield heading(_summary(view))
    for problem in view.infeasible:
        yield sentence(f"Cannot be made: {problem}")
    yield ""
    yield _sites(view)
    yield ""
    yield _lanes(view)
    for item, content in view.content.items():
        yield ""
        yield table(f"In one {item}", ("item", ">units"), ((name, number(units, 4)) for name, units in content.items()))
    yield ""
    yield heading(f"Single points of failure: {len(view.network.single_points)}")
    yield from (sentence(f"  {point}") for point in view.network.single_points)
    yield ""
    yield _concentration(view)


def disruption_table(case: Case) -> RenderableType:
    """What a scenario's disruptions hit, how, from when and for how long."""
    from twin.disrupt.targets import hits
    from twin.network.build import build_network

    network = build_network(case.world)
    rows = (
        (one.name, one.kind, str(one.starts), number(_weeks(one)), _struck(hits(network, one)))
        for one in case.scenario.disruptions
    )
    columns = ("name", "kind", "starts", ">weeks", "hits")
    return table("Disruptions, of which all above knows nothing", columns, rows)


def _weeks(disruption: Disruption) -> float:
    return disruption.duration_weeks.mean * disruption.duration_unit_s / WEEK_S


def _struck(found: Hits) -> str:
    """Whole sites; or the processes, resources, lanes and goods that are meant."""
    parts = list(found.sites)
    if not found.sites:
        parts += [f"{process} at {site}" for process, site, _ in found.processes]
        parts += [f"{resource} at {site}" for site, resource in found.resources]
        parts += [f"lane {lane}" for lane in found.lanes]
        parts += [] if parts else [f"{item} from {site}" for site, item in found.shipping]
    names = sorted(set(parts))
    more = f" and {len(names) - _MOST_STRUCK} more" if len(names) > _MOST_STRUCK else ""
    return (", ".join(names[:_MOST_STRUCK]) + more) or "nothing"


def _summary(view: ShowResult) -> str:
    sites, lanes = counted(len(view.network.sites), "site"), counted(view.counts.get("lanes", 0), "lane")
    makeable = "every ordered item can be made" if not view.infeasible else f"{len(view.infeasible)} cannot be made"
    if not view.content:
        makeable = "nothing is ordered"
    return (
        f"{view.scenario} in world {view.world}: {sites}, {lanes}, {makeable}; "
        f"the longest lead time is {number(view.longest_lead_time_days)} days."
    )


def _sites(view: ShowResult) -> RenderableType:
    kinds = Counter(site.kind for site in view.network.sites)
    operators: dict[str, set[str]] = {}
    for site in view.network.sites:
        operators.setdefault(site.kind, set()).add(site.operator)
    rows = ((kind, str(count), ", ".join(sorted(operators[kind]))) for kind, count in kinds.items())
    return table("Sites", ("kind", ">sites", "operators"), rows)


def _lanes(view: ShowResult) -> RenderableType:
    transit_days: dict[str, list[float]] = {}
    for lane in view.network.lanes:
        transit_days.setdefault(lane.mode, []).append(lane.transit_days)
    rows = ((mode, str(len(days)), number(min(days)), number(max(days))) for mode, days in sorted(transit_days.items()))
    return table("Lanes that lead to an order", ("mode", ">lanes", ">days, shortest", ">longest"), rows)


def _concentration(view: ShowResult) -> RenderableType:
    rows = (
        (row.item, row.by, f"{row.hhi:,.0f}", number(row.effective_sources, 2), row.largest, percent(row.largest_share))
        for row in sorted(view.network.concentration, key=lambda row: -row.hhi)
    )
    return table(
        "Concentration of planned supply (HHI 0 to 10,000)",
        ("item", "by", ">HHI", ">sources", "largest", ">share"),
        rows,
    )
