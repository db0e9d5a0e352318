"""What tables and scenarios can say and no engine does yet: refused here, and only here.

Better a clear refusal than a result that silently left something out. A rule goes from
this list when the engines learn to keep it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from twin.model.checks_convert import unsupported_conversions
from twin.model.checks_levels import levels_asked, levels_of
from twin.model.checks_make import levels_in_force
from twin.model.demand_curves import followed
from twin.model.problems import Problem
from twin.model.rows_demand import Demand, Order, Stock
from twin.model.rows_forecast import DriverShare, Transition
from twin.model.rows_make import BomLine, Process, RoutingResource, RoutingStep
from twin.model.scenario_file import ScenarioFile
from twin.model.tables import Tables

DISRUPTIONS = (
    "outage",
    "starts_blocked",
    "shipments_blocked",
    "capacity",
    "lead_time",
    "yield",
    "scrap",
    "embargo",
    "curtailment",
)
"""Kinds of disruption that run."""


def check_supported(tables: Tables, file: ScenarioFile) -> list[Problem]:
    """A problem for every cell and key that asks for what no engine does yet."""
    return [
        *_unsupported_kinds(file),
        *unsupported_conversions(tables),
        *_unsupported_levels(tables),
        *_unsupported_ways(tables),
        *_unsupported_clusters(tables),
        *_unsupported_racks(tables),
        *_unsupported_streams(tables),
    ]


def _unsupported_kinds(file: ScenarioFile) -> Iterator[Problem]:
    assert file.scenario is not None
    for disruption, place in zip(file.scenario.disruptions, file.places["disruptions"], strict=True):
        if disruption.kind not in DISRUPTIONS:
            rule = f"disruptions of kind {disruption.kind} are not simulated yet"
            yield place.problem("kind", rule, disruption.kind, f"use one of: {', '.join(DISRUPTIONS)}")


def _unsupported_clusters(tables: Tables) -> Iterator[Problem]:
    """Racks that wait for others of their order need a plan that releases them."""
    moded = {(row.item, row.level, row.step) for row, _ in tables.of(RoutingResource) if row.mode}
    pulled = {stock.item for stock, _ in tables.of(Stock) if stock.policy.kind != "plan"}
    for step, place in tables.of(RoutingStep):
        if step.cluster > 1 and step.item in pulled:
            rule = "racks that do a step together do not run under a stock policy yet"
            yield place.problem("cluster", rule, str(step.cluster), "clear the cell")
        if step.cluster > 1 and (step.item, step.level, step.step) in moded:
            rule = "a step that racks do together does not run in several modes yet"
            yield place.problem("cluster", rule, str(step.cluster), "clear the cell, or keep one mode")


def _unsupported_racks(tables: Tables) -> Iterator[Problem]:
    """Racks that a datacenter takes up as the plan wants are addressed to it, which no stock policy does."""
    stocks = [(stock, place) for stock, place in tables.of(Stock) if stock.policy.kind != "plan"]
    pulled = {(stock.site, stock.item) for stock, _ in stocks}
    routed = {step.item for step, _ in tables.of(RoutingStep)}
    asked = {(order.site, order.item) for order, _ in tables.of(Order)}
    asked |= {(stream.site, stream.item) for stream, _ in tables.of(Demand)}
    forecast = followed((row for row, _ in tables.of(DriverShare)), [row for row, _ in tables.of(Transition)])
    asked |= {(site, item) for item, _, site in forecast}
    planned = {item for _, item in asked - pulled} & routed
    taken_up = [line for line, _ in tables.of(BomLine) if line.item in planned and line.input in routed]
    racks = {name for line in taken_up for name in (line.item, line.input)}
    for stock, place in stocks:
        if stock.item in racks:
            rule = (
                "racks that the plan has taken up at a datacenter do not come from a stock policy: "
                "the plan says where each goes, and a place has one controller"
            )
            remedy = "write plan, or give a policy to what is ordered at every site that orders it"
            yield place.problem("policy", rule, stock.policy.kind, remedy)


def _unsupported_streams(tables: Tables) -> Iterator[Problem]:
    """A stream for what is made one by one needs a stock policy that makes it, for itself or for what it goes into."""
    routed = {step.item for step, _ in tables.of(RoutingStep)}
    inputs: dict[str, set[str]] = defaultdict(set)
    for line, _ in tables.of(BomLine):
        inputs[line.item].add(line.input)
    by_policy: set[str] = set()
    frontier = {stock.item for stock, _ in tables.of(Stock) if stock.policy.kind != "plan"}
    while frontier:
        by_policy |= frontier
        frontier = set().union(*(inputs[item] for item in frontier)) - by_policy
    for stream, place in tables.of(Demand):
        if stream.item in routed and stream.item not in by_policy:
            rule = "a stream for what is made one by one does not run under the plan yet"
            stocked = f"{stream.item} at {stream.site}"
            remedy = f"give {stocked} a row in 'stock' with a policy such as base_stock(0), or write orders instead"
            yield place.problem("item", rule, stream.item, remedy)


def _unsupported_levels(tables: Tables) -> Iterator[Problem]:
    """Where a site makes an item at several levels, the plan says how a rack is built, and its order does not."""
    asked = levels_asked(tables)
    for stock, place in tables.of(Stock):
        if stock.policy.kind != "plan" and len(levels_of(asked, stock.site, stock.item)) > 1:
            rule = f"a stock policy makes {stock.item} at {stock.site} at one level, and not at several"
            yield place.problem("policy", rule, stock.policy.kind, "write plan, or keep one level in 'levels'")
    for order, place in tables.of(Order):
        levels = levels_of(asked, order.site, order.item)
        if order.level and levels and levels.keys() != {order.level}:
            others = ", ".join(sorted(levels))
            rule = f"an order that asks for one level does not run where its site has others ({others})"
            remedy = "clear the cell; 'levels' says how many are built in each way"
            yield place.problem("level", rule, order.level, remedy)


def _unsupported_ways(tables: Tables) -> Iterator[Problem]:
    """What docks at a site is taken up in one way: that of another level comes as another item."""
    routed: dict[str, list[str]] = defaultdict(list)
    for step, _ in tables.of(RoutingStep):
        routed[step.item].append(step.level)
    made = {(process.site, process.item) for process, _ in tables.of(Process)}
    taken: dict[tuple[str, str, str], str] = {}
    for process, place in tables.of(Process):
        site, item = process.site, process.item
        level = process.level
        if item not in routed or (level and level not in levels_in_force(tables, site, item, routed[item])):
            continue
        for line, _ in tables.of(BomLine):
            at_level = not level or line.level in ("", level)
            if line.item == item and at_level and line.input in routed and (site, line.input) not in made:
                first = taken.setdefault((site, item, line.input), process.process)
                if first != process.process:
                    rule = f"{line.input} is taken up at {site} in one way, which is {first}"
                    remedy = "let what goes into each level be an item of its own, or keep one of the processes"
                    yield place.problem("process", rule, process.process, remedy)
