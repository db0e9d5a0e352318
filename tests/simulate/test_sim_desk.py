"""The order desk: which order a rack is for."""

from __future__ import annotations

from simulate.sim_floor import DAY_S, WEEK_S, column, count, make_floor, order_line

from twin.model.order_book import OrderLine
from twin.simulate.delivery import StockDelivery
from twin.simulate.desk import OrderDesk
from twin.simulate.lots import Floor
from twin.simulate.luck import LuckGroup
from twin.simulate.units import Unit


def desk_of(floor: Floor, *lines: OrderLine, fair: bool = False, **promises: int) -> OrderDesk:
    return OrderDesk(floor.clock, floor.log, floor.streams, lines, dict(promises), fair)


def pegged(desk: OrderDesk, times: int) -> list[tuple[str, int]]:
    found = [desk.peg("dc", "rack")[:2] for _ in range(times)]
    return [(opened.line.order if opened else "", number) for opened, number in found]


def test_priority_then_promise_then_name() -> None:
    floor = make_floor()
    lines = (
        order_line("b", 1), order_line("a", 1), order_line("late", 1, due_s=2 * WEEK_S),
        order_line("promised", 1, due_s=9 * WEEK_S), order_line("first", 1, priority=1, due_s=9 * WEEK_S),
    )  # fmt: skip
    desk = desk_of(floor, *lines, promised=DAY_S)
    assert [name for name, _ in pegged(desk, 6)] == ["first", "promised", "a", "b", "late", ""]


def test_units_of_an_order_are_numbered_and_spares_too() -> None:
    desk = desk_of(make_floor(), order_line("a", 2))
    assert pegged(desk, 4) == [("a", 0), ("a", 1), ("", 0), ("", 1)]


def test_units_made_for_no_order_have_numbers_of_their_own_wherever_they_go() -> None:
    """Two campuses fed by one integrator: order -1 and the number tell each unit from all others."""
    desk = desk_of(make_floor())
    places = [("dc", "rack"), ("other", "rack"), ("dc", "rack"), ("other", "shelf"), ("other", "rack")]
    assert [desk.peg(*place)[1] for place in places] == [0, 1, 2, 3, 4]


def test_an_order_not_yet_placed_waits() -> None:
    floor = make_floor()
    desk = desk_of(floor, order_line("later", 1, priority=1, placed_s=DAY_S), order_line("now", 2))
    assert pegged(desk, 1) == [("now", 0)]
    floor.clock.run(DAY_S + 1)
    assert pegged(desk, 2) == [("later", 0), ("now", 1)]


def test_fair_share_serves_the_smallest_delivered_fraction() -> None:
    desk = desk_of(make_floor(), order_line("big", 10, priority=1), order_line("small", 2), fair=True)
    served = []
    for _ in range(6):
        opened = desk.most_urgent("dc", "rack", "accepted")
        assert opened is not None
        desk.accept(opened)
        served.append(opened.line.order)
    assert served == ["big", "small", "big", "big", "big", "big"]


def test_fair_share_counts_what_is_pegged_and_what_is_on_its_way() -> None:
    """Nothing is accepted yet, and still both get their share: a quarter more at a time."""
    desk = desk_of(make_floor(), order_line("big", 8), order_line("small", 4), fair=True)
    assert [name for name, _ in pegged(desk, 6)] == ["big", "small", "big", "big", "small", "big"]
    sent = [Unit(order=-1, number=n, luck=desk.peg("dc", "rack")[2], urgency=(5, 0, "")) for n in range(3)]
    for unit in sent:
        desk.assign(unit, "dc", "rack")
    assert [desk.by_code[unit.serves].line.order for unit in sent] == ["big", "small", "big"]


def test_fair_share_shares_out_what_is_in_stock_too() -> None:
    """Six on hand for orders of eight and four, a unit at a time; by priority the first takes all."""
    for fair, shares in ((True, {"big": 4.0, "small": 2.0}), (False, {"big": 6.0})):
        floor = make_floor()
        desk = desk_of(floor, order_line("big", 8, priority=1), order_line("small", 4), fair=fair)
        floor.stocks.add(floor.stocks.index("dc", "rack"), 6)
        StockDelivery(floor, desk, "dc", "rack", [0], waits=True)
        floor.clock.run(DAY_S)
        log = floor.log.close()
        got: dict[str, float] = {}
        for code, units in zip(column(log, "accepted", "order"), column(log, "accepted", "quantity"), strict=True):
            got[log.orders[int(code)]] = got.get(log.orders[int(code)], 0.0) + units
        assert got == shares


def test_a_lost_unit_is_owed_again_under_a_new_number() -> None:
    desk = desk_of(make_floor(), order_line("a", 2), order_line("b", 1))
    assert pegged(desk, 3) == [("a", 0), ("a", 1), ("b", 0)]
    opened = next(opened for opened in desk.by_code.values() if opened.line.order == "a")
    desk.owe(Unit(order=opened.code, number=1, luck=opened.luck, urgency=opened.urgency))
    # Not under its old number, whose luck was to be lost.
    assert pegged(desk, 2) == [("a", 2), ("", 0)]


def test_shipped_units_count_for_the_most_urgent_order_that_lacks_one() -> None:
    floor = make_floor()
    desk = desk_of(floor, order_line("a", 1), order_line("b", 1))
    units = [Unit(order=-1, number=n, luck=LuckGroup(floor.streams, "x", 1), urgency=(5, 0, "")) for n in range(3)]
    for unit in units:
        desk.assign(unit, "dc", "rack")
    names = [desk.by_code[unit.serves].line.order if unit.serves >= 0 else "" for unit in units]
    assert names == ["a", "b", ""]
    desk.owe(units[0])
    desk.assign(units[2], "dc", "rack")
    assert (desk.by_code[units[2].serves].line.order, units[2].ordinal) == ("a", 0)


def test_an_order_is_complete_with_its_last_unit() -> None:
    floor = make_floor()
    desk = desk_of(floor, order_line("a", 2, revenue_usd=10.0))
    desk.deliver({"a": 1})
    (opened,) = desk.by_code.values()
    floor.clock.run(DAY_S)
    desk.accept(opened)
    floor.clock.run(2 * WEEK_S)
    assert desk.delivered() == {"a": 2}
    log = floor.log.close()
    assert column(log, "completed", "time_s").tolist() == [DAY_S]
    assert column(log, "completed", "usd").tolist() == [10.0]
    assert (count(log, "ordered"), count(log, "due")) == (1, 1)
    assert column(log, "due", "time_s").tolist() == [WEEK_S]
