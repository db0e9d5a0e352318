"""Whatever drivers, shares and transitions there are: no unit is lost or made twice, and orders stay what they are."""

from __future__ import annotations

from collections import defaultdict
from itertools import accumulate

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from known.demand_worlds import demand_world, drivers, move, share
from worlds import day, row

from twin.model.demand_curves import asked_for
from twin.model.order_book import drawn_book, formed_lines, order_book
from twin.model.rows_forecast import Driver
from twin.model.units import WEEK_S
from twin.model.world import World

WEEKS = 30


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Up to three drivers, one with a second row, at up to four places; an item that may give way to two others."""
    parts = draw(st.lists(st.integers(1, 9), min_size=1, max_size=4))
    levels = draw(st.lists(st.floats(0, 40), min_size=1, max_size=3))
    growths = draw(st.lists(st.floats(0.05, 20), min_size=3, max_size=3))
    named = {
        f"d{number}": (f"lognormal({max(level, 0.01)}, 0.3)", growths[number]) for number, level in enumerate(levels)
    }
    rows = drivers(**named)
    if draw(st.booleans()):
        later = {"from": day(draw(st.integers(0, 200)))}
        rows = (*rows, row(Driver, driver="d0", units_per_week=draw(st.floats(0, 40)), **later))
    begins, lasts = draw(st.integers(-60, 150)), draw(st.integers(1, 150))
    times = {"from": day(begins), "until": day(begins + lasts)}
    ending = draw(st.booleans())
    last = {"last_order": day(begins + lasts // 2), "spare_units": draw(st.integers(0, 9))} if ending else {}
    first = draw(st.sampled_from([0.25, 0.5]))
    moves = (move(share=first, **times, **last), move(successor="third", share=1 - first if ending else 0.5, **times))
    return demand_world(
        weeks=WEEKS,
        drivers=rows,
        driver_shares=tuple(share(part=part / sum(parts), customer=f"c{number}") for number, part in enumerate(parts)),
        transitions=draw(st.sampled_from([(), moves])),
    )


@given(worlds())
def test_orders_add_up_to_what_is_asked_for(world: World) -> None:
    lines = formed_lines(world)
    assert len({line.order for line in lines}) == len(lines)
    assert all(line.quantity >= 1 for line in lines)
    wanted: dict[str, np.ndarray] = defaultdict(lambda: np.zeros(WEEKS))
    for each in asked_for(world, range(WEEKS)):
        assert (np.diff(each.units, prepend=0.0) >= -1e-9).all()
        wanted[each.driver] += each.units
    for driver, units in wanted.items():
        weekly = [0] * WEEKS
        for line in lines:
            weekly[line.due_s // WEEK_S - 1] += line.quantity if line.driver == driver else 0
        assert np.abs(np.array(list(accumulate(weekly))) - units).max() <= 0.5 + 1e-6


@given(worlds(), st.floats(0.01, 0.99), st.integers(0, WEEKS))
def test_what_is_known_of_a_draw_grows_into_it(world: World, chance: float, week: int) -> None:
    forecast = order_book(world)
    draws = {driver.driver: (chance, chance) for driver in world.drivers}
    drawn = drawn_book(world, forecast, draws)
    known = drawn_book(world, forecast, draws, week * WEEK_S)
    assert [line for line in drawn if line.placed_s <= 0] == [line for line in forecast if line.placed_s <= 0]
    for source, begun in ((drawn, True), (forecast, False)):
        own = [line for line in source if (line.placed_s <= week * WEEK_S) is begun]
        assert [line for line in known if (line.placed_s <= week * WEEK_S) is begun] == own
    assert drawn_book(world, forecast, draws, 0) == forecast
