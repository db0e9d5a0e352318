"""Made-up moves between two runs, as full as a comparison can tell them."""

from __future__ import annotations

from twin.events.moved_result import (
    MOST_ROWS,
    AllOperationsMoved,
    DatesMoved,
    LaneMoved,
    LanesMoved,
    MakersMoved,
    ModeMoved,
    Moved,
    OperationsMoved,
    OrderBookMoved,
    OrderChanged,
    OrderDate,
    OrderResourced,
    OrdersResourced,
    SuppliesMoved,
    SupplyMoved,
    UtilisationMoved,
    UtilisationsMoved,
)

NO_DATES = DatesMoved(
    orders=40, earlier=0, later=0, earlier_by_a_week=0, later_by_a_week=0, lost=0, gained=0, rows=[]
)  # fmt: skip


def nothing_moved(second: str = "memory-outage") -> Moved:
    """The same twice."""
    return Moved(
        first="baseline",
        second=second,
        weeks=52,
        book=OrderBookMoved(added=0, removed=0, changed=0, added_units=0, removed_units=0, rows=[]),
        orders=OrdersResourced(orders=0, racks=0, of_racks=1200, moves=0, makers=[], rows=[]),
        supplies=SuppliesMoved(supplies=0, shares=0, rows=[]),
        operations=AllOperationsMoved(
            step_count=0,
            process_count=0,
            operations=9000,
            elsewhere=0,
            earlier=0,
            later=0,
            sites=[],
            steps=[],
            processes=[],
        ),
        lanes=LanesMoved(lanes=0, modes=[], rows=[]),
        promises=NO_DATES,
        completions=NO_DATES,
        utilisation=UtilisationsMoved(resources=0, rows=[]),
    )


def all_moved(second: str = "memory-outage") -> Moved:
    """Something of every kind, in lists as long as they may be."""
    return nothing_moved(second).model_copy(
        update={
            "book": OrderBookMoved(
                added=1, removed=1, changed=1, added_units=6, removed_units=2,
                rows=[_asked(None, 6), _asked(2, None), _asked(2, 4)],
            ),
            "orders": OrdersResourced(
                orders=30,
                racks=96,
                of_racks=1200,
                moves=31,
                makers=[
                    MakersMoved(from_site="north", to_site="south", orders=30, racks=60),
                    MakersMoved(from_site="south", to_site="north", orders=5, racks=36),
                ],
                rows=[_order(number) for number in range(MOST_ROWS)],
            ),
            "supplies": SuppliesMoved(
                supplies=1, shares=2, rows=[_supply("pack_a", 0.6, 0.25), _supply("pack_b", 0.4, 0.75)]
            ),
            "operations": AllOperationsMoved(
                step_count=25,
                process_count=1,
                operations=9000,
                elsewhere=450,
                earlier=0,
                later=90,
                sites=[_work("site", "north", "", elsewhere=300.0), _work("site", "south", "", shift=0.1)],
                steps=[_work("step", "north", f"step-{number}", later=10.0) for number in range(MOST_ROWS)],
                processes=[_work("process", "fab", "stacking", "wafer", earlier=100.0, later=50.0, shift=-0.5)],
            ),
            "lanes": LanesMoved(
                lanes=3,
                modes=[_mode("air", 10_000, 14_000, 50_000.0, 70_000.0), _mode("ocean", 2_000, 0, 900.0, 0.0)],
                rows=[_lane("fab-north", "air", 10_000, 14_000), _lane("new", "air", 0, 500)],
            ),
            "promises": NO_DATES.model_copy(update={"later": 2, "later_by_a_week": 1, "rows": [_day("order-1", 12.0)]}),
            "completions": NO_DATES.model_copy(
                update={"earlier": 3, "later": 5, "lost": 1, "rows": [_day("order-2", None), _day("order-1", -2.5)]}
            ),
            "utilisation": UtilisationsMoved(
                resources=1, rows=[UtilisationMoved(site="north", resource="test_cell", first=0.9, second=0.6)]
            ),
        }
    )  # fmt: skip


def _asked(before: int | None, after: int | None) -> OrderChanged:
    first, second = (("2026-03-01", "rack at campus") if units else (None, None) for units in (before, after))
    return OrderChanged(
        order='rush "<script>alert(1)</script>"', customer="O'Neil & <b>Sons</b>",
        first_quantity=before, second_quantity=after, first_due=first[0], second_due=second[0],
        first_asks=first[1], second_asks=second[1] and "rack at other",
    )  # fmt: skip


def _order(number: int) -> OrderResourced:
    return OrderResourced(
        order=f"order-{number}", customer="A", racks=36, of_racks=48, from_site="north", to_site="south"
    )


def _supply(supplier: str, before: float, after: float) -> SupplyMoved:
    return SupplyMoved(
        item="package",
        site="trays",
        supplier=supplier,
        first_units=1000 * before,
        second_units=1000 * after,
        first_share=before,
        second_share=after,
        units_moved=1000 * (after - before),
        usd_moved=50_000 * (after - before),
    )


def _work(
    kind: str, site: str, name: str, item: str = "", *, elsewhere: float = 0, earlier: float = 0, later: float = 0,
    shift: float = 0,
) -> OperationsMoved:  # fmt: skip
    return OperationsMoved.model_validate(
        {
            "kind": kind, "site": site, "name": name, "item": item, "first": 600.0, "second": 300.0, "matched": 500.0,
            "elsewhere": elsewhere, "earlier": earlier, "later": later, "mean_shift_weeks": shift,
        }
    )  # fmt: skip


def _mode(mode: str, first_kg: float, second_kg: float, first_usd: float, second_usd: float) -> ModeMoved:
    return ModeMoved(
        mode=mode,
        first_kg=first_kg,
        second_kg=second_kg,
        first_departures=10,
        second_departures=14,
        first_usd=first_usd,
        second_usd=second_usd,
    )


def _lane(lane: str, mode: str, first_kg: float, second_kg: float) -> LaneMoved:
    return LaneMoved(
        lane=lane,
        origin="fab",
        destination="north",
        mode=mode,
        first_units=first_kg / 10,
        second_units=second_kg / 10,
        first_kg=first_kg,
        second_kg=second_kg,
        first_departures=10,
        second_departures=14,
        first_usd=5.0 * first_kg,
        second_usd=5.0 * second_kg,
    )


def _day(order: str, shift_days: float | None) -> OrderDate:
    second = "2026-03-14" if shift_days is not None else None
    return OrderDate(
        order=order, customer="A", due="2026-03-01", first="2026-03-02", second=second, shift_days=shift_days
    )
