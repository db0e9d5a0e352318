"""Rules about stocks: what a policy needs, and what goes with the plan only or with a policy only."""

from __future__ import annotations

from collections.abc import Iterator

from twin.model.place import Place
from twin.model.problems import Problem
from twin.model.rows_demand import Demand, Stock
from twin.model.rows_make import Process, RoutingStep
from twin.model.tables import Tables


def check_policies(tables: Tables) -> Iterator[Problem]:
    """Reviews go with a policy besides `plan`, lost demand with one or a stream; an average needs reviews."""
    asked = {(stream.site, stream.item) for stream, _ in tables.of(Demand)}
    for stock, place in tables.of(Stock):
        if stock.policy.kind == "plan":
            yield from _of_the_plan(stock, place, asked)
        elif stock.policy.kind == "moving_average" and stock.review_days is None:
            rule = "moving_average takes the mean of reviews, so review_days must be given"
            yield place.problem("review_days", rule, "", "give the days from one review to the next")


def _of_the_plan(stock: Stock, place: Place, asked: set[tuple[str, str]]) -> Iterator[Problem]:
    remedy = "give a policy such as base_stock(20), or clear the cell"
    if stock.review_days is not None:
        rule = "a stock under plan is reviewed when plans are made"
        yield place.problem("review_days", rule, f"{stock.review_days:g}", remedy)
    if stock.unmet == "lost" and (stock.site, stock.item) not in asked:
        yield place.problem(
            "unmet",
            "orders under plan wait until they are met, and no row of 'demand' asks for the item there",
            "lost",
            remedy,
        )


def check_cards(tables: Tables) -> Iterator[Problem]:
    """Cards of a kanban are enough for a lot of the process that they start."""
    routed = {step.item for step, _ in tables.of(RoutingStep)}
    lots: dict[tuple[str, str], int] = {}
    for process, _ in tables.of(Process):
        if process.item not in routed:
            lots.setdefault((process.site, process.item), process.lot_size)
    for stock, place in tables.of(Stock):
        lot = lots.get((stock.site, stock.item), 1)
        if stock.policy.kind == "kanban" and stock.policy.parameters[0] < lot:
            rule = f"a kanban needs as many cards as a lot has units ({lot}), or nothing is ever started"
            yield place.problem(
                "policy", rule, f"kanban({stock.policy.parameters[0]:g})", f"give kanban({lot}) or more"
            )
