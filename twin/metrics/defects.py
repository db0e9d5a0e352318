"""Defects by gate: put in by steps, added in transport, found, escaped from a site, and left at the customer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twin.metrics.rows import Rows, ratio, tally

if TYPE_CHECKING:
    from twin.metrics.view import View

NAN = float("nan")


def put_in_per_rack(view: View) -> float:
    """Defects put in by steps and added in transport, per rack accepted; NaN where the world has none."""
    return _total(view, view.of("flawed"))


def put_in_by_step(view: View) -> dict[str, float]:
    """By step `SITE/NAME`: defects that it put in, per rack accepted."""
    return _by_place(view, view.of("flawed"), "step")


def added_by_lane(view: View) -> dict[str, float]:
    """By lane: defects added on the way, per rack accepted."""
    return _by_place(view, view.of("flawed"), "lane")


def found_per_rack(view: View) -> float:
    """Defects that gates found, per rack accepted; NaN where the world has none."""
    return _total(view, view.of("found"))


def found_by_step(view: View) -> dict[str, float]:
    """By step `SITE/NAME`: defects that its gate found, per rack accepted."""
    return _by_place(view, view.of("found"), "step")


def escaped_by_site(view: View) -> dict[str, float]:
    """By site: defects that passed its last gate, per rack accepted."""
    return _by_place(view, view.of("escaped"), "site")


def at_customer_per_rack(view: View) -> float:
    """Defects left in what customers ordered as it was finished, per rack accepted; NaN where the world has none."""
    rows = view.of("escaped")
    return _total(view, rows.where(view.is_item(view.facts.finished)[rows.item]))


def retests_per_rack(view: View) -> float:
    """Attempts of steps after a unit's first, per rack accepted; NaN where the world has no defects."""
    if not view.facts.has_defects:
        return NAN
    return ratio(float((view.of("step").value > 1).sum()), view.racks_accepted)


def _total(view: View, rows: Rows) -> float:
    return ratio(float(rows.quantity.sum()), view.racks_accepted) if view.facts.has_defects else NAN


def _by_place(view: View, rows: Rows, kind: str) -> dict[str, float]:
    counts = tally(rows.place, rows.quantity, len(view.log.places))
    return {name: ratio(counts[at], view.racks_accepted) for at, name in view.places(kind).items() if counts[at]}
