"""What `twin show` prints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.console import RenderableType

from twin.cli.output import counted, heading, number, percent, sentence, table

if TYPE_CHECKING:
    from twin.events.views import ShowResult, SiliconContent

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
        if item in view.silicon:
            yield sentence(_silicon(view.silicon[item]))
    yield ""
    yield heading(f"Single points of failure: {len(view.network.single_points)}")
    yield from (sentence(f"  {point}") for point in view.network.single_points)
    yield ""
    yield _concentration(view)
    if view.disruptions:
        yield ""
        yield _disruptions(view)


def _silicon(content: SiliconContent) -> str:
    return (
        f"{sum(content.chips.values()):,.0f} chips of {counted(len(content.chips), 'type')}: "
        f"{content.dies:,.0f} dies with {number(content.transistors)} transistors"
    )


def _disruptions(view: ShowResult) -> RenderableType:
    """What a scenario's disruptions hit, how, and from when to when."""
    rows = ((one["name"], one["kind"], one["starts"], one["ends"], _first_few(one["hits"])) for one in view.disruptions)
    return table("Disruptions, of which all above knows nothing", ("name", "kind", "starts", "ends", "hits"), rows)


def _first_few(struck: str) -> str:
    names = struck.split(", ")
    more = f" and {len(names) - _MOST_STRUCK} more" if len(names) > _MOST_STRUCK else ""
    return ", ".join(names[:_MOST_STRUCK]) + more


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
