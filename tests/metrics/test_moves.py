"""Operations of one log against those of another, both written by hand."""

from __future__ import annotations

import pytest
from log_builder import Story, facts

from twin.metrics.moves import Shift, process_shifts, site_shifts, step_shifts
from twin.metrics.view import View
from twin.model.units import DAY_S, WEEK_S


def steps(*told: tuple[str, str, int, float], weeks: int = 8) -> View:
    """First attempts by (place, order, number, day begun), each a day long."""
    story = Story(weeks=weeks, tail_weeks=8)
    for place, order, unit, began in told:
        story.tell(
            (began + 1) * DAY_S, "step", f"step:{place}", "rack", order, unit,
            quantity=1, since_s=began * DAY_S, value=1,
        )  # fmt: skip
    return View(story.log(), facts())


def lots(*told: tuple[float, float], weeks: int = 8) -> View:
    """Lots of one process by (day started, units)."""
    story = Story(weeks=weeks, tail_weeks=8)
    for number, (began, units) in enumerate(told):
        story.tell(began * DAY_S, "started", "process:make@p", "part", lot=number, quantity=units)
    return View(story.log(), facts())


def test_a_rack_is_followed_to_another_site_and_another_week() -> None:
    before = steps(("f/test", "one", 0, 1), ("f/test", "one", 1, 10), ("f/test", "two", 0, 20), ("f/pack", "one", 0, 2))
    # Orders and places stand in another order in the other log.
    after = steps(("g/test", "two", 0, 3), ("g/test", "one", 1, 11), ("f/test", "one", 0, 1), ("f/pack", "one", 0, 2))
    found = step_shifts(before, after)
    assert found["f", "test", ""] == Shift(
        first=3, second=1, matched=3, elsewhere=2, earlier=1, later=0, mean_s=pytest.approx((1 - 17) / 3 * DAY_S)
    )
    assert found["g", "test", ""] == Shift(first=0, second=2)
    assert found["f", "pack", ""] == Shift(first=1, second=1, matched=1)


def test_a_shift_of_a_week_is_no_shift_by_more_than_a_week() -> None:
    (shift,) = step_shifts(steps(("f/test", "one", 0, 1)), steps(("f/test", "one", 0, 8))).values()
    assert (shift.later, shift.mean_s) == (0, WEEK_S)
    (shift,) = step_shifts(steps(("f/test", "one", 0, 1)), steps(("f/test", "one", 0, 8.5))).values()
    assert shift.later == 1


def test_what_moves_out_of_the_report_window_is_still_followed() -> None:
    (shift,) = step_shifts(
        steps(("f/test", "one", 0, 1), weeks=1), steps(("f/test", "one", 0, 15), weeks=1)
    ).values()  # fmt: skip
    assert shift == Shift(first=1, second=0, matched=1, later=1, mean_s=14 * DAY_S)


def test_later_attempts_are_no_operations_of_their_own() -> None:
    story = Story(weeks=8)
    for attempt, began in ((1, 1), (2, 5)):
        story.tell(
            (began + 1) * DAY_S, "step", "step:f/test", "rack", "one", 0, since_s=began * DAY_S, value=attempt
        )  # fmt: skip
    story.tell(9 * DAY_S, "step", "step:f/test", "rack", unit=0, since_s=8 * DAY_S, value=1)
    twice = View(story.log(), facts())
    assert step_shifts(twice, twice) == {("f", "test", ""): Shift(first=1, second=1, matched=1)}


def test_the_same_step_at_two_sites_is_matched_in_turn() -> None:
    """A rack inspected at the factory and at the datacenter: the second inspection against the second."""
    before = steps(("f/inspect", "one", 0, 1), ("dc/inspect", "one", 0, 10))
    after = steps(("g/inspect", "one", 0, 1), ("dc/inspect", "one", 0, 12))
    found = step_shifts(before, after)
    assert found["dc", "inspect", ""] == Shift(first=1, second=1, matched=1, mean_s=2 * DAY_S)
    assert found["f", "inspect", ""].elsewhere == 1


def test_lots_are_set_against_each_other_unit_by_unit() -> None:
    """Units 1 to 4 start on day 0 and 5 to 10 on day 10; then 1 to 6 on day 0 and 7 to 12 on day 20."""
    (shift,) = process_shifts(lots((0, 4), (10, 6)), lots((0, 6), (20, 6))).values()
    assert shift == Shift(
        first=10, second=12, matched=10, earlier=2, later=4, mean_s=pytest.approx((2 * -10 + 4 * 10) / 10 * DAY_S)
    )


def test_units_that_one_log_lacks_are_not_matched() -> None:
    (shift,) = process_shifts(lots((0, 4), (10, 6)), lots((1, 2))).values()
    assert shift == Shift(first=10, second=2, matched=2, mean_s=DAY_S)
    (shift,) = process_shifts(lots((0, 4)), lots()).values()
    assert shift == Shift(first=4, second=0)
    (shift,) = process_shifts(lots(), lots((0, 4))).values()
    assert shift == Shift(first=0, second=4)
    assert process_shifts(lots((0, 4)), lots((0, 4)))["p", "make", "part"] == Shift(first=4, second=4, matched=4)


def test_a_site_is_all_its_steps() -> None:
    before = steps(("f/test", "one", 0, 1), ("f/test", "one", 1, 10), ("f/pack", "one", 0, 2), ("g/pack", "one", 1, 12))
    after = steps(("f/test", "one", 0, 1), ("f/test", "one", 1, 22), ("g/pack", "one", 0, 5), ("g/pack", "one", 1, 12))
    found = site_shifts(step_shifts(before, after))
    assert found["f", "", ""] == Shift(
        first=3, second=2, matched=3, elsewhere=1, later=1, mean_s=pytest.approx((0 + 12 + 3) / 3 * DAY_S)
    )
    assert found["g", "", ""] == Shift(first=1, second=2, matched=1)
