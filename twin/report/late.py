"""Why orders are late: what costs most over all of them, and the chain of the one that costs most."""

from __future__ import annotations

from itertools import accumulate

from twin.events.late_result import LateCause, LateLink, LateOrder, LateOrders
from twin.events.result import RunResult
from twin.report.blocks import Block, Cell, Chart, Section, Table, name_column, number_column, text_column, value
from twin.report.blocks import words as text
from twin.report.figures import Trace, figure_json
from twin.report.palette import BLUE, GREY, ORANGE
from twin.report.words import ABSENT, count, day, number, plain, rounded, said

MOST_DRAWN = 15
"""Causes in the picture, the dearest first; all that the run tells stand in its table."""
FIRST_ROWS = 30
LINE_PX, FRAME_PX = 24, 120
LONGEST = 30
"""Letters of a label beside a bar; more would leave a narrow screen no room for the bars."""
TOLD_LINKS = 3


def late_section(result: RunResult) -> Section | None:
    """Causes of lateness, the chain of the dearest order, and the dearest orders in a sentence each."""
    late = result.late
    if late is None or not late.orders:
        return None
    blocks: list[Block] = [_causes_chart(late)] if late.causes else []
    return Section(
        anchor="why-late",
        title="Why orders are late",
        lead=f"In the first run, {late.orders_late:,} of {count(late.orders_due, 'order')} that fell due were late or "
        "are at its end. Each delay is followed from its promise back along the last rack of the order, and up its "
        "supply, to where it began; the links add up to the delay without rest.",
        blocks=(*blocks, _chain_chart(late.orders[0]), _orders_table(late, result.run)),
    )


def _causes_chart(late: LateOrders) -> Chart:
    shown = late.causes[:MOST_DRAWN]
    total = sum(cause.rack_days for cause in late.causes)
    most = shown[0]
    full = [_cause_label(cause) for cause in shown]
    labels = _numbered(full)
    figure = figure_json(
        [
            {
                "type": "bar",
                "orientation": "h",
                "x": [rounded(cause.rack_days) for cause in shown],
                "y": labels,
                "marker": {"color": BLUE},
                "customdata": full,
                "hovertemplate": "%{customdata}: %{x:,.4~g} rack-days<extra></extra>",
            }
        ],
        _layout("rack-days", labels),
    )
    return Chart(
        anchor="late-causes",
        title="What costs most",
        sentence=f"Days of each link times the late racks of its order: {said(most.what)} is the dearest, "
        f"{number(100 * most.rack_days / total, 2)} % of {number(total)} rack-days.",
        figure=figure,
        table=_causes_table(late),
        height=FRAME_PX + LINE_PX * len(shown),
    )


def _causes_table(late: LateOrders) -> Table:
    return Table(
        name="late-causes",
        columns=(
            text_column("What"),
            text_column("Where"),
            text_column("Mostly because"),
            number_column("Orders"),
            number_column("Cost", "rack-days"),
        ),
        rows=tuple(
            (
                text(plain(cause.what)),
                text(said(cause.where) or ABSENT),
                text(said(cause.because)),
                value(cause.orders),
                value(cause.rack_days),
            )
            for cause in late.causes
        ),
        first=FIRST_ROWS,
        note="What took less time than planned, and what the plan allows for, is no cause; so causes add up to more "
        "than the delays.",
    )


def _chain_chart(order: LateOrder) -> Chart:
    """From the due date to the last acceptance: each link begins where the one before it ended."""
    links = order.links
    begins = [0.0, *accumulate(link.days for link in links)][:-1]
    full = [_link_label(link) for link in links]
    labels = _numbered(full)
    figure = figure_json(
        [
            {
                "type": "bar",
                "orientation": "h",
                "base": [rounded(each) for each in begins],
                "x": [rounded(link.days) for link in links],
                "y": labels,
                "marker": {"color": [ORANGE if link.days > 0 else GREY for link in links]},
                "customdata": [[name, rounded(link.days)] for name, link in zip(full, links, strict=True)],
                "hovertemplate": "%{customdata[0]}: %{customdata[1]:+.4~g} days<extra></extra>",
            }
        ],
        _layout("days after the due date", labels),
    )
    return Chart(
        anchor="late-chain",
        title=f"Why {order.order} is {number(order.delay_days)} days late",
        sentence=f"{count(order.quantity, 'rack')} for {order.customer or 'a customer'} at {said(order.site)}, due "
        f"{day(order.due[:10])}. {_told(order)} Grey links gained time.",
        figure=figure,
        table=_chain_table(order),
        height=FRAME_PX + LINE_PX * len(links),
    )


def _chain_table(order: LateOrder) -> Table:
    rows = [
        (text(plain(link.what)), text(said(link.where) or ABSENT), text(said(link.because)), _days(link.days))
        for link in order.links
    ]
    rows.append((text("Delay"), text(said(order.site)), text("the sum of all links"), _days(order.delay_days)))
    return Table(
        name="late-chain",
        columns=(text_column("What"), text_column("Where"), text_column("Because"), number_column("Takes", "days")),
        rows=tuple(rows),
    )


def _orders_table(late: LateOrders, run: str) -> Table:
    more = late.orders_late - len(late.orders)
    others = f" {more:,} more stand in late.json beside the run's log." if more else ""
    return Table(
        name="late-orders",
        title="Orders that wait longest, racks counted",
        columns=(
            name_column("Order"),
            name_column("Customer"),
            name_column("Due"),
            name_column("Complete"),
            number_column("Late racks"),
            number_column("Delay", "days"),
            text_column("Most of it"),
        ),
        rows=tuple(
            (
                text(order.order),
                text(order.customer or ABSENT),
                text(order.due[:10]),
                text(order.accepted[:10] or ABSENT),
                Cell(text=f"{order.late_racks} of {order.quantity}"),
                _days(order.delay_days),
                text(_dearest(order)),
            )
            for order in late.orders
        ),
        note=f"All links of an order: twin why {run.rpartition('/')[2]} ORDER.{others}",
    )


def _told(order: LateOrder) -> str:
    """The links that cost most, in words, and what the others come to."""
    most = sorted((link for link in order.links if link.days > 0), key=lambda link: -link.days)[:TOLD_LINKS]
    parts = [f"{number(link.days)} days: {said(link.what)}, {said(link.because)}" for link in most]
    rest = order.delay_days - sum(link.days for link in most)
    parts += [f"all else {number(rest, 2)} days"] if len(order.links) > len(most) else []
    return "; ".join(parts) + "."


def _dearest(order: LateOrder) -> str:
    """The link that costs most, in words."""
    link = max(order.links, key=lambda link: link.days)
    return f"{number(link.days)} days: {said(link.what)}, {said(link.where)}"


def _cause_label(cause: LateCause) -> str:
    return f"{plain(cause.what)}, {said(cause.where)}" if cause.where else plain(cause.what)


def _link_label(link: LateLink) -> str:
    return f"{plain(link.what)}, {said(link.where)}" if link.where else plain(link.what)


def _numbered(labels: list[str]) -> list[str]:
    """Labels cut to their room, each with its number, since bars of one label would be laid on each other."""
    cut = (label if len(label) <= LONGEST else label[: LONGEST - 1].rstrip() + "…" for label in labels)
    return [f"{place}. {label}" for place, label in enumerate(cut, 1)]


def _days(days: float) -> Cell:
    return Cell(text=f"{days:.1f}".replace("-", "−"))


def _layout(title: str, labels: list[str]) -> Trace:
    return {
        "xaxis": {"title": {"text": title}},
        "yaxis": {"automargin": True, "autorange": "reversed", "categoryorder": "array", "categoryarray": labels},
        "hovermode": "closest",
        "showlegend": False,
    }
