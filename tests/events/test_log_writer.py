"""The log writer: what goes in comes out, in order of time."""

import math

import numpy as np
import pytest

from twin.events.record import COLUMNS, EVENTS
from twin.events.writer import LogWriter

SHIPPED = EVENTS.index("shipped")
NAN = math.nan


def test_a_row_comes_back_column_by_column() -> None:
    writer = LogWriter(horizon_s=100, report_s=50)
    cells = (7, SHIPPED, writer.place("lane:a-b"), writer.item("rack"), writer.order("o1"), 3, 4, 5, 6.5, 8.25, -9, 10)
    writer.row(*cells)
    log = writer.close()
    assert dict(zip(COLUMNS, log.rows[0].tolist(), strict=True)) == dict(zip(COLUMNS, cells, strict=True))
    assert (log.places, log.items, log.orders) == (("lane:a-b",), ("rack",), ("o1",))
    assert (log.horizon_s, log.report_s) == (100, 50)


def test_a_name_keeps_its_position() -> None:
    writer = LogWriter(1, 1)
    assert [writer.place("a"), writer.place("b"), writer.place("a")] == [0, 1, 0]
    assert writer.item("a") == 0
    assert writer.order("z") == 0


def test_rows_are_sorted_by_time_and_keep_their_order_within_it() -> None:
    writer = LogWriter(100, 100)
    for unit, time_s in enumerate((5, 3, 5, 3, 4)):
        writer.row(time_s, SHIPPED, -1, -1, -1, unit, -1, -1, 1, 0, NAN, NAN)
    log = writer.close()
    assert log.column("time_s").tolist() == [3, 3, 4, 5, 5]
    assert log.column("unit").tolist() == [1, 3, 4, 0, 2]
    assert np.all(log.of("shipped"))


def test_an_empty_log_has_all_columns() -> None:
    assert LogWriter(1, 1).close().rows.shape == (0, len(COLUMNS))


def test_a_row_that_lacks_a_column_is_refused() -> None:
    with pytest.raises(TypeError):
        LogWriter(1, 1).row(1, 2, 3)  # type: ignore[call-arg]
