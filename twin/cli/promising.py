"""The command that promises: a date for an order, and whose order slips for it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from twin.cli import options
from twin.cli.output import answer, answer_json, check_writable, save_json
from twin.cli.progress import progress

OrderOption = Annotated[str, typer.Option("--order", metavar="ORDER", help="An order of the book, by name.")]
CustomerOption = Annotated[str, typer.Option("--customer", help="Who orders, in a new order.")]
SiteOption = Annotated[str, typer.Option("--site", help="The site at which a new order is to be accepted.")]
ItemOption = Annotated[str, typer.Option("--item", help="What is ordered. Default: the one item that the site orders.")]
QuantityOption = Annotated[int, typer.Option("--quantity", min=0, max=10_000_000, help="Units of a new order.")]
PriorityOption = Annotated[
    int | None,
    typer.Option(
        "--priority", min=1, max=9, help="Of a new order; 1 is served first. Default: as most of the customer's orders."
    ),
]
ByOption = Annotated[
    datetime | None,
    typer.Option("--by", formats=["%Y-%m-%d"], help="Day asked for in a new order. Default: as soon as can be."),
]
TargetOption = Annotated[
    float, typer.Option("--target", min=0.01, max=0.99, help="The chance to which buffers would lift the order.")
]


def promise(
    scenario: options.ScenarioArgument,
    order: OrderOption = "",
    customer: CustomerOption = "",
    site: SiteOption = "",
    item: ItemOption = "",
    quantity: QuantityOption = 0,
    priority: PriorityOption = None,
    by: ByOption = None,
    target: TargetOption = 0.8,
    as_json: options.JsonOption = False,
    out: options.SaveOption = None,
    seed: options.SeedOption = None,
    workers: options.WorkersOption = None,
    quiet: options.QuietOption = False,
) -> None:
    """Promise a date at 50, 80 and 95 % for an order of the book or a new one; whose order slips; what buffers it.

    Example: twin promise baseline --customer CUSTOMER --site SITE --quantity 40
    """
    from twin import api
    from twin.cli.tables_promise import promise_tables
    from twin.events.promise import Asked

    given = {"customer": customer, "site": site, "item": item, "quantity": quantity, "priority": priority, "by": by}
    parts = [name for name, value in given.items() if value]
    if order and parts:
        raise typer.BadParameter(
            f"name an order of the book or a new one, not both (--{parts[0]})", param_hint="--order"
        )
    if not order and not parts:
        hint = "--order, or --customer, --site and --quantity"
        raise typer.BadParameter("say for which order a promise is wanted", param_hint=hint)
    if not order and not quantity:
        raise typer.BadParameter("say how many units a new order is for, 1 or more", param_hint="--quantity")
    case = api.load(scenario)
    check_writable(files=[out])
    asked = Asked(
        order=order,
        customer=customer,
        site=site,
        item=item,
        quantity=quantity,
        priority=priority,
        by=by.date().isoformat() if by else "",
        target=target,
    )
    with progress(quiet) as tell:
        view = api.promise(case, asked, seed=seed, workers=workers, progress=tell)
    if out is not None:
        save_json(view, out)
    if as_json:
        answer_json(view)
    else:
        answer(*promise_tables(view))
